"""The left half of a card: sections of fields, edited in place; and the questions that a stage or a conflict asks."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

import streamlit as st

from model.access import Action, decide
from model.element import Element
from model.errors import Stale, VoronkaError
from model.event import Cause
from model.field import Control, Field
from model.process import Process
from pages.parts import components, frame, kept, moving
from pages.parts.components import Fact, FactSection, FactValue
from pages.parts.forms import Unread, field_input, readable, store_uploads
from pages.parts.labels import labels
from pages.parts.people import avatar
from pages.parts.text import plain
from pages.parts.timeline_view import label, value_text
from pages.parts.user import User

ABOUT = "main"
"""The section that stands first and takes the fields of sections that are no more."""
Section = tuple[str, str, list[Field]]
"""Code, title and fields."""
SYSTEM_TOP = ("title", "responsible")
"""Asked for above the section's own fields; the title is not shown among them, since it is the card's head."""
TYPED = (Control.TEXT, Control.LONG_TEXT, Control.NUMBER)
"""Controls whose values were typed, so that it would be a pity to lose them."""
SYSTEM_END = ("created_at", "created_by", "moved_at", "closed_at")


def sections(user: User, process: Process) -> list[Section]:
    """In the order of the card."""
    titles = {s.code: s.title for s in process.sections}
    titles.setdefault(ABOUT, user.reader.t("card.about"))
    order = (
        [ABOUT, *(code for code in titles if code != ABOUT)] if ABOUT not in [s.code for s in process.sections] else list(titles)
    )
    return [(code, titles[code], [f for f in process.fields if _home(f, titles) == code]) for code in order]


def _home(field: Field, titles: Mapping[str, str]) -> str:
    return field.section if field.section in titles else ABOUT


def show(user: User, process: Process, element: Element) -> None:
    """The facts; a section that is being edited is a form in its own place."""
    editing = st.session_state.get(f"card:edit:{element.id}")
    if number := st.session_state.pop("card:open", None):
        frame.go("card", id=number)
    found = sections(user, process)
    at = next((n for n, section in enumerate(found) if section[0] == editing), len(found))
    _facts(user, process, element, found[:at], "above")
    if at < len(found):
        _form(user, process, element, found[at])
        _facts(user, process, element, found[at + 1 :], "below")


def _facts(user: User, process: Process, element: Element, found: list[Section], place: str) -> None:
    shown = [s for s in (_section(user, process, element, *section) for section in found) if s["facts"] or s["empty"]]
    if shown:
        components.facts(
            f"facts-{element.id}-{place}", shown, labels(user.reader, "facts"),
            editable=bool(decide(process, user.actor, Action.CHANGE, element.stage, element.responsible)),
            on_edit=lambda asked: edit(element, asked["section"]) if asked else None, on_open=lambda number: _open(number),
        )  # fmt: skip


def edit(element: Element, section: str) -> None:
    """Turn a section of the card into its form."""
    st.session_state[f"card:edit:{element.id}"] = section
    st.session_state.pop(f"card:stale:{element.id}", None)


def _open(number: Any) -> None:
    if number:
        st.session_state["card:open"] = number


def _section(user: User, process: Process, element: Element, code: str, title: str, fields: list[Field]) -> FactSection:
    codes = [f.code for f in fields]
    if code == ABOUT:
        codes = ["responsible", *codes, *(c for c in SYSTEM_END if process.has_stages or c != "moved_at")]
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
        "values": fact_values(user, process, code, element.get(code)),
        "help": field.help if field else "",
        "locked": code in SYSTEM_END,
    }


def fact_values(user: User, process: Process, code: str, value: Any) -> list[FactValue]:
    """A stored value as it is shown: nothing when it is empty, several when it is a list."""
    if value in (None, "", []):
        return []
    return [_value(user, process, code, one) for one in (value if isinstance(value, list) else [value])]


def _value(user: User, process: Process, code: str, value: Any) -> FactValue:
    """Text, and what makes it more than text: a face, a link, a file."""
    found: FactValue = {"text": value_text(user.workspace, user.reader, process, code, value)}
    field = process.field(code)
    control = user.workspace.types[field.kind].control if field else None
    if code == "stage":
        stage = process.stage(value)
        found["color"] = stage.color if stage else ""
    elif code in ("responsible", "created_by") or control is Control.PERSON:
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
    user: User,
    process: Process,
    codes: Sequence[str],
    values: Mapping[str, Any],
    key: str,
    problems: Mapping[str, str],
    side_by_side: int = 1,
) -> dict[str, Any]:
    """Draw an input for each code with its problem below it; gives what was entered by code.

    With `side_by_side` so many stand in a row where they fit; texts of several lines and files always have a row of their own.
    """  # fmt: skip
    entered: dict[str, Any] = {}
    for line in _lines(user, process, codes, side_by_side):
        places = st.columns(side_by_side) if len(line) > 1 or not _is_wide(user, process, line[0]) else [st.container()]
        for code, place in zip(line, places, strict=False):
            with place:
                entered[code] = _input(user, process, code, values.get(code), f"{key}:{code}")
                if _is_typed(user, process, code):
                    kept.watch(f"{key}:{code}", label(user.reader, process, code))
                if code in problems and not isinstance(entered[code], Unread):
                    st.caption(f":red[{plain(problems[code])}]")
    return entered


def _lines(user: User, process: Process, codes: Sequence[str], size: int) -> Iterable[list[str]]:
    """The codes cut into rows."""
    line: list[str] = []
    for code in codes:
        alone = _is_wide(user, process, code)
        if line and (alone or len(line) == size):
            yield line
            line = []
        line.append(code)
        if alone:
            yield line
            line = []
    if line:
        yield line


def _is_wide(user: User, process: Process, code: str) -> bool:
    field = process.field(code)
    return code == "title" if field is None else user.workspace.types[field.kind].control in (Control.LONG_TEXT, Control.FILE)


def _is_typed(user: User, process: Process, code: str) -> bool:
    field = process.field(code)
    return code == "title" if field is None else user.workspace.types[field.kind].control in TYPED


def _input(user: User, process: Process, code: str, value: Any, key: str) -> Any:
    field = process.field(code)
    return _system_input(user, process, code, value, key) if field is None else field_input(user, field, value, key)


def _system_input(user: User, process: Process, code: str, value: Any, key: str) -> Any:
    t = user.reader.t
    if code == "title":
        made = t("card.title_made", name=process.element_title or process.title)
        return st.text_input(t("system.title"), value=value or "", key=key, max_chars=255, placeholder=made)
    people = user.workspace.people.names()
    return st.selectbox(
        t("system.responsible"), list(people), index=list(people).index(value) if value in people else None, key=key,
        format_func=people.__getitem__, placeholder=t("forms.choose"),
    )  # fmt: skip


def _form(user: User, process: Process, element: Element, section: Section) -> None:
    """The inputs of one section; what was entered stays until it is saved or cancelled."""
    t = user.reader.t
    code, title, fields = section
    codes = [*(SYSTEM_TOP if code == ABOUT else ()), *(f.code for f in fields)]
    state = f"card:edit:{element.id}"
    based = st.session_state.setdefault(f"{state}:version", element.version)
    with st.form(f"edit-{element.id}-{code}"):
        st.markdown(f"**{plain(title)}**")
        values = {c: element.get(c) for c in codes}
        problems = st.session_state.get(f"{state}:problems", {})
        key = f"edit:{element.id}:{code}"
        entered = inputs(user, process, codes, values, key, problems)
        kept.rescue(t("kept.field_gone"), f"edit:{element.id}:", [f"{key}:{c}" for c in codes])
        with st.container(horizontal=True, key="form-acts"):
            save = st.form_submit_button(t("card.save"), type="primary")
            cancel = st.form_submit_button(t("card.cancel"))
    if cancel:
        _close(element)
    if save and readable(entered):
        changed = {c: v for c, v in entered.items() if v != values[c]}
        _save(user, process, element, changed, based)


def _close(element: Element) -> None:
    for name in [n for n in st.session_state if str(n).startswith((f"card:edit:{element.id}", f"edit:{element.id}:"))]:
        del st.session_state[name]
    kept.forget(f"edit:{element.id}:")
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


def fill(user: User, process: Process, element: Element, stage: str, missing: list[str]) -> None:
    """What a stage requires, asked for when somebody moves there."""
    target = process.stage(stage)
    title = plain(user.reader.t("card.fill_title", stage=target.title if target else stage))
    st.dialog(title, width="medium", on_dismiss=_forget_fill)(_fill)(user, process, element, stage, missing)


def _forget_fill() -> None:
    for name in ("card:fill", "card:fill:problems"):
        st.session_state.pop(name, None)
    kept.forget("fill:")


def _fill(user: User, process: Process, element: Element, stage: str, missing: list[str]) -> None:
    problems: dict[str, str] = st.session_state.get("card:fill:problems", {})
    with st.form("fill", border=False):
        entered = inputs(user, process, missing, {c: element.get(c) for c in missing}, f"fill:{element.id}", problems)
        if st.form_submit_button(user.reader.t("card.fill_save"), type="primary") and readable(entered):
            try:
                values = store_uploads(user, element.id, entered)
                user.workspace.elements.move(user.actor, element.id, stage, values=values, cause=Cause(user=user.actor.id))
            except VoronkaError as refused:
                st.session_state["card:fill:problems"] = {p.path: user.reader.say(p) for p in refused.problems}
                if all(p.path in missing for p in refused.problems):
                    st.rerun(scope="fragment")
                kept.rescue(moving.refusal(user, process, stage, refused), f"fill:{element.id}:")
            _forget_fill()
            st.rerun()
