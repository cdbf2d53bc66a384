"""The inbox: notifications, each for one person and read by nobody else."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, fields
from typing import Any

from tinydb import where
from tinydb.queries import QueryInstance

from model.access import Actor
from model.clock import Clock, stamp
from model.errors import BadValue, NotFound
from runtime.validation import parse_text
from store import Database

TEXT_LIMIT = 10_000
SHOWN = 200
"""Most notifications that are given at once."""


@dataclass(frozen=True, slots=True)
class Notification:
    """One notification. `element` and `process` say what it is about; `run` which robots wrote it."""

    id: int
    user: int
    text: str
    element: int | None = None
    process: str = ""
    at: str = ""
    read_at: str | None = None
    run: int | None = None

    @classmethod
    def of(cls, number: int, doc: Mapping[str, Any]) -> Notification:
        """Make a notification of its stored document."""
        return cls(id=number, **{f.name: doc[f.name] for f in fields(cls) if f.name != "id"})


class Inbox:
    """Everybody's notifications; an actor sees only their own."""

    def __init__(self, db: Database, clock: Clock) -> None:
        self._db, self._clock = db, clock
        self._table, self._users = db.table("notifications"), db.table("users")

    def notify(
        self, user: int, text: str, element: int | None = None, process: str = "", run: int | None = None, about: str = ""
    ) -> Notification:
        """Put a notification into a person's inbox. BadValue for an unknown person or an empty or unstorable text.

        about: what `tell_once` knows it by.
        """
        with self._db.transaction():
            if self._users.get(doc_id=user) is None:
                raise BadValue("no_such_person", "user", id=user)
            words = parse_text(text, "text", TEXT_LIMIT)
            if not words:
                raise BadValue("required", "text", field="", stage="")
            at = stamp(self._clock.now())
            doc = {"user": user, "text": words, "element": element, "process": process, "at": at, "read_at": None, "run": run}
            doc |= {"about": about, "times": 1} if about else {}
            return Notification.of(self._table.insert(doc), doc)

    def tell_once(self, user: int, about: str, words: Callable[[int], str], **more: Any) -> None:
        """Notify somebody, or, as long as they have not read what they were told about the same, count that up.

        words: the text by how often it has happened. more: as for `notify`.
        """
        with self._db.transaction():
            told = self._table.get((where("about") == about) & (where("user") == user) & (where("read_at") == None))  # noqa: E711
            if told is None:
                self.notify(user, words(1), about=about, **more)
            else:
                times = told["times"] + 1
                self._table.update({"times": times, "text": words(times)[:TEXT_LIMIT]}, doc_ids=[told.doc_id])

    def was_told(self, user: int, about: str) -> bool:
        """Whether somebody was ever told about this, read or not."""
        return self._table.contains((where("about") == about) & (where("user") == user))

    def settle(self, about: str) -> None:
        """Something was done about it: what happens from now on is told anew."""
        self._table.update({"about": ""}, where("about") == about)

    def of(self, actor: Actor, unread: bool = False) -> list[Notification]:
        """The actor's latest notifications, newest first; with `unread` only those not read yet."""
        found = self._unread(actor) if unread else where("user") == actor.id
        return [Notification.of(d.doc_id, d) for d in self._table.search(found, sort=[("doc_id", True)], limit=SHOWN)]

    def read(self, actor: Actor, id: int | None) -> None:
        """Mark one as read, or all (None); NotFound when it is not the actor's."""
        with self._db.transaction():
            seen = {"read_at": stamp(self._clock.now())}
            if id is None:
                self._table.update(seen, self._unread(actor))
                return
            doc = self._table.get(doc_id=id)
            if doc is None or doc["user"] != actor.id:
                raise NotFound(path=str(id)[:40], what="notification")
            if doc["read_at"] is None:
                self._table.update(seen, doc_ids=[id])

    def unread(self, actor: Actor) -> int:
        """How many the actor has not read."""
        return self._table.count(self._unread(actor))

    def _unread(self, actor: Actor) -> QueryInstance:
        found: QueryInstance = (where("user") == actor.id) & (where("read_at") == None)  # noqa: E711  a Query
        return found
