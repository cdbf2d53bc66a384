"""Graph <-> canvas. The browser knows where robots stand and how they are wired; what they do stays here, by node id."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, Literal

from model.graph import Graph, Node, Wire
from pages.parts.components import GraphEdge

Kept = dict[str, Node]
"""Nodes by id as they were last known, deleted ones included: an undo in the browser finds its settings here again."""

GOOD = frozenset({"yes"})
BAD = frozenset({"no", "failed", "nobody", "no_address", "no_date", "timeout"})


def remember(kept: Kept, graph: Graph) -> None:
    """Keep the graph's nodes for as long as the session lasts."""
    kept.update({node.id: node for node in graph.nodes})


def edges(graph: Graph) -> list[GraphEdge]:
    """The wires as the canvas draws them."""
    return [
        {"id": f"{wire.source}|{wire.port}|{wire.target}", "source": wire.source, "target": wire.target, "port": wire.port}
        for wire in graph.edges
    ]


def from_canvas(graph: Graph, drawn: Mapping[str, Any], kept: Mapping[str, Node]) -> Graph:
    """The graph as it was drawn: `drawn` is {"nodes": [{id, kind, x, y, copy_of?}], "edges": [{source, target, port}]}.

    Settings come from the graph, else from `kept`, else (a copy) from the node it was copied of; a new node has none.
    pydantic's ValidationError or KeyError when `drawn` is not of this form.
    """
    known = {**kept, **{node.id: node for node in graph.nodes}}
    nodes = [_node(shape, known) for shape in drawn["nodes"]]
    wires = [Wire(source=e["source"], target=e["target"], port=e["port"]) for e in drawn["edges"]]
    order = {node.id: n for n, node in enumerate(graph.nodes)}
    places = {wire: n for n, wire in enumerate(graph.edges)}
    nodes.sort(key=lambda node: order.get(node.id, len(order)))
    wires.sort(key=lambda wire: places.get(wire, len(places)))
    return Graph.read({**graph.dump(), "nodes": [n.dump() for n in nodes], "edges": [w.dump() for w in wires]})


def _node(shape: Mapping[str, Any], known: Mapping[str, Node]) -> Node:
    found = known.get(shape["id"]) or known.get(shape.get("copy_of") or "")
    base = found if found is not None and found.kind == shape["kind"] else Node(id=shape["id"], kind=shape["kind"])
    return Node.read({**base.dump(), "id": shape["id"], "x": shape["x"], "y": shape["y"]})


def change_node(graph: Graph, name: str, **changes: Any) -> Graph:
    """The graph with one node changed; the same graph when there is no such node."""
    nodes = [{**n.dump(), **changes} if n.id == name else n.dump() for n in graph.nodes]
    return Graph.read({**graph.dump(), "nodes": nodes})


def rewire(graph: Graph, name: str, before: Sequence[str], after: Sequence[str]) -> Graph:
    """Follow a node whose ports have changed: a renamed port keeps its wires, those of a port that is gone go."""
    now = {port: port for port in before if port in after}
    if len(before) == len(after):
        now |= {old: new for old, new in zip(before, after, strict=True) if old not in after and new not in before}
    wires = []
    for wire in graph.edges:
        if wire.source != name or wire.port not in before:
            wires.append(wire)
        elif wire.port in now:
            wires.append(wire.model_copy(update={"port": now[wire.port]}))
    return graph.model_copy(update={"edges": tuple(wires)})


def tone(port: str) -> Literal["good", "bad", "plain"]:
    """Whether a way out is the good one, the bad one or neither."""
    return "good" if port in GOOD else "bad" if port in BAD else "plain"
