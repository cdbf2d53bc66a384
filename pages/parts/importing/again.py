"""Rows of a file that speak of elements which are there already: by which column they find them, and what that comes to."""

from __future__ import annotations

from typing import Any

import pandas as pd
import streamlit as st

import sheets as tables
from builder import sheets
from builder.sheets import Plan
from model.process import Process
from pages.parts.importing.draft import Draft
from pages.parts.text import plain
from pages.parts.timeline_view import label, value_text
from pages.parts.user import User
from runtime.imports import Foreseen, reason

MOST = 50_000
"""Rows that are looked through on the page; of more the report of the import tells."""


def keys(user: User, draft: Draft) -> None:
    """Ask for the key, with the one that fits, and show what would change."""
    t, process = user.reader.t, draft.process
    if process is None or not user.workspace.elements.count(user.actor, process.code):
        return
    plan = draft.plan(user)
    known = _known(user, draft, plan, process) if draft.read.count <= MOST else None
    offered = tables.key_columns(plan, process)
    if draft.keys is None:
        draft.keys = [known.column] if known else []
    draft.keys = [name for name in draft.keys if name in offered]
    st.subheader(t("importing.again"), anchor=False)
    draft.keys = st.multiselect(
        t("importing.keys"), offered, default=draft.keys, help=t("importing.keys_help"), placeholder=t("importing.keys_none"),
        width=520, key=f"importing:keys:{process.code}:{draft.read.name}",
    )  # fmt: skip
    if draft.keys:
        _foreseen(user, draft, plan, process)
    elif known is not None:
        words = t("importing.would_double", n=known.here, all=known.rows, column=plain(known.column))
        st.warning(words, icon=":material/content_copy:")


def _known(user: User, draft: Draft, plan: Plan, process: Process) -> tables.Known | None:
    asked = (plan, user.workspace.db.revision())
    found: tables.Known | None = draft.once(
        "known", asked, lambda: tables.known_by(user.workspace, user.actor, draft.read.sheet, plan, process)
    )
    return found


def _foreseen(user: User, draft: Draft, plan: Plan, process: Process) -> None:
    t = user.reader.t
    by = tables.keyed(plan, draft.keys or ())
    if by is None or draft.read.count > MOST:
        st.caption(t("importing.counted_later"))
        return
    grown, fitted = draft.target(user)

    def look() -> Foreseen:
        rows = sheets.rows(draft.read.sheet, fitted, grown, tables.lookups(user.workspace, user.actor, draft.named))
        return user.workspace.imports.foresee(user.actor, process.code, rows, by)

    found: Foreseen = draft.once("foreseen", (plan, by, dict(draft.named), user.workspace.db.revision()), look)
    with st.container(horizontal=True, key="importing-foreseen"):
        for name in ("new", "changed", "same", "refused"):
            st.metric(t(f"importing.{name}"), user.reader.number(getattr(found, name)), border=True, width=160)
    if found.first:
        st.caption(t("importing.changes_first", n=len(found.first)))
        _table([_change(user, grown, *each) for each in found.first])
    if found.wrong:
        st.caption(t("importing.refused_first", n=len(found.wrong)))
        _table([
            {t("importing.row"): row.number, t("importing.problem"): " ".join(reason(p, user.reader, grown) for p in problems)}
            for row, problems in found.wrong
        ])  # fmt: skip


def _change(user: User, process: Process, row: Any, element: Any, changes: Any) -> dict[str, Any]:
    """One element, and each value that becomes another."""
    t = user.reader.t
    told = "; ".join(
        f"{label(user.reader, process, code)}: {_text(user, process, code, before)} → {_text(user, process, code, after)}"
        for code, (before, after) in changes.items()
    )
    return {t("importing.row"): row.number, t("importing.element"): element.title, t("importing.change"): told}


def _text(user: User, process: Process, code: str, value: Any) -> str:
    if value in (None, "", []):
        return "—"
    values = value if isinstance(value, list) else [value]
    return ", ".join(value_text(user.workspace, user.reader, process, code, one) for one in values)


def _table(lines: list[dict[str, Any]]) -> None:
    st.dataframe(pd.DataFrame(lines), hide_index=True, height="content", row_height=34)
