"""Sessions: who is signed in. Tokens are random, only their hashes are stored; guessing is slowed down (`attempts.py`)."""

from __future__ import annotations

import secrets
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from tinydb import where

from model.access import Actor
from model.clock import Clock, moment, stamp
from model.errors import BadValue, Denied, NotFound, NotStored, SignedOut
from runtime.attempts import Attempts, Devices, counters, digest
from runtime.people import People
from runtime.validation import parse_text
from store import Database

LASTS = timedelta(days=30)
"""How long a session lives after it was last seen."""
SLIDES = timedelta(hours=1)
"""A session that was seen less than this ago is not written again: reading a page must not be a write."""
TICKET_LASTS = timedelta(seconds=60)


@dataclass(frozen=True, slots=True)
class SessionRow:
    """A session as its owner sees it. Times are `stamp` texts; `agent` is what the browser calls itself."""

    id: int
    user: int
    created_at: str
    seen_at: str
    expires_at: str
    agent: str


class Sessions:
    """Signs in and out. Everything is stored: sessions survive restarts, waits cannot be dodged by one."""

    def __init__(self, db: Database, clock: Clock, people: People) -> None:
        self._db, self._clock, self._people = db, clock, people
        self._table, self._tickets = db.table("sessions"), db.table("tickets")
        self._attempts, self._devices = Attempts(db, clock), Devices(db, clock)
        people.on_ended(self._end_all)

    def sign_in(self, login: str, password: str, address: str, agent: str, device: str = "") -> str:
        """Open a session; its token. BadValue("wrong_login"); NotAllowed("too_many_attempts", minutes=) while one must wait.

        After 5 failures: 1 minute, then 2, 4 ... up to 60. `device` is what `remember` gave this browser. The attempt is
        counted before the password is looked at, so that guesses made at the same time count too.
        """
        named = self._people.by_login(login)
        by = counters(login, address, self._devices.known(device, named.id if named else None))
        with self._db.transaction():
            self._attempts.refuse_waiting(by)
            self._attempts.count(by)
        user = self._people.check(login, password)
        if user is None:
            raise BadValue("wrong_login", "login")
        with self._db.transaction():
            self._attempts.forgive(by)
            return self._open(user.id, agent)

    def remember(self, token: str, device: str) -> str:
        """Know the browser again that has just opened this session; what it is to keep and bring the next time."""
        user = self.user_of(token)
        return self._devices.remember(device, user) if user is not None else ""

    def user_of(self, token: str) -> int | None:
        """The user of a session in force, None for all else; keeps the session alive."""
        found = self._table.search(where("token") == digest(token), limit=1) if token else []
        if not found or not self._in_force(found[0]):
            return None
        doc, now = found[0], self._clock.now()
        if now - moment(doc["seen_at"]) >= SLIDES:
            with suppress(NotStored):  # on a full disk people can still read
                self._table.update({"seen_at": stamp(now), "expires_at": stamp(now + LASTS)}, doc_ids=[doc.doc_id])
        return int(doc["user"])

    def sign_out(self, token: str) -> None:
        """End the session of this token, if there is one."""
        self._revoke(where("token") == digest(token))

    def of(self, user: int) -> list[SessionRow]:
        """A user's sessions in force, last seen first."""
        docs = [doc for doc in self._table.search(where("user") == user) if self._in_force(doc)]
        rows = [SessionRow(d.doc_id, user, d["created_at"], d["seen_at"], d["expires_at"], d["agent"]) for d in docs]
        return sorted(rows, key=lambda row: (row.seen_at, row.id), reverse=True)

    def id_of(self, token: str) -> int | None:
        """The id of the session in force that this token opens, as `of` lists it."""
        found = self._table.search(where("token") == digest(token), limit=1) if token else []
        return found[0].doc_id if found and self._in_force(found[0]) else None

    def revoke(self, actor: Actor, session_id: int) -> None:
        """End one of one's own sessions, or as an administrator anybody's. NotFound, Denied."""
        doc = self._table.get(doc_id=session_id)
        if doc is None:
            raise NotFound(path=str(session_id)[:40], what="session")
        if doc["user"] != actor.user and not actor.admin:
            raise Denied("admins_only")
        self._table.update({"revoked_at": stamp(self._clock.now())}, doc_ids=[session_id])

    def ticket(self, user: int) -> str:
        """A text that `redeem` takes once within 60 seconds: it carries a sign-in from one door to another."""
        ticket, now = secrets.token_urlsafe(32), self._clock.now()
        with self._db.transaction():
            self._tickets.remove(where("expires_at") <= stamp(now))
            self._tickets.insert({"token": digest(ticket), "user": user, "expires_at": stamp(now + TICKET_LASTS)})
        return ticket

    def redeem(self, ticket: str, agent: str) -> str:
        """Open a session for a ticket; its token. SignedOut("bad_ticket") for a used, late or invented one."""
        with self._db.transaction():
            found = self._tickets.search(where("token") == digest(ticket), limit=1)
            self._tickets.remove(doc_ids=[doc.doc_id for doc in found])
            user = int(found[0]["user"]) if found and found[0]["expires_at"] > stamp(self._clock.now()) else None
            token = self._open(user, agent) if user is not None and self._active(user) else ""
        if not token:
            raise SignedOut("bad_ticket")
        return token

    # inside

    def _open(self, user: int, agent: str) -> str:
        token, now = secrets.token_urlsafe(32), self._clock.now()
        self._table.remove(where("expires_at") <= stamp(now))
        doc = {"token": digest(token), "user": user, "created_at": stamp(now), "seen_at": stamp(now), "revoked_at": None}
        self._table.insert({**doc, "expires_at": stamp(now + LASTS), "agent": _agent(agent)})
        return token

    def _in_force(self, doc: Mapping[str, Any]) -> bool:
        alive = doc["revoked_at"] is None and doc["expires_at"] > stamp(self._clock.now())
        return alive and self._active(doc["user"])

    def _active(self, user: int) -> bool:
        try:
            return self._people.user(user).active
        except NotFound:
            return False

    def _end_all(self, user: int, keep: str) -> None:
        self._revoke((where("user") == user) & (where("token") != digest(keep)))
        self._tickets.remove(where("user") == user)

    def _revoke(self, which: Any) -> None:
        open_ = where("revoked_at") == None  # noqa: E711  a Query
        self._table.update({"revoked_at": stamp(self._clock.now())}, which & open_)


def _agent(agent: str) -> str:
    try:
        return parse_text(agent[:300], "agent")
    except BadValue:
        return ""
