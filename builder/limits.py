"""How much of anything a process may hold: more than any sound one needs, less than what makes others wait.

Paths as in `check`. Every limit is told by name and number, so that who meets one knows what to take away.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Iterator, Mapping
from typing import Any

from model.errors import Problem
from model.filter import DEPTH, WIDTH
from model.graph import Graph, Node
from model.process import Process

NODES, WIRES = 300, 1_000
"""Of one graph."""
GRAPHS, TRIGGERS = 100, 300
"""Of one process: every event is shown to each trigger that listens to its kind."""
FIELDS, STAGES = 500, 200
PARTS = 5_000
"""Values in the parameters of one robot, those in lists and groups included."""
TEXT = 50_000
"""Characters of one text."""
NAMES = 500
"""Names that a template fills in."""
BIGGEST = 2**63
"""No store keeps a greater number."""
_NAME = re.compile(r"\{[^\W\d]")


def problems(process: Process, triggers: Collection[str] = ()) -> list[Problem]:
    """What there is too much of. `triggers`: the kinds that are triggers."""
    counts = {
        ("fields", "too_many_fields", FIELDS): len(process.fields) + len(process.removed_fields),
        ("funnels", "too_many_stages", STAGES): sum(1 for _ in process.stages()),
        ("graphs", "too_many_graphs", GRAPHS): len(process.graphs),
        ("graphs", "too_many_triggers", TRIGGERS): sum(n.kind in triggers for g in process.graphs for n in g.nodes),
    }
    found = [*_over(counts)]
    return found + [p.at(f"graphs/{graph.code}") for graph in process.graphs for p in _graph(graph)]


def _over(counts: Mapping[tuple[str, str, int], int]) -> Iterator[Problem]:
    for (path, code, limit), count in counts.items():
        if count > limit:
            yield Problem(path, code, {"limit": limit, "n": count})


def _graph(graph: Graph) -> Iterator[Problem]:
    crowded = [*_over({("", "too_many_nodes", NODES): len(graph.nodes), ("", "too_many_wires", WIRES): len(graph.edges)})]
    yield from crowded
    if not crowded:
        yield from (p.at(f"nodes/{node.id}") for node in graph.nodes for p in _node(node))


def _node(node: Node) -> Iterator[Problem]:
    parts = conditions = 0
    level: list[tuple[str, Any]] = list(node.params.items())
    for _ in range(2 * DEPTH + 2):
        if not level or parts > PARTS:
            break
        parts += len(level)
        conditions += sum(len(value["items"]) for _, value in level if _is_group(value))
        yield from (p for path, value in level for p in _plain(path, value))
        level = [inner for path, value in level for inner in _inside(path, value)]
    yield from _over({("", "params_too_wide", PARTS): parts, ("", "condition_too_wide", WIDTH): conditions})


def _is_group(value: Any) -> bool:
    """Whether this is a group of a filter, as JSON has it."""
    return isinstance(value, Mapping) and "op" in value and isinstance(value.get("items"), list | tuple)


def _inside(path: str, value: Any) -> Iterator[tuple[str, Any]]:
    if isinstance(value, Mapping):
        yield from ((f"{path}/{name}", inner) for name, inner in value.items())
    elif isinstance(value, list | tuple):
        yield from ((path, inner) for inner in value)


def _plain(path: str, value: Any) -> Iterator[Problem]:
    if isinstance(value, str):
        yield from _text(path, value)
    elif isinstance(value, int | float) and not -BIGGEST <= value < BIGGEST:
        yield Problem(path, "number_too_big", {"value": "9…"})


def _text(path: str, text: str) -> Iterator[Problem]:
    yield from _over({(path, "template_too_long", TEXT): len(text), (path, "template_too_wide", NAMES): len(_NAME.findall(text))})
