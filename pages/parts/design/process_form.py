"""The process's own words and looks: what the inspector shows when nothing is chosen."""

from __future__ import annotations

import streamlit as st

from builder import edit
from model.process import Process
from pages.parts.design.desk import Desk
from pages.parts.text import plain

ICONS = (
    "view_kanban", "handshake", "work", "group", "person_search", "support_agent", "shopping_cart", "inventory_2", "receipt_long",
    "description", "gavel", "school", "local_shipping", "build", "home_work", "event", "campaign", "payments", "bug_report",
    "account_tree",
)  # fmt: skip


def show(desk: Desk) -> None:
    """Title, what one element is called, what it is for, icon, colour, and the field that boards add up."""
    t, process = desk.t, desk.process
    st.subheader(t("design.process.about"), anchor=False)
    st.text_input(
        t("design.process.title"), process.title, max_chars=120, **desk.on("process:title", lambda p, v: edit.change(p, title=v))
    )
    st.text_input(
        t("design.process.element"), process.element_title, max_chars=120, help=t("design.process.element_help"),
        **desk.on("process:element", lambda p, v: edit.change(p, element_title=v)),
    )  # fmt: skip
    st.text_area(
        t("design.process.description"), process.description, max_chars=2000, height=90,
        **desk.on("process:description", lambda p, v: edit.change(p, description=v)),
    )  # fmt: skip
    left, right = st.columns([3, 1], vertical_alignment="bottom")
    with left:
        icons = [process.icon, *(i for i in ICONS if i != process.icon)]
        st.selectbox(
            t("design.process.icon"), icons, format_func=lambda i: t(f"design.icon.{i}"),
            **desk.on("process:icon", lambda p, v: edit.change(p, icon=v)),
        )  # fmt: skip
    with right:
        st.color_picker(
            t("design.process.color"), process.color, **desk.on("process:color", lambda p, v: edit.change(p, color=v))
        )
    _amount(desk, process)
    st.caption(t("design.process.code", code=plain(process.code)))


def _amount(desk: Desk, process: Process) -> None:
    types = desk.user.workspace.types
    sums = {f.code: f.title for f in process.fields if f.kind in types and types[f.kind].summable and not f.multiple}
    choices = ["", *sums]
    if process.amount_field and process.amount_field not in sums:
        choices.append(process.amount_field)
    st.selectbox(
        desk.t("design.process.amount"), choices, index=choices.index(process.amount_field),
        help=desk.t("design.process.amount_help"),
        format_func=lambda code: sums.get(code, code) or desk.t("design.process.no_amount"),
        **desk.on("process:amount", lambda p, v: edit.change(p, amount_field=v)),
    )  # fmt: skip
