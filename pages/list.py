"""List: the elements of a process as a table, sorted, filtered, paged, exported."""

from __future__ import annotations

from functools import partial
from typing import Any

import streamlit as st

from model.access import Action, may
from model.field import Control
from model.filter import Filter
from model.process import Process
from pages.parts import components, filters, frame, processes
from pages.parts.card_fields import fact_values
from pages.parts.components import TableColumn, TableRow
from pages.parts.labels import labels
from pages.parts.timeline_view import label
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
    return [*system, *(f.code for f in process.fields), "id", "created_at", "updated_at", "closed_at"]


def _shown(process: Process) -> list[str]:
    """The columns this person picked, else what the process says; the title always comes first."""
    own = [f.code for f in process.fields if f.in_list][:8]
    default = [*(["stage"] if process.has_stages else []), "responsible", *own, "created_at"]
    found: list[str] = st.session_state.setdefault(f"list:columns:{process.code}", default)
    return ["title", *(c for c in found if c in _columns(process))]


def _tools(process: Process, chosen: Filter) -> None:
    """Columns and export, at the end of the filter bar."""
    _shown(process)
    with st.popover(t("list.columns"), icon=":material/view_column:"):
        st.multiselect(
            t("list.columns"), [c for c in _columns(process) if c != "title"], key=f"list:columns:{process.code}",
            persist_state="session", format_func=lambda c: label(user.reader, process, c),
        )  # fmt: skip
    if may(process, user.actor, Action.EXPORT):
        _export(process, chosen)


def _exported(process: Process, kind: Format, chosen: Filter) -> bytes:
    """Called when the button is pressed, maybe long after the page was drawn: with the rights of that moment."""
    return user.workspace.export(user.actor, process.code, kind, chosen)


def _export(process: Process, chosen: Filter) -> None:
    with st.popover(t("list.export"), icon=":material/download:"):
        st.caption(t("list.export_help"))
        kinds: tuple[Format, ...] = ("csv", "xlsx")
        for kind in kinds:
            st.download_button(
                kind.upper(), partial(_exported, process, kind, chosen),
                file_name=f"{process.code}.{kind}", mime=MIME[kind], key=f"list:export:{kind}", width="stretch",
                on_click="ignore",
            )  # fmt: skip


@st.fragment
def _table(process: Process, chosen: Filter) -> None:
    """One page of the table; sorting and paging redraw only it."""
    code = process.code
    if (element := st.session_state.pop("list:open", None)) is not None:
        frame.go("card", id=element)
    if processes.changed(user, process):
        st.rerun()
    with frame.guard(user.reader):
        codes = _shown(process)
        service = user.workspace.elements
        count = service.count(user.actor, code, chosen)
        if not count:
            _nothing(process, chosen)
            return
        by, down = st.session_state.get(f"list:sort:{code}", ("created_at", True))
        pages, number = -(-count // PAGE), _page_number(code, chosen, by, down)
        offset = (min(number, pages) - 1) * PAGE
        rows = service.rows(user.actor, code, ["id", *codes], chosen, sort=[(by, down)], limit=PAGE, offset=offset)
        components.table(
            f"list-{code}", [_column(process, c) for c in codes], [_row(process, codes, row) for row in rows],
            labels(user.reader, "table"), by, down,
            on_sort=lambda asked: _sort(code, asked), on_open=lambda number: _open(number),
        )  # fmt: skip
        with st.container(horizontal=True, horizontal_alignment="distribute", vertical_alignment="center"):
            last = min(offset + PAGE, count)
            first, until = user.reader.number(offset + 1), user.reader.number(last)
            st.caption(t("list.range", first=first, last=until, n=count), width="content")
            if pages > 1:
                st.pagination(pages, key=f"list:page:{code}")


def _page_number(code: str, chosen: Filter, by: str, down: bool) -> int:
    """The page that is asked for; the first one again when what is listed or its order has changed."""
    listed = (chosen, by, down)
    if st.session_state.get(f"list:listed:{code}") != listed:
        st.session_state[f"list:listed:{code}"] = listed
        st.session_state[f"list:page:{code}"] = 1
    number: int = st.session_state.get(f"list:page:{code}", 1)
    return number


def _nothing(process: Process, chosen: Filter) -> None:
    if filters.is_narrow(chosen):
        frame.empty("filter_alt_off", t("list.nothing_matches"))
    else:
        frame.empty("table_rows", t("list.empty"))


def _sort(code: str, asked: Any) -> None:
    if asked:
        st.session_state[f"list:sort:{code}"] = (asked["by"], bool(asked["down"]))


def _open(element: int | None) -> None:
    if element:
        st.session_state["list:open"] = element


def _column(process: Process, code: str) -> TableColumn:
    field = process.field(code)
    figure = field is not None and user.workspace.types[field.kind].control is Control.NUMBER
    many = field is not None and field.multiple
    return {
        "code": code,
        "title": label(user.reader, process, code),
        "end": (figure and not many) or code == "id",
        "sorts": not many,
    }


def _row(process: Process, codes: list[str], row: tuple[Any, ...]) -> TableRow:
    cells = [fact_values(user, process, code, value) for code, value in zip(codes, row[1:], strict=True)]
    return {"id": row[0], "href": f"/card?id={row[0]}", "cells": cells}


def _page(process: Process) -> None:
    frame.page(
        process.title, icon=process.icon, action=processes.adding(user, process),
        tools=lambda: processes.views(user, process, "list"),
    )  # fmt: skip
    with frame.bar():
        chosen = filters.parts(user, process, f"filter:{process.code}")
        _tools(process, chosen)
    _table(process, chosen)


if (wanted := processes.chosen(user)) is not None:
    _page(wanted)
