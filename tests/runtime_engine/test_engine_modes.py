"""What happens when a graph is to start for an element for which it is still going on, and when the element moves away."""

from __future__ import annotations

import pytest
from engine_world import Spec, World, graph, say

from model.errors import NotAllowed
from model.event import DEPTH_LIMIT
from model.graph import Graph, Mode
from runtime.engine import KIN_LIMIT

WAIT: Spec = ("wait_for", {"duration": 60})


def moded(mode: Mode, *more: Graph, **nodes: Spec) -> list[Graph]:
    given: dict[str, Spec] = nodes or {
        "t": ("comment_added", {"contains": "go"}),
        "a": say("began"),
        "w": WAIT,
        "z": say("ended"),
    }
    return [graph(**given).model_copy(update={"mode": mode}), *more]


def go(world: World, id: int) -> None:
    world.ws.elements.comment(world.actor(), id, "go")
    world.work()


def told(world: World, id: int) -> str:
    return " ".join(text for text in world.comments(id) if text != "go")


def states(world: World) -> list[str]:
    return [f"{run.state}:{run.reason}".rstrip(":") for run in world.runs()]


@pytest.mark.parametrize(
    ("mode", "at_once", "in_the_end"),
    [
        ("parallel", ["waiting", "waiting"], "began began ended ended"),
        ("queue", ["waiting", "waiting:queued"], "began ended began ended"),
        ("restart", ["stopped:restarted", "waiting"], "began began ended"),
        ("ignore", ["waiting"], "began ended"),
    ],
)
def test_a_second_start_while_the_first_waits(world: World, mode: Mode, at_once: list[str], in_the_end: str) -> None:
    world.publish(*moded(mode))
    number = world.make()
    go(world, number)
    world.work(minutes=10)
    go(world, number)
    assert states(world) == at_once
    for _ in range(3):
        world.work(hours=1)
    assert told(world, number) == in_the_end
    go(world, number)
    assert told(world, number) == f"{in_the_end} began", "what has ended keeps nothing from starting"


@pytest.mark.parametrize("mode", ["queue", "restart", "ignore"])
def test_other_elements_and_graphs_are_not_concerned(world: World, mode: Mode) -> None:
    other = graph("other", t=("comment_added", {"contains": "go"}), w=WAIT)
    world.publish(*moded(mode, other))
    for number in (world.make(), world.make()):
        go(world, number)
    assert states(world) == ["waiting"] * 4


def test_the_queue_keeps_its_order(on_disk: World) -> None:
    nodes: dict[str, Spec] = {"t": ("field_changed", {"field": "company"}), "w": WAIT, "a": say("{company}")}
    on_disk.publish(*moded("queue", **nodes))
    number = on_disk.make()
    for name in "abcd":
        on_disk.change(number, company=name)
    on_disk.restart()
    on_disk.work()
    assert states(on_disk) == ["waiting", "waiting:queued", "waiting:queued", "waiting:queued"]
    order = []
    for _ in range(4):
        order.append([run.id for run in on_disk.runs(state="waiting") if not run.reason])
        on_disk.work(hours=1)
    assert order == [[run.id] for run in on_disk.runs()]
    assert on_disk.comments(number) == ["d"] * 4


def test_the_next_comes_also_after_one_that_failed_or_was_stopped(world: World) -> None:
    broken: Spec = ("move_stage", {"stage": "lost"})
    world.publish(*moded("queue", t=("comment_added", {"contains": "go"}), w=WAIT, a=broken))
    number = world.make()
    for _ in range(3):
        go(world, number)
    world.work(hours=1)
    assert [run.state for run in world.runs()] == ["failed", "waiting", "waiting"]
    second = world.runs()[1]
    world.ws.engine.cancel(world.actor(), second.id)
    world.work()
    assert states(world)[1:] == ["stopped:cancelled", "waiting"]


def test_a_failed_run_that_is_tried_again_waits_for_its_turn(world: World) -> None:
    world.publish(*moded("queue", t=("comment_added", {"contains": "go"}), a=("move_stage", {"stage": "lost"}), w=WAIT))
    number = world.make()
    go(world, number)
    world.change(number, reason="price")
    go(world, number)
    first, second = world.runs()
    assert (first.state, second.state) == ("failed", "waiting")
    world.ws.engine.retry(world.actor(), first.id)
    world.work()
    assert states(world) == ["waiting:queued", "waiting"]
    world.work(hours=1)
    assert states(world) == ["waiting", "done"]
    world.work(hours=1)
    assert states(world) == ["done", "done"]


def test_by_hand_it_is_said_that_the_graph_goes_on(world: World) -> None:
    world.publish(*moded("ignore", t=("by_hand", {}), w=WAIT))
    number = world.make()
    world.ws.engine.start(world.actor(), number, "main")
    with pytest.raises(NotAllowed) as refused:
        world.ws.engine.start(world.actor(), number, "main")
    assert refused.value.problem.code == "graph_goes_on"


def test_runs_of_a_schedule_without_an_element_queue_too(world: World) -> None:
    world.publish(*moded("ignore", t=("every", {"interval": 10, "for_each": False}), w=WAIT))
    for _ in range(5):
        world.work(minutes=10)
    assert len(world.runs()) == 1


@pytest.mark.parametrize("mode", ["parallel", "queue", "restart", "ignore"])
def test_robots_that_start_themselves_are_stopped_in_every_mode(world: World, mode: Mode) -> None:
    def there_and_back() -> list[Graph]:
        one = graph("one", t=("stage_entered", {"stages": ["talk"]}), m=("move_stage", {"stage": "won"}))
        two = graph("two", t=("stage_entered", {"stages": ["won"]}), m=("move_stage", {"stage": "talk"}))
        return [each.model_copy(update={"mode": mode}) for each in (one, two)]

    world.publish(*there_and_back())
    number = world.make()
    world.change(number, stage="talk")
    world.work()
    assert len(world.runs()) <= DEPTH_LIMIT + 1
    assert not [run for run in world.runs() if run.state in ("ready", "waiting")]


@pytest.mark.parametrize("mode", ["parallel", "queue", "restart", "ignore"])
def test_a_graph_that_starts_itself_twice_over_ends(world: World, mode: Mode) -> None:
    twice = graph(
        wires="t a, t b", t=("field_changed", {"field": "counter"}),
        a=("set_fields", {"values": {"counter": "{counter}1"}}), b=("set_fields", {"values": {"counter": "{counter}2"}}),
    )  # fmt: skip
    world.publish(twice.model_copy(update={"mode": mode}))
    number = world.make(counter=1)
    world.change(number, counter=2)
    world.work()
    assert len(world.runs(limit=1000)) <= KIN_LIMIT + 1
    assert not [run for run in world.runs(limit=1000) if run.state in ("ready", "waiting")]


# --- leaving the stage --------------------------------------------------------------------------------------------------


def bound(*nodes: Spec) -> Graph:
    named = {f"n{place}": spec for place, spec in enumerate(nodes)}
    return graph(t=("stage_entered", {"stages": ["talk"]}), **named).model_copy(update={"stop_on_leave": True})


def test_leaving_the_stage_stops_the_run(on_disk: World) -> None:
    on_disk.publish(bound(say("began"), WAIT, say("ended")))
    left, stayed = on_disk.make(), on_disk.make()
    for number in (left, stayed):
        on_disk.change(number, stage="talk")
    on_disk.work()
    on_disk.change(stayed, company="a change is no move")
    on_disk.change(left, stage="won")
    on_disk.work(hours=1)
    assert (on_disk.comments(left), on_disk.comments(stayed)) == (["began"], ["began", "ended"])
    assert states(on_disk) == ["stopped:left_stage", "done"]
    assert not on_disk.ws.db.table("timers").count()


def test_its_own_move_does_not_stop_it(world: World) -> None:
    world.publish(bound(("move_stage", {"stage": "won"}), WAIT, say("ended")))
    number = world.make()
    world.change(number, stage="talk")
    world.work()
    world.work(hours=1)
    assert world.comments(number) == ["ended"]


def test_another_graph_that_moves_it_stops_it(world: World) -> None:
    other = graph("other", t=("comment_added", {}), m=("move_stage", {"stage": "won"}))
    world.publish(bound(WAIT, say("ended")), other)
    number = world.make()
    world.change(number, stage="talk")
    world.work()
    go(world, number)
    world.work(hours=1)
    assert states(world) == ["stopped:left_stage", "done"]


def test_a_wait_for_the_move_is_not_woken_by_the_move_that_stops_it(world: World) -> None:
    wait: Spec = ("wait_event", {"event": "moved", "timeout": 600})
    waiting = graph(wires="t w, w.happened s", t=("stage_entered", {"stages": ["talk"]}), w=wait, s=say("ended"))
    world.publish(waiting.model_copy(update={"stop_on_leave": True}))
    number = world.make()
    world.change(number, stage="talk")
    world.work()
    world.change(number, stage="won")
    world.work()
    assert (told(world, number), states(world)) == ("", ["stopped:left_stage"])
