"""The draft bar: what has changed since the last version, undo and redo, discard; and publishing with all that is wrong."""

from __future__ import annotations

from collections.abc import Callable

import streamlit as st

from model.access import Actor
from model.errors import VoronkaError
from pages.parts import frame
from pages.parts.design import flows
from pages.parts.design.desk import Desk
from pages.parts.design.icons import icon_button
from pages.parts.design.problems import listed
from pages.parts.design.versions import told_changes
from pages.parts.text import plain


def head(desk: Desk) -> None:
    """The page's header: where, the bar, and the one primary action."""
    row_title = desk.process.title
    places = [(desk.t("nav.processes"), lambda: frame.go("processes"))]
    frame.page(
        row_title, icon=desk.process.icon, crumbs=places, tools=lambda: _tools(desk),
        action=(desk.t("design.publish"), lambda: setattr(desk.memory, "publishing", True)),
    )  # fmt: skip
    _said(desk)


def _tools(desk: Desk) -> None:
    t, library, code = desk.t, desk.library, desk.code
    steps = library.steps(code)
    for name, icon, possible, act in (
        ("undo", "undo", steps.undo, library.undo), ("redo", "redo", steps.redo, library.redo),
    ):  # fmt: skip
        icon_button(icon, t(f"design.{name}"), f"design:{name}", _stepping(desk, act), disabled=not possible)
    _changes(desk)


def _stepping(desk: Desk, act: Callable[[Actor, str], object]) -> Callable[[], None]:
    return lambda: desk.step(lambda: act(desk.user.actor, desk.code))


def _changes(desk: Desk) -> None:
    """How far the draft is from the version in force, in words."""
    t = desk.t
    version = desk.library.published(desk.code)
    if version is None:
        st.badge(t("design.never_published"), color="gray", icon=":material/edit_note:")
        return
    lines = told_changes(desk, version.process, desk.process)
    if not lines:
        st.badge(t("design.no_changes", number=version.number), color="green", icon=":material/check:")
        return
    with st.popover(t("design.changes", n=len(lines)), icon=":material/difference:", key="design:changes"):
        st.markdown(f"**{t('design.changes_since', number=version.number)}**")
        st.markdown("\n".join(f"- {line}" for line in lines))
        st.button(
            t("design.discard"), icon=":material/restart_alt:", key="design:discard", help=t("design.discard_help"),
            on_click=desk.step, args=(lambda: desk.library.discard(desk.user.actor, desk.code),),
        )  # fmt: skip


def _said(desk: Desk) -> None:
    """What went otherwise than wanted: a refusal, or somebody else's changes."""
    memory = desk.memory
    if memory.trouble:
        st.error(plain(memory.trouble), icon=":material/error:")
    if not memory.others:
        return
    with st.container(border=True, horizontal=True, vertical_alignment="center", key="design-others"):
        who = plain(_by(desk))
        words = desk.t("design.others_pending" if memory.pending else "design.others", who=who)
        st.markdown(f":material/group: {words}", width="stretch")
        if memory.pending:
            st.button(desk.t("design.apply_mine"), key="design:mine", on_click=_apply_mine, args=(desk,))
        label = desk.t("design.drop_mine" if memory.pending else "design.understood")
        st.button(label, key="design:theirs", type="tertiary", on_click=_settled, args=(desk,))


def _by(desk: Desk) -> str:
    row = next((r for r in desk.library.all() if r.code == desk.code), None)
    return desk.user.reader.person(row.changed_by if row else None) or desk.t("design.somebody")


def _settled(desk: Desk) -> None:
    desk.memory.pending = None
    desk.memory.others = False


def _apply_mine(desk: Desk) -> None:
    """Put the change that was kept on top of theirs."""
    op = desk.memory.pending
    _settled(desk)
    if op is not None:
        desk.apply(op)
        desk.anew()


def publishing(desk: Desk) -> None:
    """Open the dialog when it was asked for."""
    if not desk.memory.publishing:
        return

    @st.dialog(desk.t("design.publish_title"), width="medium", on_dismiss=lambda: setattr(desk.memory, "publishing", False))
    def ask() -> None:
        with frame.guard(desk.user.reader):
            _publish(desk)

    ask()


def _publish(desk: Desk) -> None:
    t = desk.t
    number = st.session_state.get(f"design:{desk.code}:published")
    if number is not None:
        _published(desk, number)
        return
    errors = [p for p in desk.problems if p.level == "error"]
    warnings = [p for p in desk.problems if p.level != "error"]
    if errors:
        st.markdown(t("design.publish_errors", n=len(errors)))
        listed(desk, errors, "error", lambda: _leave(desk))
    if warnings:
        with st.expander(t("design.publish_warnings", n=len(warnings)), expanded=not errors, icon=":material/warning:"):
            listed(desk, warnings, "warning", lambda: _leave(desk))
    if errors:
        return
    version = desk.library.published(desk.code)
    if version is not None:
        lines = told_changes(desk, version.process, desk.process)
        st.markdown("\n".join(f"- {line}" for line in lines) if lines else t("design.publish_same", number=version.number))
    else:
        st.markdown(t("design.publish_first"))
    agreed = flows.ask(desk)
    note = st.text_input(t("design.publish_note"), key="design:note", max_chars=1000, placeholder=t("design.publish_note_hint"))
    may = agreed is not None
    if st.button(t("design.publish_do"), type="primary", icon=":material/rocket_launch:", key="design:publish", disabled=not may):
        _do(desk, note, agreed or frozenset())


def _do(desk: Desk, note: str, agreed: frozenset[str]) -> None:
    if desk.library.revision(desk.code) != desk.memory.revision:
        desk.catch_up()
        _leave(desk)
    try:
        version = desk.library.publish(desk.user.actor, desk.code, note.strip(), agreed=agreed, expect=desk.memory.revision)
    except VoronkaError as refused:
        st.error(plain(desk.user.explain(refused)), icon=":material/error:")
        return
    st.session_state[f"design:{desk.code}:published"] = version.number
    st.rerun(scope="fragment")


def _published(desk: Desk, number: int) -> None:
    """It worked: what now stands, and the way to it."""
    t = desk.t
    st.markdown(f"### :green[:material/check_circle:] {t('design.published', number=number)}")
    st.markdown(t("design.published_help"))
    with st.container(horizontal=True):
        name = "board" if desk.process.has_stages else "list"
        if st.button(t(f"design.to_{name}"), type="primary", icon=":material/arrow_forward:", key="design:to-board"):
            _close(desk)
            frame.go(name, process=desk.code)
        if st.button(t("design.stay"), key="design:stay"):
            _leave(desk)


def _close(desk: Desk) -> None:
    desk.memory.publishing = False
    st.session_state.pop(f"design:{desk.code}:published", None)


def _leave(desk: Desk) -> None:
    """Close the dialog and draw the page anew."""
    _close(desk)
    st.rerun()
