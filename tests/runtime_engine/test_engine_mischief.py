"""What one designer draws stops nobody else: too wide, too deep or broken, it fails alone, is told once, and the rest goes on."""

from __future__ import annotations

import logging
from collections.abc import Iterator
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from engine_world import World, deals, graph, say
from tinydb import where

from model.errors import Invalid, VoronkaError
from model.filter import Condition, Group
from model.graph import Graph, Node, Wire
from model.process import Process
from model.robot import Trigger
from store import Busy, TooDeep


@pytest.fixture(params=["sqlite", "postgres"])
def place(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[World]:
    """A workspace in a file, and one in PostgreSQL."""
    made = World(tmp_path, request.getfixturevalue("postgres_url") if request.param == "postgres" else None)
    yield made
    made.ws.db.close()


def wide(count: int, op: str = "any") -> dict[str, Any]:
    items = [{"field": "counter", "op": "eq", "value": n} for n in range(count)]
    return {"op": op, "items": items}


def deep(count: int) -> dict[str, Any]:
    found: dict[str, Any] = {"field": "counter", "op": "eq", "value": 1}
    for _ in range(count):
        found = {"op": "all", "items": [found]}
    return found


def smuggle(world: World, *graphs: Graph) -> None:
    """Bring in a version as an older program may have stored it: nobody has proof-read it."""
    world.publish(graph(t=("by_hand", {}), s=say()))
    row = world.ws.db.table("versions").search(where("process") == "deals", sort=[("number", True)], limit=1)[0]
    world.ws.db.table("versions").update({"data": deals(*graphs).dump()}, doc_ids=[row.doc_id])
    world.restart()


GOOD = graph("good", t=("element_created", {}), s=say("good"))
TICKING = graph("ticking", t=("every", {"interval": 60, "for_each": False}), n=("notify", {"whom": "user:2", "text": "tick"}))


def notes(world: World, login: str) -> list[str]:
    return [note.text for note in world.ws.inbox.of(world.actor(login))]


def test_a_wide_condition_of_a_schedule_stops_no_robot(place: World) -> None:
    """What was stored wide works as far as it may; what is wider still rests, and who published it is told once."""
    wider = graph("wider", t=("every", {"condition": wide(1_200)}), s=say("wider"))
    smuggle(place, wider, graph("wide", t=("every", {"condition": wide(900)}), s=say("wide")), GOOD, TICKING)
    number = place.make(counter=800)
    place.work(hours=1)
    place.work(hours=1)
    assert sorted(place.comments(number)) == ["good", "wide", "wide"]
    assert [text for text in notes(place, "root") if "Wider" in text] == [
        "“Every so often” of “Wider” (Deals) cannot do its work and starts nothing: The filter has too many conditions: 1,000 at"
        " most. Use “is one of” with a list of values. Nothing else is held up by it. You are told of it once for this version."
    ]
    assert notes(place, "anna") == ["tick", "tick"]


def test_a_wide_condition_breaks_no_create(place: World) -> None:
    smuggle(place, graph("wide", t=("element_created", {"condition": wide(3_000)}), s=say("wide")), GOOD)
    number = place.make(counter=2_999)
    place.work()
    assert sorted(place.comments(number)) == ["good", "wide"]


@pytest.mark.parametrize("op", ["any", "all", "none"])
def test_a_wide_filter_is_counted_or_refused_in_words(place: World, op: str) -> None:
    place.publish(GOOD)
    place.make(counter=5)
    values = [Condition(field="counter", op="eq", value=n) for n in range(200)]
    found = Group(op=op, items=tuple(values))  # type: ignore[arg-type]
    assert place.ws.elements.count(place.actor(), "deals", found) == (op == "any")
    with pytest.raises(VoronkaError) as refused:
        place.ws.elements.count(place.actor(), "deals", Group(op=op, items=tuple(values * 15)))  # type: ignore[arg-type]
    (told,) = refused.value.problems
    assert (told.code, told.context["limit"]) == ("filter_too_wide", 1_000)


@pytest.mark.parametrize(
    ("params", "code"),
    [({"condition": wide(201)}, "condition_too_wide"), ({"condition": wide(200)}, ""), ({"condition": deep(12)}, "too_deep"),
     ({"condition": {"field": "counter", "op": "in", "value": list(range(6_000))}}, "params_too_wide"),
     ({"condition": {"field": "counter", "op": "eq", "value": 10**400}}, "number_too_big")],
)  # fmt: skip
def test_what_is_too_wide_is_not_saved(world: World, params: dict[str, Any], code: str) -> None:
    wanted = deals(graph(t=("element_created", params), s=say()))
    assert {p.code for p in world.ws.processes.problems(wanted) if p.level == "error"} == ({code} if code else set())
    if code and code != "too_deep":
        with pytest.raises(Invalid) as refused:
            world.ws.processes.save(world.actor(), wanted)
        assert {p.code for p in refused.value.problems} == {code} and refused.value.problems[0].path.startswith(
            "graphs/main/nodes/t"
        )


def crowded(nodes: int, wires: int = 0) -> Graph:
    made = [Node(id="t", kind="by_hand"), *(Node(id=f"n{n}", kind="join") for n in range(nodes - 1))]
    edges = [Wire(source="t", target=f"n{n % (nodes - 1)}", port="done") for n in range(wires)]
    return Graph(code="main", title="Main", nodes=tuple(made), edges=tuple(edges))


@pytest.mark.parametrize(
    ("wanted", "path", "code"),
    [
        (deals(crowded(301)), "graphs/main", "too_many_nodes"),
        (deals(crowded(3, 1_001)), "graphs/main", "too_many_wires"),
        (deals(*(graph(f"g{n}", t=("by_hand", {})) for n in range(101))), "graphs", "too_many_graphs"),
        (deals(graph(t=("by_hand", {}), s=say("x" * 50_001))), "graphs/main/nodes/s/text", "template_too_long"),
        (deals(graph(t=("by_hand", {}), s=say("{title}" * 501))), "graphs/main/nodes/s/text", "template_too_wide"),
    ],
)
def test_a_process_has_its_limits(world: World, wanted: Process, path: str, code: str) -> None:
    with pytest.raises(Invalid) as refused:
        world.ws.processes.save(world.actor(), wanted)
    assert (path, code) in {(p.path, p.code) for p in refused.value.problems}


def test_a_draft_that_was_too_wide_before_can_still_be_worked_at(world: World) -> None:
    old = deals(graph(t=("every", {"condition": wide(1_200)}), s=say()))
    world.ws.db.table("processes").update({"draft": old.dump()}, where("code") == "deals")
    world.ws.processes.save(world.actor(), old.model_copy(update={"title": "Sales"}))
    assert world.ws.processes.draft("deals").title == "Sales"


class Stumbling(Trigger):
    """A trigger with a bug: it raises whatever it is asked."""

    kind = "stumbling"
    icon = "bug_report"
    events = ("created", "moved", "due", "tick")

    def fires(self, event: Any, element: Any) -> bool:
        raise RecursionError("fires")

    def due(self, element: Any, zone: Any) -> datetime | None:
        raise OSError("due")

    def next_tick(self, after: datetime, zone: Any, last: datetime | None = None) -> datetime | None:
        return after + timedelta(minutes=1)


def test_a_trigger_that_raises_breaks_nobodys_work(place: World) -> None:
    """Creates and moves go through, dates are planned, schedules come, runs are walked, and it is told once."""
    place.ws.triggers._kinds["stumbling"] = Stumbling  # type: ignore[attr-defined]
    dated = graph("dated", t=("date_reached", {"field": "close_date", "time": "13:00"}), s=say("dated"))
    place.publish(graph("bad", t=("stumbling", {}), s=say("bad")), GOOD, TICKING, dated)
    number = place.make(close_date="2026-11-02")
    place.change(number, stage="talk")
    for _ in range(3):
        place.work(hours=1)
    assert sorted(place.comments(number)) == ["dated", "good"]
    assert notes(place, "anna") == ["tick"] * 3
    assert len(notes(place, "root")) == 1
    place.ws.inbox.read(place.actor(), None)
    place.work(hours=1)
    place.make()
    assert len(notes(place, "root")) == 1


class Asking(Trigger):
    """A trigger that asks a store which is away."""

    kind = "asking"
    icon = "cloud_off"
    events = ("created", "tick")

    def fires(self, event: Any, element: Any) -> bool:
        raise Busy("somebody else writes")

    def next_tick(self, after: datetime, zone: Any, last: datetime | None = None) -> datetime | None:
        return after + timedelta(minutes=1)


def test_a_store_that_is_away_is_no_triggers_fault(world: World) -> None:
    """An event starts its runs, or it did not happen; a schedule is asked again; nobody is told that their trigger is broken."""
    world.ws.triggers._kinds["asking"] = Asking  # type: ignore[attr-defined]
    world.publish(graph("away", t=("asking", {}), s=say("away")), GOOD)
    with pytest.raises(Busy):
        world.make()
    assert world.ws.elements.count(world.actor(), "deals") == 0
    world.clock.move(minutes=2)
    with pytest.raises(Busy):
        world.ws.timers.fire()
    assert notes(world, "root") == []


def test_a_question_that_is_too_deep_is_its_triggers_fault(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    def too_deep(trigger: Trigger, event: Any, element: Any) -> bool:
        raise TooDeep("the condition is nested deeper than it can be asked")

    monkeypatch.setattr(Asking, "fires", too_deep)
    world.ws.triggers._kinds["asking"] = Asking  # type: ignore[attr-defined]
    world.publish(graph("deep", t=("asking", {}), s=say("deep")), GOOD)
    number = world.make()
    world.work(minutes=2)
    assert world.comments(number) == ["good"] and len(notes(world, "root")) == 1


def test_a_worker_that_stumbles_is_named_and_logged_once(
    world: World, caplog: pytest.LogCaptureFixture, monkeypatch: pytest.MonkeyPatch
) -> None:
    def broken(limit: int = 200) -> int:
        raise RuntimeError("bug")

    world.publish(GOOD)
    monkeypatch.setattr(logging.getLogger("runtime.alarm"), "disabled", False)  # import-linter, run by a test, switches off all
    safely, robots = world.ws.worker._safely, world.ws.worker._robots
    with monkeypatch.context() as patched, caplog.at_level(logging.ERROR):
        patched.setattr(world.ws.timers, "fire", broken)
        number = world.make()
        for _ in range(50):
            safely("robots", robots)
            world.clock.move(seconds=1)
    assert world.comments(number) == ["good"]  # what is ready moves all the same
    assert [(each.part, each.times, each.since) for each in world.ws.stumbles.now()] == [
        ("robots", 3, "2026-11-02T12:00:00.000Z")
    ]
    assert sum("stumbled" in record.message for record in caplog.records) == 1
    safely("robots", robots)
    assert world.ws.stumbles.now() == []
