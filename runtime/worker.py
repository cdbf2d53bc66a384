"""The worker: threads that do what is due as soon as it is there, else wait. One moves robots, several send the post: a letter
or a call that takes its time holds up no other.

With a carrier there is one more, which takes jobs and moves robots; the first then only looks each second for what no job tells.
"""

from __future__ import annotations

import logging
import threading
from collections.abc import Callable, Mapping
from functools import partial
from typing import Protocol

from tinydb import where

from store import Carrier, Database

log = logging.getLogger(__name__)

WATCHED = frozenset(["runs", "timers", "outbox", "elements"])
"""A commit to one of these tables may be work."""
CARRIED = ("runs", where("state") == "ready")
"""What a carrier brings word of: documents of a table, and what makes them work."""
MENDING = 600
"""Seconds between two looks for runs that have lost what should wake them."""
CALM = 0.5
"""Seconds between two looks at the time."""
SENDERS = 8
"""Letters and calls that can be on their way at a time."""


class Drains(Protocol):
    """The engine, as the worker needs it."""

    def drain(self, limit: int = 200) -> int: ...
    def mend(self) -> int: ...


class Fires(Protocol):
    """The timers."""

    def start(self) -> None: ...
    def fire(self, limit: int = 200) -> int: ...


class Dispatches(Protocol):
    """The outbox."""

    def dispatch(self, limit: int = 20) -> int: ...


class Notes(Protocol):
    """Where it stands what the worker fails at."""

    def failed(self, part: str, error: Exception) -> None: ...
    def went_well(self, part: str) -> None: ...


class Ticks(Protocol):
    """What gives the beat by which timers are looked at."""

    def every(self, seconds: int, job: Callable[[], object]) -> None: ...
    def run_due(self) -> None: ...


class _Bell:
    """Rung when there may be work; each listener hears every ring once."""

    def __init__(self) -> None:
        self._changed = threading.Condition()
        self._rings = 0

    def ring(self) -> None:
        """Wake all who wait."""
        with self._changed:
            self._rings += 1
            self._changed.notify_all()

    def wait(self, heard: int, seconds: float) -> int:
        """Wait until it has rung since `heard`, or so long; the number of rings."""
        with self._changed:
            self._changed.wait_for(lambda: self._rings != heard, seconds)
            return self._rings


class Worker:
    """Drives the timers, the engine and the outbox. With a carrier, robots are moved by its jobs, else by word of commits."""

    def __init__(
        self, engine: Drains, timers: Fires, outbox: Dispatches, db: Database, ticker: Callable[[], Ticks],
        carrier: Carrier | None = None, troubles: Notes | None = None,
    ) -> None:  # fmt: skip
        self._engine, self._timers, self._outbox, self._db, self._ticker = engine, timers, outbox, db, ticker
        self._carrier, self._troubles = carrier, troubles

    def step(self) -> bool:
        """Do everything that is due, once; whether there was anything."""
        robots = self._robots()
        return self._post() or robots

    def run(self, stop: threading.Event) -> None:
        """Work until `stop` is set. Returns at once then, or when the letters being sent are through."""
        self._safely("start", self._start)
        bell, written, still = _Bell(), _Bell(), _Bell()

        def committed(tables: frozenset[str]) -> None:
            if tables & WATCHED:
                bell.ring()
            if "outbox" in tables:
                written.ring()

        silence, deaf = self._db.on_commit(committed), self._db.on_news(bell.ring)
        moving, mending = partial(self._safely, "robots", self._robots), partial(self._safely, "mend", self._engine.mend)
        given = [
            (stop, "robots", self._robots, still if self._carrier else bell, {1: moving, MENDING: mending}),
            # one of those who send looks for what there is; the others come when it, or a robot here, has written to the outbox
            (stop, "post", self._post, bell, {1: partial(self._safely, "post", self._post)}),
            *[(stop, "post", self._post, written, {})] * (SENDERS - 1),
        ]
        threads = [threading.Thread(target=self._loop, args=each, name="voronka-worker", daemon=True) for each in given]
        if self._carrier:
            carried = (stop, partial(self._safely, "robots", partial(self._job, stop)))
            threads.append(threading.Thread(target=self._carrier, args=carried, name="voronka-carrier", daemon=True))
        for thread in threads:
            thread.start()
        try:
            stop.wait()
        finally:
            stop.set()
            silence()
            deaf()
            for each in (bell, written, still):
                each.ring()
            for thread in threads:
                thread.join()

    def _start(self) -> bool:
        self._timers.start()
        return bool(self._engine.mend())

    def _job(self, stop: threading.Event) -> None:
        """Do everything that is ready, as a job of the carrier asks for.

        Who is committing just now may have left no job of their own, because this one still waited: they are let through first.
        """
        with self._db.transaction():
            pass
        self._all(stop, "robots", self._robots)

    def _all(self, stop: threading.Event, part: str, work: Callable[[], bool]) -> None:
        while not stop.is_set() and self._safely(part, work):
            pass

    def _robots(self) -> bool:
        """What is due, then what is ready: that also when the timers stumble."""
        fired = moved = 0
        try:
            fired = self._timers.fire()
        finally:
            moved = self._engine.drain()
        return bool(fired + moved)

    def _post(self) -> bool:
        return bool(self._outbox.dispatch())

    def _loop(
        self, stop: threading.Event, part: str, work: Callable[[], bool], bell: _Bell,
        regularly: Mapping[int, Callable[[], object]],
    ) -> None:  # fmt: skip
        """Work when the bell has rung, which it does at the end, too. regularly: what is done every so many seconds besides."""
        ticker = self._ticker()
        for seconds, job in regularly.items():
            ticker.every(seconds, job)
        heard = -1
        while not stop.is_set():
            if (rings := bell.wait(heard, CALM)) != heard:
                heard = rings
                self._all(stop, part, work)
            ticker.run_due()

    def _safely(self, part: str, work: Callable[[], object]) -> bool:
        """Do some work; whatever goes wrong is noted and tried again after the next wait."""
        try:
            done = bool(work())
        except Exception as error:
            if self._troubles is None:
                log.exception("The worker stumbled")
            else:
                self._troubles.failed(part, error)
            return False
        if self._troubles is not None:
            self._troubles.went_well(part)
        return done
