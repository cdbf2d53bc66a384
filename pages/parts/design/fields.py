"""The tab of fields and card: sections and fields in order at the left, what is chosen at the right."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import streamlit as st

from builder import edit
from icons import symbol
from model.field import Control, Field, Section
from model.process import Process
from pages.parts import components
from pages.parts.design import field_form, field_kinds, process_form
from pages.parts.design.desk import Desk, Op
from pages.parts.design.icons import icon_button
from pages.parts.labels import labels
from pages.parts.text import plain

ADDING = "add:"
"""What the inspector's panel is called while a field is added; the section stands behind it."""


def show(desk: Desk) -> None:
    """Draw the tab. The inspector comes first: what it changes is in the list at once."""
    chosen = bool(desk.memory.panel or desk.item)
    with st.container(key=f"design-desk{'-chosen' if chosen else ''}"):
        left, right = st.columns([3, 2], gap="medium")
    with right, st.container(border=True, key="design-inspector"):
        _inspector(desk)
    with left:
        _tools(desk)
        _card(desk)
        _removed(desk)


def _inspector(desk: Desk) -> None:
    field = desk.process.field(desk.item)
    if desk.memory.panel.startswith(ADDING):
        _types(desk, desk.memory.panel.removeprefix(ADDING))
    elif field is not None:
        field_form.show(desk, field)
    else:
        process_form.show(desk)


# --- the card ------------------------------------------------------------------------------------------------------------


def _tools(desk: Desk) -> None:
    t = desk.t
    with st.container(horizontal=True, gap="small"):
        st.button(t("design.field.add"), icon=":material/add:", key=desk.key("field:add"), on_click=_open_types, args=(desk, ""))
        with st.popover(t("design.sections"), icon=":material/view_agenda:", key=desk.key("sections")):
            _sections(desk)


def _sections(desk: Desk) -> None:
    t = desk.t
    st.caption(t("design.sections_help"))
    for section in desk.process.sections:
        with st.container(horizontal=True, vertical_alignment="center", gap="xsmall"):
            _section(desk, section)
    st.button(
        t("design.section.add"), icon=":material/add:", key=desk.key("section:add"),
        on_click=desk.doing(lambda p: edit.add_section(p, desk.t("design.section.new", n=len(p.sections) + 1))),
    )  # fmt: skip


def _section(desk: Desk, section: Section) -> None:
    """One section: its title, its place among the others, and the way out."""
    t, code = desk.t, section.code
    codes = [s.code for s in desk.process.sections]
    st.text_input(
        t("design.section.title"), section.title, max_chars=120, label_visibility="collapsed",
        **desk.on(f"section:{code}:title", lambda p, title: edit.change_section(p, code, title)),
    )  # fmt: skip
    for name, icon, step, at_end in (("up", "arrow_upward", -1, codes[0]), ("down", "arrow_downward", 1, codes[-1])):
        act = desk.doing(_shifted(code, step))
        icon_button(icon, t(f"design.section.{name}"), desk.key(f"section:{code}:{name}"), act, disabled=code == at_end)
    gone = desk.doing(lambda p: edit.remove_section(p, code))
    icon_button("delete", t("design.section.remove"), desk.key(f"section:{code}:remove"), gone, disabled=len(codes) == 1)


def _shifted(code: str, step: int) -> Op:
    """Move a section up (-1) or down (1)."""

    def shifted(process: Process) -> Process:
        codes = [s.code for s in process.sections]
        at = codes.index(code)
        codes.insert(max(0, at + step), codes.pop(at))
        return edit.order_sections(process, codes)

    return shifted


def _card(desk: Desk) -> None:
    t = desk.t
    sections = [(s.code, s.title) for s in desk.process.sections] or [("main", t("card.about"))]
    known = {code for code, _ in sections}
    groups: list[components.SortGroup] = [
        {
            "id": code, "title": title, "can_add": True,
            "items": [_item(desk, f) for f in desk.process.fields if f.section == code or (f.section not in known and n == 0)],
        }
        for n, (code, title) in enumerate(sections)
    ]  # fmt: skip
    components.sorter(
        f"design-fields-{desk.code}", groups, labels(desk.user.reader, "sorter"), selected=desk.item or None, cross=True,
        on_order_change=lambda order: _arrange(desk, order),
        on_select_change=lambda code: desk.choose(code) if code else None,
        on_remove=lambda code: field_form.remove(desk, code) if code else None,
        on_add=lambda section: _open_types(desk, section) if section else None,
    )  # fmt: skip


def _item(desk: Desk, field: Field) -> components.SortItem:
    types = desk.user.workspace.types
    item: components.SortItem = {
        "id": field.code,
        "label": field.title,
        "hint": desk.t(f"field.{field.kind}.title"),
        "icon": types[field.kind].icon if field.kind in types else "help",
        "kind": "field",
    }
    badge = _badge(desk, field)
    if badge:
        item["badge"] = badge
    return item


def _badge(desk: Desk, field: Field) -> str:
    wrong = sum(p.level == "error" for p in desk.problems_at("fields", field.code))
    if wrong:
        return desk.t("design.problems_n", n=wrong)
    if field.required:
        return desk.t("design.field.required_badge")
    return desk.t("design.field.required_at_badge") if field.required_at else ""


def _arrange(desk: Desk, order: Sequence[dict[str, Any]] | None) -> None:
    if order:
        desk.apply(lambda p: edit.move_fields(_sectioned(p, desk), {g["group"]: g["ids"] for g in order}))


def _sectioned(process: Process, desk: Desk) -> Process:
    """The process with one section at least."""
    return process if process.sections else edit.add_section(process, desk.t("card.about"), "main")


def _removed(desk: Desk) -> None:
    """Fields that were taken off, each with a way back."""
    gone = desk.process.removed_fields
    if not gone:
        return
    with st.expander(desk.t("design.removed_fields", n=len(gone)), icon=":material/inventory_2:", key=desk.key("removed")):
        st.caption(desk.t("design.removed_fields_help"))
        for field in gone:
            with st.container(horizontal=True, vertical_alignment="center"):
                st.markdown(f"{plain(field.title)} :gray[{plain(field.code)}]", width="stretch")
                st.button(
                    desk.t("design.field.restore"), icon=":material/undo:", key=desk.key(f"restore:{field.code}"),
                    on_click=_restore, args=(desk, field.code),
                )  # fmt: skip


def _restore(desk: Desk, code: str) -> None:
    if desk.apply(lambda p: edit.restore_field(p, code)):
        desk.choose(code)


# --- a new field -----------------------------------------------------------------------------------------------------------


def _open_types(desk: Desk, section: str) -> None:
    desk.memory.panel = ADDING + section


def _types(desk: Desk, section: str) -> None:
    """The types, each with its icon and what it is for; a press makes the field."""
    t = desk.t
    with st.container(horizontal=True, vertical_alignment="center"):
        st.subheader(t("design.field.new"), anchor=False)
        icon_button("close", t("common.close"), desk.key("types:close"), lambda: setattr(desk.memory, "panel", ""))
    st.text_input(t("design.field.title"), key=desk.key("new:title"), max_chars=120, placeholder=t("design.field.title_hint"))
    st.caption(t("design.field.pick_type"))
    types = desk.user.workspace.types
    with st.container(horizontal=True, gap="xsmall", key="design-types"):
        for kind in field_kinds.offered(types):
            st.button(
                t(f"field.{kind}.title"), icon=symbol(types[kind].icon), help=t(f"field.{kind}.help"), width="stretch",
                key=desk.key(f"type:{kind}"), on_click=_add, args=(desk, kind, section),
            )  # fmt: skip


def _add(desk: Desk, kind: str, section: str) -> None:
    name = str(st.session_state.get(desk.key("new:title"), "")).strip() or desk.t(f"field.{kind}.title")
    taken = {f.code for f in (*desk.process.fields, *desk.process.removed_fields)}
    code = edit.code_for(name, taken, "field")
    fresh = Field(code=code, title=name, kind=kind, params=field_kinds.first_params(desk, kind), section=section or "main",
                  in_list=desk.user.workspace.types[kind].control is not Control.LONG_TEXT)  # fmt: skip
    if desk.apply(lambda p: edit.add_field(p, fresh)):
        st.session_state.pop(desk.key("new:title"), None)
        desk.choose(code)
