"""A drawing table: real store, real field types, a clock that stands until it is moved."""

from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from builder.processes import Processes
from model.access import Action, Actor, Grant, Level, Role
from model.field import Field, FieldType, Section
from model.graph import Graph, Node, Wire
from model.kind import Catalog
from model.process import Funnel, Process, Stage
from model.robot import Robot, Trigger
from store import Database, open_database

ADMIN = Actor(1, "Ada", admin=True)


class FakeClock:
    """Time that moves only when a test moves it."""

    def __init__(self) -> None:
        self.at = datetime(2026, 3, 10, 12, tzinfo=UTC)

    def now(self) -> datetime:
        return self.at

    def advance(self, **by: float) -> None:
        self.at += timedelta(**by)


@pytest.fixture(scope="session")
def types() -> Catalog[FieldType]:
    return Catalog.scan("builder.fields", FieldType)


@pytest.fixture(scope="session")
def robots() -> Catalog[Robot]:
    return Catalog.scan("runtime.robots", Robot)


@pytest.fixture(scope="session")
def triggers() -> Catalog[Trigger]:
    return Catalog.scan("runtime.triggers", Trigger)


@pytest.fixture
def clock() -> FakeClock:
    return FakeClock()


@pytest.fixture(params=["memory", "sqlite"])
def db(request: pytest.FixtureRequest, tmp_path: Any) -> Iterator[Database]:
    found = open_database("memory://" if request.param == "memory" else f"sqlite:///{tmp_path}/workspace.db")
    yield found
    found.close()


@pytest.fixture
def elements(db: Database) -> Callable[..., int]:
    """Put an element document into the store: what has_data and stage_in_use look at."""

    def add(process: str, stage: str = "", **values: Any) -> int:
        return db.table("elements").insert({"process": process, "stage": stage, "values": values, "version": 1})

    return add


@pytest.fixture
def processes(db: Database, clock: FakeClock, types: Any, robots: Any, triggers: Any) -> Processes:
    from tinydb import where

    table = db.table("elements")
    roles: list[str] = []
    found = Processes(
        db, clock, types, robots, triggers, lambda new: roles.extend(r.code for r in new),
        has_data=lambda process, field: bool(table.count((where("process") == process) & where("values")[field].exists())),
        stage_in_use=lambda process, stage: table.count((where("process") == process) & (where("stage") == stage)),
    )  # fmt: skip
    found.roles_made = roles  # type: ignore[attr-defined]
    return found


@pytest.fixture
def deals() -> Process:
    """A small sound process with one of everything."""
    stages = (
        Stage(code="new", title="New"), Stage(code="work", title="In progress"), Stage(code="won", title="Won", semantics="S"),
        Stage(code="lost", title="Lost", semantics="F"),
    )  # fmt: skip
    fields = (
        Field(code="amount", title="Amount", kind="money"),
        Field(code="due", title="Due", kind="date"),
        Field(code="mail", title="E-mail", kind="email"),
        Field(code="owner", title="Owner", kind="employee"),
        Field(code="source", title="Source", kind="enumeration", params={"options": [{"code": "web", "title": "Web"}]}),
    )
    grants = tuple(Grant(role="manager", action=action, level=Level.ALL) for action in (Action.READ, Action.CHANGE))
    graph = Graph(
        code="main", title="Main", nodes=(Node(id="t", kind="by_hand"), Node(id="c", kind="add_comment", params={"text": "Hi"})),
        edges=(Wire(source="t", target="c"),),
    )  # fmt: skip
    return Process(
        code="deals", title="Deals", fields=fields, sections=(Section(code="main", title="Main"),), amount_field="amount",
        funnels=(Funnel(code="main", title="Sales", stages=stages),), grants=grants,
        roles=(Role(code="manager", title="Manager"),), graphs=(graph,),
    )  # fmt: skip
