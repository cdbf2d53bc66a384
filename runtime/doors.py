"""What the engine's robots may reach: the services of the workshop, handed over by wiring in one bundle."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING

from model.access import Actor
from model.field import FieldType
from model.kind import Catalog
from model.language import Reader

if TYPE_CHECKING:
    from runtime.files import Files
    from runtime.inbox import Inbox
    from runtime.outbox import Outbox
    from runtime.people import People
    from runtime.tasks import Tasks


@dataclass(frozen=True, slots=True)
class Doors:
    """The siblings of the engine. `reader` gives the language, zone and names in which robots write for an actor."""

    people: People
    tasks: Tasks
    inbox: Inbox
    files: Files
    outbox: Outbox
    types: Catalog[FieldType]
    reader: Callable[[Actor], Reader]
    letter: Callable[[str, str], bytes]
    """(title, body) -> the bytes of a PDF."""
