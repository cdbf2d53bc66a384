"""Timers: everything that happens because a time has come. Rows of the table `timers`:

    wake   {due, event, run, node, ...}            a paused node goes on          (written by the walk)
    retry  {due, run, node, ...}                   a failed robot is tried again  (written by the walk)
    date   {due, fired, process, graph, node, element}   a date field is reached; `fired` is the last due time that was used up
    tick   {due, setting, process, graph, node}    a schedule's next moment; `setting` is the trigger as it was planned
    mark   {upto}                                  elements up to this id have been planned

Elements are planned when they are made or change; imported ones are found by their ids, when timers are looked at next.
"""

from __future__ import annotations

import logging
from collections.abc import Callable, Iterable
from datetime import datetime, timedelta, tzinfo
from typing import Any

from tinydb import where

from model.access import SYSTEM_ACTOR
from model.clock import Clock, moment, stamp
from model.element import Element
from model.errors import SignedOut
from model.event import Event
from model.filter import Condition, all_of
from model.process import Version
from model.robot import Trigger
from runtime.elements import Elements
from runtime.engine import Engine
from runtime.people import People, acting
from runtime.program import Program, Spot
from runtime.runs import Runs
from store import Database, StoreError

log = logging.getLogger(__name__)

CHUNK = 500
LATER = timedelta(minutes=5)
"""A timer that breaks is looked at again after that."""
MISSED = timedelta(minutes=2)
"""A schedule's moment is missed when nobody has looked at it for so long: Voronka was off."""


class Timers:
    """Plans and fires. `on_event` is hung into `Elements.on_event`, `replan` into publishing, `fire` is the worker's."""

    def __init__(self, db: Database, clock: Clock, elements: Elements, engine: Engine, people: People) -> None:
        self._db, self._clock, self._elements, self._engine, self._people = db, clock, elements, engine, people
        self._programs = engine.programs
        self._table, self._runs = db.table("timers"), Runs(db, clock)

    # planning

    def on_event(self, event: Event, element: Element | None) -> None:
        """Plan an element's dates anew after a change. Imported elements, whose events nobody hears, are found by `fire`."""
        if element is None or event.kind not in ("created", "changed", "moved", "deleted", "restored"):
            return
        program = self._programs.current(event.process)
        spots = _dated(program) if program else []
        if spots and event.kind == "deleted":
            self._table.remove((where("element") == element.id) & (where("kind") == "date"))
        elif program is not None and spots:
            self._plan(element, program, spots, self._zone())

    def replan(self, version: Version) -> None:
        """Plan a process anew after it was published: its schedules, and its date triggers for every element."""
        program = self._programs.of(version)
        with self._db.transaction():
            self._plan_ticks(program)
            spots = _dated(program)
            self._drop_stale_dates(program, spots)
            if spots:
                self._plan_all(program, spots)

    def start(self) -> None:
        """Plan the schedules of every process that has none yet or another; called once when a worker starts."""
        for program in self._programs.all():
            with self._db.transaction():
                self._plan_ticks(program)

    def _plan_ticks(self, program: Program) -> None:
        """One row per schedule. A schedule that was not touched keeps its next moment."""
        code, now, zone = program.process.code, self._clock.now(), self._zone()
        rows = {(r["graph"], r["node"]): r for r in self._table.search((where("kind") == "tick") & (where("process") == code))}
        for spot in program.spots():
            due = self._asked(program, spot, lambda trigger: trigger.next_tick(now, zone))
            if due is None:
                continue
            known = rows.pop((spot.graph, spot.node), None)
            setting = spot.trigger.model_dump_json() + str(zone)
            if known is not None and known["setting"] == setting:
                continue
            if known is not None:
                self._table.remove(doc_ids=[known.doc_id])
            place = {"process": code, "graph": spot.graph, "node": spot.node, "element": None}
            self._table.insert({"kind": "tick", "due": stamp(due), "setting": setting, "run": None, "event": "", **place})
        if rows:
            self._table.remove(doc_ids=[row.doc_id for row in rows.values()])

    def _drop_stale_dates(self, program: Program, spots: list[Spot]) -> None:
        """Forget the dates of triggers that are gone."""
        kept = {(s.graph, s.node) for s in spots}
        rows = self._table.search((where("kind") == "date") & (where("process") == program.process.code))
        gone = [row.doc_id for row in rows if (row["graph"], row["node"]) not in kept]
        if gone:
            self._table.remove(doc_ids=gone)

    def _plan_all(self, program: Program, spots: list[Spot]) -> None:
        zone = self._zone()
        found = (where("process") == program.process.code) & (where("deleted_at") == None)  # noqa: E711  a Query
        for doc in self._db.table("elements").search(found):
            self._plan(Element.of(doc.doc_id, doc), program, spots, zone)

    def _plan(self, element: Element, program: Program, spots: Iterable[Spot], zone: tzinfo) -> None:
        """Bring an element's date rows to what its fields say now.

        A time that has passed already is not waited for, unless it was planned before and has only not been looked at yet.
        """
        rows = {
            (r["graph"], r["node"]): r for r in self._table.search((where("element") == element.id) & (where("kind") == "date"))
        }
        now = stamp(self._clock.now())
        for spot in spots:
            due = self._due(program, spot, element, zone)
            row = rows.get((spot.graph, spot.node))
            planned, fired = (row["due"], row["fired"]) if row is not None else (None, None)
            wanted = due if due is not None and due != fired and (due > now or due == planned) else None
            if row is not None and row["due"] != wanted:
                self._table.update({"due": wanted}, doc_ids=[row.doc_id])
            elif row is None and wanted is not None:
                place = {"process": element.process, "graph": spot.graph, "node": spot.node, "element": element.id}
                self._table.insert({"kind": "date", "due": wanted, "fired": None, "run": None, "event": "", **place})

    def _plan_new(self) -> None:
        """Plan the elements that came since the last look, for processes with date triggers."""
        newest = self._newest()
        mark = self._table.get(where("kind") == "mark")
        upto = mark["upto"] if mark is not None else 0
        if newest <= upto:
            return
        with self._db.transaction():
            zone = self._zone()
            for first in range(upto + 1, newest + 1, CHUNK):
                ids = range(first, min(first + CHUNK, newest + 1))
                for doc in self._db.table("elements").get(doc_ids=ids):
                    program = self._programs.current(doc["process"])
                    spots = _dated(program)
                    if program is not None and spots and doc["deleted_at"] is None:
                        self._plan(Element.of(doc.doc_id, doc), program, spots, zone)
            if mark is None:
                self._table.insert({"kind": "mark", "due": None, "upto": newest})
            else:
                self._table.update({"upto": newest}, doc_ids=[mark.doc_id])

    def _newest(self) -> int:
        """The greatest id of an element, if any process plans dates at all."""
        if not any(map(_dated, self._programs.all())):
            return 0
        rows = self._db.table("elements").select(["doc_id"], sort=[("doc_id", True)], limit=1)
        return int(rows[0][0]) if rows else 0

    def _zone(self) -> tzinfo:
        zone = self._engine.now().tzinfo
        assert zone is not None
        return zone

    # firing

    def fire(self, limit: int = 200) -> int:
        """Do what is due, the longest overdue first; how many timers fired."""
        self._plan_new()
        due = where("due") <= stamp(self._clock.now())
        if not self._table.search(due, limit=1):
            return 0
        with self._db.transaction():
            rows = self._table.search(due, sort=[("due", False)], limit=limit)
            for row in rows:
                self._fire(row)
        return len(rows)

    def _fire(self, row: Any) -> None:
        """Fire one timer inside a savepoint; one that breaks is told, waits a while and does not hold up the others."""
        try:
            with self._db.transaction():
                {"wake": self._wake, "retry": self._wake, "date": self._date, "tick": self._tick}[row["kind"]](row)
        except StoreError:  # no timer's fault: all are looked at again
            raise
        except Exception as error:
            self._table.update({"due": stamp(self._clock.now() + LATER)}, doc_ids=[row.doc_id])
            self._report(row, error)

    def _report(self, row: Any, error: Exception) -> None:
        """Tell who published the trigger of a timer that broke; without one there is only the log."""
        program = self._programs.current(row["process"]) if row.get("process") else None
        spot = program.spot(row["graph"], row["node"]) if program else None
        if program is None or spot is None:
            log.error("Timer %d broke", row.doc_id, exc_info=error)
        else:
            self._engine.alarm.trigger(program, spot, error, row["element"])

    def _wake(self, row: Any) -> None:
        self._table.remove(doc_ids=[row.doc_id])
        self._runs.wake(row["run"], row["node"], {"what": "time" if row["kind"] == "wake" else "retry"})

    def _date(self, row: Any) -> None:
        """Start a run, if the element's date still says so; each due time is used once."""
        program = self._programs.current(row["process"])
        spot = program.spot(row["graph"], row["node"]) if program else None
        doc = self._db.table("elements").get(doc_id=row["element"])
        if program is None or spot is None or doc is None or doc["deleted_at"] is not None:
            self._table.remove(doc_ids=[row.doc_id])
            return
        element = Element.of(doc.doc_id, doc)
        due = self._due(program, spot, element, self._zone())
        if due != row["due"]:
            self._table.update({"due": due if due and due > stamp(self._clock.now()) else None}, doc_ids=[row.doc_id])
            return
        self._table.update({"due": None, "fired": due}, doc_ids=[row.doc_id])
        self._engine.fire(program, spot, self._event("due", row, element.id), element)

    def _tick(self, row: Any) -> None:
        """Start a schedule's runs and plan its next moment. What was missed is made up for once, or left out."""
        program = self._programs.current(row["process"])
        spot = program.spot(row["graph"], row["node"]) if program else None
        now, zone = self._clock.now(), self._zone()
        planned = moment(row["due"])
        due = spot.trigger.next_tick(max(now, planned), zone, planned) if spot else None
        if program is None or spot is None or due is None:
            self._table.remove(doc_ids=[row.doc_id])
            return
        self._table.update({"due": stamp(due)}, doc_ids=[row.doc_id])
        if not spot.trigger.makes_up() and now - planned > MISSED:
            return
        if not spot.trigger.ticks_for_each():
            self._engine.fire(program, spot, self._event("tick", row, None), None)
            return
        for element in self._open(program, spot):
            self._engine.fire(program, spot, self._event("tick", row, element.id), element)

    def _open(self, program: Program, spot: Spot) -> list[Element]:
        """The elements in work that meet a schedule's condition, as far as its publisher may read them."""
        try:
            actor = acting(program.version.acts_as(spot.graph), self._people)
        except SignedOut:
            log.warning("Schedule %s/%s rests: who published it is gone", program.process.code, spot.graph)
            return []
        wanted = all_of([Condition(field="closed_at", op="empty"), spot.trigger.condition])
        return self._elements.find(actor, program.process.code, wanted)

    def _due(self, program: Program, spot: Spot, element: Element, zone: tzinfo) -> str | None:
        found = self._asked(program, spot, lambda trigger: trigger.due(element, zone))
        return stamp(found) if found is not None else None

    def _asked(self, program: Program, spot: Spot, ask: Callable[[Trigger], datetime | None]) -> datetime | None:
        """When a trigger is due, if it says; one that raises is told once and is never due."""
        try:
            return ask(spot.trigger)
        except StoreError:
            raise
        except Exception as error:
            self._engine.alarm.trigger(program, spot, error)
            return None

    def _event(self, kind: Any, row: Any, element: int | None) -> Event:
        data = {"graph": row["graph"], "node": row["node"]}
        return Event(kind, row["process"], element, stamp(self._clock.now()), SYSTEM_ACTOR.id, data=data)


def _dated(program: Program | None) -> list[Spot]:
    """The triggers of a program that wait for a date of an element."""
    return list(program.listening.get("due", ())) if program else []
