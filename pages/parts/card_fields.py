"""The left half of a card: sections of fields, edited in place; and the questions that a stage or a conflict asks."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

import streamlit as st

from model.access import Action, decide
from model.element import Element
from model.errors import Stale, VoronkaError
from model.event import Cause
from model.field import Control, Field
from model.process import Process
from pages.parts import components, frame
from pages.parts.components import Fact, FactSection, FactValue
from pages.parts.forms import field_input, store_uploads
from pages.parts.labels import labels
from pages.parts.people import avatar
from pages.parts.text import plain
from pages.parts.timeline_view import label, value_text
from pages.parts.user import User

ABOUT = "main"
"""The section that stands first and takes the fields of sections that are no more."""
SYSTEM_TOP = ("title", "responsible")
SYSTEM_END = ("created_at", "created_by", "moved_at", "closed_at")


def sections(user: User, process: Process) -> list[tuple[str, str, list[Field]]]:
    """(code, title, fields) in order."""
    titles = {s.code: s.title for s in process.sections}
    titles.setdefault(ABOUT, user.reader.t("card.about"))
    order = (
        [ABOUT, *(code for code in titles if code != ABOUT)] if ABOUT not in [s.code for s in process.sections] else list(titles)
    )
    return [(code, titles[code], [f for f in process.fields if _home(f, titles) == code]) for code in order]


def _home(field: Field, titles: Mapping[str, str]) -> str:
    return field.section if field.section in titles else ABOUT


def show(user: User, process: Process, element: Element) -> None:
    """The facts, or the form of the section that is being edited."""
    editing = st.session_state.get(f"card:edit:{element.id}")
    if editing:
        _form(user, process, element, editing)
    may = bool(decide(process, user.actor, Action.CHANGE, element.stage, element.responsible))
    shown = [_section(user, process, element, *section) for section in sections(user, process) if section[0] != editing]
    components.facts(
        f"facts-{element.id}", [s for s in shown if s["facts"] or s["empty"]], labels(user.reader, "facts"), editable=may,
        on_edit=lambda asked: _edit(element, asked), on_open=lambda number: _open(number),
    )  # fmt: skip
    if number := st.session_state.pop("card:open", None):
        frame.go("card", id=number)


def _edit(element: Element, asked: Any) -> None:
    if asked:
        st.session_state[f"card:edit:{element.id}"] = asked["section"]
        st.session_state.pop(f"card:stale:{element.id}", None)


def _open(number: Any) -> None:
    if number:
        st.session_state["card:open"] = number


def _section(user: User, process: Process, element: Element, code: str, title: str, fields: list[Field]) -> FactSection:
    codes = [f.code for f in fields]
    if code == ABOUT:
        codes = [*SYSTEM_TOP, *codes, *SYSTEM_END]
    facts = [_fact(user, process, element, c) for c in codes]
    return {
        "code": code,
        "title": title,
        "facts": [f for f in facts if f["values"]],
        "empty": [f for f in facts if not f["values"] and not f["locked"]],
    }


def _fact(user: User, process: Process, element: Element, code: str) -> Fact:
    field = process.field(code)
    return {
        "code": code,
        "label": label(user.reader, process, code),
        "values": [_value(user, process, code, value) for value in _many(element.get(code))],
        "help": field.help if field else "",
        "locked": code in SYSTEM_END,
    }


def _many(value: Any) -> Iterable[Any]:
    if value in (None, "", []):
        return []
    return value if isinstance(value, list) else [value]


def _value(user: User, process: Process, code: str, value: Any) -> FactValue:
    """Text, and what makes it more than text: a face, a link, a file."""
    found: FactValue = {"text": value_text(user.workspace, user.reader, process, code, value)}
    field = process.field(code)
    control = user.workspace.types[field.kind].control if field else None
    if code in ("responsible", "created_by") or control is Control.PERSON:
        found["who"] = avatar(value, user.reader)
    elif control is Control.ELEMENT:
        found["open"] = value
    elif control is Control.FILE:
        found["href"] = f"/files/{value}"
    elif field and control is Control.CHOICE:
        option = next((o for o in field.params.get("options", ()) if o["code"] == value), dict[str, str]())
        found["color"] = option.get("color", "")
    elif field and (href := field.type(user.workspace.types).href(value)):
        found["href"] = href
    return found


def inputs(
    user: User, process: Process, codes: Iterable[str], values: Mapping[str, Any], key: str, problems: Mapping[str, str]
) -> dict[str, Any]:
    """Draw an input for each code with its problem below it; gives what was entered by code."""
    entered = {}
    for code in codes:
        field = process.field(code)
        if field is None:
            entered[code] = _system_input(user, code, values.get(code), f"{key}:{code}")
        else:
            entered[code] = field_input(user, field, values.get(code), f"{key}:{code}")
        if code in problems:
            st.caption(f":red[{plain(problems[code])}]")
    return entered


def _system_input(user: User, code: str, value: Any, key: str) -> Any:
    t = user.reader.t
    if code == "title":
        return st.text_input(t("system.title"), value=value or "", key=key, max_chars=255)
    people = user.workspace.people.names()
    choices = [None, *people]
    return st.selectbox(
        t("system.responsible"), choices, index=choices.index(value) if value in choices else 0, key=key,
        format_func=lambda n: people.get(n, "—"),
    )  # fmt: skip


def _form(user: User, process: Process, element: Element, code: str) -> None:
    """The inputs of one section; what was entered stays until it is saved or cancelled."""
    t = user.reader.t
    title, fields = next(((name, found) for c, name, found in sections(user, process) if c == code), ("", []))
    codes = [*(SYSTEM_TOP if code == ABOUT else ()), *(f.code for f in fields)]
    state = f"card:edit:{element.id}"
    based = st.session_state.setdefault(f"{state}:version", element.version)
    with st.form(f"edit-{element.id}-{code}"):
        st.markdown(f"**{plain(title)}**")
        values = {c: element.get(c) for c in codes}
        problems = st.session_state.get(f"{state}:problems", {})
        entered = inputs(user, process, codes, values, f"edit:{element.id}:{code}", problems)
        with st.container(horizontal=True):
            save = st.form_submit_button(t("card.save"), type="primary")
            cancel = st.form_submit_button(t("card.cancel"))
    if cancel:
        _close(element)
    if save:
        changed = {c: v for c, v in entered.items() if v != values[c]}
        _save(user, process, element, changed, based)


def _close(element: Element) -> None:
    for name in [n for n in st.session_state if str(n).startswith((f"card:edit:{element.id}", f"edit:{element.id}:"))]:
        del st.session_state[name]
    st.rerun()


def _save(user: User, process: Process, element: Element, changed: Mapping[str, Any], based: int) -> None:
    state = f"card:edit:{element.id}"
    try:
        values = store_uploads(user, element.id, changed)
        user.workspace.elements.update(user.actor, element.id, values, expect=based, cause=Cause(user=user.actor.id))
    except Stale as stale:
        _conflict(user, process, element, stale)
        return
    except VoronkaError as refused:
        st.session_state[f"{state}:problems"] = {p.path: user.reader.say(p) for p in refused.problems}
        elsewhere = [p for p in refused.problems if p.path not in changed]
        if elsewhere:
            st.toast(user.explain(refused), icon=":material/error:")
        st.rerun()
    _close(element)


def _conflict(user: User, process: Process, element: Element, stale: Stale) -> None:
    """Both sides, and a choice; nothing is lost until it is made."""
    t = user.reader.t
    st.warning(t("card.stale"), icon=":material/group:")
    for code, mine in stale.mine.items():
        theirs = value_text(user.workspace, user.reader, process, code, stale.theirs.get(code))
        st.caption(plain(label(user.reader, process, code)))
        left, right = st.columns(2)
        left.markdown(plain(t("card.theirs", value=theirs or "—")))
        right.markdown(plain(t("card.mine", value=value_text(user.workspace, user.reader, process, code, mine) or "—")))
    st.session_state[f"card:edit:{element.id}:version"] = user.workspace.elements.get(user.actor, element.id).version


@st.dialog(" ", width="medium")
def fill(user: User, process: Process, element: Element, stage: str, missing: list[str]) -> None:
    """What a stage requires, asked for when somebody moves there."""
    t = user.reader.t
    target = process.stage(stage)
    st.markdown(f"#### {plain(t('card.fill_title', stage=target.title if target else stage))}")
    problems: dict[str, str] = st.session_state.get("card:fill:problems", {})
    with st.form("fill"):
        entered = inputs(user, process, missing, {c: element.get(c) for c in missing}, f"fill:{element.id}", problems)
        if st.form_submit_button(t("card.fill_save"), type="primary"):
            try:
                values = store_uploads(user, element.id, entered)
                user.workspace.elements.move(user.actor, element.id, stage, values=values, cause=Cause(user=user.actor.id))
            except VoronkaError as refused:
                st.session_state["card:fill:problems"] = {p.path: user.reader.say(p) for p in refused.problems}
                st.rerun(scope="fragment")
            st.session_state.pop("card:fill", None)
            st.session_state.pop("card:fill:problems", None)
            st.rerun()
