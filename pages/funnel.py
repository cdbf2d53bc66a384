"""Funnel: how many and how much per stage, where they are lost, how long it takes."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any

import streamlit as st

from insight.report import FunnelReport
from model.filter import Condition, all_of
from model.process import Process
from pages.parts import components, filters, frame, funnel_view, processes
from pages.parts.labels import labels
from pages.parts.text import plain
from pages.parts.user import require_user

user = require_user()
t = user.reader.t
SPANS = ("all", "30", "90", "365", "own")


def _period(today: date) -> tuple[date | None, date | None, Any]:
    """(since, until, by): a span that ends today, or two dates of one's own."""
    with st.container(horizontal=True, vertical_alignment="bottom", gap="small"):
        span = st.selectbox(t("funnel.period"), SPANS, key="funnel:span", format_func=lambda s: t(f"funnel.span.{s}"), width=200,
                            label_visibility="collapsed")  # fmt: skip
        by = st.segmented_control(t("funnel.by"), ["created", "closed"], default="created", key="funnel:by",
                                  label_visibility="collapsed", format_func=lambda b: t(f"funnel.by_{b}"))  # fmt: skip
        if span == "own":
            picked = st.date_input(
                t("funnel.dates"), value=(today - timedelta(days=90), today), label_visibility="collapsed", width=260
            )
            pair = picked if isinstance(picked, tuple) else (picked,)
            return pair[0] if pair else None, pair[1] if len(pair) > 1 else None, by or "created"
    days = None if span == "all" else int(span)
    return (today - timedelta(days=days) if days else None), None, by or "created"


def _figures(report: FunnelReport) -> None:
    """The five figures people ask for first."""
    cells = st.columns(5)
    for cell, (name, value) in zip(cells, funnel_view.figures(user.reader, report), strict=True):
        cell.metric(name, value)


def _drill(process: Process, report: FunnelReport, chosen: Any) -> None:
    """The elements behind the bar that was pressed."""
    code = st.session_state.get(f"funnel:pick:{process.code}")
    stage = process.stage(code) if code else None
    if stage is None:
        st.caption(t("funnel.drill_hint"))
        return
    found = all_of([chosen, Condition(field="stage", op="eq", value=stage.code), *funnel_view.period_filter(report)])
    rows = user.workspace.elements.rows(
        user.actor, process.code, ["id", "title", "responsible"], found, sort=[("moved_at", True)], limit=100
    )
    st.subheader(plain(t("funnel.drill", stage=stage.title, n=len(rows))), anchor=False)
    table = [{"#": r[0], t("system.title"): r[1], t("system.responsible"): user.reader.person(r[2])} for r in rows]
    picked: Any = st.dataframe(
        table, hide_index=True, height=360, on_select="rerun", selection_mode="single-row", key=f"drill:{stage.code}"
    )
    if picked and picked["selection"]["rows"]:
        frame.go("card", id=rows[picked["selection"]["rows"][0]][0])


def _charts(report: FunnelReport) -> None:
    times, flow, lost, people = st.tabs([t("funnel.times"), t("funnel.flow"), t("funnel.lost"), t("funnel.people")])
    with times:
        st.dataframe(funnel_view.stage_table(user.reader, report), hide_index=True, height="content")
    with flow:
        if report.flow:
            st.echarts_chart(funnel_view.sankey(report), height=380)
            st.caption(t("funnel.flow_note"))
        else:
            st.caption(t("funnel.no_flow"))
    with lost:
        if report.lost_at:
            st.echarts_chart(funnel_view.lost_bars(user.reader, report), height=320)
        else:
            st.caption(t("funnel.no_lost"))
    with people:
        st.dataframe(funnel_view.people_table(user.reader, report), hide_index=True, height="content")


def _pick(process: Process, stage: str | None) -> None:
    if stage:
        st.session_state[f"funnel:pick:{process.code}"] = stage


def _page(process: Process) -> None:
    holder: dict[str, FunnelReport] = {}

    def _tools() -> None:
        if "report" in holder:
            st.download_button(
                "PDF", lambda: user.workspace.insight.funnel_pdf(holder["report"], user.reader), icon=":material/download:",
                file_name=f"{process.code}-funnel.pdf", mime="application/pdf", key="funnel:pdf", on_click="ignore",
            )  # fmt: skip

    head = st.container()
    with st.container(horizontal=True, vertical_alignment="bottom", gap="small"):
        processes.views(user, process, "funnel")
        funnel = processes.funnel(user, process)
    with frame.guard(user.reader):
        since, until, by = _period(user.workspace.clock.now().astimezone(user.reader.zone).date())
        chosen = filters.bar(user, process, f"filter:{process.code}", period=False)
        report = user.workspace.insight.funnel(
            user.actor, process.code, funnel.code, chosen, since, until, by=by, zone=user.reader.zone
        )
        holder["report"] = report
        with head:
            frame.page(process.title, icon="filter_alt", tools=_tools)
        _figures(report)
        left, right = st.columns([3, 2], gap="medium")
        with left:
            components.funnelbars(
                f"funnel-{process.code}-{funnel.code}", funnel_view.bars(user.reader, report), labels(user.reader, "funnelbars"),
                st.session_state.get(f"funnel:pick:{process.code}"), on_pick=lambda stage: _pick(process, stage),
            )  # fmt: skip
        with right:
            _drill(process, report, chosen)
        _charts(report)


if (wanted := processes.chosen(user, with_stages=True)) is not None:
    _page(wanted)
