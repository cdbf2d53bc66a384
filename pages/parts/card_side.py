"""The right half of a card: a comment box and the timeline, tasks, files, linked elements."""

from __future__ import annotations

from datetime import datetime, time
from typing import Any

import streamlit as st

from model.access import Action, decide, may
from model.clock import moment
from model.element import Element
from model.event import Cause
from model.process import Process
from pages.parts import components, frame, timeline_view
from pages.parts.labels import labels
from pages.parts.text import plain
from pages.parts.user import User

PAGE = 60


def show(user: User, process: Process, element: Element) -> None:
    """Tabs with figures; the timeline first."""
    t = user.reader.t
    ws = user.workspace
    tasks = ws.tasks.of(user.actor, element.id)
    files = ws.files.of(user.actor, element.id)
    linked = ws.elements.linked(user.actor, element.id)
    open_tasks = sum(1 for task in tasks if not task.done_at)
    names = [
        t("card.timeline"),
        _n(t("card.tasks"), open_tasks),
        _n(t("card.files"), len(files)),
        _n(t("card.linked"), len(linked)),
    ]
    timeline, work, papers, links = st.tabs(names)
    with timeline:
        _timeline(user, process, element)
    with work:
        _tasks(user, element, tasks)
    with papers:
        _files(user, process, element, files)
    with links:
        _linked(user, process, element, linked)


def _n(title: str, n: int) -> str:
    return f"{title} {n}" if n else title


@st.fragment(run_every=4)
def _timeline(user: User, process: Process, element: Element) -> None:
    """Looks every few seconds, so that what robots do is seen as it happens."""
    ws, t = user.workspace, user.reader.t
    with st.form(f"comment-{element.id}", clear_on_submit=True, border=False):
        text = st.text_area(
            t("card.comment"), placeholder=t("card.comment_hint"), label_visibility="collapsed", height=72, max_chars=10_000
        )
        if st.form_submit_button(t("card.send"), icon=":material/send:") and text.strip():
            with frame.guard(user.reader):
                ws.elements.comment(user.actor, element.id, text.strip(), cause=Cause(user=user.actor.id))
    limit = st.session_state.get(f"timeline:{element.id}", PAGE)
    with frame.guard(user.reader):
        events = ws.elements.history(user.actor, element.id, limit=limit + 1)
        runs = ws.engine.runs(user.actor, element=element.id)
        items = timeline_view.items(ws, user.reader, process, events[:limit], runs)
        if len(items) and (moved := ws.elements.get(user.actor, element.id)).version != element.version:
            st.caption(t("card.changed_meanwhile", who=plain(user.reader.person(moved.updated_by) or t("timeline.robot"))))
            if st.button(t("card.reload"), icon=":material/refresh:", key=f"reload-{element.id}"):
                st.rerun()
        components.timeline(
            f"timeline-{element.id}", items, labels(user.reader, "timeline"), more=1 if len(events) > limit else 0,
            on_more=lambda _: st.session_state.update({f"timeline:{element.id}": limit + PAGE}),
        )  # fmt: skip


def _tasks(user: User, element: Element, tasks: list[Any]) -> None:
    ws, t = user.workspace, user.reader.t
    for task in tasks:
        ticked = bool(task.done_at)
        with st.container(horizontal=True, vertical_alignment="center", key=f"ct-{task.id}"):
            st.checkbox(
                plain(task.title), value=ticked, key=f"ctick-{task.id}-{ticked}", width="stretch",
                on_change=_tick, args=(user, task.id, ticked),
            )  # fmt: skip
            due = user.reader.datetime(moment(task.due), "short") if task.due else ""
            st.caption(plain(" · ".join(x for x in (user.reader.person(task.responsible), due) if x)), width="content")
    if not tasks:
        st.caption(t("card.no_tasks"))
    with (
        st.expander(t("card.new_task"), icon=":material/add_task:"),
        st.form(f"task-{element.id}", clear_on_submit=True, border=False),
    ):
        title = st.text_input(t("card.task_title"), max_chars=255)
        people = ws.people.names()
        left, right = st.columns(2)
        who = left.selectbox(
            t("card.task_who"), list(people), index=_index(list(people), user.actor.id), format_func=people.__getitem__
        )
        day = right.date_input(t("card.task_due"), value=None)
        if st.form_submit_button(t("card.task_add"), type="primary") and title.strip():
            deadline = datetime.combine(day, time(18), user.reader.zone) if day else None
            with frame.guard(user.reader):
                ws.tasks.add(user.actor, element.id, title.strip(), who, deadline)
                st.rerun()


def _tick(user: User, task: int, ticked: bool) -> None:
    act = user.workspace.tasks.reopen if ticked else user.workspace.tasks.done
    with frame.guard(user.reader):
        act(user.actor, task)


def _index(found: list[Any], wanted: Any) -> int:
    return found.index(wanted) if wanted in found else 0


def _files(user: User, process: Process, element: Element, files: list[Any]) -> None:
    ws, t = user.workspace, user.reader.t
    may = bool(decide(process, user.actor, Action.CHANGE, element.stage, element.responsible))
    for row in files:
        with st.container(horizontal=True, vertical_alignment="center", key=f"file-{row.id}"):
            st.markdown(f"[{plain(row.name)}](/files/{row.id})", width="stretch")
            st.caption(
                plain(f"{user.reader.number(max(1, row.size // 1024))} KB · {user.reader.person(row.by) or t('timeline.robot')}"),
                width="content",
            )
            if may:
                st.button(
                    t("card.remove_file"), icon=":material/close:", key=f"unfile-{row.id}", type="tertiary",
                    on_click=ws.files.remove, args=(user.actor, row.id),
                )  # fmt: skip
    if not files:
        st.caption(t("card.no_files"))
    if may:
        turn = st.session_state.get(f"upload:{element.id}", 0)
        sent = st.file_uploader(t("card.upload"), accept_multiple_files=True, key=f"upload-{element.id}-{turn}")
        if sent:
            with frame.guard(user.reader):
                for upload in sent:
                    ws.files.add(user.actor, element.id, upload.name, upload.getvalue())
                st.session_state[f"upload:{element.id}"] = turn + 1
                st.rerun()


def _linked(user: User, process: Process, element: Element, linked: list[Element]) -> None:
    ws, t = user.workspace, user.reader.t
    if not linked:
        st.caption(t("card.no_linked"))
    for other in linked[:100]:
        version = ws.processes.published(other.process)
        stage = version.process.stage(other.stage) if version else None
        with st.container(horizontal=True, vertical_alignment="center", key=f"link-{other.id}"):
            if st.button(plain(other.title), key=f"golink-{other.id}", type="tertiary"):
                frame.go("card", id=other.id)
            parts = [version.process.title if version else "", stage.title if stage else ""]
            st.caption(plain(" · ".join(p for p in parts if p)), width="content")
    for code, field, target in _children(user, process):
        if st.button(plain(t("card.add_linked", process=target)), icon=":material/add:", key=f"child-{code}-{field}"):
            st.session_state["card:new"] = {"process": code, "values": {field: element.id}}
            frame.go("card", new=code)


def _children(user: User, process: Process) -> list[tuple[str, str, str]]:
    """(process, link field, title) of the processes whose elements may point at this one and that this person may add to."""

    found = []
    for row in user.workspace.processes.all():
        version = user.workspace.processes.published(row.code)
        if version and may(version.process, user.actor, Action.ADD):
            found += [
                (row.code, f.code, row.title)
                for f in version.process.fields
                if f.kind == "link" and f.params.get("process") == process.code
            ]
    return found
