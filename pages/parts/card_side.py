"""The right half of a card: a comment box and the timeline, tasks, files, linked elements."""

from __future__ import annotations

from datetime import datetime, time
from typing import Any

import streamlit as st

from model.access import Action, decide, may
from model.clock import moment
from model.element import Element
from model.errors import VoronkaError
from model.event import Cause
from model.process import Process
from pages.parts import components, frame, kept, processes, timeline_view
from pages.parts.forms.values import DATE_FORMATS
from pages.parts.labels import labels
from pages.parts.text import plain
from pages.parts.user import User

PAGE = 60
LINKED = 100


def show(user: User, process: Process, element: Element) -> None:
    """Tabs with figures; the timeline first."""
    t = user.reader.t
    ws = user.workspace
    tasks = ws.tasks.of(user.actor, element.id)
    files = ws.files.of(user.actor, element.id)
    linked = ws.elements.linked(user.actor, element.id)
    open_tasks = sum(1 for task in tasks if not task.done_at)
    counts = {t("card.timeline"): 0, t("card.tasks"): open_tasks, t("card.files"): len(files), t("card.linked"): len(linked)}
    timeline, work, papers, links = _tabs(f"card:tab:{element.id}", counts)
    with timeline:
        _timeline(user, process, element)
    with work:
        _tasks(user, element, tasks)
    with papers:
        _files(user, process, element, files)
    with links:
        _linked(user, process, element, linked)


def _tabs(key: str, counts: dict[str, int]) -> Any:
    """Tabs with figures. Streamlit knows them by their labels: the open one stays open when its figure changes."""
    labels = {title: f"{title} :gray-badge[{n}]" if n else title for title, n in counts.items()}
    held = str(st.session_state.get(key, "")).partition(" :gray-badge[")[0]
    if held in labels:
        st.session_state[key] = labels[held]
    return st.tabs(list(labels.values()), key=key, on_change="rerun")


@st.fragment
def _timeline(user: User, process: Process, element: Element) -> None:
    """Drawn again whenever something is committed, so that what robots do is seen as it happens."""
    ws, t = user.workspace, user.reader.t
    with (
        st.form(f"comment-{element.id}", clear_on_submit=True, border=False),
        st.container(horizontal=True, vertical_alignment="bottom", gap="small"),
    ):
        text = st.text_area(
            t("card.comment"), placeholder=t("card.comment_hint"), label_visibility="collapsed", height=76, max_chars=10_000
        )
        if st.form_submit_button(t("card.send"), icon=":material/send:") and text.strip():
            try:
                ws.elements.comment(user.actor, element.id, text.strip(), cause=Cause(user=user.actor.id))
            except VoronkaError as refused:
                kept.put(user.explain(refused), t("card.comment"), text.strip())
                st.rerun()
    limit = st.session_state.get(f"timeline:{element.id}", PAGE)
    with frame.guard(user.reader):
        events = ws.elements.history(user.actor, element.id, limit=limit + 1)
        runs = ws.engine.runs(user.actor, element=element.id)
        items = timeline_view.items(ws, user.reader, process, events[:limit], runs)
        moved = ws.elements.get(user.actor, element.id)
        if moved.version != element.version or processes.changed(user, process):
            if not _editing(element):
                st.rerun()
            st.caption(t("card.changed_meanwhile", who=plain(user.reader.person(moved.updated_by) or t("timeline.robot"))))
        components.timeline(
            f"timeline-{element.id}", items, labels(user.reader, "timeline"), more=1 if len(events) > limit else 0, live=True,
            on_more=lambda _: st.session_state.update({f"timeline:{element.id}": limit + PAGE}), on_poke=lambda _: None,
        )  # fmt: skip


def _editing(element: Element) -> bool:
    """Whether somebody is typing into this card, so that it must not change under their hands."""
    return f"card:edit:{element.id}" in st.session_state or "card:fill" in st.session_state


def _tasks(user: User, element: Element, tasks: list[Any]) -> None:
    ws, t = user.workspace, user.reader.t
    now = ws.clock.now()
    if tasks:
        with frame.rows("tasks"):
            for task in tasks:
                _task(user, task, now)
    else:
        st.caption(t("card.no_tasks"))
    with (
        st.popover(t("card.new_task"), icon=":material/add_task:"),
        st.form(f"task-{element.id}", clear_on_submit=True, border=False),
    ):
        title = st.text_input(t("card.task_title"), max_chars=255)
        people = ws.people.names()
        who = st.selectbox(
            t("card.task_who"), list(people), index=_index(list(people), user.actor.id), format_func=people.__getitem__
        )
        day = st.date_input(t("card.task_due"), value=None, format=DATE_FORMATS[user.reader.locale])
        if st.form_submit_button(t("card.task_add"), type="primary", width="stretch") and title.strip():
            deadline = datetime.combine(day, time(18), user.reader.zone) if day else None
            try:
                ws.tasks.add(user.actor, element.id, title.strip(), who, deadline)
            except VoronkaError as refused:
                kept.put(user.explain(refused), t("card.task_title"), title.strip())
            st.rerun()


def _task(user: User, task: Any, now: datetime) -> None:
    ticked = bool(task.done_at)
    with frame.row(f"ct-{task.id}{'-done' if ticked else ''}"):
        st.checkbox(
            plain(task.title), value=ticked, key=f"ctick-{task.id}-{ticked}", width="stretch",
            on_change=_tick, args=(user, task.id, ticked),
        )  # fmt: skip
        due = plain(user.reader.datetime(moment(task.due), "short")) if task.due else ""
        late = due and not ticked and moment(task.due) < now
        who = plain(user.reader.person(task.responsible))
        st.caption(" · ".join(x for x in (who, f":red[{due}]" if late else due) if x), width="content")


def _tick(user: User, task: int, ticked: bool) -> None:
    act = user.workspace.tasks.reopen if ticked else user.workspace.tasks.done
    with frame.guard(user.reader):
        act(user.actor, task)


def _index(found: list[Any], wanted: Any) -> int:
    return found.index(wanted) if wanted in found else 0


def _files(user: User, process: Process, element: Element, files: list[Any]) -> None:
    ws, t = user.workspace, user.reader.t
    may = bool(decide(process, user.actor, Action.CHANGE, element.stage, element.responsible))
    if files:
        with frame.rows("files"):
            for row in files:
                _file(user, row, may)
    else:
        st.caption(t("card.no_files"))
    if may:
        turn = st.session_state.get(f"upload:{element.id}", 0)
        sent = frame.uploader(user.reader, t("card.upload"), f"upload-{element.id}-{turn}", accept_multiple_files=True)
        if sent:
            with frame.guard(user.reader):
                for upload in sent:
                    ws.files.add(user.actor, element.id, upload.name, upload.getvalue())
                st.session_state[f"upload:{element.id}"] = turn + 1
                st.rerun()


def _file(user: User, row: Any, may_remove: bool) -> None:
    t = user.reader.t
    with frame.row(f"file-{row.id}"):
        st.markdown(f":material/attach_file: [{plain(row.name)}](/files/{row.id})", width="stretch")
        size = t("card.kilobytes", n=max(1, row.size // 1024))
        if row.older:
            _versions(user, row)
        st.caption(plain(f"{size} · {user.reader.person(row.by) or t('timeline.robot')}"), width="content")
        if may_remove:
            st.button(
                t("card.remove_file"), icon=":material/close:", key=f"unfile-{row.id}", type="tertiary",
                on_click=_remove, args=(user, row.id),
            )  # fmt: skip


def _versions(user: User, row: Any) -> None:
    """All versions of a file, to be saved."""
    t = user.reader.t
    with st.popover(t("card.file_version", n=row.version), type="tertiary", key=f"versions-{row.id}"):
        for each in user.workspace.files.versions(user.actor, row.id):
            told = f"{user.reader.datetime(each.at, 'short')} · {user.reader.person(each.by) or t('timeline.robot')}"
            st.markdown(f"[{plain(t('card.file_version', n=each.version))}](/files/{each.id}) {plain(told)}")


def _remove(user: User, file: int) -> None:
    with frame.guard(user.reader):
        user.workspace.files.remove(user.actor, file)


def _linked(user: User, process: Process, element: Element, linked: list[Element]) -> None:
    ws, t = user.workspace, user.reader.t
    if linked:
        with frame.rows("linked"):
            for other in linked[:LINKED]:
                version = ws.processes.published(other.process)
                stage = version.process.stage(other.stage) if version else None
                parts = [version.process.title if version else "", stage.title if stage else ""]
                with frame.row(f"link-{other.id}"):
                    frame.link(other.title, "card", id=other.id, icon=version.process.icon if version else "")
                    st.caption(plain(" · ".join(p for p in parts if p)), width="content")
    else:
        st.caption(t("card.no_linked"))
    with st.container(horizontal=True):
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
