"""A small world: one process, its elements and events written as the door for writes would, and the real paper and words."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from itertools import pairwise
from typing import Any

from tinydb import where

from insight.funnel import Insight
from model.access import Action, Actor, Grant, Level, Role, as_filter
from model.clock import stamp
from model.element import Element
from model.event import Event
from model.field import Field
from model.filter import Asking, Filter, query
from model.graph import Graph, Node, Wire
from model.process import Funnel, Process, Stage, Version
from runtime.outside.pdf import Paper
from store import Database

START = datetime(2026, 1, 1, tzinfo=UTC)


class FakeClock:
    def __init__(self) -> None:
        self.time = START + timedelta(days=200)

    def now(self) -> datetime:
        return self.time


def day(n: float) -> str:
    return stamp(START + timedelta(days=n))


STAGES = (
    Stage(code="new", title="Новая", color="#5B8DB8", norm_hours=48),
    Stage(code="talk", title="Переговоры", color="#D9A441", probability=40),
    Stage(code="won", title="Успех", semantics="S", color="#3B8F5A"),
    Stage(code="lost", title="Отказ", semantics="F", color="#B85B5B"),
    Stage(code="spam", title="Спам", semantics="F", color="#777777"),
)

GRAPH = Graph(
    code="main",
    title="Роботы сделки",
    nodes=(
        Node(id="t", kind="element_created", title="Создана"),
        Node(id="c", kind="condition", title="Сумма больше 100 000?"),
        Node(id="m", kind="send_mail", title="Письмо <b>клиенту</b>"),
        Node(id="s", kind="stop"),
    ),
    edges=(Wire(source="t", target="c"), Wire(source="c", target="m", port="yes"), Wire(source="c", target="s", port="no")),
)


def process(**more: Any) -> Process:
    return Process(
        **{
            "code": "deals",
            "title": "Сделки",
            "fields": (Field(code="amount", title="Сумма", kind="money", params={"currency": "RUB"}),),
            "funnels": (Funnel(code="main", title="Основная", stages=STAGES),),
            "amount_field": "amount",
            "roles": (Role(code="seller", title="Продавец"), Role(code="chief", title="Начальник")),
            "grants": (
                Grant(role="seller", action=Action.READ, level=Level.OWN),
                Grant(role="seller", action=Action.READ, level=Level.NONE, stage="spam"),
                Grant(role="chief", action=Action.READ, level=Level.ALL),
                Grant(role="chief", action=Action.ROBOTS, level=Level.ALL),
            ),
            "graphs": (GRAPH,),
            **more,
        }
    )


class World:
    """Everything at hand; `put` writes an element with its history."""

    def __init__(self, db: Database) -> None:
        self.db, self.clock = db, FakeClock()
        self.designs: dict[str, Process] = {}
        self.publish(process())
        self.insight = Insight(db, self, self.clock, self.readable, Paper)

    def publish(self, design: Process) -> None:
        self.designs[design.code] = design

    def published(self, code: str) -> Version | None:
        found = self.designs.get(code)
        return Version(process=found, number=3, published_at=day(0), published_by=1) if found else None

    def codes(self) -> list[str]:
        return list(self.designs)

    def readable(self, actor: Actor, code: str, wanted: Filter) -> Any:
        asking = Asking(me=actor.id, now=self.clock.now())
        rights = query(as_filter(self.designs[code], actor), asking)
        there = where("deleted_at") == None  # noqa: E711  a Query
        return rights & query(wanted, asking) & there & (where("process") == code)

    def put(
        self, way: Sequence[tuple[str, float]], amount: Any = None, responsible: int | None = 1, code: str = "deals", **more: Any
    ) -> int:
        """`way` is [(stage, day it came there), ...], the first the birth."""
        design = self.designs[code]
        stage, moved = way[-1]
        found = design.stage(stage)
        ended = found is not None and found.semantics != "P"
        element = Element(
            id=0,
            process=code,
            title=f"{stage} {amount}",
            funnel="main",
            stage=stage,
            responsible=responsible,
            created_at=day(way[0][1]),
            moved_at=day(moved),
            closed_at=day(moved) if ended else None,
            values={} if amount is None else {"amount": amount},
        )
        number = self.db.table("elements").insert({**element.doc(), **more})
        first = Event("created", code, number, day(way[0][1]), changes={"stage": [None, way[0][0]]})
        moves = [Event("moved", code, number, day(at), changes={"stage": [a, b]}) for (a, _), (b, at) in pairwise(way)]
        self.db.table("events").insert_multiple([event.doc() for event in [first, *moves]])
        return number


ADMIN = Actor(9, "Админ", admin=True)
SELLER = Actor(1, "Иванова", roles=frozenset({"seller"}))
CHIEF = Actor(2, "Петров", roles=frozenset({"chief"}))
NOBODY = Actor(3, "Чужой")
