"""What the engine's robots may reach: the services of the workshop, handed over by wiring in one bundle."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING

from model.access import SYSTEM_ACTOR, Actor
from model.calendar import WorkCalendar
from model.errors import VoronkaError
from model.field import FieldType
from model.kind import Catalog
from model.language import Reader

if TYPE_CHECKING:
    from runtime.files import Files
    from runtime.inbox import Inbox
    from runtime.outbox import Outbox
    from runtime.people import People
    from runtime.rotation import Rotation
    from runtime.tasks import Tasks


@dataclass(frozen=True, slots=True)
class Doors:
    """The siblings of the engine. `reader` gives the language, zone and names in which robots write for an actor."""

    people: People
    tasks: Tasks
    inbox: Inbox
    files: Files
    outbox: Outbox
    rotation: Rotation
    types: Catalog[FieldType]
    reader: Callable[[Actor], Reader]
    letter: Callable[[str, str], bytes]
    """(title, body) -> the bytes of a PDF."""
    calendar: Callable[[], WorkCalendar]
    """The workspace's working days and hours as they stand."""


class Crew:
    """Who robots act as and how they write, looked up once for all the runs of a commit: nobody else writes meanwhile."""

    def __init__(self, doors: Doors) -> None:
        self._doors = doors
        self._actors: dict[int, Actor] = {}
        self._readers: dict[int, Reader] = {}
        self._contacts: dict[int, Mapping[str, str]] = {}

    def actor(self, user: int) -> Actor:
        """The user who published the robots; the system for what came with the program. SignedOut when gone."""
        if user not in self._actors:
            self._actors[user] = self._doors.people.actor(user) if user else SYSTEM_ACTOR
        return self._actors[user]

    def reader(self, user: int) -> Reader:
        """The language, zone and names in which that user's robots write."""
        if user not in self._readers:
            self._readers[user] = self._doors.reader(self.actor(user))
        return self._readers[user]

    def contact(self, user: int) -> Mapping[str, str]:
        """A user's name and e-mail; nothing for one that is gone."""
        if user not in self._contacts:
            try:
                found = self._doors.people.user(user)
                self._contacts[user] = {"name": found.name, "email": found.email}
            except VoronkaError:
                self._contacts[user] = {}
        return self._contacts[user]
