"""Runs as they are stored, with what wakes them: rows of `runs`, `wakes`, and the run's own rows of `timers`.

runs    Run's document, and `root`: the event that it all began with (or, negative, the run that a time started);
        `ready_at`: since when it can go on, if that is not its start; `queue`: true when others may wait for its end;
        `turn`: how often it was written; `stage`: it stops when the element leaves that one;
        `nodes` is {node: {state, port, attempt, waited}}, and while a node waits or has failed also
        {memory, due, event, outbox, what, sent}
wakes   {run, node, what}: something that a waiting node waits for has come, in order
timers  {kind: wake|retry, due: stamp|None, event: kind|"", run, node, process, graph, element}
"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping
from contextlib import contextmanager
from datetime import datetime
from typing import Any

from tinydb import where
from tinydb.queries import QueryInstance
from tinydb.table import Document

from model.clock import Clock, stamp
from model.event import Event
from model.graph import Mode
from store import Database, Table

ALIVE = ("ready", "waiting")
QUEUED = "queued"
"""The reason of a run that waits for its turn, behind another of its graph and element."""


class Runs:
    """The tables of the runs. Every method is called inside the caller's transaction."""

    def __init__(self, db: Database, clock: Clock) -> None:
        self._clock = clock
        self._calm: set[int] = set()
        self.table, self.wakes, self.timers = db.table("runs"), db.table("wakes"), db.table("timers")

    def get(self, run: int) -> dict[str, Any] | None:
        """The stored document of a run, or None."""
        doc: dict[str, Any] | None = self.table.get(doc_id=run)
        return doc

    def admit(self, doc: dict[str, Any], mode: Mode, own: int | None = None) -> int | None:
        """Store a new run as its graph's mode wants it; its id, or None when another one goes on and so it does not start.

        own: the run whose robot started it; that one is not stopped by a restart.
        """
        others = self.alive(doc) if mode != "parallel" else []
        if mode == "ignore" and others:
            return None
        if mode == "restart":
            for each in others:
                if each.doc_id != own:
                    self.finish(each.doc_id, each, "stopped", "restarted")
        if mode == "queue":
            self.table.update({"queue": True}, doc_ids=[each.doc_id for each in others])
            doc = doc | {"queue": True} | ({"state": "waiting", "reason": QUEUED} if others else {})
        return self.table.insert(doc)

    def save(self, run: int, doc: dict[str, Any]) -> None:
        """Write how far a run has come. The store refuses (Conflict) what is not based on the last such write, and with it
        everything that the run's robots did meanwhile: no attempt of a node has its effects twice.
        """
        turn = doc.get("turn")
        self.table.replace(run, doc | {"turn": (turn or 0) + 1}, expect=turn, by="turn")
        doc["turn"] = (turn or 0) + 1

    def alive(self, doc: Mapping[str, Any]) -> list[Any]:
        """The runs of the same graph and element that have not ended, oldest first."""
        return alive(self.table, doc)

    def call_next(self, doc: Mapping[str, Any]) -> bool:
        """Let the next in the queue go on, unless another one is at it; whether one does."""
        others = self.alive(doc)
        if not others or any(each["reason"] != QUEUED for each in others):
            return False
        ready = {"state": "ready", "reason": "", "ready_at": stamp(self._clock.now())}
        self.table.update(ready, doc_ids=[others[0].doc_id])
        return True

    def ready(self, limit: int) -> list[Document]:
        """Runs that can go on, oldest first."""
        return self.table.search(where("state") == "ready", limit=limit)

    def any_ready(self) -> bool:
        """Whether any run can go on."""
        return bool(self.table.select(["doc_id"], where("state") == "ready", limit=1))

    @contextmanager
    def ahead(self, elements: Collection[int]) -> Iterator[None]:
        """Ask once for all of these elements whether any run waits for something to happen to them."""
        asked = where("element").one_of(list(elements)) & (where("event") != "")
        self._calm = set(elements) - {element for (element,) in self.timers.select(["element"], asked)}
        try:
            yield
        finally:
            self._calm = set()

    def wake(self, run: int, node: str, what: Mapping[str, Any]) -> bool:
        """Tell a waiting node what has come; False when its run does not wait any more."""
        doc = self.get(run)
        if doc is None or doc["state"] not in ALIVE:
            return False
        self.wakes.insert({"run": run, "node": node, "what": dict(what)})
        if doc["state"] == "waiting" and doc["reason"] != QUEUED:
            self.table.update({"state": "ready", "ready_at": stamp(self._clock.now())}, doc_ids=[run])
        return True

    def take_wakes(self, run: int) -> dict[str, list[dict[str, Any]]]:
        """What has come for a run, by node and in order; it is taken away."""
        rows = self.wakes.search(where("run") == run)
        found: dict[str, list[dict[str, Any]]] = {}
        for row in rows:
            found.setdefault(row["node"], []).append(row["what"])
        if rows:
            self.wakes.remove(doc_ids=[row.doc_id for row in rows])
        return found

    def has_wakes(self, run: int) -> bool:
        """Whether something came while the run was being walked."""
        return bool(self.wakes.search(where("run") == run, limit=1))

    def set_timer(self, run: int, doc: Mapping[str, Any], node: str, kind: str, due: datetime | None, event: str = "") -> None:
        """Let a node be woken at a time, or by a kind of event on its element, or by whichever comes first."""
        self.drop_timers(run, node)
        self._calm.discard(doc["element"])
        at = stamp(due) if due is not None else None
        place = {key: doc[key] for key in ("process", "graph", "element")}
        self.timers.insert({"kind": kind, "due": at, "event": event, "run": run, "node": node, **place})

    def drop_timers(self, run: int, node: str = "") -> None:
        """Take back what would wake a run, or one node of it."""
        mine = where("run") == run
        self.timers.remove(mine & (where("node") == node) if node else mine)

    def hear(self, event: Event) -> list[Any]:
        """The timer rows of nodes that wait for this kind of event on its element; a move may change fields too.

        A move stops the runs that are bound to the stage which it leaves, but not the one whose robot moves.
        """
        calm, moved = event.element in self._calm, event.kind == "moved"
        going_on = [] if calm and not moved else self.table.search(_alive_of(event.element))
        for doc in going_on if moved else ():
            if doc.get("stage") == event.changes["stage"][0] and doc.doc_id != event.run:
                self.finish(doc.doc_id, doc, "stopped", "left_stage")
        if calm or not going_on:
            return []
        kinds = ("moved", "changed") if moved else (event.kind,)
        return [row for row in self.timers.search(where("element") == event.element) if row["event"] in kinds]

    def finish(
        self, run: int, doc: dict[str, Any], state: str, reason: str = "", context: Mapping[str, Any] | None = None
    ) -> None:
        """Write a run's end; nothing will wake it any more."""
        more = {"state": state, "finished_at": stamp(self._clock.now()), "due": None}
        doc.update(more, reason=reason, context=dict(context or {}))
        self.save(run, doc)
        if any(record.get("waited") for record in doc["nodes"].values()):
            self.drop_timers(run)
            self.wakes.remove(where("run") == run)
        if doc.get("queue"):
            self.call_next(doc)

    def stop_elements(self, elements: Collection[int], reason: str) -> None:
        """Stop every run of these elements that has not ended."""
        for doc in self.table.search(where("element").one_of(list(elements)) & where("state").one_of(list(ALIVE))):
            self.finish(doc.doc_id, doc, "stopped", reason)


def alive(runs: Table, doc: Mapping[str, Any]) -> list[Any]:
    """The runs of the same process, graph and element as this one that have not ended, oldest first."""
    found = runs.search(_alive_of(doc["element"]))
    return [each for each in found if all(each[key] == doc[key] for key in ("process", "graph"))]


def _alive_of(element: int | None) -> QueryInstance:
    found: QueryInstance = (where("element") == element) & where("state").one_of(list(ALIVE))
    return found
