"""How the robots of a process do, counted from their runs."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from tinydb import where

from insight.figures import median
from insight.report import GraphFigures, NodeFailures, RobotReport
from model.clock import moment
from model.graph import Graph
from model.process import Process
from store import Table


@dataclass(frozen=True, slots=True)
class _Ran:
    state: str
    started_at: str | None
    finished_at: str | None
    nodes: Mapping[str, Any]

    @property
    def seconds(self) -> float | None:
        if self.state != "done" or not (self.started_at and self.finished_at):
            return None
        return (moment(self.finished_at) - moment(self.started_at)).total_seconds()


def robot_report(runs: Table, process: Process, seen: Collection[int] | None = None) -> RobotReport:
    """Count the runs of each graph: those of the process first, then graphs that are gone but have run.

    `seen` are the elements whose runs count, beside runs without an element; None: all.
    """
    of: dict[str, list[_Ran]] = defaultdict(list)
    paths = ["graph", "state", "started_at", "finished_at", "nodes", "element"]
    for graph, state, start, end, nodes, element in runs.select(paths, where("process") == process.code):
        if seen is None or element is None or element in seen:
            of[graph].append(_Ran(state, start, end, nodes or {}))
    now = [_figures(graph.code, graph, of.get(graph.code, [])) for graph in process.graphs]
    gone = [_figures(code, None, of[code]) for code in sorted(set(of) - {g.code for g in process.graphs})]
    return RobotReport(process.code, process.title, (*now, *gone))


def _figures(code: str, graph: Graph | None, runs: Sequence[_Ran]) -> GraphFigures:
    states = Counter(run.state for run in runs)
    return GraphFigures(
        graph=code,
        title=graph.title if graph else code,
        enabled=bool(graph and graph.enabled),
        runs=len(runs),
        ready=states["ready"],
        waiting=states["waiting"],
        done=states["done"],
        failed=states["failed"],
        stopped=states["stopped"],
        median_seconds=median(s for run in runs if (s := run.seconds) is not None),
        last_run=max((run.started_at for run in runs if run.started_at), default=None),
        failures=_failures(graph, runs),
    )


def _failures(graph: Graph | None, runs: Iterable[_Ran]) -> tuple[NodeFailures, ...]:
    counts = Counter(name for run in runs for name, node in run.nodes.items() if node.get("state") == "failed")
    found = []
    for name, count in sorted(counts.items(), key=lambda pair: (-pair[1], pair[0])):
        node = graph.node(name) if graph else None
        found.append(NodeFailures(name, (node.title or node.kind) if node else name, count))
    return tuple(found)
