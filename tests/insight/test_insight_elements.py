"""The same figures through the real door for writes: what the board adds up is what the funnel says."""

from __future__ import annotations

import random
from datetime import timedelta
from typing import Any

import pytest
from insight_world import ADMIN, CHIEF, SELLER, STAGES, START, World, day

from insight.funnel import Insight
from model.access import Actor
from model.field import FieldType
from model.filter import ALL, Asking, Condition, Filter
from model.kind import Catalog
from runtime.access import visible
from runtime.elements import Elements, Prepared
from runtime.outside.pdf import Paper


@pytest.fixture
def elements(world: World) -> Elements:
    for name in ("Иванова", "Петров"):
        world.db.table("users").insert({"login": name, "name": name, "active": True, "department": None})
    service = Elements(world.db, world.clock, world, Catalog.scan("builder.fields", FieldType))

    def readable(actor: Actor, process: str, wanted: Filter) -> Any:
        return visible(world.designs[process], actor, Asking(me=actor.id, now=world.clock.now()), wanted)

    world.insight = Insight(world.db, world, world.clock, readable, Paper)
    return service


def agree(world: World, elements: Elements, actor: Actor, wanted: Filter = ALL) -> None:
    report = world.insight.funnel(actor, "deals", filter=wanted)
    totals = elements.totals(actor, "deals", wanted)
    assert {s.code: (s.count, s.sum) for s in report.stages if s.count} == {c: (t.count, t.sum) for c, t in totals.items()}
    assert report.total == elements.count(actor, "deals", wanted)


def test_the_funnel_agrees_with_the_board(world: World, elements: Elements) -> None:
    chance = random.Random(5)
    ids = []
    for _ in range(60):
        world.clock.time += timedelta(hours=3)
        values = {"title": "Сделка", "amount": round(chance.random() * 1e4, 2), "responsible": chance.choice([1, 2])}
        ids.append(elements.create(ADMIN, "deals", values).id)
        world.clock.time += timedelta(hours=5)
        moved = chance.choice(ids)
        elements.move(ADMIN, moved, chance.choice([s.code for s in STAGES]))
    elements.delete(ADMIN, ids[0])
    for actor in (ADMIN, SELLER, CHIEF):
        agree(world, elements, actor)
        agree(world, elements, actor, Condition(field="amount", op="gt", value=5_000))
        agree(world, elements, actor, Condition(field="responsible", op="eq", value="@me"))
    assert world.insight.funnel(SELLER, "deals").total < world.insight.funnel(CHIEF, "deals").total


def test_stays_come_from_the_log(world: World, elements: Elements) -> None:
    world.clock.time = START
    deal = elements.create(ADMIN, "deals", {"title": "А", "amount": 10, "responsible": 1}).id
    for stage, hours in (("talk", 36), ("won", 60)):
        world.clock.time += timedelta(hours=hours)
        elements.move(ADMIN, deal, stage)
    report = world.insight.funnel(ADMIN, "deals")
    assert [s.median_days for s in report.stages] == [1.5, 2.5, None, None, None]
    assert report.median_won_days == 4 and report.stages[2].reached == 1


def test_an_imported_history_is_counted(world: World, elements: Elements) -> None:
    rows = [
        Prepared({"amount": 100}, "new", "А", 1, day(0), day(10), (("talk", day(3)), ("won", day(10)))),
        Prepared({"amount": 50}, "new", "Б", 1, day(0), day(6), (("lost", day(5)),)),
        Prepared({}, "talk", "В", None, day(2)),
    ]
    elements.create_many(ADMIN, "deals", rows)
    agree(world, elements, ADMIN)
    report = world.insight.funnel(ADMIN, "deals")
    assert report.median_won_days == 10 and [s.reached for s in report.stages] == [3, 2, 1, 1, 0]
    assert report.stages[0].median_days == 4 and [x.stage for x in report.lost_at] == ["new"]
