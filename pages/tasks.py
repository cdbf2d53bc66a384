"""Tasks: what I have to do, the late ones first."""

from __future__ import annotations

import streamlit as st

from model.clock import moment
from pages.parts import frame
from pages.parts.text import plain
from pages.parts.user import require_user

user = require_user()
t = user.reader.t
service = user.workspace.tasks


def _done(task: int) -> None:
    with frame.guard(user.reader):
        service.done(user.actor, task)


def _reopen(task: int) -> None:
    with frame.guard(user.reader):
        service.reopen(user.actor, task)


frame.page(t("nav.tasks"), icon="task_alt")
which = st.segmented_control(
    t("tasks.show"), ["open", "done"], default="open", label_visibility="collapsed", format_func=lambda v: t(f"tasks.{v}")
)
with frame.guard(user.reader):
    now = user.workspace.clock.now()
    found = service.mine(user.actor, done=which == "done")
    titles = user.workspace.elements.titles(user.actor, [task.element for task in found if task.element])
    if not found:
        frame.empty("task_alt", t(f"tasks.none_{which or 'open'}"), None)
    for task in found[:200]:
        late = task.due and not task.done_at and moment(task.due) < now
        with st.container(horizontal=True, vertical_alignment="center", border=True, key=f"task-{task.id}"):
            ticked = bool(task.done_at)
            st.checkbox(
                t("tasks.tick"), value=ticked, key=f"tick-{task.id}-{ticked}", label_visibility="collapsed", width="content",
                on_change=_reopen if ticked else _done, args=(task.id,),
            )  # fmt: skip
            with st.container(width="stretch", gap=None):
                st.text(task.title)
                due = t("tasks.due", when=user.reader.datetime(task.due)) if task.due else t("tasks.no_due")
                st.caption(f":red[{t('tasks.late')} · {due}]" if late else due)
            if task.element in titles and st.button(plain(titles[task.element]), key=f"to-{task.id}", type="tertiary"):
                frame.go("card", id=task.element)
