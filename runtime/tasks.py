"""Tasks: what somebody has to do about an element. Whoever may read the element sees them, and who is to do one sees that one.

Somebody may be given a task on an element that they may not read: a robot does not ask. They see its title and when it is due
and can tick it off; its text, which may tell what stands in the element, and the element itself stay hidden from them.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, fields, replace
from datetime import datetime
from typing import Any

from tinydb import where

from model.access import SYSTEM_ACTOR, Action, Actor
from model.clock import Clock, moment, stamp
from model.errors import BadValue, Denied, NotFound
from model.event import Cause, Event, EventKind
from runtime.elements import NOBODY, Elements
from runtime.validation import TITLE_LIMIT, parse_text
from store import Database

TEXT_LIMIT = 20_000


@dataclass(frozen=True, slots=True)
class Task:
    """One task. Times are `stamp` texts, people user ids; `done_at` is None while it is open."""

    id: int
    process: str
    element: int
    title: str
    text: str = ""
    responsible: int | None = None
    created_by: int | None = None
    created_at: str = ""
    due: str | None = None
    done_at: str | None = None
    done_by: int | None = None
    run: int | None = None
    node: str = ""
    """Which robot of the run gave it; empty in tasks from before that was kept."""

    @classmethod
    def of(cls, number: int, doc: Mapping[str, Any]) -> Task:
        """Make a task of its stored document."""
        return cls(id=number, **{f.name: doc[f.name] for f in fields(cls) if f.name in doc})


class Tasks:
    """Tasks on elements. Whoever may change the element adds them; the responsible, the creator or a changer ticks them off."""

    def __init__(self, db: Database, clock: Clock, elements: Elements) -> None:
        self._db, self._clock, self._elements = db, clock, elements
        self._table, self._users = db.table("tasks"), db.table("users")

    def add(
        self,
        actor: Actor,
        element: int,
        title: str,
        responsible: int | None,
        due: datetime | str | None = None,
        text: str = "",
        cause: Cause = NOBODY,
    ) -> Task:
        """Put a task on an element. due: an aware time, a `stamp` text or a date. NotFound, Denied, Invalid."""
        with self._db.transaction():
            home = self._elements.get(actor, element)
            self._elements.require(actor, home, Action.CHANGE)
            if responsible is not None and self._users.get(doc_id=responsible) is None:
                raise BadValue("no_such_person", "responsible", id=responsible)
            task = Task(
                id=0,
                process=home.process,
                element=element,
                title=_title(title),
                text=parse_text(text, "text", TEXT_LIMIT),
                responsible=responsible,
                created_by=cause.user if cause.user is not None else actor.id,
                created_at=stamp(self._clock.now()),
                due=_due(due),
                run=cause.run,
                node=cause.chain[-1].split("/", 2)[-1] if cause.run is not None and cause.chain else "",
            )
            task = replace(task, id=self._table.insert(_doc(task)))
            self._tell(actor, "task_added", task, cause)
            return task

    def done(self, actor: Actor, id: int, cause: Cause = NOBODY) -> Task:
        """Tick off; nothing happens when it was done. NotFound, Denied."""
        with self._db.transaction():
            task = self._changeable(actor, id)
            if task.done_at is not None:
                return task
            by = cause.user if cause.user is not None else actor.id
            task = replace(task, done_at=stamp(self._clock.now()), done_by=by)
            self._table.replace(id, _doc(task))
            self._tell(actor, "task_done", task, cause)
            return task

    def reopen(self, actor: Actor, id: int) -> Task:
        """Take the tick away. NotFound, Denied."""
        with self._db.transaction():
            task = replace(self._changeable(actor, id), done_at=None, done_by=None)
            self._table.replace(id, _doc(task))
            return task

    def mine(self, actor: Actor, done: bool = False) -> list[Task]:
        """The actor's open tasks (or the done ones): first due first, those without last. On elements that the actor may not read
        they come without their text."""
        found = where("responsible") == actor.id
        ticked = ~(where("done_at") == None)  # noqa: E711  a Query
        tasks = self._search(found & (ticked if done else ~ticked))
        homes = {task.element for task in tasks}
        readable = self._elements.titles(actor, homes).keys()
        there = self._elements.titles(SYSTEM_ACTOR, homes - readable).keys() if homes - readable else set()
        listed = [task for task in tasks if task.element in readable or task.element in there]
        return [task if task.element in readable else replace(task, text="") for task in listed]

    def of(self, actor: Actor, element: int) -> list[Task]:
        """All tasks of an element, first due first; NotFound when the actor may not read it."""
        self._elements.get(actor, element)
        return self._search(where("element") == element)

    def of_run(self, run: int, element: int) -> list[Task]:
        """The tasks that a run gave on its element, for its robots."""
        return self._search((where("element") == element) & (where("run") == run))

    def overdue(self, actor: Actor, elements: Iterable[int]) -> set[int]:
        """Of these elements (ids), those with an open task whose time has passed; what the actor may not read is left out."""
        ids = list(elements)
        late = (where("due") < stamp(self._clock.now())) & (where("done_at") == None)  # noqa: E711  a Query
        found = {element for (element,) in self._table.select(["element"], where("element").one_of(ids) & late)}
        return found & self._elements.titles(actor, found).keys() if found else set()

    def _search(self, found: Any) -> list[Task]:
        return [Task.of(doc.doc_id, doc) for doc in self._table.search(found, sort=[("due", False), ("doc_id", False)])]

    def _changeable(self, actor: Actor, id: int) -> Task:
        doc = self._table.get(doc_id=id)
        if doc is None:
            raise NotFound(path=str(id)[:40], what="task")
        task = Task.of(id, doc)
        if task.element not in self._elements.titles(actor, [task.element]):
            if actor.id is None or actor.id != task.responsible or not self._elements.titles(SYSTEM_ACTOR, [task.element]):
                raise NotFound(path=str(id), what="task")
            return task
        element = self._elements.get(actor, task.element)
        mine = actor.id is not None and actor.id in (task.responsible, task.created_by)
        if not mine and not self._elements.may(actor, element, Action.CHANGE):
            raise Denied("not_your_task", str(id))
        return task

    def _tell(self, actor: Actor, kind: EventKind, task: Task, cause: Cause) -> None:
        data = {"task": task.id, "title": task.title, "responsible": task.responsible, "due": task.due}
        by = cause.user if cause.user is not None else actor.id
        at = task.done_at or task.created_at
        self._elements.emit(Event(kind, task.process, task.element, at, by, cause.chain, cause.run, cause.note, {}, data))


def _title(raw: str) -> str:
    title = " ".join(parse_text(raw, "title", TITLE_LIMIT).split())
    if not title:
        raise BadValue("required", "title", field="", stage="")
    return title


def _due(due: datetime | str | None) -> str | None:
    try:
        return stamp(moment(due) if isinstance(due, str) else due) if due else None
    except (ValueError, OverflowError) as error:
        raise BadValue("not_a_datetime", "due", value=str(due)[:40]) from error


def _doc(task: Task) -> dict[str, Any]:
    return {f.name: getattr(task, f.name) for f in fields(Task) if f.name != "id"}
