"""Attempts to sign in, counted so that guessing is slow and nobody is locked out by others.

Three counters for a browser that nobody knows: this login from this address, whatever login from this address, this login from
wherever. A browser that has signed in to an account before (`Devices`) is counted by itself alone, so that no stranger's guesses
keep its person out; whoever steals its cookie can guess no faster than a stranger.
"""

from __future__ import annotations

import hashlib
import ipaddress
import math
import secrets
from dataclasses import dataclass
from datetime import timedelta

from tinydb import where

from model.clock import Clock, moment, stamp
from model.errors import NotAllowed
from store import Database

FIRST_WAIT, LONGEST_WAIT = timedelta(minutes=1), timedelta(hours=1)
FORGOTTEN = timedelta(hours=24)
"""Failures this old no longer count."""
KNOWN_FOR = timedelta(days=180)
"""How long a browser is known after somebody has signed in with it."""
MOST_DEVICES = 20
"""Browsers that are known to belong to one person; the one not used for longest is forgotten for a new one."""


@dataclass(frozen=True, slots=True)
class Counter:
    """So many failures are free, then each one doubles the wait, up to the longest."""

    key: str
    free: int
    longest: timedelta = LONGEST_WAIT


def counters(login: str, address: str, device: str = "") -> list[Counter]:
    """What an attempt is counted by; `device` is a browser known to belong to this account. The first is one's own."""
    name, from_ = login.strip().casefold(), place(address)
    if device:
        return [Counter(_key("device", f"{device} {name}"), 5)]
    pair, anywhere = _key("pair", f"{from_} {name}"), _key("login", name)
    # an office shares one address; a person on a new device should find a free moment while somebody guesses from everywhere
    return [Counter(pair, 5), Counter(_key("address", from_), 20), Counter(anywhere, 30, timedelta(minutes=5))]


class Attempts:
    """Everything is stored: waits cannot be dodged by a restart or another instance. Call it within a transaction."""

    def __init__(self, db: Database, clock: Clock) -> None:
        self._clock, self._table = clock, db.table("attempts")

    def refuse_waiting(self, by: list[Counter]) -> None:
        """NotAllowed("too_many_attempts", minutes=) while one of the counters has to wait."""
        now, keys = self._clock.now(), [counter.key for counter in by]
        waits = [moment(doc["until"]) for doc in self._table.search(where("key").one_of(keys)) if doc["until"] > stamp(now)]
        if waits:
            minutes = math.ceil((max(waits) - now).total_seconds() / 60)
            raise NotAllowed("too_many_attempts", minutes=minutes, n=minutes)

    def count(self, by: list[Counter]) -> None:
        """One more, before it is known whether it fails: guesses made at the same time count too."""
        self._table.remove(where("at") <= stamp(self._clock.now() - FORGOTTEN))
        for counter in by:
            self._count(counter)

    def forgive(self, by: list[Counter]) -> None:
        """After the right password: forget one's own failures, and take as many off the counters that are shared with others.

        Those of others stay, so that an own account does not wash an address clean.
        """
        own, *shared = [self._table.get(where("key") == counter.key) for counter in by]
        self._table.remove(where("key") == by[0].key)
        for doc in shared:
            if own is not None and doc is not None:
                left = max(doc["failures"] - own["failures"], 0)
                self._table.update({"failures": left, "until": stamp(self._clock.now())}, doc_ids=[doc.doc_id])

    def _count(self, counter: Counter) -> None:
        now = self._clock.now()
        doc = self._table.get(where("key") == counter.key)
        failures = (doc["failures"] if doc is not None else 0) + 1
        over = failures - counter.free
        wait = min(FIRST_WAIT * 2 ** min(over, 10), counter.longest) if over >= 0 else timedelta(0)
        after = {"key": counter.key, "failures": failures, "at": stamp(now), "until": stamp(now + wait)}
        self._table.upsert(after, where("key") == counter.key)


class Devices:
    """Browsers that somebody has signed in with. Only hashes of their tokens are stored; one token may know several people."""

    def __init__(self, db: Database, clock: Clock) -> None:
        self._db, self._clock, self._table = db, clock, db.table("devices")

    def known(self, token: str, user: int | None) -> str:
        """What this browser is counted by when it signs in to this account; empty when it has never done so."""
        mine = (where("token") == digest(token)) & (where("user") == user) & (where("seen_at") > self._oldest())
        return digest(token) if token and user is not None and self._table.contains(mine) else ""

    def remember(self, token: str, user: int) -> str:
        """This browser has signed in to this account; the token that it is to keep, a new one unless we gave it one before."""
        with self._db.transaction():
            self._table.remove(where("seen_at") <= self._oldest())
            kept = token if token and self._table.contains(where("token") == digest(token)) else secrets.token_urlsafe(32)
            mine = (where("token") == digest(kept)) & (where("user") == user)
            self._table.upsert({"token": digest(kept), "user": user, "seen_at": stamp(self._clock.now())}, mine)
            self._forget_but_newest(user)
        return kept

    def _forget_but_newest(self, user: int) -> None:
        mine = self._table.search(where("user") == user, sort=[("seen_at", True), ("doc_id", True)])
        self._table.remove(doc_ids=[doc.doc_id for doc in mine[MOST_DEVICES:]])

    def _oldest(self) -> str:
        return stamp(self._clock.now() - KNOWN_FOR)


def place(address: str) -> str:
    """What counts as one address: of IPv6 the /64 that a household has, of IPv4 within IPv6 the IPv4 address."""
    try:
        found = ipaddress.ip_address(address.partition("%")[0])
    except ValueError:
        return address
    found = getattr(found, "ipv4_mapped", None) or found
    return str(ipaddress.ip_network((found, 64), strict=False)) if found.version == 6 else str(found)


def digest(text: str) -> str:
    """What is stored in the place of a secret."""
    return hashlib.sha256(text.encode(errors="replace")).hexdigest()


def _key(what: str, name: str) -> str:
    """Hashed, so that what people type by mistake into the login is not kept, and no name is too long."""
    return f"{what}:{digest(name)}"
