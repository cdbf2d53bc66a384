"""Programs: a published version made ready for the engine, its graphs compiled and its triggers sorted by what they hear."""

from __future__ import annotations

import logging
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from model.element import Element
from model.errors import NotAllowed, VoronkaError
from model.event import Event
from model.filter import ALL, Asking, Filter, query
from model.graph import Graph, Plan, cycle
from model.kind import Catalog
from model.process import Process, Version
from model.robot import Robot, Trigger
from runtime.library import Library
from store import StoreError

log = logging.getLogger(__name__)

OWN_SPOT = ("due", "tick")
"""Kinds of event that are meant for one trigger alone, named in their data."""


@dataclass(frozen=True, slots=True)
class Spot:
    """A trigger at its place."""

    graph: str
    node: str
    trigger: Trigger


@dataclass(frozen=True)
class Compiled:
    """One graph: its plan and its configured robots. A node that cannot be configured keeps its error instead."""

    graph: Graph
    plan: Plan
    robots: Mapping[str, Robot | VoronkaError]
    triggers: Mapping[str, Trigger]


@dataclass(frozen=True)
class Program:
    """A version with its graphs by code, and the triggers of the enabled ones by the kind of event they listen to."""

    version: Version
    graphs: Mapping[str, Compiled]
    listening: Mapping[str, tuple[Spot, ...]] = field(default_factory=dict)

    @property
    def process(self) -> Process:
        """The process as it was published."""
        return self.version.process

    def spots(self) -> Iterator[Spot]:
        """Every trigger of every enabled graph."""
        for code, compiled in self.graphs.items():
            if compiled.graph.enabled:
                for node, trigger in compiled.triggers.items():
                    yield Spot(code, node, trigger)

    def spot(self, graph: str, node: str) -> Spot | None:
        """The trigger at this place, or None."""
        return next((s for s in self.spots() if (s.graph, s.node) == (graph, node)), None)

    def hearing(self, event: Event) -> Iterator[Spot]:
        """The triggers that this event fires; their conditions are not looked at here."""
        for spot in self.listening.get(event.kind, ()):
            if event.kind == "started" and event.data.get("graph") != spot.graph:
                continue
            if event.kind in OWN_SPOT and (event.data.get("graph"), event.data.get("node")) != (spot.graph, spot.node):
                continue
            yield spot


def compile_version(version: Version, robots: Catalog[Robot], triggers: Catalog[Trigger]) -> Program:
    """Make a program of a version. What is not sound in it is kept as an error of its node or left out with a log line."""
    graphs = {g.code: _compile(g, robots, triggers) for g in version.process.graphs if not cycle(g)}
    program = Program(version, graphs)
    listening: dict[str, list[Spot]] = {}
    for spot in program.spots():
        for kind in spot.trigger.events:
            listening.setdefault(kind, []).append(spot)
    return Program(version, graphs, {kind: tuple(spots) for kind, spots in listening.items()})


def _compile(graph: Graph, robots: Catalog[Robot], triggers: Catalog[Trigger]) -> Compiled:
    found: dict[str, Robot | VoronkaError] = {}
    starts: dict[str, Trigger] = {}
    for node in graph.nodes:
        try:
            if node.kind in triggers:
                starts[node.id] = triggers.load(node.kind, node.params)
            else:
                found[node.id] = robots.load(node.kind, node.params)
        except Exception as error:  # ValidationError, UnknownKind, and whatever a kind's own code makes of what is stored
            log.warning("Node %s/%s cannot be used: %s", graph.code, node.id, error)
            found[node.id] = error if isinstance(error, VoronkaError) else NotAllowed("robot_unsound", node.id)
    return Compiled(graph, Plan(graph), found, starts)


class Programs:
    """Programs by process and version number, each compiled once."""

    def __init__(self, library: Library, robots: Catalog[Robot], triggers: Catalog[Trigger]) -> None:
        self._library, self._robots, self._triggers = library, robots, triggers
        self._known: dict[tuple[str, int], Program] = {}

    def current(self, process: str) -> Program | None:
        """The program of the version in force, or None."""
        version = self._library.published(process)
        return self._of(version) if version is not None else None

    def pinned(self, process: str, number: int) -> Program:
        """The program of one version; NotFound when there is none."""
        known = self._known.get((process, number))
        return known or self._of(self._library.version(process, number))

    def of(self, version: Version) -> Program:
        """The program of a version at hand."""
        return self._of(version)

    def codes(self) -> list[str]:
        """Processes that have a version in force."""
        return sorted(self._library.codes())

    def all(self) -> Iterator[Program]:
        """The programs in force. One that cannot be read is left out, with a line in the log."""
        for code in self.codes():
            try:
                program = self.current(code)
            except StoreError:
                raise
            except Exception:
                log.exception("The robots of %s cannot be read", code)
                continue
            if program is not None:
                yield program

    def _of(self, version: Version) -> Program:
        key = (version.process.code, version.number)
        known = self._known.get(key)
        if known is None or known.version.published_at != version.published_at:
            known = self._known[key] = compile_version(version, self._robots, self._triggers)
        return known


def matches(condition: Filter, element: Element, process: Process, me: int | None, now: datetime) -> bool:
    """Whether an element meets a condition. `me` is what "@me" stands for, `now` is aware and in the zone that dates mean."""
    if condition == ALL:
        return True
    multiple = {f.code for f in process.fields if f.multiple}
    doc: dict[str, Any] = element.doc() | {"id": element.id}
    return bool(query(condition, Asking(me=me, now=now), multiple)(doc))
