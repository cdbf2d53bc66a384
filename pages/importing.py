"""Import: a CSV or XLSX file becomes elements of a process, an existing one or a new one; every import can be undone."""

from __future__ import annotations

from typing import Any

import streamlit as st

import sheets as tables
from model.access import Action, may
from model.errors import BadValue, Denied
from model.process import Process
from pages.parts import frame
from pages.parts.gallery.wizard import checked_name, proposed_code
from pages.parts.importing import again, report, screen, work
from pages.parts.importing.draft import SKIP, Draft
from pages.parts.importing.reading import Told, read
from pages.parts.importing.work import Work
from pages.parts.text import number, plain
from pages.parts.user import require_user

NEW = ""
DRAFT = "importing:draft"
QUICK = 0.8
"""Seconds to wait before a progress bar is worth showing."""

user = require_user()
t = user.reader.t
workspace, actor = user.workspace, user.actor


def _targets() -> dict[str, Process | None]:
    """Processes to import into by code, the new one (for administrators) under an empty code."""
    found = [p for p in screen.readable(user) if may(p, actor, Action.IMPORT) and may(p, actor, Action.ADD)]
    new: dict[str, Process | None] = {NEW: None} if actor.admin else {}
    return new | {p.code: p for p in found}


def _draft() -> Draft | None:
    found: Draft | None = st.session_state.get(DRAFT)
    return found


def _begin_reading(name: str, data: bytes, told: Told) -> None:
    mine = work.begin(workspace, actor.user, "reading", name, lambda w: read(workspace, actor, name, data, told, w))
    mine.wait(QUICK)


def _take(found: Work, targets: dict[str, Process | None]) -> None:
    """Look at what has ended: a file that was read, an import or its undo."""
    work.forget(workspace, actor.user)
    if found.error is not None:
        st.session_state["importing:failed"] = found
    elif found.kind == "reading":
        process = targets.get(st.query_params.get("process", NEW))
        st.session_state[DRAFT] = Draft.of(found.result, process, _named(found.name), actor.admin)
    elif found.kind == "importing":
        st.session_state.pop(DRAFT, None)
        frame.go("importing", report=found.result.id)
    else:
        number, undone = found.result
        st.session_state[f"importing:undone:{number}"] = undone
        frame.go("importing", report=number)


def _named(file: str) -> str:
    """A title for the process from the file's name."""
    stem = " ".join(file.rsplit(".", 1)[0].replace("_", " ").split())
    return (stem[:1].upper() + stem[1:])[:120]


def _begin_importing(draft: Draft) -> None:
    """Check what the new process is called, then bring the rows in beside the page."""
    plan, process = draft.plan(user), draft.process
    title, code = ("", "") if process else checked_name(user, draft.title, draft.code)
    if all(place == SKIP for place in draft.goes.values()):
        raise BadValue("nothing_to_import")
    tables.require_rows(draft.read.sheet)
    if plan.unsure:
        raise BadValue("decimal_unanswered", value=plan.unsure)

    def run(mine: Work) -> Any:
        into, fitted = process, plan
        mine.tell(0, draft.read.count)
        if into is None:
            into = tables.make_process(workspace, actor, plan, code, title)
        else:
            into, fitted = tables.grow(workspace, actor, into, plan)
        mine.process = into.code
        return tables.bring_in(
            workspace,
            actor,
            draft.read.sheet,
            fitted,
            into,
            named=draft.named,
            keys=draft.keys or (),
            progress=mine.tell,
            cancel=mine.stopping,
        )

    work.begin(workspace, actor.user, "importing", draft.read.name, run, process.code if process else "").wait(QUICK)


def _target(targets: dict[str, Process | None], draft: Draft | None) -> Process | None:
    """Which process the file goes into; another choice fits the draft anew."""
    asked = st.query_params.get("process", NEW)
    held = asked if asked in targets else next(iter(targets))

    def chosen(code: str) -> None:
        st.query_params.from_dict({"process": code} if code else {})
        if draft is not None:
            st.session_state[DRAFT] = Draft.of(draft.read, targets[code], draft.title, actor.admin)

    with st.container(horizontal=True, vertical_alignment="bottom", key="importing-target"):
        screen.choose("into", t("importing.into"), list(targets), held, chosen, width=320,
                      format_func=lambda c: p.title if (p := targets.get(c)) else t("importing.new_process"))  # fmt: skip
        if draft is not None and draft.process is None:
            _naming(draft)
    return targets[held]


def _naming(draft: Draft) -> None:
    """Title and code of the process to be."""
    st.session_state.setdefault("importing:title", draft.title)
    draft.title = st.text_input(t("importing.title"), key="importing:title", max_chars=120, width=320)
    draft.code = st.text_input(
        t("importing.code"), key="importing:code", max_chars=40, width=220, placeholder=proposed_code(user, draft.title),
        help=t("importing.code_help"),
    )  # fmt: skip


def _forget_file() -> None:
    for key in (DRAFT, "importing:title", "importing:code"):
        st.session_state.pop(key, None)
    st.session_state["importing:upload"] = st.session_state.get("importing:upload", 0) + 1


def _upload(process: Process | None) -> None:
    number = st.session_state.get("importing:upload", 0)
    most = workspace.environment.upload_megabytes
    file = frame.uploader(user.reader, t("importing.file"), f"importing:file:{number}", most)
    st.caption(t("importing.file_help"))
    if file is not None:
        _begin_reading(file.name, file.getvalue(), Told())
        st.session_state["importing:upload"] = number + 1
        st.rerun()
    if process is not None:
        report.past(user, process)


def _chosen_file(draft: Draft) -> None:
    """The file, how it was read, the rows to be, and what its columns, stages and people mean."""
    with st.container(horizontal=True, vertical_alignment="center", key="importing-file"):
        sheet = draft.read.sheet
        st.markdown(
            f":material/table_chart: **{plain(draft.read.name)}** "
            + f"· {t('importing.rows', n=draft.read.count)} · {t('importing.column_count', n=len(sheet.columns))}",
            width="content",
        )
        st.button(
            t("importing.other_file"), key="importing:other", type="tertiary", icon=":material/close:", on_click=_forget_file
        )
    screen.settings(user, draft, lambda told: _begin_reading(draft.read.name, draft.read.data, told))
    if not screen.marks(user, draft):
        again.keys(user, draft)
        screen.preview(user, draft)
    mapped, staged, named = st.tabs([t("importing.tab.columns"), t("importing.tab.stages"), t("importing.tab.people")])
    with mapped:
        screen.columns(user, draft)
    with staged:
        screen.stages(user, draft)
    with named:
        screen.people(user, draft)


def _wizard(targets: dict[str, Process | None]) -> None:
    draft = _draft()
    action = None
    if draft is not None:
        action = (t("importing.start", n=draft.read.count), lambda: _press(draft))
    crumbs = [(t("nav.processes"), lambda: frame.go("processes"))] if actor.admin else []
    frame.page(t("nav.importing"), icon="upload_file", action=action, crumbs=crumbs)
    if failed := st.session_state.pop("importing:failed", None):
        report.failed(user, failed)
    process = _target(targets, draft)
    if draft is None:
        _upload(process)
    else:
        _chosen_file(draft)


def _press(draft: Draft) -> None:
    with frame.guard(user.reader):
        _begin_importing(draft)
        st.rerun()


with frame.guard(user.reader):
    targets = _targets()
    found = work.current(workspace, actor.user)
    if found is not None and found.ended:
        _take(found, targets)
        st.rerun()
    asked = st.query_params.get("report", "")
    if found is not None:
        frame.page(t("nav.importing"), icon="upload_file")
        report.under_way(user)
    elif (imported := number(asked)) is not None:
        report.report(user, imported)
    elif not targets or st.query_params.get("process", NEW) not in (NEW, *targets):
        raise Denied("no_right_to_import")
    else:
        _wizard(targets)
