"""Whom flows act as: who published their last change. A version takes over what it changes, and what nobody is left for."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Literal

from model.graph import Graph
from model.process import Process, Version

Drafted = Mapping[str, Sequence[int]]
"""Graph -> the users who have changed it in the draft since the last version."""
State = Literal["new", "changed", "orphaned", "same"]


@dataclass(frozen=True, slots=True)
class Flow:
    """A flow of the draft, as the next version would have it.

    `so_far` is whom it acts as in the version in force (None: it is not in it), `acts_as` whom it would act as; 0 is the system.
    `orphaned`: nobody has changed it, but whom it acts as is no longer active.
    """

    graph: Graph
    state: State
    so_far: int | None
    acts_as: int
    drafted_by: tuple[int, ...]

    @property
    def to_agree(self) -> bool:
        """Whether it is not wholly the publisher's own: somebody else has drafted it, or it acts as somebody else so far."""
        if self.state == "same":
            return False
        return self.so_far not in (None, self.acts_as) or any(user != self.acts_as for user in self.drafted_by)


def flows(before: Version | None, after: Process, publisher: int, drafted: Drafted, active: Callable[[int], bool]) -> list[Flow]:
    """Every flow of a draft that this user would publish, in its order."""
    return [_flow(before, graph, publisher, tuple(drafted.get(graph.code, ())), active) for graph in after.graphs]


def _flow(before: Version | None, graph: Graph, publisher: int, by: tuple[int, ...], active: Callable[[int], bool]) -> Flow:
    old = before.process.graph(graph.code) if before is not None else None
    if before is None or old is None:
        return Flow(graph, "new", None, publisher, by)
    owner = before.acts_as(graph.code)
    if at_rest(old) != at_rest(graph):
        return Flow(graph, "changed", owner, publisher, by)
    if not active(owner):
        return Flow(graph, "orphaned", owner, publisher, by)
    return Flow(graph, "same", owner, owner, by)


def at_rest(graph: Graph) -> Graph:
    """A graph without its places on the canvas: moving a robot about changes nothing that it does."""
    return graph.model_copy(update={"nodes": tuple(node.model_copy(update={"x": 0, "y": 0}) for node in graph.nodes)})


def redrafted(drafted: Drafted, before: Process, after: Process, user: int) -> dict[str, list[int]]:
    """Who has changed which flow, after one more change of the draft."""
    by = {code: list(users) for code, users in drafted.items()}
    for code in _differing(before, after):
        by[code] = list(dict.fromkeys([*by.get(code, ()), user]))
    return by


def _differing(before: Process, after: Process) -> Iterator[str]:
    old = {graph.code: at_rest(graph) for graph in before.graphs}
    return (graph.code for graph in after.graphs if old.get(graph.code) != at_rest(graph))
