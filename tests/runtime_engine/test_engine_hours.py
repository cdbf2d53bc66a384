"""Working hours: waits that count them only, norms of stages, and letters that wait for somebody's word."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from engine_world import World, graph, say

from model.clock import moment
from model.errors import Invalid

OFFICE = {"work_days": [0, 1, 2, 3, 4], "work_opens": "09:00", "work_closes": "18:00", "holidays": ["2026-11-09"]}


def friday(world: World, hour: int, **settings: Any) -> None:
    """It is the Friday before a holiday, and the office keeps its hours."""
    world.ws.settings.save(world.actor(), **OFFICE, **settings)
    world.clock.time = datetime(2026, 11, 6, hour, tzinfo=UTC)


def due(world: World) -> datetime:
    found = world.run().due
    assert found is not None
    return moment(found)


@pytest.mark.parametrize(
    ("working", "end"), [(True, datetime(2026, 11, 10, 10, tzinfo=UTC)), (False, datetime(2026, 11, 6, 19, tzinfo=UTC))]
)
def test_a_wait_counts_working_hours_if_it_shall(world: World, working: bool, end: datetime) -> None:
    world.publish(graph(t=("element_created", {}), w=("wait_for", {"duration": 120, "working": working}), s=say("done")))
    friday(world, 17)
    number = world.make()
    world.work()
    assert due(world) == end
    world.work(seconds=(end - world.clock.time).total_seconds() - 1)
    assert world.comments(number) == []
    world.work(seconds=1)
    assert world.comments(number) == ["done"]


def test_the_time_out_of_a_wait_for_an_event_counts_them_too(world: World) -> None:
    world.publish(graph(t=("element_created", {}), w=("wait_event", {"event": "commented", "timeout": 120, "working": True})))
    friday(world, 17)
    world.make()
    world.work()
    assert due(world) == datetime(2026, 11, 10, 10, tzinfo=UTC)


def test_a_date_outside_working_hours_is_put_off_until_they_begin(world: World) -> None:
    wait = ("wait_until", {"field": "close_date", "working": True, "time": "20:00"})
    world.publish(graph(t=("element_created", {}), w=wait, s=say("now")))
    friday(world, 12)
    number = world.make(close_date="2026-11-07")
    world.work()
    assert due(world) == datetime(2026, 11, 10, 9, tzinfo=UTC)
    world.work(days=3, hours=20)
    assert world.comments(number) == []
    world.work(hours=1)
    assert world.comments(number) == ["now"]


def test_hours_that_make_no_day_are_refused_in_words(world: World) -> None:
    settings, admin = world.ws.settings, world.actor()
    for wrong, code in (
        ({"work_opens": "18:00", "work_closes": "09:00"}, "closes_before_opens"), ({"work_opens": "25:00"}, "bad_time"),
        ({"work_days": [7]}, "bad_weekday"), ({"work_days": [None, "1"]}, "bad_weekday"),
        ({"holidays": ["2026-02-31"]}, "not_a_date"),
    ):  # fmt: skip
        with pytest.raises(Invalid) as refused:
            settings.save(admin, **wrong)
        assert refused.value.problems[0].code == code
        said = world.ws.reader(admin).say(refused.value.problems[0])
        assert "{" not in said and (code != "not_a_date" or "2026-02-31" in said)
    assert settings.get().work_days == () and settings.get().calendar.weekdays == frozenset()


def test_letters_wait_for_somebodys_word(world: World) -> None:
    """Nothing goes out by itself; what is let go goes once, and what is thrown away lets its run go on."""
    world.ws.settings.save(world.actor(), hold_outgoing=True)
    mail = ("send_mail", {"to": "a@example.com", "subject": "Hello {title}", "body": "x"})
    world.publish(graph(t=("element_created", {}), m=mail))
    for _ in range(2):
        world.make()
    world.work(hours=1)
    rows = world.ws.outbox.rows(world.actor())
    assert [(row.state, row.reason, row.attempts) for row in rows] == [("held", "approval", 0)] * 2
    world.ws.outbox.resend(world.actor(), rows[0].id)
    world.ws.outbox.discard(world.actor(), rows[1].id)
    world.ws.settings.save(world.actor(), hold_outgoing=False)
    world.work()
    (left,) = world.ws.outbox.rows(world.actor())
    assert left.id == rows[0].id and left.attempts == 1 and left.reason != "approval"


def test_a_norm_counts_working_time(world: World) -> None:
    friday(world, 12)
    calendar = world.ws.settings.get().calendar
    assert calendar.deadline(world.clock.time, 24) == datetime(2026, 11, 10, 12, tzinfo=UTC)
    assert calendar.deadline(world.clock.time, 2) == world.clock.time + timedelta(hours=2)
