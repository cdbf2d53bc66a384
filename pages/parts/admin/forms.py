"""Small things that the pages of people, settings and profile share: saving with every problem named, choosing a department."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping

import streamlit as st

from locales import languages
from model.errors import Denied, VoronkaError
from pages.parts.text import plain
from pages.parts.user import User
from runtime.people import Department


def saved(user: User, act: Callable[[], object], labels: Mapping[str, str]) -> bool:
    """Do it; whether it went well. What is wrong is said here, each problem with the label of its input."""
    try:
        act()
    except VoronkaError as refused:
        for problem in refused.problems:
            label = labels.get(problem.path, "")
            words = plain(user.reader.say(problem))
            st.error(f"**{plain(label)}**: {words}" if label else words, icon=":material/error:")
        return False
    return True


def tell(text: str) -> None:
    """Run the page again and then say it: closes a dialog, and the words outlive it."""
    st.session_state["admin:said"] = text
    st.rerun()


def told() -> None:
    """Say what the run before left to be said."""
    if text := st.session_state.pop("admin:said", ""):
        st.toast(plain(text), icon=":material/check_circle:")


def admins_only(user: User) -> None:
    """Denied for everybody else: whatever link led here."""
    if not user.actor.admin:
        raise Denied("admins_only")


def confirm(title: str, text: str, yes: str, no: str, act: Callable[[], None]) -> None:
    """Ask before something goes; `act` is called inside the dialog and ends it with `tell`, or says what is wrong."""

    @st.dialog(title)
    def ask() -> None:
        st.markdown(text)
        with st.container(horizontal=True, horizontal_alignment="right"):
            if st.button(no, key="admin:confirm:no"):
                st.rerun()
            pressed = st.button(yes, key="admin:confirm:yes", type="primary")
        if pressed:
            act()

    ask()


def tabs(user: User, names: Iterable[str], current: str) -> None:
    """The parts of a page; which one is open stands in the address."""
    listed = list(names)

    def chosen() -> None:
        st.query_params["tab"] = st.session_state["admin:tab"]

    st.session_state["admin:tab"] = current
    st.segmented_control(
        user.reader.t("admin.part"), listed, key="admin:tab", format_func=lambda n: user.reader.t(f"admin.tab.{n}"),
        label_visibility="collapsed", required=True, on_change=chosen,
    )  # fmt: skip


def tab(names: Iterable[str]) -> str:
    """The part that the address asks for, else the first."""
    listed = list(names)
    asked = st.query_params.get("tab", "")
    return asked if asked in listed else listed[0]


def tree(departments: Iterable[Department]) -> list[tuple[int, Department]]:
    """(depth, department), each below the one it belongs to."""
    listed = list(departments)
    known = {d.id for d in listed}
    found: list[tuple[int, Department]] = []

    def walk(parent: int | None, depth: int) -> None:
        for each in listed:
            if each.parent == parent or (parent is None and each.parent not in known):
                found.append((depth, each))
                walk(each.id, depth + 1)

    walk(None, 0)
    return found


def choose_department(user: User, label: str, value: int | None, key: str, without: int | None = None) -> int | None:
    """A department out of the tree, or none. `without`: leave this one and those below it out."""
    titles: dict[int, str] = {}
    hidden = -1
    for depth, each in tree(user.workspace.people.departments()):
        if hidden >= 0 and depth > hidden:
            continue
        hidden = depth if each.id == without else -1
        if each.id != without:
            titles[each.id] = "\u2003" * depth + each.title
    options = [None, *titles]
    return st.selectbox(
        label, options, options.index(value) if value in options else 0, key=key,
        format_func=lambda id: titles[id] if id else user.reader.t("common.none"),
    )  # fmt: skip


def choose_language(user: User, label: str, value: str, key: str, *, own: bool = True) -> str:
    """A language; with `own` also an empty text: that of the workspace."""
    names = ({"": user.reader.t("admin.language_of_workspace")} if own else {}) | languages()
    return st.selectbox(label, list(names), list(names).index(value) if value in names else 0, names.__getitem__, key=key)
