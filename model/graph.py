"""Robot graphs: triggers, conditions, robots, waits and joins wired into a DAG, kept as networkx node-link data."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any, Literal, get_args

import networkx as nx
from pydantic import Field as Param

from model.kind import Frozen

Mode = Literal["parallel", "queue", "restart", "ignore"]
MODES: tuple[Mode, ...] = get_args(Mode)

FAILED = "failed"
"""The port by which a robot leaves that did not manage."""


class Node(Frozen):
    """A robot, a piece of logic or a trigger on the canvas. `kind` and `params` name what it does."""

    id: str = Param(min_length=1, max_length=80)
    kind: str
    params: dict[str, Any] = {}
    title: str = Param("", max_length=120)
    """The analyst's own name for it; empty: the kind's."""
    x: float = Param(0, allow_inf_nan=False)
    y: float = Param(0, allow_inf_nan=False)
    retries: int = Param(0, ge=0, le=20)
    """How often a failed robot is tried again."""
    retry_minutes: float = Param(1, ge=0, le=24 * 60)
    """Minutes before the second try; doubled each time."""
    continue_on_error: bool = False
    """Go on even though the robot failed: by the port `failed` where a wire hangs on it, else by the first."""

    def ways(self, ports: Sequence[str]) -> tuple[str, ...]:
        """The ports of this node, whose kind has these: with `failed` where an error is passed over."""
        more = (FAILED,) if self.continue_on_error and ports and FAILED not in ports else ()
        return (*ports, *more)


class Wire(Frozen):
    """From a node's port (`key`, as networkx calls the key of a parallel edge) to the next node."""

    source: str
    target: str
    port: str = Param("done", alias="key", serialization_alias="key")

    model_config = {**Frozen.model_config, "populate_by_name": True}


class Graph(Frozen):
    """A robot graph. Its JSON form is what `networkx.node_link_data(g, edges="edges")` gives, with our own words beside."""

    code: str = Param(pattern=r"^[a-z][a-z0-9_]{0,39}$")
    title: str = Param(min_length=1, max_length=120)
    enabled: bool = True
    mode: Mode = "parallel"
    """What happens when it is to start for an element for which it is still going on: `parallel`: both go on; `queue`: the new
    run waits for its turn; `restart`: the old one is stopped; `ignore`: nothing starts."""
    stop_on_leave: bool = False
    """Stop a run when its element leaves the stage on which it stood when the run started."""
    directed: Literal[True] = True
    multigraph: Literal[True] = True
    graph: dict[str, Any] = {}
    nodes: tuple[Node, ...] = ()
    edges: tuple[Wire, ...] = ()

    def node(self, name: str) -> Node | None:
        """The node of this id, or None."""
        return next((n for n in self.nodes if n.id == name), None)

    def networkx(self) -> Any:
        """Its shape as a networkx graph, without parameters; wires to nodes that are not there are kept out."""
        found: Any = nx.MultiDiGraph()
        found.add_nodes_from(n.id for n in self.nodes)
        found.add_edges_from((e.source, e.target, e.port) for e in self.edges if e.source in found and e.target in found)
        return found


@dataclass(frozen=True)
class Plan:
    """A graph made ready to walk: compiled once per published version."""

    graph: Graph

    @cached_property
    def nodes(self) -> Mapping[str, Node]:
        """Nodes by id."""
        return {n.id: n for n in self.graph.nodes}

    @cached_property
    def order(self) -> tuple[str, ...]:
        """Topological order of the node ids, stable."""
        return tuple(nx.lexicographical_topological_sort(self.graph.networkx()))

    @cached_property
    def out(self) -> Mapping[str, Mapping[str, tuple[str, ...]]]:
        """node -> port -> targets."""
        found: dict[str, dict[str, list[str]]] = {n.id: {} for n in self.graph.nodes}
        for wire in self._wires:
            found[wire.source].setdefault(wire.port, []).append(wire.target)
        return {n: {p: tuple(t) for p, t in ports.items()} for n, ports in found.items()}

    @cached_property
    def into(self) -> Mapping[str, tuple[tuple[str, str], ...]]:
        """node -> (source, port) of its incoming wires."""
        found: dict[str, list[tuple[str, str]]] = {n.id: [] for n in self.graph.nodes}
        for wire in self._wires:
            found[wire.target].append((wire.source, wire.port))
        return {n: tuple(pairs) for n, pairs in found.items()}

    @property
    def _wires(self) -> list[Wire]:
        """Those between nodes that are there."""
        return [wire for wire in self.graph.edges if wire.source in self.nodes and wire.target in self.nodes]

    def above(self, name: str) -> frozenset[str]:
        """All nodes from which a node can be reached."""
        return frozenset(nx.ancestors(self.graph.networkx(), name))

    def nearest(self, name: str, kind: str) -> frozenset[str]:
        """The nodes of a kind that come first when one goes back from a node, on each way that leads to it."""
        found, seen, left = set[str](), {name}, [name]
        while left:
            for source in {source for source, _ in self.into[left.pop()]} - seen:
                seen.add(source)
                (found.add if self.nodes[source].kind == kind else left.append)(source)
        return frozenset(found)

    def below(self, name: str) -> frozenset[str]:
        """A node and all that can be reached from it."""
        return frozenset({name} | nx.descendants(self.graph.networkx(), name))


def cycle(graph: Graph) -> list[str]:
    """The node ids of one cycle, or an empty list when the graph is a DAG."""
    try:
        return [u for u, *_ in nx.find_cycle(graph.networkx())]
    except nx.NetworkXNoCycle:
        return []


def closes_cycle(graph: Graph, source: str, target: str) -> bool:
    """Whether a wire from source to target would close a cycle."""
    g = graph.networkx()
    return source == target or (source in g and target in g and nx.has_path(g, target, source))


def unreachable(graph: Graph, starts: Iterable[str]) -> set[str]:
    """Node ids that no start leads to."""
    g = graph.networkx()
    reached: set[str] = set()
    for start in starts:
        if start in g:
            reached |= {start} | nx.descendants(g, start)
    return set(g) - reached


def layout(graph: Graph, across: float = 260, down: float = 120) -> dict[str, tuple[float, float]]:
    """Places for the nodes, left to right by longest path (pixels)."""
    g = graph.networkx()
    if cycle(graph):
        return {n: (across * i, 0.0) for i, n in enumerate(g)}
    return {n: (across * x, down * y) for x, layer in enumerate(nx.topological_generations(g)) for y, n in enumerate(layer)}
