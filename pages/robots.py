"""Robots: how each graph does, what is waiting or has failed and why, and the letters and calls on their way out."""

from __future__ import annotations

from typing import Any

import streamlit as st

from model.access import Action, may
from model.process import Process
from model.run import Run
from pages.parts import frame, processes
from pages.parts.funnel_view import when
from pages.parts.text import plain
from pages.parts.user import require_user

user = require_user()
t = user.reader.t
engine, outbox = user.workspace.engine, user.workspace.outbox
STATES = ("all", "waiting", "failed", "stopped", "done")


def _graphs(process: Process) -> None:
    report = user.workspace.insight.robots(user.actor, process.code)
    if not report.graphs:
        frame.empty(
            "smart_toy", t("robots.none"), (t("robots.draw"), lambda: frame.go("designer", process=process.code, tab="robots"))
        )
        return
    rows = [
        {
            t("robots.graph"): g.title, t("robots.runs"): g.runs, t("robots.waiting"): g.waiting, t("robots.done"): g.done,
            t("robots.failed"): g.failed, t("robots.stopped"): g.stopped,
            t("robots.median"): "—" if g.median_seconds is None else user.reader.duration(g.median_seconds / 60),
            t("robots.last"): when(user.reader, g.last_run),
        }
        for g in report.graphs
    ]  # fmt: skip
    st.dataframe(rows, hide_index=True, height="content")


def _runs(process: Process) -> None:
    picked = st.segmented_control(
        t("robots.state"), STATES, default="all", label_visibility="collapsed", key="robots:state",
        format_func=lambda s: t("robots.all") if s == "all" else t(f"run.state.{s}"),
    )  # fmt: skip
    runs = engine.runs(user.actor, process=process.code, state=None if picked in (None, "all") else picked, limit=60)
    titles = user.workspace.elements.titles(user.actor, [r.element for r in runs if r.element])
    if not runs:
        st.caption(t("robots.no_runs"))
    for run in runs:
        _run(process, run, titles)


def _run(process: Process, run: Run, titles: dict[int, str]) -> None:
    graph = process.graph(run.graph)
    with st.container(horizontal=True, vertical_alignment="center", border=True, key=f"run-{run.id}"):
        with st.container(width="stretch", gap=None):
            st.markdown(plain(titles.get(run.element or 0, "")) or plain(graph.title if graph else run.graph))
            why = t(f"run.reason.{run.reason}", **run.context) if run.reason else ""
            parts = [graph.title if graph else run.graph, t(f"run.state.{run.state}"), when(user.reader, run.started_at), why]
            st.caption(plain(" · ".join(p for p in parts if p)))
        if run.state == "failed":
            st.button(t("robots.retry"), key=f"retry-{run.id}", on_click=_try, args=(engine.retry, run.id))
        if run.state in ("waiting", "ready"):
            st.button(t("robots.cancel"), key=f"cancel-{run.id}", on_click=_try, args=(engine.cancel, run.id))
        if run.element in titles and st.button(t("robots.open"), key=f"goto-{run.id}", type="tertiary"):
            frame.go("card", id=run.element)


def _try(act: Any, number: int) -> None:
    with frame.guard(user.reader):
        act(user.actor, number)


def _outbox(process: Process) -> None:
    rows = [row for row in outbox.rows(user.actor, limit=100) if row.process == process.code]
    if not rows:
        st.caption(t("robots.outbox_empty"))
    for row in rows:
        with st.container(horizontal=True, vertical_alignment="center", border=True, key=f"out-{row.id}"):
            with st.container(width="stretch", gap=None):
                st.markdown(plain(row.payload.get("subject") or row.payload.get("url", "")))
                why = t(f"outbox.reason.{row.reason}") if row.reason else ""
                st.caption(plain(" · ".join(p for p in (t(f"outbox.state.{row.state}"), when(user.reader, row.at), why) if p)))
            if user.actor.admin and row.state in ("failed", "held"):
                st.button(t("robots.resend"), key=f"resend-{row.id}", on_click=_try, args=(outbox.resend, row.id))
                st.button(
                    t("robots.discard"), key=f"discard-{row.id}", on_click=_try, args=(outbox.discard, row.id), type="tertiary"
                )


found = [p for p in processes.readable(user) if may(p, user.actor, Action.ROBOTS) or may(p, user.actor, Action.SETTINGS)]
frame.page(t("nav.robots"), icon="smart_toy")
if not found:
    frame.empty("smart_toy", t("robots.no_right"))
else:
    by_code = {p.code: p for p in found}
    asked = st.query_params.get("process", st.session_state.get("process"))
    with_robots = [p.code for p in found if p.graphs]
    first = asked if asked in by_code else next(iter(with_robots), found[0].code)
    code = st.selectbox(
        t("robots.process"), list(by_code), index=list(by_code).index(first), format_func=lambda c: by_code[c].title,
        key=f"robots:process:{first}", width=320,
    )  # fmt: skip
    process = by_code[code]
    with frame.guard(user.reader):
        _graphs(process)
        history, letters = st.tabs([t("robots.history"), t("robots.outbox")])
        with history:
            _runs(process)
        with letters:
            _outbox(process)
