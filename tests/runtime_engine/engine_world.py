"""A whole workspace for robots: real services over memory or a file, one process with a graph, a clock that tests move."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from itertools import pairwise
from pathlib import Path
from typing import Any

from model.access import SYSTEM_ACTOR, Action, Actor, Grant, Level, Role
from model.element import Element
from model.errors import Problem
from model.event import Event
from model.field import Field
from model.graph import Graph, Node, Wire
from model.process import Funnel, Process, Stage
from model.run import Run
from runtime.outside.passwords import Passwords
from settings import Settings
from workspace import Workspace, build

Spec = tuple[Any, ...]
"""(kind,), (kind, params) or (kind, params, {more of the node})."""


class FakeClock:
    """Stands still until it is moved. It begins on Monday, 2 November 2026, noon in UTC."""

    def __init__(self) -> None:
        self.time = datetime(2026, 11, 2, 12, tzinfo=UTC)

    def now(self) -> datetime:
        return self.time

    def move(self, **how: float) -> None:
        self.time += timedelta(**how)


def graph(code: str = "main", wires: str = "", **nodes: Spec) -> Graph:
    """A graph of nodes by id. `wires`: "a b, b.yes c" (port `done` unless named); without them the nodes follow one another."""
    made = []
    for name, spec in nodes.items():
        kind, params, more = (*spec, {}, {})[:3]
        made.append(Node(id=name, kind=kind, params=params, **more))
    if not wires:
        names = list(nodes)
        wires = ", ".join(f"{a} {b}" for a, b in pairwise(names))
    edges = []
    for wire in filter(None, (w.strip() for w in wires.split(","))):
        source, target = wire.split()
        name, _, port = source.partition(".")
        edges.append(Wire(source=name, target=target, port=port or "done"))
    return Graph(code=code, title=code.title(), nodes=tuple(made), edges=tuple(edges))


def everything(role: str, level: Level) -> tuple[Grant, ...]:
    return tuple(Grant(role=role, action=action, level=level) for action in Action)


def deals(*graphs: Graph, **more: Any) -> Process:
    """Deals with a field of most kinds, two funnels, a role of sellers who see their own."""
    given: dict[str, Any] = {
        "code": "deals", "title": "Deals", "element_title": "Deal", "amount_field": "amount",
        "fields": (
            Field(code="amount", title="Amount", kind="money", params={"currency": "USD"}),
            Field(code="company", title="Company"), Field(code="notes", title="Notes", kind="text"),
            Field(code="tags", title="Tags", multiple=True), Field(code="counter", title="Counter", kind="integer"),
            Field(code="email", title="E-mail", kind="email"), Field(code="urgent", title="Urgent", kind="boolean"),
            Field(code="close_date", title="Close date", kind="date"), Field(code="call_at", title="Call at", kind="datetime"),
            Field(code="helper", title="Helper", kind="employee"), Field(code="client", title="Client", kind="link",
                                                                         params={"process": "clients"}),
            Field(code="parent", title="Parent", kind="link", params={"process": "deals"}),
            Field(code="paper", title="Paper", kind="file"), Field(code="reason", title="Reason", required_at=("lost",)),
        ),
        "funnels": (
            Funnel(code="sales", title="Sales", stages=(
                Stage(code="new", title="New"), Stage(code="talk", title="Talk"),
                Stage(code="won", title="Won", semantics="S"), Stage(code="lost", title="Lost", semantics="F"),
            )),
        ),
        "roles": (Role(code="sales", title="Sales"), Role(code="boss", title="Boss")),
        "grants": (*everything("sales", Level.OWN), *everything("boss", Level.ALL)),
        "graphs": graphs,
    }  # fmt: skip
    return Process(**{**given, **more})


CLIENTS = Process(
    code="clients",
    title="Clients",
    fields=(Field(code="phone", title="Phone", kind="phone"), Field(code="deal", title="Deal", kind="link",
                                                                   params={"process": "deals"}),
            Field(code="keeper", title="Keeper", kind="employee")),
    grants=(Grant(role="boss", action=Action.READ, level=Level.ALL),),
    roles=(Role(code="boss", title="Boss"),),
)  # fmt: skip


class World:
    """The workspace, its people (root, who administrates; anna and boris, who sell; dora, the boss) and shorthands."""

    def __init__(self, folder: Path, url: str | None = "memory://", zone: str = "UTC", **settings: Any) -> None:
        self.clock = FakeClock()
        self.folder, self.url, self.more = folder, url, settings
        self.people: dict[str, int] = {}
        self.open()
        people = self.ws.people
        self.ws.settings.save(SYSTEM_ACTOR, name="Test", language="en", zone=zone, currency="USD")
        sales = people.add_department(SYSTEM_ACTOR, "Sales")
        for login in ("root", "anna", "boris", "dora"):
            department = None if login == "root" else sales.id
            made = people.add_user(
                SYSTEM_ACTOR, login, login.title(), f"{login}-password", f"{login}@example.com", login == "root", department
            )
            self.people[login] = made.id
        people.change_department(SYSTEM_ACTOR, sales.id, head=self.people["dora"])
        self.ws.processes.create(self.actor(), deals())
        self.publish(process=CLIENTS)
        people.save_role(SYSTEM_ACTOR, "sales", "Sales", [self.people["anna"], self.people["boris"]], [])
        people.save_role(SYSTEM_ACTOR, "boss", "Boss", [self.people["dora"]], [])

    def open(self) -> None:
        """Open the workspace, or open it anew: a restart."""
        self.ws = self.another()

    def another(self) -> Workspace:
        """One more workspace over the same place, as `voronka worker` has."""
        settings = Settings(_env_file=None, data=self.folder, **self.more)  # type: ignore[call-arg]
        return build(settings, self.clock, self.url, Passwords(time_cost=1, memory_kib=8, lanes=1))

    def restart(self) -> None:
        self.ws.db.close()
        self.open()
        self.ws.timers.start()

    def actor(self, login: str = "root") -> Actor:
        return self.ws.actor(self.people[login])

    def publish(self, *graphs: Graph, process: Process | None = None, by: str = "root", **more: Any) -> None:
        wanted = process or deals(*graphs, **more)
        if wanted.code not in {row.code for row in self.ws.processes.all()}:
            self.ws.processes.create(self.actor(by), wanted)
        self.ws.processes.save(self.actor(by), wanted)
        problems = [p for p in self.ws.processes.problems(wanted) if p.level == "error"]
        assert not problems, problems
        self.ws.processes.publish(self.actor(by), wanted.code, agreed=[g.code for g in wanted.graphs])

    def problems(self, *graphs: Graph) -> list[Problem]:
        return list(self.ws.processes.problems(deals(*graphs)))

    def make(self, by: str = "root", process: str = "deals", **values: Any) -> int:
        return self.ws.elements.create(self.actor(by), process, {"title": "First", **values}).id

    def change(self, id: int, by: str = "root", **values: Any) -> None:
        self.ws.elements.update(self.actor(by), id, values)

    def get(self, id: int) -> Element:
        return self.ws.elements.get(self.actor(), id)

    def work(self, **later: float) -> None:
        """Let the time pass, then do all that is due."""
        self.clock.move(**later)
        for _ in range(200):
            if not self.ws.worker.step():
                return
        raise AssertionError("the worker never comes to rest")

    def runs(self, **which: Any) -> list[Run]:
        """Runs, oldest first."""
        return list(reversed(self.ws.engine.runs(self.actor(), **which)))

    def run(self, **which: Any) -> Run:
        """The one run there is."""
        (found,) = self.runs(**which)
        return found

    def comments(self, id: int) -> list[str]:
        """Comments on an element, oldest first."""
        events = reversed(self.events(id))
        return [event.data["text"] for event in events if event.kind == "commented"]

    def events(self, id: int) -> list[Event]:
        return self.ws.elements.history(self.actor(), id)

    def states(self, run: Run) -> dict[str, str]:
        return {name: record["state"] for name, record in run.nodes.items()}


def say(text: str = "{title}") -> Spec:
    """A robot whose work can be seen: it writes a comment."""
    return ("add_comment", {"text": text})
