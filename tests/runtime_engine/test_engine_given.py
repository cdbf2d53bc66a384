"""Whoever is given a task hears of it and sees it, also on an element that is not theirs to see."""

from __future__ import annotations

import pytest
from engine_world import Spec, World, deals, graph, say

from model.access import Actor
from model.errors import NotAllowed, NotFound


def robot(world: World, whom: str, by: str = "anna") -> int:
    spec: Spec = ("create_task", {"title": "Call", "responsible": whom, "due": 60, "text": "{amount}"})
    world.publish(graph(t=("element_created", {}), k=spec))
    number = world.make(by=by, amount=5_000)
    world.work()
    return number


def notes(world: World, login: str) -> list[tuple[str, int | None]]:
    return [(note.text, note.element) for note in world.ws.inbox.of(world.actor(login))]


def test_who_is_given_a_task_is_told(world: World) -> None:
    number = robot(world, "responsible")
    assert notes(world, "anna") == [("A robot gives you a task: “Call”. Due 11/2/26, 1:00\u202fPM.", number)]
    world.ws.tasks.add(world.actor("dora"), number, "Look", world.people["anna"])
    assert notes(world, "anna")[0] == ("Dora gives you a task: “Look”.", number)


def test_nobody_is_told_of_what_they_give_themselves(world: World) -> None:
    world.publish(graph(t=("by_hand", {}), s=say()))
    number = world.make(by="anna")
    world.ws.tasks.add(world.actor("anna"), number, "Look", world.people["anna"])
    assert notes(world, "anna") == []


def test_a_task_on_a_hidden_element_is_seen_without_it(world: World) -> None:
    number = robot(world, f"user:{world.people['boris']}")
    boris = world.actor("boris")
    with pytest.raises(NotFound):
        world.ws.elements.get(boris, number)
    (text, element), = notes(world, "boris")  # fmt: skip
    assert text.endswith("You may not see the element it belongs to; ask whoever gave it.") and element is None
    (task,) = world.ws.tasks.mine(boris)
    assert (task.title, task.due, task.text) == ("Call", "2026-11-02T13:00:00.000Z", "")
    with pytest.raises(NotFound):
        world.ws.tasks.done(Actor(99), task.id)
    assert world.ws.tasks.done(boris, task.id).done_by == boris.id
    world.ws.elements.delete(world.actor(), number)
    assert world.ws.tasks.mine(boris, done=True) == []


def test_a_person_who_may_see_no_element_is_told_of_at_the_check(world: World) -> None:
    outsider = world.ws.people.add_user(world.actor(), "olga", "Olga", "olga-password").id
    for user, wrong in ((outsider, True), (world.people["boris"], False)):
        found = world.problems(
            graph(t=("element_created", {}), k=("create_task", {"title": "Call", "responsible": f"user:{user}"}))
        )
        assert [(p.path, p.code, p.level) for p in found] == (
            [("graphs/main/nodes/k/responsible", "person_sees_nothing", "warning")] if wrong else []
        )


def test_a_stage_to_which_waiting_runs_will_move_stays(world: World) -> None:
    world.publish(graph(t=("element_created", {}), w=("wait_for", {"duration": 60}), m=("move_stage", {"stage": "won"}), s=say()))
    numbers = [world.make(), world.make()]
    world.work()
    funnel = deals().funnels[0]
    without = funnel.model_copy(update={"stages": (*funnel.stages[:2], funnel.stages[2].model_copy(update={"code": "sold"}),
                                                   funnel.stages[3])})  # fmt: skip
    world.ws.processes.save(world.actor(), deals(funnels=(without,)))
    with pytest.raises(NotAllowed) as refused:
        world.ws.processes.publish(world.actor(), "deals")
    told = refused.value.problem
    assert (told.code, told.path, told.context["n"], told.context["title"]) == ("stage_awaited", "stages/won", 2, "Won")
    world.work(hours=1)
    assert {world.get(number).stage for number in numbers} == {"won"}
    for number in numbers:
        world.change(number, stage="talk")
    world.ws.processes.publish(world.actor(), "deals")
