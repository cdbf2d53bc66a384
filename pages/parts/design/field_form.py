"""The inspector of a field: what it is called, what it holds, where it must be filled in."""

from __future__ import annotations

from typing import Any

import streamlit as st

from builder import edit
from model.errors import VoronkaError
from model.field import Control, Field, FieldType
from model.filter import Condition
from model.process import Process
from pages.parts.design import field_kinds
from pages.parts.design.desk import Desk
from pages.parts.design.icons import icon_button
from pages.parts.design.problems import told
from pages.parts.forms import Unread, field_input, params_form
from pages.parts.text import plain

NO_DEFAULT = (Control.FILE, Control.ELEMENT)
"""Controls whose values belong to one element: a default makes no sense."""


def show(desk: Desk, field: Field) -> None:
    """Draw the form; everything that is entered goes into the draft at once."""
    t, code = desk.t, field.code
    kind = desk.user.workspace.types.get(field.kind)
    locked = _has_data(desk, code)
    with st.container(horizontal=True, vertical_alignment="center"):
        st.subheader(plain(field.title), anchor=False, width="stretch")
        icon_button("delete", t("design.field.remove_help"), desk.key(f"{code}:remove"), lambda: remove(desk, code))
    told(desk, desk.problems_at("fields", code))
    st.text_input(t("design.field.title"), field.title, max_chars=120, **_on(desk, code, "title"))
    _kind(desk, field, locked)
    if kind is not None and kind.model_fields:
        entered = params_form(desk.user, kind, field.params, desk.process, desk.key(f"{code}:{field.kind}:params"))
        desk.watch(f"{code}:{field.kind}:params", entered, lambda p, v: edit.change_field(p, code, params=v))
    _needed(desk, field, kind)
    field = desk.process.field(code) or field
    if kind is not None and kind.control not in NO_DEFAULT and not kind.problems(field.params):
        _default(desk, field)
    st.text_area(t("design.field.help"), field.help, max_chars=1000, height=80, help=t("design.field.help_help"),
                 **_on(desk, code, "help"))  # fmt: skip
    _shown(desk, field, kind, locked)
    st.caption(t("design.field.code", code=plain(code)))


def remove(desk: Desk, code: str) -> None:
    """Take a field off the card; its data stays, and the tab offers it back."""
    field = desk.process.field(code)
    if field is not None and desk.apply(lambda p: edit.remove_field(p, code)):
        st.toast(desk.t("design.field.removed", title=plain(field.title)), icon=":material/delete:")
        if desk.item == code:
            desk.choose()


def _on(desk: Desk, code: str, name: str) -> dict[str, Any]:
    return desk.on(f"{code}:{name}", lambda p, v: edit.change_field(p, code, **{name: v}))


def _has_data(desk: Desk, code: str) -> bool:
    """Whether elements hold values of it, as far as this person sees them; the draft itself looks closer when it is saved."""
    if desk.library.published(desk.code) is None:
        return False
    try:
        return desk.user.workspace.elements.count(desk.user.actor, desk.code, Condition(field=code, op="not_empty")) > 0
    except VoronkaError:
        return False


def _kind(desk: Desk, field: Field, locked: bool) -> None:
    t, types = desk.t, desk.user.workspace.types
    kinds = field_kinds.offered({*types, field.kind})

    def changed(process: Process, kind: str) -> Process:
        return edit.change_field(process, field.code, kind=kind, params=field_kinds.first_params(desk, kind), default=None)

    st.selectbox(
        t("design.field.kind"), kinds, index=kinds.index(field.kind), format_func=lambda k: t(f"field.{k}.title"),
        disabled=locked, help=t(f"field.{field.kind}.help"), **desk.on(f"{field.code}:kind", changed, keep=False),
    )  # fmt: skip
    if locked:
        st.caption(f":material/lock: {t('design.field.kind_locked')}")


def _needed(desk: Desk, field: Field, kind: type[FieldType] | None) -> None:
    """Where it must be filled in. What hangs on an element cannot be asked for before there is one."""
    t, code = desk.t, field.code
    if field.required or kind is None or not kind.attached:
        st.toggle(t("design.field.required"), field.required, **_on(desk, code, "required"))
    stages = {s.code: s.title for s in desk.process.stages()}
    if stages and not field.required:
        st.multiselect(
            t("design.field.required_at"), list(stages), default=[c for c in field.required_at if c in stages],
            format_func=lambda c: stages.get(c, c), placeholder=t("design.field.required_at_none"),
            help=t("design.field.required_at_help"),
            **desk.on(f"{code}:required_at", lambda p, v: edit.change_field(p, code, required_at=tuple(v))),
        )  # fmt: skip


def _default(desk: Desk, field: Field) -> None:
    """The value a new element begins with."""
    bare = field.model_copy(update={"title": desk.t("design.field.default"), "required": False, "help": ""})
    name = f"{field.code}:{field.kind}:{field.multiple}:default"
    entered = field_input(desk.user, bare, field.default, desk.key(name))
    if not isinstance(entered, Unread):
        desk.watch(name, entered, lambda p, v: edit.change_field(p, field.code, default=v))


def _shown(desk: Desk, field: Field, kind: type[FieldType] | None, locked: bool) -> None:
    t, code = desk.t, field.code
    sections = {s.code: s.title for s in desk.process.sections}
    if len(sections) > 1:
        codes = list(sections)
        st.selectbox(
            t("design.field.section"), codes, index=codes.index(field.section) if field.section in codes else 0,
            format_func=sections.__getitem__, key=desk.key(f"{code}:section:{field.section}"),
            on_change=lambda: _to_section(desk, code, desk.key(f"{code}:section:{field.section}")),
        )  # fmt: skip
    with st.container(horizontal=True, gap="medium"):
        st.checkbox(t("design.field.on_board"), field.on_board, **_on(desk, code, "on_board"))
        st.checkbox(t("design.field.in_list"), field.in_list, **_on(desk, code, "in_list"))
        st.checkbox(
            t("design.field.multiple"), field.multiple, disabled=locked, help=t("design.field.multiple_help"),
            **desk.on(f"{code}:multiple", lambda p, v: edit.change_field(p, code, multiple=v, default=None), keep=False),
        )  # fmt: skip


def _to_section(desk: Desk, code: str, key: str) -> None:
    section = st.session_state[key]
    last = [f.code for f in desk.process.fields if f.section == section and f.code != code]
    desk.apply(lambda p: edit.move_fields(p, {section: [*last, code]}))
