"""Runs and the outbox in words: what a run did node by node, why it failed, and how a letter or a call stands."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, Literal

import streamlit as st

from insight.report import GraphFigures
from model.clock import moment
from model.errors import VoronkaError
from model.graph import Graph, Node
from model.language import Reader
from model.process import Process
from model.run import Run
from pages.parts.components import GraphNode
from pages.parts.design import canvas_view
from pages.parts.funnel_view import when
from pages.parts.text import plain
from pages.parts.timeline_view import changes, shelf
from pages.parts.user import User
from runtime.describe import port_text, summary
from runtime.outbox import OutboxRow

State = Literal["done", "waiting", "failed", "skipped", "running"]
DRAWN: Mapping[str, State] = {
    "done": "done",
    "waiting": "waiting",
    "failed": "failed",
    "skipped": "skipped",
    "retrying": "waiting",
}
MARKS = {
    "done": ":green[:material/check_circle:]", "failed": ":red[:material/error:]", "waiting": ":orange[:material/schedule:]",
    "retrying": ":orange[:material/replay:]", "skipped": ":gray[:material/remove_circle_outline:]",
    "stopped": ":gray[:material/stop_circle:]", "ready": ":blue[:material/play_circle:]",
}  # fmt: skip
"""A node's or a run's state as a coloured icon; the words stand beside it."""
SIGNS = {"done": "✓", "failed": "✕", "waiting": "…", "stopped": "■", "ready": "▸"}
"""The same in tables, which show no colours."""
OUT_MARKS = {"sent": "done", "failed": "failed", "held": "waiting", "waiting": "waiting", "sending": "ready"}


def stumbling(user: User) -> None:
    """Name what workers fail at just now, to those who look after robots."""
    found = user.workspace.stumbles.now()
    if found and user.workspace.processes.may_any(user.actor):
        for each in found:
            words = user.reader.t(f"worker.stumbles.{each.part}", since=when(user.reader, each.since), n=each.times)
            st.error(plain(words), icon=":material/report:")


def home_of(user: User, process: Process, run: Run) -> Process:
    """The process as it was when the run began; as it is now when that version is gone."""
    try:
        return user.workspace.processes.version(run.process, run.version).process
    except VoronkaError:
        return process


def title(user: User, process: Process, code: str) -> str:
    """A graph's title; the code of one that is gone."""
    graph = process.graph(code)
    return graph.title if graph else code


def reason(reader: Reader, run: Run) -> str:
    """Why a run failed or was stopped; empty for one that did neither."""
    return reader.t(f"run.reason.{run.reason}", **run.context) if run.reason else ""


def lasted(reader: Reader, seconds: float | None) -> str:
    """A length of time from parts of a second to days; a dash for none."""
    if seconds is None:
        return "—"
    if seconds < 90:
        return reader.t("robots.seconds", value=reader.number(round(seconds, 2 if seconds < 1 else 1 if seconds < 10 else 0)))
    return reader.duration(seconds / 60)


def seconds_of(run: Run) -> float | None:
    """From a run's start to its end; None while it lasts."""
    return (moment(run.finished_at) - moment(run.started_at)).total_seconds() if run.finished_at else None


def graph_rows(user: User, process: Process, graphs: Sequence[GraphFigures]) -> list[dict[str, str]]:
    """One row for each graph; what never happened is left blank."""
    t, reader = user.reader.t, user.reader

    def figure(n: int) -> str:
        return reader.number(n) if n else ""

    return [
        {
            t("robots.graph"): g.title if g.enabled else t("robots.off", graph=g.title),
            t("robots.runs"): reader.number(g.runs),
            t("robots.waiting"): figure(g.waiting + g.ready),
            t("robots.done"): figure(g.done),
            t("robots.failed"): figure(g.failed),
            t("robots.stopped"): figure(g.stopped),
            t("robots.median"): lasted(reader, g.median_seconds),
            t("robots.last"): when(reader, g.last_run),
            t("robots.breaks_at"): _breaks_at(user, process, g),
        }
        for g in graphs
    ]


def _breaks_at(user: User, process: Process, figures: GraphFigures) -> str:
    """The robots at which runs failed, and how often."""
    graph = process.graph(figures.graph)
    nodes = {failure.node: graph.node(failure.node) if graph else None for failure in figures.failures}
    names = {name: node_title(user, node) if node else name for name, node in nodes.items()}
    return ", ".join(user.reader.t("robots.times", robot=names[f.node], n=f.count) for f in figures.failures)


def run_rows(reader: Reader, process: Process, runs: Sequence[Run], titles: Mapping[int, str]) -> list[dict[str, str]]:
    """One row for each run."""
    t = reader.t
    return [
        {
            t("robots.started"): when(reader, run.started_at),
            t("robots.state"): f"{SIGNS[run.state]} {t(f'run.state.{run.state}')}",
            t("robots.element"): titles.get(run.element or 0, ""),
            t("robots.graph"): graph.title if (graph := process.graph(run.graph)) else run.graph,
            t("robots.why"): reason(reader, run),
        }
        for run in runs
    ]


def steps(user: User, home: Process, run: Run) -> str:
    """What each node did, in order, as Markdown; all user text in it is escaped."""
    return "\n".join(f"1. {_step(user, home, run, step)}" for step in run.trace)


def started_by(user: User, home: Process, run: Run) -> str:
    """What started it, in words; empty when its trigger is gone."""
    graph = home.graph(run.graph)
    node = graph.node(run.trigger) if graph else None
    return (_words(user, home, node) or node_title(user, node)) if node else ""


def _step(user: User, home: Process, run: Run, step: Mapping[str, Any]) -> str:
    ws, reader, graph = user.workspace, user.reader, home.graph(run.graph)
    node = graph.node(step["node"]) if graph else None
    # why a run failed stands above its steps
    port, said = step.get("port", ""), _said(user, home, node, {} if step["state"] == "failed" == run.state else step)
    way = port_text(node, port, home, reader, ws.robots, ws.types) if node and port and port != "done" else ""
    name = node_title(user, node) if node else step["node"]
    again = reader.t("robots.attempt", number=step["attempt"]) if step.get("attempt", 1) > 1 else ""
    behind = [f"→ {plain(way)}" if way else "", plain(again), f":gray[{plain(reader.time(moment(step['at'])))}]"]
    first = " · ".join([f"{MARKS.get(step['state'], '')} **{plain(name)}**", *(part for part in behind if part)])
    return "  \n   ".join([first, *(f":gray[{plain(line)}]" for line in said)])


def _said(user: User, home: Process, node: Node | None, step: Mapping[str, Any]) -> list[str]:
    """What the node said and changed; what it is there for when it did neither."""
    ws, reader = user.workspace, user.reader
    told = changes(ws, reader, home, step.get("changes") or {})
    lines = [str(step.get("text", "")), *(f"{c['label']}: {c['before'] or '—'} → {c['after'] or '—'}" for c in told)]
    found = [line for line in lines if line]
    return found or ([what] if node and (what := _words(user, home, node)) else [])


def _words(user: User, home: Process, node: Node) -> str:
    ws = user.workspace
    return summary(node, home, user.reader, ws.robots, ws.triggers, ws.types, lambda code: _other(user, code))


def node_title(user: User, node: Node) -> str:
    """What a node is called: by its own title, else by its kind."""
    return node.title or user.reader.t(f"{shelf(user.workspace, node.kind)}.{node.kind}.title")


def _other(user: User, code: str) -> Process | None:
    version = user.workspace.processes.published(code)
    return version.process if version else None


def drawn(user: User, home: Process, graph: Graph, run: Run) -> list[GraphNode]:
    """The graph's nodes with what the run did at each; those it did not come to bear no state."""
    last: dict[str, Mapping[str, Any]] = {run.trigger: {"state": "done"}, **{step["node"]: step for step in run.trace}}
    found = canvas_view.nodes(canvas_view.View(user, home, graph))
    for node in found:
        if node["id"] in last:
            node["state"] = DRAWN.get(last[node["id"]]["state"])
    return found


def out_state(reader: Reader, row: OutboxRow) -> str:
    """How a letter or a call stands and why: `Not sent: no mail server`."""
    why = reader.t(f"outbox.reason.{row.reason}") if row.reason else ""
    state = reader.t(f"outbox.state.{row.state}")
    if row.state == "held" and why:
        return _capital(why)
    return f"{_capital(state)}: {why[:1].lower()}{why[1:]}" if why else _capital(state)


def out_to(row: OutboxRow) -> str:
    """To whom a letter goes, or the address that is called."""
    return str(row.payload["to"] if row.kind == "mail" else row.payload["url"])


def out_rows(reader: Reader, rows: Sequence[OutboxRow], titles: Mapping[int, str]) -> list[dict[str, str]]:
    """One row for each letter and call."""
    t = reader.t
    return [
        {
            t("robots.at"): when(reader, row.sent_at or row.at),
            t("robots.state"): out_state(reader, row),
            t("robots.to"): out_to(row),
            t("robots.what"): row.subject if row.kind == "mail" else t("outbox.kind.call"),
            t("robots.element"): titles.get(row.element or 0, ""),
        }
        for row in rows
    ]


def _capital(text: str) -> str:
    return text[:1].upper() + text[1:]
