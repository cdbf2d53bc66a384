"""My day: what waits for this person, the late first."""

from __future__ import annotations

import streamlit as st

from model.clock import moment
from pages.parts import frame, processes
from pages.parts.text import plain
from pages.parts.user import require_user

user = require_user()
t = user.reader.t


def _hour() -> str:
    hour = user.workspace.clock.now().astimezone(user.reader.zone).hour
    return "morning" if 5 <= hour < 12 else "day" if hour < 18 else "evening"


def _row(key: str, title: str, note: str, element: int | None) -> None:
    with st.container(horizontal=True, vertical_alignment="center", border=True, key=f"day-{key}"):
        with st.container(width="stretch", gap=None):
            st.markdown(plain(title))
            st.caption(note)
        if element and st.button(t("home.open"), key=f"go-{key}"):
            frame.go("card", id=element)


frame.page(t(f"home.hello_{_hour()}", name=user.actor.name))
with frame.guard(user.reader):
    day = user.workspace.insight.my_day(user.actor)
    designs = {p.code: p for p in processes.readable(user)}
    if not designs:
        action = (t("process.create"), lambda: frame.go("processes")) if user.actor.admin else None
        frame.empty("account_tree", t("process.none"), action)
    cells = st.columns(max(3, min(4, len(day.mine)))) if day.mine else []
    for cell, mine in zip(cells, day.mine, strict=False):
        with cell.container(border=True):
            st.metric(plain(mine.title), user.reader.number(mine.count), help=t("home.mine_help"))
            if st.button(t("home.to_board"), key=f"board-{mine.process}", type="tertiary", icon=":material/arrow_forward:"):
                frame.go("board" if designs[mine.process].has_stages else "list", process=mine.process)
    if designs:
        left, right = st.columns(2, gap="medium")
        with left:
            st.subheader(t("home.overdue"), anchor=False)
            for late in day.overdue[:20]:
                _row(
                    f"t{late.task}",
                    late.title,
                    f":red[{t('tasks.due', when=user.reader.datetime(late.due, 'short'))}]",
                    late.element,
                )
            if not day.overdue:
                st.caption(t("home.no_overdue"))
        with right:
            st.subheader(t("home.slow"), anchor=False)
            for slow in day.slow[:20]:
                stage = designs[slow.process].stage(slow.stage) if slow.process in designs else None
                since = user.reader.datetime(moment(slow.since), "short")
                _row(
                    f"s{slow.element}",
                    slow.title,
                    plain(t("home.since", stage=stage.title if stage else "", when=since)),
                    slow.element,
                )
            if not day.slow:
                st.caption(t("home.no_slow"))
