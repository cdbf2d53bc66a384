"""What imports did: under way, done, undone; the rows that were not taken, and all imports of a process."""

from __future__ import annotations

import pandas as pd
import streamlit as st

from model.access import Action, may
from model.errors import VoronkaError
from model.process import Process
from pages.parts import components, frame
from pages.parts.importing import work
from pages.parts.importing.work import Stopped, Work
from pages.parts.text import plain
from pages.parts.user import User
from runtime.imports import ImportView, Skipped, Undone, reason

SHOWN = 100
"""Rows with problems on the page; the download has them all."""
ICONS = {
    "done": "check_circle",
    "cancelled": "block",
    "failed": "error",
    "running": "hourglass_top",
    "undoing": "undo",
    "undone": "undo",
}


@st.fragment
def under_way(user: User) -> None:
    """The bar of what this person has under way; the whole page runs again once it has ended."""
    t = user.reader.t
    found = work.current(user.workspace, user.actor.user)
    if found is None or found.ended:
        st.rerun()
    with st.container(border=True, key="importing-progress"):
        st.markdown(f"**{t(f'importing.doing.{found.kind}')}** {plain(found.name)}")
        st.progress(min(found.done / found.total, 1.0) if found.total else 0.0, _progress(user, found))
        if found.kind != "undoing":
            label = t("importing.stopping") if found.stopping() else t("common.cancel")
            st.button(label, key="importing:cancel", icon=":material/close:", on_click=found.stop, disabled=found.stopping())
    st.caption(t("importing.may_leave"))
    components.pulse("importing:pulse", 0.6)


def _progress(user: User, found: Work) -> str:
    t = user.reader.t
    parts = [t("importing.done_of", done=found.done, all=found.total) if found.total else t("importing.rows", n=found.done)]
    left = found.left(user.workspace.clock.now())
    if left is not None and not found.stopping():
        seconds = max(1, round(left.total_seconds()))
        long = t("importing.left_long", time=user.reader.duration(seconds / 60))
        parts.append(t("importing.left", n=seconds) if seconds < 90 else long)
    return " · ".join(parts)


def failed(user: User, found: Work) -> None:
    """Why the work did not end well."""
    if isinstance(found.error, Stopped):
        st.info(user.reader.t("importing.stopped_reading"), icon=":material/block:")
    elif isinstance(found.error, VoronkaError):
        st.error(plain(user.explain(found.error)), icon=":material/error:")
    else:
        st.error(plain(user.reader.t("error.unexpected")), icon=":material/error:")


def report(user: User, id: int) -> None:
    """One import: what came of it, the rows that were not taken, and its undo."""
    t = user.reader.t
    view = user.workspace.imports.view(user.actor, id)
    version = user.workspace.processes.published(view.process)
    process = version.process if version else None
    if process is None:
        return
    frame.page(
        t("importing.report", name=view.name), icon="upload_file",
        crumbs=[(t("importing.into_this", title=process.title), lambda: frame.go("importing", process=process.code))],
        action=(t("importing.open_board" if process.has_stages else "importing.open_list"), lambda: open_process(process)),
    )  # fmt: skip
    st.caption(plain(_line(user, view)))
    with st.container(horizontal=True, key="importing-figures"):
        for name, figure in (("created", view.created), ("changed", view.changed), ("same", view.same), ("skipped", view.skipped),
                             ("people", view.people)):  # fmt: skip
            if figure or name in ("created", "skipped"):
                st.metric(t(f"importing.{name}"), user.reader.number(figure), border=True, width=200)
    if view.people and user.actor.admin:
        st.info(t("importing.people_note", n=view.people), icon=":material/group_add:")
    _undone(user, view)
    with st.container(horizontal=True):
        _undo_button(user, view)
        st.button(t("importing.another"), key="importing:another", icon=":material/upload_file:", on_click=_another)
    _skipped(user, process, view)


def _another() -> None:
    st.query_params.clear()


def open_process(process: Process) -> None:
    """Go and look at its elements."""
    frame.go("board" if process.has_stages else "list", process=process.code)


def _line(user: User, view: ImportView) -> str:
    t = user.reader.t
    who = user.reader.person(view.by)
    return " · ".join(p for p in (t(f"importing.state.{view.state}"), user.reader.datetime(view.at), who) if p)


def _skipped(user: User, process: Process, view: ImportView) -> None:
    t = user.reader.t
    if not view.skipped:
        return
    rows = user.workspace.imports.skipped(user.actor, view.id, SHOWN)
    st.subheader(t("importing.not_taken", n=view.skipped), anchor=False)
    st.download_button(
        t("importing.download"), lambda: user.workspace.imports.errors(user.actor, view.id, user.reader), mime="text/csv",
        file_name=f"{view.name.rsplit('.', 1)[0]}-{t('importing.errors_file')}.csv", icon=":material/download:",
        on_click="ignore", key="importing:errors",
    )  # fmt: skip
    data = pd.DataFrame([_row(user, process, row) for row in rows])
    st.dataframe(data, hide_index=True, height="content" if len(data) < 15 else 520)
    if view.skipped > len(rows):
        st.caption(t("importing.first_shown", n=len(rows)))


def _row(user: User, process: Process, row: Skipped) -> dict[str, object]:
    t = user.reader.t
    why = " ".join(reason(problem, user.reader, process) for problem in row.problems)
    cells = " · ".join(str(cell) for cell in row.cells if cell not in (None, ""))
    return {t("importing.row"): row.number, t("importing.problem"): why, t("importing.cells"): cells[:300]}


def _undone(user: User, view: ImportView) -> None:
    """What the undo that this person has just asked for removed and kept."""
    t = user.reader.t
    found = st.session_state.get(f"importing:undone:{view.id}")
    if not isinstance(found, Undone):
        return
    words = [t("importing.undone", n=found.removed)] if found.removed or not found.restored else []
    words += [t("importing.put_back", n=found.restored)] if found.restored else []
    st.success(" ".join(words), icon=":material/undo:")
    if found.kept:
        with st.container(border=True, key="importing-kept"):
            st.markdown(t("importing.kept", n=len(found.kept)))
            for number, title in list(found.kept.items())[:SHOWN]:
                if st.button(plain(title) or f"\\#{number}", key=f"importing:kept:{number}", type="tertiary"):
                    frame.go("card", id=number)


def _undo_button(user: User, view: ImportView) -> None:
    t = user.reader.t
    undoable = view.state != "undone" and (view.created or view.changed)
    if undoable and st.button(t("importing.undo"), key=f"importing:undo:{view.id}", icon=":material/undo:"):
        _ask(user, view)


def _ask(user: User, view: ImportView) -> None:
    t = user.reader.t
    linking = user.workspace.imports.linking(user.actor, view.id)

    @st.dialog(t("importing.undo_title"))
    def ask() -> None:
        if view.created:
            st.markdown(t("importing.undo_text", n=view.created, name=plain(view.name)))
        if view.changed:
            st.markdown(t("importing.undo_changed", n=view.changed, name=plain(view.name)))
        if linking:
            st.warning(t("importing.undo_linked", n=linking), icon=":material/link_off:")
        with st.container(horizontal=True, horizontal_alignment="right"):
            if st.button(t("common.cancel"), key="importing:undo:no"):
                st.rerun()
            if st.button(t("importing.undo_yes"), key="importing:undo:yes", type="primary"):
                _undo(user, view)
                st.rerun()

    ask()


def _undo(user: User, view: ImportView) -> None:
    work.begin(
        user.workspace, user.actor.user, "undoing", view.name, process=view.process,
        run=lambda mine: (view.id, user.workspace.imports.undo(user.actor, view.id, mine.tell)),
    )  # fmt: skip


def past(user: User, process: Process) -> None:
    """All imports into a process, the newest first."""
    if not may(process, user.actor, Action.IMPORT):
        return
    t = user.reader.t
    found = user.workspace.imports.all(user.actor, process.code)
    if not found:
        return
    st.subheader(t("importing.past"), anchor=False)
    for view in found[:50]:
        with st.container(horizontal=True, vertical_alignment="center", border=True, key=f"importing-past-{view.id}"):
            st.markdown(f":material/{ICONS[view.state]}:", width="content")
            with st.container(width="stretch", gap=None):
                st.markdown(plain(view.name))
                figures = t("importing.figures", created=view.created, skipped=view.skipped)
                st.caption(plain(f"{_line(user, view)} · {figures}"))
            if st.button(t("importing.details"), key=f"importing:past:{view.id}"):
                frame.go("importing", report=view.id)
            _undo_button(user, view)
