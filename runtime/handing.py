"""Word to whoever is given a task: a notice in their inbox, in their language. Not for what people give themselves."""

from __future__ import annotations

import logging
from collections.abc import Callable

from model.access import Actor
from model.element import Element
from model.errors import VoronkaError
from model.event import Event
from model.language import Reader
from runtime.elements import Elements
from runtime.inbox import Inbox
from runtime.people import People
from store import Database

log = logging.getLogger(__name__)


class Handing:
    """Hears of new tasks; `on_event` is hung into that of `Elements`."""

    def __init__(self, db: Database, elements: Elements, inbox: Inbox, people: People, reader: Callable[[Actor], Reader]) -> None:
        self._db, self._elements, self._inbox, self._people, self._reader = db, elements, inbox, people, reader

    def on_event(self, event: Event, element: Element | None) -> None:
        """Tell who is to do a new task. Whom it cannot be told, the task is there all the same."""
        who = event.data.get("responsible") if event.kind == "task_added" else None
        if who is None or event.element is None or (event.run is None and who == event.by):
            return
        try:
            with self._db.transaction():
                self._tell(int(who), event, event.element)
        except VoronkaError as error:
            log.info("User %s is not told of a task: %s", who, error)

    def _tell(self, who: int, event: Event, element: int) -> None:
        actor = self._people.actor(who)
        reader, seen = self._reader(actor), element in self._elements.titles(actor, [element])
        due = event.data.get("due")
        giver = "" if event.run is not None or event.by is None else reader.person(event.by)
        words = [
            reader.t("tasks.given.by" if giver else "tasks.given.robot", who=giver, title=event.data["title"]),
            reader.t("tasks.due", when=reader.datetime(due, "short")) + "." if due else "",
            "" if seen else reader.t("tasks.given.hidden"),
        ]
        text = " ".join(word for word in words if word)
        self._inbox.notify(who, text[:2000], element=element if seen else None, process=event.process, run=event.run)
