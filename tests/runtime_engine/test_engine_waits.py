"""What `wait_event` waits for: this task and no other, and what has come since the run began."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from engine_world import Spec, World, deals, graph, say

from model.graph import Graph


@pytest.fixture(params=["memory", "sqlite", "postgres"])
def world(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[World]:
    url = {"memory": lambda: "memory://", "sqlite": lambda: None}.get(request.param)
    made = World(tmp_path, url() if url else request.getfixturevalue("postgres_url"))
    yield made
    made.ws.db.close()


def task(title: str) -> Spec:
    return ("create_task", {"title": title, "responsible": "responsible"})


def until(event: str = "task_done", **more: Any) -> Spec:
    return ("wait_event", {"event": event, **more})


def waiting(**nodes: Spec) -> Graph:
    """Robots in a row; behind the last, a wait, a word."""
    spots = ["t", *(f"{name}.happened" if spec[0] == "wait_event" else name for name, spec in nodes.items())]
    ways = ", ".join(f"{a} {b}" for a, b in zip(spots, [*nodes, "s"], strict=True))
    return graph(wires=ways, t=("element_created", {}), s=say("on"), **nodes)


def tick(world: World, number: int, title: str) -> None:
    (found,) = [t for t in world.ws.tasks.of(world.actor(), number) if t.title == title]
    world.ws.tasks.done(world.actor(), found.id)
    world.work()


def test_an_unrelated_task_is_not_waited_for(world: World) -> None:
    world.publish(waiting(a=task("mine"), w=until()))
    number = world.make()
    world.work()
    world.ws.tasks.add(world.actor(), number, "other", None)
    tick(world, number, "other")
    assert world.comments(number) == []
    tick(world, number, "mine")
    assert world.comments(number) == ["on"]


def test_the_task_of_the_chosen_robot_is_waited_for(world: World) -> None:
    world.publish(waiting(a=task("first"), b=task("second"), w=until(task="a")))
    number = world.make()
    world.work()
    tick(world, number, "second")
    assert world.comments(number) == []
    tick(world, number, "first")
    assert world.comments(number) == ["on"]


def test_a_task_that_was_done_before_the_wait_is_not_lost(world: World) -> None:
    world.publish(waiting(a=task("mine"), p=("wait_for", {"duration": 60}), w=until()))
    number = world.make()
    world.work()
    tick(world, number, "mine")
    world.work(hours=1)
    assert world.comments(number) == ["on"]


def test_of_two_ways_any_task_that_the_run_made_will_do(world: World) -> None:
    wires = "t a, t b, a j, b j, j w, w.happened s"
    nodes: dict[str, Spec] = {"a": task("left"), "b": task("right"), "j": ("join", {}), "w": until(), "s": say("on")}
    world.publish(graph(wires=wires, t=("element_created", {}), **nodes))
    number = world.make()
    world.work()
    world.ws.tasks.add(world.actor(), number, "other", None)
    tick(world, number, "other")
    assert world.comments(number) == []
    tick(world, number, "right")
    assert world.comments(number) == ["on"]


def test_without_a_task_of_its_own_a_run_waits_for_any(world: World) -> None:
    world.publish(waiting(w=until()))
    number = world.make()
    world.work()
    world.ws.tasks.add(world.actor(), number, "by hand", None)
    tick(world, number, "by hand")
    assert world.comments(number) == ["on"]


@pytest.mark.parametrize("event", ["moved", "changed", "commented"])
def test_what_came_since_the_run_began_counts(world: World, event: str) -> None:
    """Not what the run does itself, and not what started it."""
    own: Spec = ("set_fields", {"values": {"notes": "own"}}) if event == "changed" else say("own")
    world.publish(waiting(p=("wait_for", {"duration": 60}), o=own, w=until(event)))
    quiet, loud = world.make(), world.make()
    world.work()
    if event == "commented":
        world.ws.elements.comment(world.actor(), loud, "hello")
    else:
        world.change(loud, **({"stage": "talk"} if event == "moved" else {"company": "Acme"}))
    world.work(hours=1)
    assert "on" in world.comments(loud)
    assert "on" not in world.comments(quiet)


def test_two_waits_in_a_row_take_two_events(world: World) -> None:
    world.publish(waiting(v=until("commented"), w=until("commented")))
    number = world.make()
    world.work()
    for count, text in enumerate(["one", "two"]):
        assert ("on" in world.comments(number)) is False
        world.ws.elements.comment(world.actor(), number, text)
        world.work()
        assert ("on" in world.comments(number)) is (count == 1)


@pytest.mark.parametrize(("chosen", "wrong"), [("a", False), ("s", True), ("late", True), ("gone", True)])
def test_only_the_task_of_a_robot_before_it_can_be_chosen(world: World, chosen: str, wrong: bool) -> None:
    wires = "t a, a w, w.happened s, s late"
    nodes: dict[str, Spec] = {"a": task("mine"), "w": until(task=chosen), "s": say(), "late": task("late")}
    found = world.problems(graph(wires=wires, t=("element_created", {}), **nodes))
    assert [(p.path, p.code) for p in found if p.level == "error"] == (
        [("graphs/main/nodes/w/task", "node_not_before")] if wrong else []
    )


def test_the_sentence_names_the_task(world: World) -> None:
    from runtime.describe import summary

    nodes: dict[str, Spec] = {"a": task("Call back"), "w": until(task="a")}
    process = deals(graph(t=("element_created", {}), **nodes))
    wait = process.graphs[0].node("w")
    assert wait is not None
    ws = world.ws
    words = summary(wait, process, ws.reader(world.actor()), ws.robots, ws.triggers, ws.types)
    assert words == "Wait for a task done: “Call back”"
