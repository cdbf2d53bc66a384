"""My day: what waits for this person, the late first."""

from __future__ import annotations

import streamlit as st

from insight.overview import Mine
from model.clock import moment
from model.filter import ALL, Condition
from model.process import Process
from pages.parts import frame, processes
from pages.parts.text import plain
from pages.parts.user import require_user

CARDS = 4

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


def _processes(designs: list[Process], mine: dict[str, Mine]) -> None:

    for start in range(0, len(designs), CARDS):
        cells = st.columns(CARDS)
        for cell, design in zip(cells, designs[start : start + CARDS], strict=False):
            going = [s.code for s in design.stages() if s.semantics == "P"]
            found = Condition(field="stage", op="in", value=going) if going else ALL
            own = mine.get(design.code)
            with cell.container(border=True, gap="small", key=f"day-process-{design.code}"):
                st.markdown(f":material/{design.icon}: **{plain(design.title)}**")
                st.metric(
                    t("home.in_progress"), user.reader.number(user.workspace.elements.count(user.actor, design.code, found)),
                    label_visibility="collapsed",
                )  # fmt: skip
                st.caption(plain(t("home.of_them_mine", n=own.count if own else 0)))
                if st.button(t("home.to_board"), key=f"board-{design.code}", type="tertiary", icon=":material/arrow_forward:"):
                    frame.go("board" if design.has_stages else "list", process=design.code)


frame.page(t(f"home.hello_{_hour()}", name=user.actor.name))
with frame.guard(user.reader):
    day = user.workspace.insight.my_day(user.actor)
    designs = {p.code: p for p in processes.readable(user)}
    if not designs:
        action = (t("process.create"), lambda: frame.go("processes")) if user.actor.admin else None
        frame.empty("account_tree", t("process.none"), action)
    _processes(list(designs.values()), {m.process: m for m in day.mine})
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
