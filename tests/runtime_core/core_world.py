"""A small workspace: processes in a shelf, people in a tree of departments, a clock that tests move."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from types import SimpleNamespace
from typing import Any

from model.access import SYSTEM_ACTOR, Action, Grant, Level, Role
from model.errors import NotFound
from model.field import Field, FieldType
from model.kind import Catalog
from model.process import Funnel, Process, Stage, Version
from runtime.elements import Elements
from runtime.outside.passwords import Passwords
from runtime.people import People
from runtime.tables import PROMOTED
from store import open_database

TYPES: Catalog[FieldType] = Catalog.scan("builder.fields", FieldType)


class FakeClock:
    """A clock that stands still until it is moved."""

    def __init__(self) -> None:
        self.time = datetime(2026, 11, 21, 12, 0, tzinfo=UTC)

    def now(self) -> datetime:
        return self.time

    def move(self, **how: float) -> None:
        self.time += timedelta(**how)


class Shelf:
    """A library of published processes, kept in a dict."""

    def __init__(self) -> None:
        self.versions: dict[str, list[Version]] = {}

    def publish(self, process: Process) -> Version:
        listed = self.versions.setdefault(process.code, [])
        listed.append(Version(process=process, number=len(listed) + 1, published_at="2026-11-21T00:00:00.000Z", published_by=1))
        return listed[-1]

    def published(self, code: str) -> Version | None:
        return self.versions[code][-1] if code in self.versions else None

    def version(self, code: str, number: int) -> Version:
        if code not in self.versions or not 0 < number <= len(self.versions[code]):
            raise NotFound(path=code)
        return self.versions[code][number - 1]

    def codes(self) -> list[str]:
        return list(self.versions)


def deals(*grants: Grant, **more: Any) -> Process:
    """A process with two funnels and one field of most kinds."""
    given: dict[str, Any] = {
        "code": "deals",
        "title": "Deals",
        "element_title": "Deal",
        "fields": (
            Field(code="amount", title="Amount", kind="money", params={"currency": "USD"}),
            Field(code="company", title="Company"),
            Field(code="notes", title="Notes", kind="text"),
            Field(code="tags", title="Tags", multiple=True),
            Field(code="counter", title="Counter", kind="integer"),
            Field(code="rate", title="Rate", kind="double"),
            Field(code="helper", title="Helper", kind="employee"),
            Field(code="parent", title="Parent", kind="link", params={"process": "deals"}),
            Field(code="papers", title="Papers", kind="file", multiple=True),
            Field(code="reason", title="Reason", required_at=("lost",)),
            Field(code="urgent", title="Urgent", kind="boolean"),
        ),
        "funnels": (
            Funnel(
                code="sales",
                title="Sales",
                stages=(
                    Stage(code="new", title="New"),
                    Stage(code="talk", title="Talk"),
                    Stage(code="won", title="Won", semantics="S"),
                    Stage(code="lost", title="Lost", semantics="F"),
                ),
            ),
            Funnel(
                code="service",
                title="Service",
                stages=(Stage(code="queue", title="Queue"), Stage(code="fixed", title="Fixed", semantics="S")),
            ),
        ),
        "amount_field": "amount",
        "grants": grants,
        "roles": (Role(code="sales", title="Sales"), Role(code="boss", title="Boss")),
    }
    return Process(**{**given, **more})


def everything(role: str, level: Level = Level.ALL) -> tuple[Grant, ...]:
    """Every action at one level."""
    return tuple(Grant(role=role, action=action, level=level) for action in Action)


def address(kind: str, folder: Path) -> str:
    """The database of a test."""
    return "memory://" if kind == "memory" else f"sqlite:///{folder / 'test.db'}"


def build(where: str) -> Iterator[SimpleNamespace]:
    """Open a database and fill it."""
    db = open_database(where, promoted=PROMOTED)
    clock, shelf = FakeClock(), Shelf()
    people = People(db, clock, Passwords(time_cost=1, memory_kib=8, lanes=1))
    ids: dict[str, int] = {}
    root = people.add_user(SYSTEM_ACTOR, "root", "Root", "root-password", admin=True)
    sales = people.add_department(SYSTEM_ACTOR, "Sales")
    north = people.add_department(SYSTEM_ACTOR, "North", parent=sales.id)
    other = people.add_department(SYSTEM_ACTOR, "Other")
    for login, department in (("anna", sales), ("boris", sales), ("carl", north), ("dora", other)):
        ids[login] = people.add_user(SYSTEM_ACTOR, login, login.title(), f"{login}-password", department=department.id).id
    people.save_role(SYSTEM_ACTOR, "sales", "Sales", [ids["anna"], ids["boris"]], [])
    people.save_role(SYSTEM_ACTOR, "boss", "Boss", [ids["dora"]], [])
    shelf.publish(deals(*everything("sales", Level.OWN), *everything("boss")))
    elements = Elements(db, clock, shelf, TYPES)
    actor: Callable[[str], Any] = lambda login: people.actor(root.id if login == "root" else ids[login])  # noqa: E731
    yield SimpleNamespace(
        db=db, clock=clock, shelf=shelf, people=people, elements=elements, ids={**ids, "root": root.id}, actor=actor,
        sales=sales, north=north, other=other, types=TYPES,
    )  # fmt: skip
    db.close()
