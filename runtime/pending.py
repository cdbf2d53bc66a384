"""What the runs that have not ended will still do: asked before a version takes away what they need."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from tinydb import where

from model.graph import Graph
from model.kind import Catalog
from model.robot import Input, Robot, pickers
from runtime.library import Library
from runtime.runs import ALIVE
from runtime.walk import has_left
from store import Database


def moving_to(db: Database, library: Library, robots: Catalog[Robot], process: str, stage: str) -> int:
    """How many runs of a process have still to come to a robot that moves to this stage."""
    runs, count = db.table("runs"), 0
    going_on = (where("process") == process) & where("state").one_of(list(ALIVE))
    for group in runs.group(["version", "graph"], going_on):
        number, code = group["key"]
        graph = library.version(process, number).process.graph(code)
        movers = set(_movers(graph, robots, stage)) if graph is not None else set()
        if movers:
            rows = runs.select(["nodes"], going_on & (where("version") == number) & (where("graph") == code))
            count += sum(any(_is_ahead(nodes.get(name)) for name in movers) for (nodes,) in rows)
    return count


def _movers(graph: Graph, robots: Catalog[Robot], stage: str) -> Iterable[str]:
    for node in graph.nodes:
        named = pickers(robots[node.kind]) if node.kind in robots else {}
        if any(stage == _target(picker, node.params.get(name)) for name, picker in named.items()):
            yield node.id


def _target(picker: str, value: object) -> object:
    """The stage that a parameter moves to."""
    if picker == Input.VALUES and isinstance(value, Mapping):
        return value.get("stage")
    return value if picker == Input.STAGE else None


def _is_ahead(record: dict[str, object] | None) -> bool:
    """Whether a node may still work."""
    return not record or not (has_left(record) or record.get("state") == "skipped")
