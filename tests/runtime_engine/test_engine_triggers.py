"""Every trigger starts its graph when it should, and only then."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

import pytest
from engine_world import World, graph, say

from model.errors import Denied, NotAllowed, NotFound
from runtime.triggers.at_time import AtTime


def started(world: World, kind: str, params: dict[str, Any] | None = None) -> None:
    world.publish(graph(t=(kind, params or {}), say=say("hello")))


def test_element_created(world: World) -> None:
    started(world, "element_created")
    number = world.make()
    assert world.comments(number) == []
    world.work()
    assert world.comments(number) == ["hello"]
    world.change(number, company="Acme")
    world.work()
    assert world.comments(number) == ["hello"]


@pytest.mark.parametrize(
    ("params", "moves", "count"),
    [
        ({}, ["talk", "won"], 3),
        ({"stages": ["won"]}, ["talk", "won"], 1),
        ({"stages": ["new"]}, [], 1),
        ({"stages": ["won"], "from_stages": ["talk"]}, ["won"], 0),
        ({"stages": ["won"], "from_stages": ["talk"]}, ["talk", "won"], 1),
        ({"from_stages": ["new"]}, ["talk", "won"], 1),
    ],
)
def test_stage_entered(world: World, params: dict[str, Any], moves: list[str], count: int) -> None:
    started(world, "stage_entered", params)
    number = world.make()
    for stage in moves:
        world.change(number, stage=stage)
    world.work()
    assert world.comments(number) == ["hello"] * count


@pytest.mark.parametrize(
    ("params", "moves", "count"),
    [({}, ["talk", "won"], 2), ({"stages": ["talk"]}, ["talk"], 0), ({"stages": ["talk"]}, ["talk", "new"], 1),
     ({"stages": ["talk"], "to_stages": ["won"]}, ["talk", "new"], 0)],
)  # fmt: skip
def test_stage_left(world: World, params: dict[str, Any], moves: list[str], count: int) -> None:
    started(world, "stage_left", params)
    number = world.make()
    for stage in moves:
        world.change(number, stage=stage)
    world.work()
    assert world.comments(number) == ["hello"] * count


@pytest.mark.parametrize(
    ("params", "before", "after", "fires"),
    [
        ({"field": "company"}, "a", "b", True),
        ({"field": "company"}, "a", "a", False),
        ({"field": "amount"}, 5, 7, True),
        ({"field": "company", "to_value": "b"}, "a", "b", True),
        ({"field": "company", "to_value": "c"}, "a", "b", False),
        ({"field": "company", "from_value": "a"}, "a", None, True),
        ({"field": "company", "from_value": "b"}, "a", "b", False),
        ({"field": "counter", "to_value": "7"}, 5, 7, True),
        ({"field": "urgent", "to_value": "true"}, False, True, True),
        ({"field": "urgent", "from_value": "true"}, False, True, False),
        ({"field": "tags", "to_value": "x"}, ["y"], ["y", "x"], True),
        ({"field": "tags", "to_value": "z"}, ["y"], ["y", "x"], False),
    ],
)
def test_field_changed(world: World, params: dict[str, Any], before: Any, after: Any, fires: bool) -> None:
    started(world, "field_changed", params)
    number = world.make(**{params["field"]: before})
    world.change(number, **{params["field"]: after})
    world.work()
    assert world.comments(number) == ["hello"] * fires


def test_a_field_changed_together_with_a_move_is_a_change(world: World) -> None:
    started(world, "field_changed", {"field": "company"})
    number = world.make()
    world.change(number, company="Acme", stage="talk")
    world.work()
    assert world.comments(number) == ["hello"]


def test_comment_added(world: World) -> None:
    world.publish(graph(t=("comment_added", {"contains": "Позвонить"}), n=("set_fields", {"values": {"company": "called"}})))
    number = world.make()
    world.ws.elements.comment(world.actor("root"), number, "nothing")
    world.work()
    assert world.get(number).get("company") is None
    world.ws.elements.comment(world.actor("root"), number, "надо ПОЗВОНИТЬ завтра")
    world.work()
    assert world.get(number).get("company") == "called"


def test_condition_of_a_trigger(world: World) -> None:
    started(world, "element_created", {"condition": {"field": "amount", "op": "gt", "value": 1000}})
    small, big = world.make(amount=1000), world.make(amount=1001)
    world.work()
    assert (world.comments(small), world.comments(big)) == ([], ["hello"])


# dates


DAY = 24 * 60


@pytest.mark.parametrize(
    ("params", "early", "late"),
    [
        ({}, "2026-11-20T08:59", "2026-11-20T09:00"),
        ({"time": "18:30"}, "2026-11-20T18:29", "2026-11-20T18:30"),
        ({"side": "before", "offset": 2 * DAY}, "2026-11-18T08:59", "2026-11-18T09:00"),
        ({"side": "after", "offset": 90}, "2026-11-20T10:29", "2026-11-20T10:30"),
    ],
)
def test_date_reached(world: World, params: dict[str, Any], early: str, late: str) -> None:
    started(world, "date_reached", {"field": "close_date", **params})
    number = world.make(close_date="2026-11-20")
    world.work()
    for at, expected in ((early, []), (late, ["hello"]), ("2026-12-20T00:00", ["hello"])):
        world.clock.time = datetime.fromisoformat(at).replace(tzinfo=UTC)
        world.work()
        assert world.comments(number) == expected


def test_a_time_is_reached_by_the_minute(world: World) -> None:
    started(world, "date_reached", {"field": "call_at", "side": "before", "offset": 15})
    number = world.make(call_at="2026-11-02T14:00:00.000Z")
    world.work(minutes=104)
    assert world.comments(number) == []
    world.work(minutes=1)
    assert world.comments(number) == ["hello"]


def test_a_changed_date_is_planned_anew_and_one_date_fires_once(world: World) -> None:
    started(world, "date_reached", {"field": "close_date"})
    number = world.make(close_date="2026-11-03")
    world.work()
    world.change(number, close_date="2026-11-05")
    world.work(days=1)
    assert world.comments(number) == []
    world.work(days=2)
    assert world.comments(number) == ["hello"]
    world.change(number, close_date="2026-11-08")
    world.change(number, close_date="2026-11-05")
    world.work(days=10)
    assert world.comments(number) == ["hello"]
    world.change(number, close_date="2026-12-05")
    world.work(days=60)
    assert world.comments(number) == ["hello", "hello"]


def test_a_cleared_or_passed_date_or_a_deleted_element_fires_nothing(world: World) -> None:
    started(world, "date_reached", {"field": "close_date"})
    cleared, passed, deleted = (world.make(close_date=day) for day in ("2026-11-05", "2026-11-01", "2026-11-05"))
    world.work()
    world.change(cleared, close_date=None)
    world.ws.elements.delete(world.actor(), deleted)
    world.work(days=10)
    world.ws.elements.restore(world.actor(), deleted)
    world.work(days=10)
    assert [world.comments(n) for n in (cleared, passed, deleted)] == [[], [], []]


def test_a_date_that_came_while_nobody_worked_is_made_up_for(world: World) -> None:
    started(world, "date_reached", {"field": "close_date"})
    number = world.make(close_date="2026-11-03")
    world.work(days=5)
    assert world.comments(number) == ["hello"]


def test_elements_that_were_there_before_publishing_are_planned(world: World) -> None:
    world.publish()
    number = world.make(close_date="2026-11-03")
    started(world, "date_reached", {"field": "close_date"})
    world.work(days=2)
    assert world.comments(number) == ["hello"]


def test_publishing_another_offset_moves_what_is_planned(world: World) -> None:
    started(world, "date_reached", {"field": "close_date"})
    number = world.make(close_date="2026-11-10")
    world.work()
    started(world, "date_reached", {"field": "close_date", "side": "before", "offset": 3 * DAY})
    world.work(days=5)
    assert world.comments(number) == ["hello"]
    world.work(days=10)
    assert world.comments(number) == ["hello"]


# schedules


def test_every_interval_for_each_element_in_work(world: World) -> None:
    started(world, "every", {"interval": 60, "condition": {"field": "amount", "op": "gt", "value": 10}})
    world.ws.timers.start()
    big, small, closed = world.make(amount=11), world.make(amount=1), world.make(amount=20, stage="won")
    world.work(minutes=59)
    assert world.comments(big) == []
    world.work(minutes=1)
    world.work(hours=1)
    assert [len(world.comments(n)) for n in (big, small, closed)] == [2, 0, 0]


def test_what_a_schedule_missed_is_made_up_for_once(world: World) -> None:
    started(world, "every", {"interval": 60})
    number = world.make()
    world.work(hours=10, minutes=30)
    assert world.comments(number) == ["hello"]
    world.work(minutes=29)
    assert world.comments(number) == ["hello"]
    world.work(minutes=1)  # it keeps to its hours
    assert len(world.comments(number)) == 2


@pytest.mark.parametrize(
    "kind", [("every", {"interval": 60, "missed": "skip"}), ("at_time", {"time": "10:00", "missed": "skip"})]
)
def test_what_a_schedule_missed_is_left_out_if_it_shall_be(world: World, kind: tuple[str, dict[str, Any]]) -> None:
    started(world, *kind)
    number = world.make()
    world.work(hours=10, minutes=30)
    assert world.comments(number) == []
    for _ in range(48):
        world.work(minutes=30)
    assert len(world.comments(number)) == (24 if kind[0] == "every" else 1)


def test_a_schedule_without_elements(world: World) -> None:
    node = ("create_element", {"process": "deals", "values": {"title": "Weekly report {today|date:dd.MM.yyyy}"}})
    world.publish(graph(t=("every", {"interval": 60, "for_each": False}), make=node))
    world.work(hours=1)
    assert world.run().state == "done"
    found = world.ws.elements.find(world.actor(), "deals")
    assert [e.title for e in found] == ["Weekly report 02.11.2026"]


def test_a_robot_that_needs_an_element_says_so_in_a_schedule_without_one(world: World) -> None:
    world.publish(graph(t=("every", {"interval": 60, "for_each": False}), say=say()))
    world.work(hours=1)
    run = world.run()
    assert (run.state, run.reason, run.context["code"]) == ("failed", "robot_failed", "run_without_element")


def test_at_time_on_weekdays(world: World) -> None:
    started(world, "at_time", {"time": "09:30", "weekdays": [0, 4]})
    number = world.make()
    seen = []
    for _ in range(14 * 48):
        world.work(minutes=30)
        while len(seen) < len(world.comments(number)):
            seen.append(world.clock.time.strftime("%a %d %H:%M"))
    assert seen == ["Fri 06 09:30", "Mon 09 09:30", "Fri 13 09:30", "Mon 16 09:30"]


@pytest.mark.parametrize(
    ("zone", "after", "expected"),
    [
        ("Europe/Berlin", "2026-03-28T12:00Z", "2026-03-29T07:00Z"),
        ("Europe/Berlin", "2026-10-24T12:00Z", "2026-10-25T08:00Z"),
        ("Europe/Berlin", "2026-10-25T07:59Z", "2026-10-25T08:00Z"),
        ("America/New_York", "2026-11-01T12:00Z", "2026-11-01T14:00Z"),
        ("Asia/Kolkata", "2026-11-01T12:00Z", "2026-11-02T03:30Z"),
    ],
)
def test_a_time_of_the_day_keeps_to_the_wall_clock_when_it_is_put_forward(zone: str, after: str, expected: str) -> None:
    from zoneinfo import ZoneInfo

    found = AtTime(time="09:00", weekdays=()).next_tick(datetime.fromisoformat(after), ZoneInfo(zone))
    assert found == datetime.fromisoformat(expected)


@pytest.mark.parametrize("at", ["02:30", "03:00"])
def test_an_hour_that_the_wall_clock_skips_or_repeats_fires_once_a_day(at: str) -> None:
    from zoneinfo import ZoneInfo

    trigger, zone = AtTime(time=at, weekdays=()), ZoneInfo("Europe/Berlin")
    for month, first in ((3, 27), (10, 23)):
        moment = datetime(2026, month, first, 12, tzinfo=UTC)
        days = []
        for _ in range(4):
            found = trigger.next_tick(moment, zone)
            assert found is not None and found > moment
            moment = found
            days.append(moment.astimezone(zone).day)
        assert days == [first + 1, first + 2, first + 3, first + 4]


# by hand


def test_by_hand(world: World) -> None:
    started(world, "by_hand", {"condition": {"field": "amount", "op": "gt", "value": 10}})
    small, big = world.make(amount=1), world.make(amount=11)
    assert world.ws.engine.startable(world.actor(), big) == [("main", "Main")]
    assert world.ws.engine.startable(world.actor(), small) == []
    assert world.ws.engine.start(world.actor(), big, "main").state == "ready"
    world.work()
    assert world.comments(big) == ["hello"]
    with pytest.raises(NotAllowed) as refused:
        world.ws.engine.start(world.actor(), small, "main")
    assert refused.value.problem.code == "not_met"
    with pytest.raises(NotFound):
        world.ws.engine.start(world.actor(), big, "nonsense")


def test_by_hand_needs_the_trigger(world: World) -> None:
    started(world, "element_created")
    number = world.make()
    with pytest.raises(NotAllowed) as refused:
        world.ws.engine.start(world.actor(), number, "main")
    assert refused.value.problem.code == "not_by_hand"


def test_by_hand_obeys_rights(world: World) -> None:
    started(world, "by_hand")
    number = world.make("anna")
    assert world.ws.engine.start(world.actor("anna"), number, "main").element == number
    with pytest.raises(NotFound):
        world.ws.engine.start(world.actor("boris"), number, "main")
    with pytest.raises(NotFound):
        world.ws.engine.startable(world.actor("boris"), number)
    reads = [g for g in world.ws.processes.draft("deals").grants if g.role == "boss" and g.action == "read"]
    world.publish(graph(t=("by_hand", {}), say=say()), grants=tuple(reads))
    assert world.ws.engine.startable(world.actor("dora"), number) == []
    with pytest.raises(Denied):
        world.ws.engine.start(world.actor("dora"), number, "main")


def test_a_graph_that_is_switched_off_does_not_start(world: World) -> None:
    made = graph(t=("element_created", {}), say=say())
    world.publish(made.model_copy(update={"enabled": False}))
    number = world.make()
    world.work()
    assert world.runs(element=number) == []
