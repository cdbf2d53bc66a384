"""The worker beside people: it hears commits, outlives trouble, stops when told, and keeps its beat when clocks are put back."""

from __future__ import annotations

import datetime as dt
import threading
import time
from collections.abc import Callable, Iterator
from types import SimpleNamespace

import pytest
import schedule
from engine_world import World, graph, say

from runtime.outside.clock import Ticker

Working = Callable[[World], threading.Event]


@pytest.fixture
def working() -> Iterator[Working]:
    """Starts a world's worker in a thread; it is stopped at the end and must then come home at once."""
    started: list[tuple[threading.Event, threading.Thread]] = []

    def start(world: World) -> threading.Event:
        stop = threading.Event()
        thread = threading.Thread(target=world.ws.worker.run, args=(stop,))
        started.append((stop, thread))
        thread.start()
        return stop

    yield start
    for stop, thread in started:
        stop.set()
        thread.join(5)
        assert not thread.is_alive()


def until(done: Callable[[], object], seconds: float = 10) -> bool:
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        if done():
            return True
        time.sleep(0.005)
    return False


def test_robots_act_while_people_work(on_disk: World, working: Working) -> None:
    on_disk.publish(graph(t=("stage_entered", {"stages": ["talk"]}), s=say("hello")))
    number = on_disk.make()
    working(on_disk)
    on_disk.change(number, stage="talk")
    assert until(lambda: on_disk.comments(number) == ["hello"])


def test_a_commit_of_another_process_is_heard(on_disk: World, working: Working) -> None:
    on_disk.publish(graph(t=("element_created", {}), s=say("hello")))
    working(on_disk)
    other = on_disk.another()
    number = other.elements.create(on_disk.actor(), "deals", {"title": "x"}).id
    other.db.close()
    assert until(lambda: on_disk.comments(number) == ["hello"])


def test_a_time_that_comes_is_noticed_without_a_commit(world: World, working: Working) -> None:
    world.publish(graph(t=("element_created", {}), w=("wait_for", {"duration": 60}), s=say("late")))
    number = world.make()
    working(world)
    assert until(lambda: world.run().state == "waiting")
    world.clock.move(hours=1)
    assert until(lambda: world.comments(number) == ["late"])


def test_a_worker_outlives_trouble(world: World, working: Working, monkeypatch: pytest.MonkeyPatch) -> None:
    world.publish(graph(t=("element_created", {}), s=say("hello")))
    troubles = iter([OSError("disk"), RuntimeError("bug")])
    fire = world.ws.timers.fire

    def broken(limit: int = 200) -> int:
        trouble = next(troubles, None)
        if trouble:
            raise trouble
        return fire(limit)

    monkeypatch.setattr(world.ws.timers, "fire", broken)
    working(world)
    number = world.make()
    assert until(lambda: world.comments(number) == ["hello"])


def test_a_slow_call_holds_up_no_robots(world: World, working: Working, monkeypatch: pytest.MonkeyPatch) -> None:
    """Letters and calls have a thread of their own."""
    calling = graph(
        "call", wires="t c, c.failed s", t=("element_created", {}), c=("call_webhook", {"url": "http://x/"}), s=say("called")
    )
    world.publish(calling, graph("quick", t=("field_changed", {"field": "company"}), s=say("quick")))
    asked, answered = threading.Event(), threading.Event()

    def resolve(host: str, port: int) -> list[str]:
        asked.set()
        answered.wait(10)
        return ["127.0.0.1"]

    monkeypatch.setattr(world.ws.outbox._caller, "_resolve", resolve)
    working(world)
    number = world.make()
    assert asked.wait(10)
    world.change(number, company="x")
    assert until(lambda: world.comments(number) == ["quick"])
    answered.set()
    assert until(lambda: world.comments(number) == ["quick", "called"])


def test_the_beat_goes_on_when_the_local_clock_is_put_back(monkeypatch: pytest.MonkeyPatch) -> None:
    local = [dt.datetime(2026, 10, 25, 2, 59, 59)]

    class Local(dt.datetime):
        @classmethod
        def now(cls, tz: dt.tzinfo | None = None) -> dt.datetime:  # type: ignore[override]
            return local[0]

    monkeypatch.setattr(schedule, "datetime", SimpleNamespace(datetime=Local, timedelta=dt.timedelta))
    ticker, beats = Ticker(), []
    ticker.every(1, lambda: beats.append(local[0]))
    for seconds in (0, 1, 1, -3600, 1, 1):
        local[0] += dt.timedelta(seconds=seconds)
        ticker.run_due()
    assert len(beats) == 5
