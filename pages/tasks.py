"""Tasks: what I have to do, by when it is due, the late ones first."""

from __future__ import annotations

from datetime import datetime, timedelta

import streamlit as st

from model.clock import moment
from pages.parts import frame
from pages.parts.text import plain
from pages.parts.user import require_user
from runtime.tasks import Task

SHOWN = 200
GROUPS = ("late", "today", "later", "none", "done")

user = require_user()
t = user.reader.t
service = user.workspace.tasks


def _done(task: int) -> None:
    with frame.guard(user.reader):
        service.done(user.actor, task)


def _reopen(task: int) -> None:
    with frame.guard(user.reader):
        service.reopen(user.actor, task)


def _group(task: Task, now: datetime, midnight: datetime) -> str:
    if task.done_at:
        return "done"
    if not task.due:
        return "none"
    due = moment(task.due)
    return "late" if due < now else "today" if due < midnight else "later"


def _when(task: Task, group: str) -> str:
    if task.done_at:
        return plain(t("tasks.finished", when=user.reader.datetime(task.done_at, "short")))
    if not task.due:
        return ""
    due = plain(t("tasks.due", when=user.reader.datetime(task.due, "short")))
    return f":red[{due}]" if group == "late" else due


def _row(task: Task, group: str, element: str | None) -> None:
    ticked = bool(task.done_at)
    with frame.row(f"task-{task.id}"):
        st.checkbox(
            t("tasks.tick"), value=ticked, key=f"tick-{task.id}-{ticked}", label_visibility="collapsed", width="content",
            on_change=_reopen if ticked else _done, args=(task.id,),
        )  # fmt: skip
        with st.container(width="stretch", gap=None):
            st.text(task.title)
            if element:
                frame.link(element, "card", id=task.element)
            else:
                st.caption(t("tasks.hidden"))
        if when := _when(task, group):
            st.caption(when, width="content")


frame.page(t("nav.tasks"), icon="task_alt")
with frame.bar():
    which = st.segmented_control(
        t("tasks.show"), ["open", "done"], default="open", label_visibility="collapsed", required=True, width="content",
        format_func=lambda v: t(f"tasks.{v}"),
    )  # fmt: skip
with frame.guard(user.reader):
    now = user.workspace.clock.now()
    midnight = now.astimezone(user.reader.zone).replace(hour=0, minute=0, second=0, microsecond=0) + timedelta(days=1)
    found = service.mine(user.actor, done=which == "done")[:SHOWN]
    titles = user.workspace.elements.titles(user.actor, [task.element for task in found])
    if not found:
        frame.empty("task_alt", t(f"tasks.none_{which}"))
    grouped = {name: [task for task in found if _group(task, now, midnight) == name] for name in GROUPS}
    for name, tasks in grouped.items():
        if tasks:
            st.subheader(f"{t(f'tasks.group.{name}')} :gray-badge[{user.reader.number(len(tasks))}]", anchor=False)
            with frame.rows(name):
                for task in tasks:
                    _row(task, name, titles.get(task.element))
