"""My day: what waits for this person, the late first; and the way to the boards."""

from __future__ import annotations

from typing import Any

import streamlit as st

from insight.overview import Slow
from model.clock import moment
from model.filter import ALL, Condition
from model.process import Process
from pages.parts import frame, processes, robots_view
from pages.parts.text import plain
from pages.parts.user import require_user
from runtime.tasks import Task

SHOWN = 8
"""Lines of each box; the rest is one press away."""

user = require_user()
t = user.reader.t
ws = user.workspace
now = ws.clock.now()


def _hour() -> str:
    hour = now.astimezone(user.reader.zone).hour
    return "morning" if 5 <= hour < 12 else "day" if hour < 18 else "evening"


def _head(title: str, count: int) -> None:
    st.subheader(f"{title} :gray-badge[{user.reader.number(count)}]" if count else title, anchor=False)


def _line(key: str, title: str, note: str, element: int | None) -> None:
    with frame.row(key):
        if element:
            frame.link(title, "card", id=element)
        else:
            st.text(title)
        st.caption(note, width="content")


def _tasks(found: list[Task]) -> None:
    _head(t("home.waiting"), len(found))
    shown = ws.elements.titles(user.actor, [task.element for task in found[:SHOWN]])
    with frame.rows("tasks"):
        for task in found[:SHOWN]:
            due = t("tasks.due", when=user.reader.datetime(task.due, "short")) if task.due else ""
            late = task.due and moment(task.due) < now
            note = f":red[{plain(due)}]" if late else plain(due)
            if task.element not in shown:
                note = " · ".join(each for each in (plain(t("tasks.hidden")), note) if each)
            _line(f"t{task.id}", task.title, note, task.element if task.element in shown else None)
        if not found:
            st.caption(t("home.no_tasks"))
    if len(found) > SHOWN:
        frame.link(t("home.all_tasks"), "tasks", icon="arrow_forward")


def _slow(found: tuple[Slow, ...], designs: dict[str, Process]) -> None:
    _head(t("home.slow"), len(found))
    with frame.rows("slow"):
        for slow in found[:SHOWN]:
            stage = designs[slow.process].stage(slow.stage) if slow.process in designs else None
            since = user.reader.date(moment(slow.since).astimezone(user.reader.zone).date())
            note = plain(t("home.since", stage=stage.title if stage else "", when=since))
            _line(f"s{slow.element}", slow.title, note, slow.element)
        if not found:
            st.caption(t("home.no_slow"))


def _news(found: list[Any]) -> None:
    _head(t("home.news"), len(found))
    with frame.rows("news"):
        for note in found[:SHOWN]:
            _line(f"n{note.id}", note.text, plain(user.reader.datetime(note.at, "short")), note.element)
        if not found:
            st.caption(t("home.no_news"))
    if found:
        frame.link(t("home.all_news"), "inbox", icon="arrow_forward")


def _boards(designs: list[Process], mine: dict[str, int], *, title: str) -> None:
    """Each process with how much is under way, and how much of it is mine."""
    if not designs:
        return
    st.subheader(title, anchor=False)
    with frame.rows(f"boards-{title}"):
        for design in designs:
            going = [s.code for s in design.stages() if s.semantics == "P"]
            found = Condition(field="stage", op="in", value=going) if going else ALL
            count = ws.elements.count(user.actor, design.code, found)
            with frame.row(f"p-{design.code}"):
                frame.link(design.title, "board" if design.has_stages else "list", icon=design.icon, process=design.code)
                if design.code in mine:
                    st.caption(plain(t("home.mine", n=mine[design.code])), width="content")
                st.markdown(f"**{plain(user.reader.number(count))}**", width="content")


frame.page(t(f"home.hello_{_hour()}", name=user.actor.name))
if st.query_params.pop("lost", None):
    st.toast(t("home.lost"), icon=":material/wrong_location:")
st.caption(user.reader.date(now.astimezone(user.reader.zone).date(), "full"))
with frame.guard(user.reader):
    robots_view.stumbling(user)
    designs, tasks = processes.readable(user), ws.tasks.mine(user.actor)
    if not designs and not tasks:
        processes.none(user, "account_tree")
    else:
        day = ws.insight.my_day(user.actor)
        left, right = st.columns([3, 2], gap="large")
        with left:
            _tasks(tasks)
            _slow(day.slow, {p.code: p for p in designs})
        with right:
            mine = {m.process: m.count for m in day.mine}
            _boards([p for p in designs if p.has_stages], mine, title=t("home.work"))
            _boards([p for p in designs if not p.has_stages], mine, title=t("home.catalogs"))
            _news(ws.inbox.of(user.actor, unread=True))
