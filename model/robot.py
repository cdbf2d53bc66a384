"""Robots and triggers: the contract of one file each in runtime/robots and runtime/triggers.

Their words are in locales/*/robots.json and triggers.json, by the keys that `model.kind.Kind` tells, and further
`<shelf>.<kind>.summary`: one line with parameters as `{name}`, read by runtime/describe.py;
`port.<name>`: what a wire says; `robot.group.<group>`: the palette's headings ("triggers" is that of all triggers).
"""

from __future__ import annotations

from abc import abstractmethod
from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass
from datetime import datetime, tzinfo
from enum import StrEnum
from functools import cache
from typing import Annotated, Any, ClassVar, Protocol

from pydantic import Field as Param

from model.calendar import WorkCalendar
from model.element import Element
from model.event import Event
from model.filter import ALL, Filter
from model.kind import Kind
from model.process import Process


class Input(StrEnum):
    """The closed set of pickers that the inspector can draw for a parameter, beside those that its type implies."""

    FIELD = "field"
    FIELDS = "fields"
    DATE_FIELD = "date_field"
    EMAIL_FIELD = "email_field"
    STAGE = "stage"
    STAGES = "stages"
    PERSON = "person"
    PROCESS = "process"
    GRAPH = "graph"
    TEMPLATE = "template"
    LONG_TEMPLATE = "long_template"
    CONDITION = "condition"
    VALUES = "values"
    """{field code: template or value}"""
    DURATION = "duration"
    """Minutes, entered with a unit."""
    CASES = "cases"
    """A list of values, each a port: of the field that the kind's FIELD parameter names."""
    VALUE = "value"
    """One value of that field."""
    NODE = "node"
    """A robot that stands before this one in the graph; `kinds` says of which kinds."""
    WEEKDAYS = "weekdays"
    TIME = "time"


def pick(what: Input, **more: Any) -> Any:
    """Mark a parameter with its picker: `stage: Annotated[str, pick(Input.STAGE)]`."""
    return Param(json_schema_extra={"input": what.value, **more})


Stages = Annotated[tuple[str, ...], pick(Input.STAGES)]
FieldCode = Annotated[str, pick(Input.FIELD)]
Template = Annotated[str, pick(Input.TEMPLATE)]
LongTemplate = Annotated[str, pick(Input.LONG_TEMPLATE)]
Minutes = Annotated[float, pick(Input.DURATION)]
When = Annotated[Filter, pick(Input.CONDITION)]


@cache
def pickers(kind: type[Kind]) -> Mapping[str, str]:
    """Parameter -> its `Input`, for those that are marked."""
    found: dict[str, str] = {}
    for name, schema in kind.model_json_schema().get("properties", {}).items():
        for part in (schema, *schema.get("anyOf", ()), *schema.get("allOf", ())):
            if isinstance(part.get("input"), str):
                found.setdefault(name, part["input"])
    return found


def more_of(kind: type[Kind], name: str) -> Mapping[str, Any]:
    """What a parameter's picker was given besides."""
    more = kind.model_fields[name].json_schema_extra
    return more if isinstance(more, dict) else {}


def kinds_of(kind: type[Kind], name: str) -> tuple[str, ...]:
    """Of which kinds the robots are that a NODE parameter may name."""
    return tuple(more_of(kind, name).get("kinds", ()))


@dataclass(frozen=True, slots=True)
class Pause:
    """What `run` returns to wait: until a time, until something happens to the element, or until an outbox row is sent.

    When it goes on, `run` is called again with `step.resumed` = "time", the Event's kind, or the outbox row's result.
    """

    until: datetime | None = None
    event: str = ""
    """Kind of event on the same element; `until` is then the time-out."""
    outbox: int | None = None
    """Row id given by `step.outside`."""


class Outside(Protocol):
    """The world beyond the store. The real one writes rows into the outbox; a dry run records."""

    def send_mail(self, to: str, subject: str, body: str, files: tuple[int, ...] = ()) -> int:
        """Queue a letter; gives the outbox row id."""

    def call(self, method: str, url: str, body: str, headers: Mapping[str, str]) -> int:
        """Queue an HTTP request; gives the outbox row id. `Pause(outbox=id)` waits for its answer."""

    def result(self, row: int) -> Mapping[str, Any]:
        """What became of an outbox row: {"state": "sent"|"failed"|"waiting", "status": int|None, "reason": str}."""


class Step(Protocol):
    """All that a robot gets: the element, the time, and the deeds it may do. No store, no clock, no sleep."""

    process: Process
    event: Event
    """What started the run."""
    now: datetime
    zone: tzinfo
    """The zone in which dates and times of the day are meant."""
    resumed: Any
    """None at the first call; after a Pause what woke it: "time", an Event, or an outbox result."""
    memory: dict[str, Any]
    """Kept with the node between pauses; JSON."""

    @property
    def outside(self) -> Outside:
        """The way out: letters and calls."""

    @property
    def calendar(self) -> WorkCalendar:
        """The workspace's working days and hours."""

    @property
    def element(self) -> Element:
        """As it stands now, own changes included; NotAllowed in a run without an element."""

    def fill(self, template: str) -> str:
        """Fill {field}, {responsible.name}, {company.email}, {amount|money} with what the element holds."""

    def value(self, name: str) -> Any:
        """The stored value behind one name of a template (`client.phone`, `today`); None when it is empty or unknown."""

    def matches(self, condition: Filter) -> bool:
        """Whether the element meets a condition."""

    def person(self, whom: str) -> int | None:
        """User id of "responsible", "creator", "mover", "head", "user:<id>", or an employee field's code."""

    def turn(self) -> int:
        """The number of this turn at this robot, from 0: each once, in the order in which runs come to it."""

    def set(self, values: Mapping[str, Any]) -> list[str]:
        """Change fields (entered form is fine); gives the codes that changed."""

    def move(self, stage: str) -> bool:
        """Move to a stage; False if it stood there."""

    def create(self, process: str, values: Mapping[str, Any], link_field: str = "") -> int:
        """Create an element of a process, linked back to this one by a link field; gives its id."""

    def task(self, title: str, responsible: int | None, due: datetime | None, text: str = "") -> int:
        """Create a task on the element; gives its id."""

    def ticked(self, node: str = "") -> bool:
        """Whether the task is done that a node before this one gave; without a name the nearest one that gives tasks.

        Where several are equally near, or that one gave none: whether any task of this run was ticked off since it began; in a
        run that gave none, any task of the element.
        """

    def happened(self, kinds: Collection[str], is_it: Callable[[Event], bool], topic: str = "") -> bool:
        """Whether such an event has come to the element since the run began, and take it; this run's own deeds do not count.

        What a wait before this one took for the same kinds and topic, and what was before that, is not taken again.
        """

    def comment(self, text: str) -> None:
        """Write on the element's timeline."""

    def notify(self, user: int, text: str) -> None:
        """Put a notification into a person's inbox."""

    def attach_pdf(self, name: str, title: str, body: str, field: str = "") -> int:
        """Make a PDF, attach it to the element (and put it into a file field); gives the file id."""

    def start(self, graph: str) -> None:
        """Start another graph for this element."""

    def log(self, text: str) -> None:
        """Write a text into the trace."""

    def say(self, key: str, **context: Any) -> None:
        """Write a sentence of the locales into the trace."""


class Robot(Kind):
    """A kind of work. `run` returns the name of the port to leave by, or a Pause.

    A subclass gives `kind`, `icon`, `group`, `ports`; if its ports depend on the parameters, `outlets()`.
    """

    group: ClassVar[str] = "elements"
    """Where the palette shows it: logic, elements, people, messages, documents."""
    ports: ClassVar[tuple[str, ...]] = ("done",)

    ends_run: ClassVar[bool] = False
    """Whether the run is over when this robot is through, whatever else goes on or waits."""

    def outlets(self) -> tuple[str, ...]:
        """The ports of this very robot."""
        return self.ports

    def waits_for_all(self) -> bool:
        """Whether it begins only when everything before it has come or will never come; else with the first that comes."""
        return False

    @abstractmethod
    def run(self, step: Step) -> str | Pause:
        """Do the work; return one of `outlets()` or a Pause."""


class Trigger(Kind):
    """What starts a run. A subclass gives `kind`, `icon`, `events`, and `fires`; every trigger may carry a condition."""

    events: ClassVar[tuple[str, ...]] = ()
    """Kinds of event it listens to."""
    ports: ClassVar[tuple[str, ...]] = ("done",)

    condition: When = ALL
    """Start only for elements that meet this."""

    def fires(self, event: Event, element: Element | None) -> bool:
        """Whether this event starts the graph (the condition is looked at by the engine)."""
        return event.kind in self.events

    def due(self, element: Element, zone: Any) -> datetime | None:
        """For triggers on a date field: when it is due for this element, else None."""
        return None

    def next_tick(self, after: datetime, zone: Any, last: datetime | None = None) -> datetime | None:
        """For schedules: the first moment later than `after` (aware), else None. `last` is the moment before it, if any."""
        return None

    def ticks_for_each(self) -> bool:
        """For schedules: whether each element in work that meets the condition gets a run, or there is one without an element."""
        return False

    def makes_up(self) -> bool:
        """For schedules: whether a start that was missed is made up for once; otherwise it is left out."""
        return True
