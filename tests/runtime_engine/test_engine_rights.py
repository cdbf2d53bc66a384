"""Robots do what their publisher may do, and say in words what they may not."""

from __future__ import annotations

import pytest
from engine_world import CLIENTS, Spec, World, deals, graph

from model.access import Action, Grant, Level

DESIGNS = tuple(Grant(role="boss", action=action, level=Level.ALL) for action in (Action.READ, Action.SETTINGS, Action.ROBOTS))
"""May design everything and read everything, and touch nothing."""
WRITES: dict[str, Spec] = {
    "field": ("set_fields", {"values": {"company": "Acme"}}),
    "stage": ("move_stage", {"stage": "talk"}),
    "responsible": ("change_responsible", {"people": ("creator",)}),
    "element elsewhere": ("create_element", {"process": "clients", "values": {"phone": "+7 999 123-45-67"}}),
}


@pytest.mark.parametrize("what", WRITES)
def test_a_publisher_without_the_right_makes_the_run_fail_in_words(world: World, what: str) -> None:
    made = graph(t=("element_created", {}), s=WRITES[what])
    world.publish(process=deals(made, grants=DESIGNS))
    world.publish(process=deals(made, grants=DESIGNS, description="again"), by="dora")
    number = world.make(responsible=world.people["anna"])
    world.work()
    run, element = world.run(), world.get(number)
    assert (run.state, run.reason) == ("failed", "robot_failed")
    assert (element.stage, element.version, element.responsible) == ("new", 1, world.people["anna"])
    assert world.ws.elements.count(world.actor(), "clients") == 0
    action, process = ("add", CLIENTS.title) if what == "element elsewhere" else ("change", "Deals")
    said = world.ws.reader(world.actor()).t(f"run.reason.{run.reason}", **run.context)
    assert f"You may not {action} elements of “{process}”. None of your roles grants it." in said, said
    assert f"who published them: {world.ws.people.names()[world.people['dora']]}." in said


@pytest.mark.parametrize("what", WRITES)
def test_the_same_robot_works_for_who_has_the_right(world: World, what: str) -> None:
    world.publish(process=deals(graph(t=("element_created", {}), s=WRITES[what]), grants=DESIGNS))
    world.make(responsible=world.people["anna"])
    world.work()
    assert world.run().state == "done"
