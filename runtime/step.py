"""The step that a robot gets: everything it may do, as the version's publisher, inside the run's transaction."""

from __future__ import annotations

import re
from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from model.access import Actor
from model.calendar import WorkCalendar
from model.clock import Clock, stamp
from model.element import Element
from model.errors import NotAllowed, VoronkaError
from model.event import Cause, Event
from model.filter import Filter
from model.graph import Node, Plan
from model.language import Reader
from model.process import Process
from model.robot import Outside
from runtime.doors import Doors
from runtime.elements import Elements
from runtime.history import EventLog
from runtime.library import Library
from runtime.lookup import Names
from runtime.outbox import Origin
from runtime.program import matches
from runtime.template import fill

_USER = re.compile(r"user:(\d{1,15})")
NAME_LIMIT = 120
"""Longest name of a made file, in characters, without its ending."""

EventOf = Callable[[int], Event | None]
Nodes = Mapping[str, Mapping[str, Any]]


@dataclass(frozen=True, slots=True)
class Spot:
    """Where in its run a robot stands: the plan, what became of each node, and when the run began."""

    plan: Plan
    nodes: Nodes
    started_at: str


class Deeds:
    """What the robots of one run share: who acts, on which element, through which services."""

    def __init__(
        self,
        clock: Clock,
        library: Library,
        elements: Elements,
        doors: Doors,
        actor: Actor,
        reader: Reader,
        process: Process,
        graph: str,
        run: int,
        event: Event,
        events: EventLog,
        contact: Callable[[int], Mapping[str, str]],
    ) -> None:
        self.clock, self.library, self.elements, self.doors = clock, library, elements, doors
        self.actor, self.reader, self.process, self.graph, self.run = actor, reader, process, graph, run
        self.event, self.events, self.contact = event, events, contact
        self._element: Element | None = None

    @property
    def element(self) -> Element:
        """The run's element as it stands now; NotAllowed for a run without one, NotFound if it is not to be seen."""
        if self.event.element is None:
            raise NotAllowed("run_without_element")
        if self._element is None:
            self._element = self.elements.get(self.actor, self.event.element)
        return self._element

    @element.setter
    def element(self, element: Element) -> None:
        self._element = element

    def forget(self) -> None:
        """What was known of the element may have been undone."""
        self._element = None

    def linked(self, number: int) -> tuple[Element, Process] | None:
        """An element at the end of a link, as far as the actor may read it."""
        try:
            found = self.elements.get(self.actor, number)
        except VoronkaError:
            return None
        version = self.library.published(found.process)
        return (found, version.process) if version else None


class RobotStep:
    """Implements `model.robot.Step` for one node of a run."""

    def __init__(
        self, deeds: Deeds, node: Node, record: Mapping[str, Any], memory: dict[str, Any], what: Mapping[str, Any] | None,
        spot: Spot,
    ) -> None:  # fmt: skip
        self._deeds, self._node, self._spot = deeds, node, spot
        self.process, self.event = deeds.process, deeds.event
        self.now, self.zone = deeds.clock.now(), deeds.reader.zone
        self.memory = memory
        self.sent = int(record.get("sent", 0))
        """Outbox rows this node has written in all its attempts."""
        self.changes: dict[str, list[Any]] = {}
        self.heard: dict[str, int] = {}
        """The event that was taken, by what was waited for."""
        self._attempt = int(record["attempt"])
        self._said: list[str] = []
        self.resumed = self._woken(what)

    @property
    def cause(self) -> Cause:
        """What stands in the history behind all that the robot does."""
        deeds = self._deeds
        chain = (*deeds.event.chain, f"{deeds.process.code}/{deeds.graph}/{self._node.id}")
        return Cause(user=None, chain=chain, run=deeds.run)

    @property
    def outside(self) -> Outside:
        """See Step."""
        return _Outside(self)

    @property
    def element(self) -> Element:
        """The element as it stands now, own changes included."""
        return self._deeds.element

    @property
    def calendar(self) -> WorkCalendar:
        """The workspace's working days and hours."""
        return self._deeds.doors.calendar()

    @property
    def words(self) -> str:
        """What the robot said, for the trace."""
        return " ".join(self._said)

    def fill(self, template: str) -> str:
        """See Step."""
        return fill(template, self._names(), self._deeds.reader)

    def value(self, name: str) -> Any:
        """See Step."""
        found = self._names()(name)
        return found.value if found else None

    def _names(self) -> Names:
        deeds = self._deeds
        element = deeds.element if deeds.event.element is not None else None
        return Names(element, self.process, deeds.doors.types, deeds.reader, self.now, deeds.contact, deeds.linked)

    def matches(self, condition: Filter) -> bool:
        """See Step."""
        return matches(condition, self.element, self.process, self.event.by, self.now.astimezone(self.zone))

    def person(self, whom: str) -> int | None:
        """See Step. None also for somebody whose account is closed."""
        found = self._whom(whom)
        return found if found is not None and self._is_active(found) else None

    def turn(self) -> int:
        """See Step."""
        return self._deeds.doors.rotation.next(self.process.code, self._deeds.graph, self._node.id)

    def set(self, values: Mapping[str, Any]) -> list[str]:
        """See Step."""
        return self._write(values) if values else []

    def move(self, stage: str) -> bool:
        """See Step."""
        return bool(self.element.stage != stage and self._write({"stage": stage}))

    def create(self, process: str, values: Mapping[str, Any], link_field: str = "") -> int:
        """See Step."""
        version = self._deeds.library.published(process)
        given = {code: self._meant(version.process, code, value) if version else value for code, value in values.items()}
        if link_field:
            given[link_field] = self.element.id
        made = self._deeds.elements.create(self._deeds.actor, process, given, cause=self.cause)
        self.say("trace.created", title=made.title, number=made.id)
        return made.id

    def _meant(self, process: Process, code: str, value: Any) -> Any:
        """A person named by relation (`head`, `user:3`) as the user; any other value as it is."""
        field = process.field(code)
        if field is None or field.kind != "employee":
            return value
        found = [self.person(one) if isinstance(one, str) and not one.isdigit() else one
                 for one in (value if isinstance(value, list) else [value])]  # fmt: skip
        return [one for one in found if one is not None] if field.multiple else found[0]

    def task(self, title: str, responsible: int | None, due: datetime | None, text: str = "") -> int:
        """See Step."""
        deeds = self._deeds
        made = deeds.doors.tasks.add(deeds.actor, self.element.id, title, responsible, due, text, cause=self.cause)
        self.log(title)
        return made.id

    def ticked(self, node: str = "") -> bool:
        """See Step."""
        given = self._deeds.doors.tasks.of_run(self._deeds.run, self.element.id)
        nearest = {node} if node else self._spot.plan.nearest(self._node.id, "create_task")
        meant = [task for task in given if task.node in nearest] if len(nearest) == 1 else []
        if meant:
            return all(task.done_at is not None for task in meant)
        ids = {task.id for task in given}
        return self.happened(("task_done",), lambda event: not ids or event.data.get("task") in ids)

    def happened(self, kinds: Collection[str], is_it: Callable[[Event], bool], topic: str = "") -> bool:
        """See Step."""
        name = f"{'+'.join(kinds)}/{topic}"
        above = self._spot.plan.above(self._node.id)
        taken = [self._spot.nodes[each].get("heard", {}).get(name, 0) for each in above if each in self._spot.nodes]
        after = max(self.event.id, *taken, 0)
        woken = [self.resumed] if isinstance(self.resumed, Event) and self.resumed.kind in kinds else []
        since = self._deeds.events.since(self.element.id, kinds, self._spot.started_at, after)
        found = next((e for e in (*woken, *since) if is_it(e) and (e.run != self._deeds.run or e in woken)), None)
        if found is not None:
            self.heard[name] = found.id
        return found is not None

    def comment(self, text: str) -> None:
        """See Step."""
        self._deeds.elements.comment(self._deeds.actor, self.element.id, text, cause=self.cause)
        self.log(text)

    def notify(self, user: int, text: str) -> None:
        """See Step."""
        number = self.event.element
        self._deeds.doors.inbox.notify(user, text, element=number, process=self.process.code, run=self._deeds.run)
        self.log(f"{self._deeds.reader.person(user)}: {text}")

    def attach_pdf(self, name: str, title: str, body: str, field: str = "") -> int:
        """See Step."""
        deeds = self._deeds
        data = deeds.doors.letter(title, body)
        row = deeds.doors.files.add(deeds.actor, self.element.id, pdf_name(name), data, field, cause=self.cause)
        deeds.forget()
        self.log(row.name)
        return row.id

    def start(self, graph: str) -> None:
        """See Step."""
        version = self._deeds.library.published(self.process.code)
        found = version.process.graph(graph) if version else None
        if found is None or not found.enabled or not any(node.kind == "by_hand" for node in found.nodes):
            raise NotAllowed("not_by_hand", graph, graph=found.title if found else graph)
        number, by, cause = self.element.id, self._deeds.actor.id, self.cause
        data = {"graph": graph}
        self._deeds.elements.emit(
            Event("started", self.process.code, number, stamp(self.now), by, cause.chain, cause.run, data=data)
        )
        self._deeds.forget()
        self.log(found.title)

    def log(self, text: str) -> None:
        """See Step."""
        self._said.append(text)

    def say(self, key: str, **context: Any) -> None:
        """See Step."""
        self.log(self._deeds.reader.t(key, **context))

    @property
    def origin(self) -> Origin:
        """Where the next outbox row comes from; its key is given only once."""
        deeds = self._deeds
        key = f"{deeds.run}/{self._node.id}/{self._attempt}" + (f"/{self.sent}" if self.sent else "")
        self.sent += 1
        return Origin(key, deeds.run, self._node.id, deeds.event.element, self.process.code, self.cause.chain, deeds.actor.user)

    @property
    def outbox(self) -> Any:
        """The outbox behind `outside`."""
        return self._deeds.doors.outbox

    def _write(self, values: Mapping[str, Any]) -> list[str]:
        before = self.element
        after = self._deeds.elements.update(self._deeds.actor, before.id, values, cause=self.cause)
        self._deeds.element = after
        changed = [code for code in values if before.get(code) != after.get(code)]
        for code in changed:
            self.changes[code] = [self.changes.get(code, [before.get(code)])[0], after.get(code)]
        return changed

    def _woken(self, what: Mapping[str, Any] | None) -> Any:
        """What a robot is told when it goes on."""
        if what is None:
            return None
        if what["what"] == "event":
            return self._deeds.events.get(what["event"])
        return self.outside.result(what["row"]) if what["what"] == "outbox" else "time"

    def _whom(self, whom: str) -> int | None:
        given = _USER.fullmatch(whom)
        if given:
            return int(given[1])
        if whom == "mover":
            return self.event.by or self.element.updated_by
        if whom == "head":
            return self._head(self.element.responsible)
        if whom == "creator":
            return self.element.created_by
        value = self.element.get(whom)
        value = value[0] if isinstance(value, list) and value else value
        return value if isinstance(value, int) else None

    def _head(self, user: int | None) -> int | None:
        """The head of a user's department, or of the nearest one above that has another head."""
        if user is None:
            return None
        people = self._deeds.doors.people
        by_id = {d.id: d for d in people.departments()}
        at = by_id.get(people.user(user).department or 0)
        while at is not None and (at.head is None or at.head == user):
            at = by_id.get(at.parent or 0)
        return at.head if at else None

    def _is_active(self, user: int) -> bool:
        try:
            return bool(self._deeds.doors.people.user(user).active)
        except VoronkaError:
            return False


class _Outside:
    """`model.robot.Outside` over the outbox: rows are written with the node and go out after the commit."""

    def __init__(self, step: RobotStep) -> None:
        self._step = step

    def send_mail(self, to: str, subject: str, body: str, files: tuple[int, ...] = ()) -> int:
        """See Outside."""
        payload = {"to": to, "subject": subject, "body": body, "files": list(files)}
        return int(self._step.outbox.put("mail", payload, self._step.origin))

    def call(self, method: str, url: str, body: str, headers: Mapping[str, str]) -> int:
        """See Outside."""
        payload = {"method": method, "url": url, "body": body, "headers": dict(headers)}
        return int(self._step.outbox.put("call", payload, self._step.origin))

    def result(self, row: int) -> Mapping[str, Any]:
        """See Outside."""
        found: Mapping[str, Any] = self._step.outbox.result(row)
        return found


def pdf_name(name: str) -> str:
    """A file name without what a file system or a header could trip over, ending in .pdf."""
    bare = re.sub(r"\.pdf$", "", re.sub(r'[\x00-\x1f\x7f/\\:*?"<>|]+', " ", name).strip(), flags=re.IGNORECASE)
    return f"{bare.strip('. ')[:NAME_LIMIT] or 'document'}.pdf"
