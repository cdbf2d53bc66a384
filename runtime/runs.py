"""Runs as they are stored, with what wakes them: rows of `runs`, `wakes`, and the run's own rows of `timers`.

runs    Run's document, and `root`: the event that it all began with (or, negative, the run that a time started);
        `nodes` is {node: {state, port, attempt, memory, due, event, outbox, what, sent, waited}}
wakes   {run, node, what}: something that a waiting node waits for has come, in order
timers  {kind: wake|retry, due: stamp|None, event: kind|"", run, node, process, graph, element}
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from datetime import datetime
from typing import Any

from tinydb import where

from model.clock import Clock, stamp
from store import Database

ALIVE = ("ready", "waiting")


class Runs:
    """The tables of the runs. Every method is called inside the caller's transaction."""

    def __init__(self, db: Database, clock: Clock) -> None:
        self._clock = clock
        self.table, self.wakes, self.timers = db.table("runs"), db.table("wakes"), db.table("timers")

    def get(self, run: int) -> dict[str, Any] | None:
        """The stored document of a run, or None."""
        doc: dict[str, Any] | None = self.table.get(doc_id=run)
        return doc

    def ready(self, limit: int) -> list[int]:
        """Runs that can go on, oldest first."""
        return [number for (number,) in self.table.select(["doc_id"], where("state") == "ready", limit=limit)]

    def wake(self, run: int, node: str, what: Mapping[str, Any]) -> bool:
        """Tell a waiting node what has come; False when its run does not wait any more."""
        doc = self.get(run)
        if doc is None or doc["state"] not in ALIVE:
            return False
        self.wakes.insert({"run": run, "node": node, "what": dict(what)})
        if doc["state"] == "waiting":
            self.table.update({"state": "ready"}, doc_ids=[run])
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
        at = stamp(due) if due is not None else None
        place = {key: doc[key] for key in ("process", "graph", "element")}
        self.timers.insert({"kind": kind, "due": at, "event": event, "run": run, "node": node, **place})

    def drop_timers(self, run: int, node: str = "") -> None:
        """Take back what would wake a run, or one node of it."""
        mine = where("run") == run
        self.timers.remove(mine & (where("node") == node) if node else mine)

    def waiting_for(self, element: int, kind: str) -> list[Any]:
        """The timer rows of nodes that wait for this kind of event on an element. A move may change fields too."""
        kinds = ("moved", "changed") if kind == "moved" else (kind,)
        return [row for row in self.timers.search(where("element") == element) if row["event"] in kinds]

    def finish(
        self, run: int, doc: dict[str, Any], state: str, reason: str = "", context: Mapping[str, Any] | None = None
    ) -> None:
        """Write a run's end; nothing will wake it any more."""
        more = {"state": state, "finished_at": stamp(self._clock.now()), "due": None}
        doc.update(more, reason=reason, context=dict(context or {}))
        self.table.replace(run, doc)
        if any(record.get("waited") for record in doc["nodes"].values()):
            self.drop_timers(run)
            self.wakes.remove(where("run") == run)

    def stop_elements(self, elements: Collection[int], reason: str) -> None:
        """Stop every run of these elements that has not ended."""
        for doc in self.table.search(where("element").one_of(list(elements)) & where("state").one_of(list(ALIVE))):
            self.finish(doc.doc_id, doc, "stopped", reason)
