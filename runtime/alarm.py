"""What goes wrong beside the runs, told once: a trigger that cannot decide, and a worker that stumbles.

stumbles  {part, worker, since, at, times}: what a worker fails at again and again; gone when it goes on
"""

from __future__ import annotations

import logging
import os
import platform
from dataclasses import dataclass
from datetime import timedelta
from threading import get_ident

from tinydb import where

from model.clock import Clock, moment, stamp
from model.errors import VoronkaError
from runtime.doors import Doors
from runtime.program import Program, Spot
from store import Database, StoreError

log = logging.getLogger(__name__)

AGAIN = 3
"""So often a worker stumbles over the same before people are told: once may be a moment's trouble."""
REFRESH = timedelta(minutes=1)
STALE = timedelta(minutes=5)
"""A note that nobody has refreshed for so long is of a worker that has ended."""


class Alarm:
    """Tells who published a graph that one of its triggers cannot do its work: once for each version, read or not."""

    def __init__(self, db: Database, doors: Doors) -> None:
        self._db, self._doors = db, doors
        self._logged: set[str] = set()

    def trigger(self, program: Program, spot: Spot, error: Exception, element: int | None = None) -> None:
        """A trigger, its condition or its timer raised this."""
        about = f"trigger/{program.process.code}/{spot.graph}/{program.version.number}/{spot.node}"
        if about not in self._logged:
            self._logged.add(about)
            log.error("Trigger %s cannot do its work", about, exc_info=error)
        try:
            with self._db.transaction():
                self._tell(about, program, spot, error, element)
        except StoreError:
            raise
        except Exception:  # whoever makes or moves something must not pay for it
            log.warning("Nobody to tell that %s cannot do its work", about, exc_info=True)

    def _tell(self, about: str, program: Program, spot: Spot, error: Exception, element: int | None) -> None:
        owner = program.version.acts_as(spot.graph)
        if not owner or self._doors.inbox.was_told(owner, about):
            return
        reader = self._doors.reader(self._doors.people.actor(owner))
        node = program.graphs[spot.graph].plan.nodes[spot.node]
        trigger = node.title or reader.t(f"trigger.{node.kind}.title")
        told = (
            " ".join(map(reader.say, error.problems[:3])) if isinstance(error, VoronkaError) else reader.t("error.robot_broken")
        )
        words = reader.t(
            "run.notice.trigger", trigger=trigger, graph=program.graphs[spot.graph].graph.title,
            process=program.process.title, why=told[:1000],
        )  # fmt: skip
        self._doors.inbox.notify(owner, words[:2000], element=element, process=program.process.code, about=about)


@dataclass(frozen=True, slots=True)
class Stumble:
    """What a worker fails at: `part` is a word of the locales (`worker.part.*`), since when, and how often."""

    part: str
    since: str
    times: int


@dataclass
class _Trouble:
    """What this process knows of a part of its work that fails."""

    what: str
    since: str
    times: int = 0
    noted: str = ""


class Stumbles:
    """What workers fail at, for people to see and for the log, once each."""

    def __init__(self, db: Database, clock: Clock) -> None:
        self._db, self._clock = db, clock
        self._table = db.table("stumbles")
        self._known: dict[tuple[str, int], _Trouble] = {}

    def failed(self, part: str, error: Exception) -> None:
        """A part of the worker's work raised this. The log has it once, until it is something else or has gone well."""
        now, what = stamp(self._clock.now()), f"{type(error).__name__}: {error}"
        key = (part, get_ident())
        known = self._known.get(key)
        if known is None or known.what != what:
            known = self._known[key] = _Trouble(what, known.since if known else now, known.times if known else 0)
            log.error("The worker stumbled (%s); it is tried again", part, exc_info=error)
        known.times += 1
        if known.times >= AGAIN and known.noted < stamp(self._clock.now() - REFRESH):
            known.noted = now
            self._note(part, known, now)

    def went_well(self, part: str) -> None:
        """This part of the work raised nothing."""
        known = self._known.pop((part, get_ident()), None)
        if known is not None:
            log.info("The worker goes on (%s) after %d troubles", part, known.times)
            if known.noted:
                self._write(part, None)

    def now(self) -> list[Stumble]:
        """What workers are failing at just now, the longest first."""
        fresh = where("at") >= stamp(self._clock.now() - STALE)
        found: dict[str, Stumble] = {}
        for doc in self._table.search(fresh, sort=[("since", False)]):
            found.setdefault(doc["part"], Stumble(doc["part"], doc["since"], doc["times"]))
        return list(found.values())

    def _note(self, part: str, known: _Trouble, now: str) -> None:
        log.error("The worker cannot go on (%s): %s, %d times since %s", part, known.what, known.times, moment(known.since))
        self._write(part, {"since": known.since, "at": now, "times": known.times})

    def _write(self, part: str, doc: dict[str, object] | None) -> None:
        """Put this worker's note in the place of its last. Where even that fails, the log has to do."""
        worker = f"{platform.node()}:{os.getpid()}:{get_ident()}"
        try:
            with self._db.transaction():
                self._table.remove((where("part") == part) & (where("worker") == worker))
                if doc is not None:
                    self._table.insert({"part": part, "worker": worker, **doc})
        except Exception:
            log.warning("It could not be noted that the worker stumbles", exc_info=True)
