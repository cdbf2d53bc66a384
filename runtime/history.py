"""The event log: what happened to an element, what it takes to undo it, and what changed since somebody looked."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from tinydb import where

from model.element import Element
from model.errors import NotAllowed
from model.event import Event
from model.process import Process
from store import Database

UNDOABLE = ("changed", "moved", "deleted")


class EventLog:
    """Events as they are stored: appended, never changed."""

    def __init__(self, db: Database) -> None:
        self._table = db.table("events")

    def append(self, event: Event) -> Event:
        """Store one event; the same with its id."""
        return event.stored(self._table.insert(event.doc()))

    def append_all(self, events: Iterable[Event]) -> list[Event]:
        """Store many at once, in their order."""
        listed = list(events)
        ids = self._table.insert_multiple(event.doc() for event in listed)
        return [event.stored(number) for event, number in zip(listed, ids, strict=True)]

    def get(self, number: int) -> Event | None:
        """One event, or None."""
        return self._table.get_as(number, Event.of)

    def look_ahead(self, numbers: Iterable[int]) -> None:
        """See Table.look_ahead."""
        self._table.look_ahead(numbers)

    def of(self, element: int, limit: int) -> list[Event]:
        """The events of an element, newest first."""
        docs = self._table.search(where("element") == element, sort=[("doc_id", True)], limit=limit)
        return [Event.of(doc.doc_id, doc) for doc in docs]

    def since(self, element: int, kinds: Iterable[str], at: str, after: int = 0) -> list[Event]:
        """What happened to an element from a time on and behind an event, of these kinds, oldest first."""
        asked = (where("element") == element) & where("kind").one_of(list(kinds)) & (where("at") >= at)
        docs = self._table.search(asked, sort=[("doc_id", False)])
        return [Event.of(doc.doc_id, doc) for doc in docs if doc.doc_id > after]

    def ways(self, process: str) -> dict[int, list[tuple[str, str]]]:
        """The stages that the elements of a process came to, by element and in the order of the log: (stage, stamp).

        An element begins where the log first says that it stood.
        """
        found: dict[int, list[tuple[str, str]]] = {}
        asked = (where("process") == process) & where("kind").one_of(["created", "moved"])
        for element, at, change in self._table.select(["element", "at", "changes.stage"], asked, sort=[("doc_id", False)]):
            if change is not None:
                way = found.setdefault(element, [(change[0], at)] if change[0] else [])
                way.append((change[1], at))
        return found

    def seen_at(self, element: int, version: int) -> dict[str, Any]:
        """What stood at this version of the element, for the values that changed after it, by code."""
        later = self._table.search((where("element") == element) & (where("data")["version"] > version))
        seen: dict[str, Any] = {}
        for doc in later:
            for code, (before, _) in doc["changes"].items():
                seen.setdefault(code, before)
        return seen


def put_back(event: Event, element: Element, process: Process) -> dict[str, Any]:
    """The values that undo an event, by code.

    NotAllowed("cannot_undo") for kinds that cannot be taken back, NotAllowed("changed_since") with the `fields` that
    hold something else by now or are no longer part of the process.
    """
    if event.kind not in UNDOABLE:
        raise NotAllowed("cannot_undo", str(event.id))
    touched = [code for code in event.changes if code != "funnel"]
    since = [code for code in touched if element.get(code) != event.changes[code][1] or not _is_there(process, code, event)]
    if since:
        raise NotAllowed("changed_since", str(event.id), fields=", ".join(_title(process, code) for code in since))
    return {code: event.changes[code][0] for code in touched}


def _is_there(process: Process, code: str, event: Event) -> bool:
    if code == "stage":
        return process.stage(event.changes[code][0] or "") is not None
    return code in ("title", "responsible") or process.field(code) is not None


def _title(process: Process, code: str) -> str:
    field = process.field(code)
    return field.title if field else code
