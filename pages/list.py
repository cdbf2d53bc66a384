"""List: the elements of a process as a table, sorted, filtered, paged, exported."""

from __future__ import annotations

from functools import partial
from typing import Any, Literal

import pandas as pd
import streamlit as st

from model.access import Action, may
from model.filter import Filter
from model.process import Process
from pages.parts import filters, frame, processes
from pages.parts.timeline_view import label, value_text
from pages.parts.user import require_user
from runtime.export import Format

PAGE = 50
MIME = {
    "csv": "text/csv",
    "xlsx": "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
    "json": "application/json",
}

user = require_user()
t = user.reader.t


def _columns(process: Process) -> list[str]:
    """Codes that may be shown, in order."""
    system = ["title", *(["stage"] if process.has_stages else []), "responsible"]
    return [*system, *(f.code for f in process.fields), "created_at", "updated_at", "closed_at"]


def _shown(process: Process) -> list[str]:
    """The columns this person picked, else what the process says."""
    own = [f.code for f in process.fields if f.in_list][:8]
    default = ["title", *(["stage"] if process.has_stages else []), "responsible", *own, "created_at"]
    found: list[str] = st.session_state.setdefault(f"list:columns:{process.code}", default)
    return [c for c in found if c in _columns(process)]


def _tools(process: Process, chosen: Filter) -> tuple[str, bool]:
    """Sorting, columns, export: one quiet row."""
    codes = _columns(process)
    _shown(process)
    with st.container(horizontal=True, vertical_alignment="center", gap="small"):
        by = st.selectbox(
            t("list.sort"), codes, index=codes.index("created_at"), key=f"list:sort:{process.code}", width=220,
            label_visibility="collapsed", persist_state="session",
            format_func=lambda c: t("list.by", name=label(user.reader, process, c)),
        )  # fmt: skip
        way = st.segmented_control(
            t("list.way"), ["down", "up"], default="down", key=f"list:way:{process.code}", label_visibility="collapsed",
            persist_state="session",
            format_func=lambda w: f":material/arrow_{w}ward:",
        )  # fmt: skip
        with st.popover(t("list.columns"), icon=":material/view_column:"):
            st.multiselect(
                t("list.columns"), codes, key=f"list:columns:{process.code}", persist_state="session",
                format_func=lambda c: label(user.reader, process, c),
            )  # fmt: skip
        if may(process, user.actor, Action.EXPORT):
            _export(process, chosen)
    return by, way != "up"


def _export(process: Process, chosen: Filter) -> None:
    with st.popover(t("list.export"), icon=":material/download:"):
        st.caption(t("list.export_help"))
        kinds: tuple[Format, ...] = ("csv", "xlsx")
        for kind in kinds:
            st.download_button(
                kind.upper(), partial(user.workspace.export, user.actor, process.code, kind, chosen),
                file_name=f"{process.code}.{kind}", mime=MIME[kind], key=f"list:export:{kind}", width="stretch",
                on_click="ignore",
            )  # fmt: skip


def _table(process: Process, chosen: Filter, by: str, descending: bool) -> None:
    codes = _shown(process)
    service = user.workspace.elements
    count = service.count(user.actor, process.code, chosen)
    if not count:
        text = t("list.nothing_matches") if filters.is_narrow(chosen) else t("list.empty")
        frame.empty("table_rows", text, None)
        return
    pages = -(-count // PAGE)
    number = st.session_state.get(f"list:page:{process.code}", 1)
    offset = (min(number, pages) - 1) * PAGE
    rows = service.rows(user.actor, process.code, ["id", *codes], chosen, sort=[(by, descending)], limit=PAGE, offset=offset)
    data = pd.DataFrame([_texts(process, codes, row) for row in rows], columns=["id", *codes])
    picked: Any = st.dataframe(
        data, hide_index=True, height="content", row_height=38, on_select="rerun", selection_mode="single-row",
        key=f"list:table:{process.code}:{offset}:{by}:{descending}", column_config=_config(process, codes),
    )  # fmt: skip
    with st.container(horizontal=True, horizontal_alignment="distribute", vertical_alignment="center"):
        last = min(offset + PAGE, count)
        st.caption(t("list.range", first=user.reader.number(offset + 1), last=user.reader.number(last), n=count))
        if pages > 1:
            st.pagination(pages, key=f"list:page:{process.code}")
    if picked and picked["selection"]["rows"]:
        frame.go("card", id=rows[picked["selection"]["rows"][0]][0])


def _texts(process: Process, codes: list[str], row: tuple[Any, ...]) -> list[Any]:
    held = zip(codes, row[1:], strict=True)
    values = [value_text(user.workspace, user.reader, process, code, value) for code, value in held]
    return [row[0], *values]


def _config(process: Process, codes: list[str]) -> dict[str, Any]:
    """Titles, and numbers to the right."""
    found: dict[str, Any] = {"id": st.column_config.NumberColumn("#", width=70, format="%d")}
    for code in codes:
        field = process.field(code)
        number = field is not None and user.workspace.types[field.kind].control.value == "number"
        wide: Literal["medium"] | None = "medium" if code == "title" else None
        found[code] = st.column_config.TextColumn(
            label(user.reader, process, code), width=wide, alignment="right" if number else "left"
        )
    return found


def _page(process: Process) -> None:
    frame.page(process.title, icon=process.icon, action=processes.adding(user, process))
    processes.views(user, process, "list")
    chosen = filters.bar(user, process, f"filter:{process.code}")
    with frame.guard(user.reader):
        by, descending = _tools(process, chosen)
        _table(process, chosen, by, descending)


if (wanted := processes.chosen(user)) is not None:
    _page(wanted)
