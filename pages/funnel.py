"""Funnel: how many and how much per stage, where they are lost, how long it takes, and the elements behind each bar."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import date, timedelta
from functools import partial
from typing import Any, TypeVar

import streamlit as st

from insight.report import FunnelReport, StageFigures
from model.filter import ALL
from model.process import Funnel, Process
from pages.parts import components, filters, frame, funnel_view, passport, processes
from pages.parts.funnel_view import Asked
from pages.parts.labels import labels
from pages.parts.text import plain
from pages.parts.user import require_user
from runtime.describe import condition_text

T = TypeVar("T")
SHOWN = 100
"""Elements of a stage in the table beside the bars; the list has them all."""

user = require_user()
t = user.reader.t


def _once(name: str, key: tuple[Any, ...], make: Callable[[], T]) -> T:
    """What `make` gives, made once for this person, these arguments and this state of the store."""
    whole = (user.actor, user.reader.locale, _today(), user.workspace.db.revision(), *key)
    held = st.session_state.get(name)
    if held is None or held[0] != whole:
        held = st.session_state[name] = (whole, make())
    found: T = held[1]
    return found


def _today() -> date:
    return user.workspace.clock.now().astimezone(user.reader.zone).date()


# --- what is asked ------------------------------------------------------------------------------------------------------


def _period(code: str) -> tuple[date | None, date | None, Any]:
    """(since, until, by): a named span, or two dates of one's own."""
    today = _today()
    name = st.selectbox(
        t("funnel.period"), funnel_view.SPANS, key=f"funnel:span:{code}", format_func=lambda s: t(f"funnel.span.{s}"), width=190,
        label_visibility="collapsed", persist_state="session",
    )  # fmt: skip
    since, until = funnel_view.span(name, today)
    if name == "own":
        picked: Any = st.date_input(
            t("funnel.dates"), value=(today - timedelta(days=90), today), label_visibility="collapsed", width=240,
            key=f"funnel:dates:{code}", persist_state="session",
        )  # fmt: skip
        pair = picked if isinstance(picked, tuple) else (picked,)
        since, until = (*pair, None, None)[:2]
    by = st.segmented_control(
        t("funnel.by"), ["created", "closed"], default="created", required=True, key=f"funnel:by:{code}", persist_state="session",
        label_visibility="collapsed", format_func=lambda b: t(f"funnel.by_{b}"),
    )  # fmt: skip
    return since, until, by or "created"


def _people(process: Process) -> tuple[int | None, ...] | None:
    """Whose elements: some of those who have any that this person may see; None is everybody's."""
    counts = _once(
        "funnel:whose", (process.code,), lambda: user.workspace.elements.totals(user.actor, process.code, ALL, "responsible")
    )
    names = {who: user.reader.person(who) or t("insight.nobody") for who in counts}
    key = f"funnel:people:{process.code}"
    held = [who for who in st.session_state.get(key, []) if who in names]
    st.session_state[key] = held
    picked = st.multiselect(
        t("insight.column.responsible"), sorted(names, key=lambda who: names[who].casefold()), key=key, width=260,
        format_func=names.__getitem__, placeholder=t("funnel.everybody"), label_visibility="collapsed", persist_state="session",
    )  # fmt: skip
    return tuple(picked) or None


def _asked(process: Process) -> Asked:
    with st.container(horizontal=True, vertical_alignment="center", gap="small"):
        since, until, by = _period(process.code)
        people = _people(process)
    chosen = filters.bar(user, process, f"filter:{process.code}", period=False)
    return Asked(since, until, by, people, chosen)


def _report(process: Process, funnel: Funnel, asked: Asked) -> FunnelReport:
    count = partial(
        user.workspace.insight.funnel, user.actor, process.code, funnel.code, asked.chosen, asked.since, asked.until,
        asked.people, by=asked.by, zone=user.reader.zone,
    )  # fmt: skip
    return _once("funnel:report", (process.code, funnel.code, asked, user.reader.zone), count)


def _take_back(code: str) -> None:
    """Coming back from "show all": the filter that was lent to the list is taken back, unless it was changed there."""
    before, lent = st.session_state.pop(f"funnel:lent:{code}", (None, None))
    if lent is not None and st.session_state.get(f"filter:{code}:more") == lent:
        st.session_state[f"filter:{code}:more"] = before


def _reset(code: str) -> None:
    """Everything of all time again. Runs before the inputs are drawn."""
    st.session_state.update({
        f"funnel:span:{code}": "all", f"funnel:by:{code}": "created", f"funnel:people:{code}": [],
        f"filter:{code}:text": "", f"filter:{code}:mine": None, f"filter:{code}:more": ALL,
    })  # fmt: skip


# --- what is shown ------------------------------------------------------------------------------------------------------


def _tools(process: Process, asked: Asked, report: FunnelReport) -> None:
    """The PDFs. The passport is for those who may see how the process is made."""
    insight = user.workspace.insight
    st.download_button(
        t("funnel.pdf"), lambda: insight.funnel_pdf(report, user.reader, _notes(process, asked)), icon=":material/download:",
        file_name=f"{process.code}-funnel.pdf", mime="application/pdf", key="funnel:pdf", on_click="ignore",
    )  # fmt: skip
    if passport.offered(user, process):
        passport.button(user, process, "funnel:passport", help=t("passport.help"), type="tertiary")


def _notes(process: Process, asked: Asked) -> list[str]:
    """What the figures were narrowed to, in words."""
    people = ", ".join(user.reader.person(who) or t("insight.nobody") for who in asked.people or ())
    words = condition_text(asked.chosen, process, user.reader, user.workspace.types)
    return [
        *([t("funnel.note_people", people=people)] if people else []),
        *([t("funnel.note_filter", filter=words)] if words else []),
    ]


def _figures(report: FunnelReport) -> None:
    with st.container(horizontal=True, gap="small", key="funnel-figures"):
        for name, value in funnel_view.figures(user.reader, report):
            st.metric(name, value, width=155)


@st.fragment
def _bars(process: Process, funnel: Funnel, asked: Asked, report: FunnelReport) -> None:
    """The funnel; beside it the time on each stage, or the elements of the stage that was pressed."""
    key = f"funnel:pick:{process.code}:{funnel.code}"
    picked = next((s for s in report.stages if s.code == st.session_state.get(key)), None)
    left, right = st.columns([3, 2], gap="large")
    with left:
        components.funnelbars(
            f"funnel-{process.code}-{funnel.code}", funnel_view.bars(user.reader, report), labels(user.reader, "funnelbars"),
            picked.code if picked else None, on_pick=partial(_pick, key),
        )  # fmt: skip
    with right, frame.guard(user.reader):
        if picked is None:
            _times(report)
        else:
            _drill(process, asked, report, picked, key)


def _pick(key: str, stage: str | None) -> None:
    """A press shows a stage, a second one puts it back."""
    if stage:
        st.session_state[key] = None if st.session_state.get(key) == stage else stage


def _times(report: FunnelReport) -> None:
    st.subheader(t("funnel.time"), anchor=False)
    timed = sum(s.times is not None for s in report.stages)
    if timed:
        st.echarts_chart(funnel_view.time_bars(user.reader, report), height=40 + 42 * timed)
        st.caption(t("funnel.time_note"))
    else:
        st.caption(t("funnel.no_times"))
    st.caption(t("funnel.drill_hint"))


def _drill(process: Process, asked: Asked, report: FunnelReport, stage: StageFigures, key: str) -> None:
    """The elements that stand on a stage, the latest first."""
    back = partial(_pick, key, stage.code)
    st.button(t("funnel.back"), icon=":material/arrow_back:", type="tertiary", key="funnel:back", on_click=back)
    st.subheader(plain(t("funnel.drill", stage=stage.title, n=stage.count)), anchor=False)
    if stage.semantics != "F" and stage.reached != stage.count:
        st.caption(t("funnel.reached", n=stage.reached))
    if not stage.count:
        return
    found = funnel_view.narrowed(report, asked, stage.code)
    rows = user.workspace.elements.rows(
        user.actor, process.code, ["id", "title", "responsible"], found, sort=[("moved_at", True)], limit=SHOWN
    )
    table = [{"#": r[0], t("system.title"): r[1], t("system.responsible"): user.reader.person(r[2])} for r in rows]
    picked: Any = st.dataframe(
        table, hide_index=True, height=min(38 + 35 * len(table), 250), on_select="rerun", selection_mode="single-row",
        key=f"funnel:drill:{stage.code}", column_config={"#": st.column_config.NumberColumn("#", width=70, format="%d")},
    )  # fmt: skip
    if picked and picked["selection"]["rows"]:
        frame.go("card", id=rows[picked["selection"]["rows"][0]][0])
    if stage.count > SHOWN:
        st.caption(t("funnel.first", n=SHOWN))
    with st.container(horizontal=True, gap="small"):
        for view in ("list", "board"):
            if st.button(t(f"funnel.all_{view}"), icon=processes.VIEWS[view], key=f"funnel:all:{view}"):
                _lend(process, asked, report, stage.code)
                frame.go(view, process=process.code)


def _lend(process: Process, asked: Asked, report: FunnelReport, stage: str) -> None:
    """Let list and board show these; search text and "mine" are theirs already, so only the rest is handed over."""
    more = f"filter:{process.code}:more"
    own = st.session_state.get(more, ALL)
    st.session_state[more] = funnel_view.narrowed(report, replace(asked, chosen=own), stage)
    st.session_state[f"funnel:lent:{process.code}"] = (own, st.session_state[more])
    st.session_state[f"filter:{process.code}:days"] = 0


def _tabs(process: Process, report: FunnelReport) -> None:
    times, flow, lost, people = st.tabs([t("funnel.times"), t("funnel.flow"), t("funnel.lost"), t("funnel.people")])
    with times:
        _table(funnel_view.stage_table(user.reader, report))
    with flow:
        _flow(report)
    with lost:
        if report.lost_at:
            st.echarts_chart(funnel_view.lost_bars(user.reader, report), height=40 + 42 * len(report.lost_at))
        else:
            st.caption(t("funnel.no_lost"))
    with people:
        st.caption(t("funnel.people_hint"))
        whose = [p.user for p in funnel_view.by_sum(report)]
        key = f"funnel:people-table:{process.code}:{len(whose)}"
        _table(
            funnel_view.people_table(user.reader, report), key=key, selection_mode="single-row",
            on_select=partial(_narrow, process.code, key, whose),
        )  # fmt: skip


def _table(rows: Any, **more: Any) -> None:
    """A table whose figures stand at the right."""
    figures = {name: st.column_config.TextColumn(alignment="right") for name in rows.columns[1:]}
    st.dataframe(rows, hide_index=True, height="content", column_config=figures, **more)


def _narrow(code: str, key: str, whose: list[int | None]) -> None:
    """A row of the people's table was pressed: only that person's elements."""
    if chosen := st.session_state[key]["selection"]["rows"]:
        st.session_state[f"funnel:people:{code}"] = [whose[chosen[0]]]


def _flow(report: FunnelReport) -> None:
    if not report.flow:
        st.caption(t("funnel.no_flow"))
        return
    if any(not link.back for link in report.flow):
        st.echarts_chart(funnel_view.sankey(report), height=360)
    back = sum(link.count for link in report.flow if link.back)
    st.caption(" ".join([t("funnel.flow_note"), *([t("funnel.back_note", n=back)] if back else [])]))
    with st.expander(t("funnel.as_table")):
        _table(funnel_view.flow_table(user.reader, report))


def _nothing(process: Process, asked: Asked) -> None:
    """No element to count: none at all, or none that was asked for."""
    if asked == Asked():
        action = processes.adding(user, process)
        frame.empty("filter_alt", t("funnel.empty"), action, key="funnel-empty")
        return
    frame.empty("filter_alt_off", t("funnel.nothing"), None, key="funnel-nothing")
    with st.container(horizontal_alignment="center"):
        st.button(t("funnel.reset"), type="primary", key="funnel:reset", on_click=_reset, args=(process.code,))


def _page(process: Process) -> None:
    slot: list[Any] = []

    def _later() -> None:
        slot.append(st.container(horizontal=True, width="content", gap="small", key="funnel-tools"))

    _take_back(process.code)
    frame.page(process.title, icon="filter_alt", tools=_later)
    with st.container(horizontal=True, vertical_alignment="bottom", gap="small"):
        processes.views(user, process, "funnel")
        funnel = processes.funnel(user, process)
    with frame.guard(user.reader):
        asked = _asked(process)
        report = _report(process, funnel, asked)
        with slot[0]:
            _tools(process, asked, report)
        if not report.total:
            _nothing(process, asked)
            return
        _figures(report)
        _bars(process, funnel, asked, report)
        _tabs(process, report)


if (wanted := processes.chosen(user, with_stages=True)) is not None:
    _page(wanted)
