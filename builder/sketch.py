"""Robot graphs written in Python: nodes by name, wires as one line of text, places found."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from builder.edit import code_for
from model.errors import BadValue
from model.graph import Graph, Node, Wire, layout

ACROSS, DOWN = 300, 140
"""Between two nodes on the canvas, in pixels."""

Nodes = Mapping[str, tuple[str, str, Mapping[str, Any]]]
"""id -> (kind, title, parameters)"""


def sketch(title: str, wires: str, nodes: Nodes, code: str = "") -> Graph:
    """A graph laid out. wires: `start>ask ask.yes>mail`, a port follows the dot and is `done` unless named.

    BadValue("wire_unreadable" | "wire_dangling") for a wire that is not written so, or leads from or to no node.
    """
    made = tuple(Node(id=name, kind=kind, title=called, params=dict(more)) for name, (kind, called, more) in nodes.items())
    graph = Graph(code=code or code_for(title, fallback="graph"), title=title, nodes=made, edges=_wires(wires, nodes))
    places = layout(graph, ACROSS, DOWN)
    placed = (node.model_copy(update={"x": round(places[node.id][0]), "y": round(places[node.id][1])}) for node in made)
    return graph.model_copy(update={"nodes": tuple(placed)})


def _wires(text: str, nodes: Nodes) -> tuple[Wire, ...]:
    found = []
    for wire in text.split():
        start, arrow, target = wire.partition(">")
        source, _, port = start.partition(".")
        if not (source and arrow and target):
            raise BadValue("wire_unreadable", "wires", wire=wire[:80])
        for name in (source, target):
            if name not in nodes:
                raise BadValue("wire_dangling", "wires", name=name[:80])
        found.append(Wire(source=source, target=target, port=port or "done"))
    return tuple(found)
