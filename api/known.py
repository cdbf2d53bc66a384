"""Who is behind a session's token: looked up beside the event loop, remembered for a moment, and told of when it ends."""

from __future__ import annotations

import asyncio
import logging
import re
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass, replace
from functools import partial

from api.places import GetWorkspace
from api.threads import PATIENCE, Threads
from model.errors import VoronkaError
from store import StoreError

TOKEN = re.compile(r"[\w-]{20,100}", re.ASCII)
"""What our tokens look like; nothing else is looked up."""
REMEMBERED = 30.0
"""Seconds for which somebody is known without being looked up: a commit that may change it ends that at once."""
SPARE = 600.0
"""Seconds for which the last answer does while the database gives none: nobody is signed out because it is away."""
BREATH = 0.5
"""Seconds between two looks at all open sockets, however many commits there are."""
MOST = 10_000
log = logging.getLogger("voronka.gate")

Ended = Callable[[], object]


@dataclass(frozen=True, slots=True)
class Seen:
    """Whose session it was at a time, and until when that is taken for granted."""

    person: int
    at: float
    until: float


class Known:
    """`open` and `close` from the lifespan; `person` and `watch` from the event loop."""

    def __init__(self, get: GetWorkspace, every: float = REMEMBERED, clock: Callable[[], float] = time.monotonic) -> None:
        self._get, self._every, self._clock = get, every, clock
        self._seen: dict[str, Seen] = {}
        self._watched: dict[str, list[tuple[asyncio.AbstractEventLoop, Ended]]] = {}
        self._lock, self._news = threading.Lock(), threading.Event()
        self._changes = 0
        self._threads = Threads(4, 400)  # those who invent tokens take no more than these
        self._stop: list[Callable[[], None]] = []

    def open(self) -> None:
        """Listen to the store and look after what is open."""
        db, gone = self._get().db, threading.Event()
        looking = threading.Thread(target=self._look_after, args=(gone,), name="voronka-gate", daemon=True)
        self._stop = [
            db.on_commit(self._committed),
            db.on_news(self._changed),
            gone.set,
            self._news.set,
            partial(looking.join, 2),
        ]
        looking.start()

    def close(self) -> None:
        """Stop."""
        for stop in self._stop:
            stop()
        self._stop = []

    async def person(self, token: str) -> int | None:
        """Whose session this is; None for all else. StoreError when the database cannot tell and it was not known before."""
        if not TOKEN.fullmatch(token):
            return None
        found = self._seen.get(token)
        if found is not None and self._clock() < found.until:
            return found.person
        return await self._looked_up(token, found)

    def watch(self, token: str, ended: Ended) -> Callable[[], None]:
        """Call `ended` in this event loop once the session is over; the result stops that."""
        entry = (asyncio.get_running_loop(), ended)
        with self._lock:
            self._watched.setdefault(token, []).append(entry)
        found = self._seen.get(token)
        if found is None or found.until <= self._clock():  # something was committed since it was looked up
            self._news.set()
        return partial(self._unwatch, token, entry)

    # inside

    async def _looked_up(self, token: str, before: Seen | None) -> int | None:
        changes, now = self._changes, self._clock()
        try:
            person = await self._threads.run(self._get().sessions.user_of, token)
        except (StoreError, VoronkaError):
            if before is None or now > before.at + SPARE:
                raise
            self._seen[token] = replace(before, until=self._clock() + PATIENCE)
            return before.person
        if person is None:
            self._seen.pop(token, None)
        else:
            self._remember(token, Seen(person, now, now + self._every), changes)
        return person

    def _remember(self, token: str, seen: Seen, changes: int) -> None:
        with self._lock:
            if len(self._seen) >= MOST:
                self._seen.clear()
            if changes == self._changes:  # else what was read may be what was before
                self._seen[token] = seen

    def _unwatch(self, token: str, entry: tuple[asyncio.AbstractEventLoop, Ended]) -> None:
        with self._lock:
            entries = self._watched.get(token, [])
            if entry in entries:
                entries.remove(entry)
            if not entries:
                self._watched.pop(token, None)

    def _committed(self, tables: frozenset[str]) -> None:
        if tables & {"sessions", "users"}:
            self._changed()

    def _changed(self) -> None:
        """Somebody's session may have ended: whoever comes next is looked up, whoever is here in a moment."""
        with self._lock:
            self._changes += 1
            now = self._clock()
            self._seen = {token: replace(seen, until=min(seen.until, now)) for token, seen in self._seen.items()}
        self._news.set()

    def _look_after(self, gone: threading.Event) -> None:
        while not gone.is_set():
            self._news.wait(self._every)
            self._news.clear()
            try:
                self._end_what_is_over()
            except Exception:  # the database is away: the next look finds it back
                log.warning("sessions could not be looked at", exc_info=True)
            gone.wait(BREATH)

    def _end_what_is_over(self) -> None:
        for token in list(self._watched):
            if self._get().sessions.id_of(token) is not None:
                continue
            self._seen.pop(token, None)
            with self._lock:
                entries = self._watched.pop(token, [])
            for loop, ended in entries:
                if not loop.is_closed():
                    loop.call_soon_threadsafe(ended)
