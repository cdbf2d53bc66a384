"""Robots do what their publisher may do, say in words what they may not, and tell nobody of what is hidden from them."""

from __future__ import annotations

import pytest
from engine_world import CLIENTS, Spec, World, deals, graph

from model.access import Action, Grant, Level
from model.filter import Condition

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
    world.publish(process=deals(grants=DESIGNS))
    world.publish(process=deals(made, grants=DESIGNS), by="dora")
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


LETTER: Spec = ("send_mail", {"to": "c@example.com", "subject": "{title}: {amount}", "body": "{amount}"})


def test_a_designer_learns_nothing_of_hidden_elements_by_publishing_a_trigger(world: World) -> None:
    """Anna may design and sees her own deals only. What others' deals hold must not show in what her flow comes to."""
    big = Condition(field="amount", op="gt", value=5000).dump()
    world.publish(process=deals())
    asked = graph(t=("element_created", {"condition": big}), s=LETTER)
    world.publish(process=deals(asked), by="anna")
    for amount in (100, 6000, 7000):
        world.make("boris", amount=amount)
    mine = world.make("anna", amount=8000)
    world.work()
    anna = world.actor("anna")
    (figures,) = world.ws.insight.robots(anna, "deals").graphs
    assert (figures.runs, figures.done, figures.failed, figures.stopped) == (1, 1, 0, 0)
    assert [run.element for run in world.ws.engine.runs(anna)] == [mine]
    assert [row.element for row in world.ws.outbox.rows(anna, process="deals")] == [mine]
    assert world.ws.inbox.of(anna) == []
    hidden = [run for run in world.runs() if run.element != mine]
    assert [(run.state, run.reason) for run in hidden] == [("stopped", "element_hidden")] * 2, "who sees them sees why"
    assert world.ws.insight.robots(world.actor(), "deals").graphs[0].runs == 3


def test_letters_about_hidden_elements_are_shown_only_to_who_sees_these(world: World) -> None:
    world.publish(graph(t=("element_created", {}), s=LETTER))
    theirs = [world.make("boris", amount=n) for n in range(60)]
    mine = world.make("anna", amount=1)
    theirs += [world.make("boris", amount=n) for n in range(60)]
    world.work()
    assert [row.element for row in world.ws.outbox.rows(world.actor("anna"), process="deals", limit=5)] == [mine]
    assert len(world.ws.outbox.rows(world.actor(), limit=200)) == len(theirs) + 1
    world.ws.elements.delete(world.actor(), theirs[0])
    assert len(world.ws.outbox.rows(world.actor(), limit=200)) == len(theirs) + 1, "administrators let letters go, or not"
