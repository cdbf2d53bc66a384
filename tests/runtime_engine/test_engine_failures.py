"""What becomes of failures: who is told and how often, trying again with another version, many at once, runs that cannot move."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from engine_world import Spec, World, deals, everything, graph, say
from tinydb import where

from model.access import SYSTEM_ACTOR, Level
from model.errors import NotAllowed
from model.graph import Graph

WAIT: Spec = ("wait_for", {"duration": 60})
BROKEN: Spec = ("move_stage", {"stage": "lost"})
"""Fails as long as the field `reason` is empty."""


def failing(*more: Spec, broken: Spec = BROKEN) -> Graph:
    return graph(t=("element_created", {}), a=say("began"), b=broken, **{f"m{n}": spec for n, spec in enumerate(more)})


def told(world: World, login: str = "root") -> list[str]:
    return [row.text for row in world.ws.inbox.of(world.actor(login), unread=True)]


# who is told


def test_500_failures_are_one_notification_with_their_number(world: World) -> None:
    world.publish(failing())
    with world.ws.db.transaction():
        for _ in range(500):
            world.make()
    world.work()
    (text,) = told(world)
    assert "500" in text
    assert "“Main” (Deals)" in text
    assert "Reason" in text, "what is missing is said"


def test_who_has_looked_is_told_anew(world: World) -> None:
    world.publish(failing())
    world.make()
    world.work()
    world.ws.inbox.read(world.actor(), None)
    assert told(world) == []
    world.make()
    world.work()
    assert len(told(world)) == 1


def test_who_has_tried_again_is_told_anew(world: World) -> None:
    world.publish(failing())
    world.make()
    world.work()
    world.ws.engine.retry(world.actor(), world.run().id)
    world.work()
    assert len(told(world)) == 2


def test_another_robot_another_version_and_another_reason_are_told_of_apart(world: World) -> None:
    world.publish(failing())
    world.make()
    world.work()
    world.publish(failing(broken=("set_fields", {"values": {"email": "{company}"}})))
    world.make(company="no address")
    world.work()
    assert len(told(world)) == 2


def test_nobody_is_told_who_is_gone(world: World) -> None:
    world.ws.people.change_user(SYSTEM_ACTOR, world.people["dora"], admin=True)
    world.publish(failing(), by="dora")
    world.make()
    world.ws.people.change_user(SYSTEM_ACTOR, world.people["dora"], active=False)
    world.work()
    assert world.run().reason == "owner_gone"
    assert world.ws.db.table("notifications").count() == 0


# trying again with the version in force


def test_trying_again_with_the_version_in_force(world: World) -> None:
    world.publish(failing(say("old end")))
    number = world.make()
    world.work()
    world.publish(failing(say("new end"), broken=("move_stage", {"stage": "talk"})))
    world.ws.engine.retry(world.actor(), world.run().id, current=True)
    world.work()
    run = world.run()
    assert (run.state, run.version, world.comments(number)) == ("done", 2, ["began", "new end"])


def test_with_its_own_version_it_fails_as_before(world: World) -> None:
    world.publish(failing())
    world.make()
    world.work()
    world.publish(failing(broken=("move_stage", {"stage": "talk"})))
    world.ws.engine.retry(world.actor(), world.run().id)
    world.work()
    assert (world.run().state, world.run().version) == ("failed", 1)


GONE = {
    "the node is gone": (graph(t=("element_created", {}), a=say("began")), "retry_node_gone"),
    "another robot stands there": (failing(broken=say("new")), "retry_node_gone"),
    "the graph is gone": (graph("other", t=("element_created", {}), a=say()), "retry_graph_gone"),
}


@pytest.mark.parametrize("what", GONE)
def test_it_is_refused_clearly_when_there_is_no_way(world: World, what: str) -> None:
    made, code = GONE[what]
    world.publish(failing())
    world.make()
    world.work()
    before = world.run()
    world.publish(made)
    with pytest.raises(NotAllowed) as refused:
        world.ws.engine.retry(world.actor(), before.id, current=True)
    assert refused.value.problem.code == code
    assert "{" not in world.ws.readers(world.actor()).say(refused.value.problem)
    assert world.run() == before


def test_nodes_that_are_new_and_nodes_that_are_done_and_gone(world: World) -> None:
    world.publish(failing())
    number = world.make(reason="price")
    other = world.make()
    world.work()
    world.publish(graph(t=("element_created", {}), n=say("new"), b=("move_stage", {"stage": "talk"}), z=say("end")))
    failed = world.run(element=other)
    world.ws.engine.retry(world.actor(), failed.id, current=True)
    world.work()
    assert world.comments(number) == ["began"]
    assert world.comments(other) == ["began", "new", "end"]


# many at once


def test_many_are_tried_again_and_stopped(on_disk: World) -> None:
    on_disk.publish(failing(WAIT))
    numbers = [on_disk.make() for _ in range(130)]
    on_disk.work()
    engine, actor = on_disk.ws.engine, on_disk.actor()
    failed = engine.changeable(actor, "deals", ["failed"])
    assert len(failed) == 130
    for number in numbers[:100]:
        on_disk.change(number, reason="price")
    assert engine.many(engine.retry, actor, failed) == (130, 0)
    on_disk.work()
    assert len(on_disk.runs(state="waiting", limit=200)) == 100
    waiting = engine.changeable(actor, "deals", ["ready", "waiting"], "main")
    engine.cancel(actor, waiting[0])
    assert engine.many(engine.cancel, actor, waiting) == (99, 1), "one had ended meanwhile"
    assert engine.changeable(actor, "deals", ["ready", "waiting"]) == []
    assert engine.changeable(actor, "deals", ["failed"], "other") == []


def test_only_what_one_may_change(world: World) -> None:
    world.publish(process=deals(failing(), grants=everything("sales", Level.OWN)))
    mine, _ = world.make("anna"), world.make("boris")
    world.work()
    engine = world.ws.engine
    (run,) = engine.changeable(world.actor("anna"), "deals", ["failed"])
    assert world.ws.engine.run(world.actor(), run).element == mine
    every = engine.changeable(world.actor(), "deals", ["failed"])
    assert engine.many(engine.retry, world.actor("anna"), every) == (1, 1)


# runs that cannot move


def waiting(world: World, *specs: Spec) -> int:
    world.publish(graph(t=("element_created", {}), **{f"n{place}": spec for place, spec in enumerate(specs)}))
    world.make()
    world.work()
    return world.run(state="waiting").id


def stuck(world: World) -> dict[int, str]:
    return world.ws.engine.stuck([run.id for run in world.runs()])


def test_what_moves_is_not_stuck(world: World) -> None:
    waiting(world, WAIT, say())
    assert stuck(world) == {}
    assert world.ws.engine.mend() == 0
    world.work(hours=1)
    assert stuck(world) == {}


def test_a_lost_timer_is_found_and_mended(on_disk: World) -> None:
    run = waiting(on_disk, WAIT, say("after"))
    on_disk.ws.db.table("timers").remove(where("run") == run)
    assert stuck(on_disk) == {run: "lost_timer"}
    assert on_disk.ws.engine.mend() == 1
    assert stuck(on_disk) == {}
    on_disk.work(hours=1)
    assert on_disk.comments(1) == ["after"]


def test_a_letter_that_was_thrown_away_unheard(world: World) -> None:
    call: Spec = ("call_webhook", {"url": "http://127.0.0.1:9/x", "method": "POST"})
    made = graph(wires="t c, c.failed f", t=("element_created", {}), c=call, f=say("failed"))
    world.publish(made)
    world.make()
    world.ws.engine.drain()
    run = world.run(state="waiting").id
    world.ws.db.table("outbox").truncate()
    assert stuck(world) == {run: "lost_answer"}
    assert world.ws.engine.mend() == 1
    world.work()
    assert world.comments(1) == ["failed"]


def test_a_turn_that_was_lost(world: World) -> None:
    made = graph(t=("comment_added", {"contains": "go"}), w=WAIT)
    world.publish(made.model_copy(update={"mode": "queue"}))
    number = world.make()
    for _ in range(2):
        world.ws.elements.comment(world.actor(), number, "go")
    world.work()
    first, second = world.runs()
    world.ws.db.table("runs").update({"state": "done"}, doc_ids=[first.id])
    assert stuck(world) == {second.id: "lost_turn"}
    assert world.ws.engine.mend() == 1
    world.work()
    assert (stuck(world), world.runs()[1].reason) == ({}, "")


def no_record(doc: dict[str, object]) -> None:
    doc["nodes"] = {}


def test_a_run_that_nothing_can_wake_is_named_and_left(world: World) -> None:
    run = waiting(world, WAIT)
    world.ws.db.table("timers").truncate()
    world.ws.db.table("runs").update(no_record, doc_ids=[run])
    assert stuck(world) == {run: "never_wakes"}
    assert world.ws.engine.mend() == 0
    world.ws.engine.cancel(world.actor(), run)
    assert stuck(world) == {}


def test_a_run_that_nobody_works_on(world: World) -> None:
    world.publish(graph(t=("element_created", {}), a=say()))
    world.make()
    world.clock.move(minutes=10)
    assert stuck(world) == {}
    world.clock.move(minutes=10)
    assert list(stuck(world).values()) == ["late"]


def owner(world: World) -> None:
    world.ws.people.change_user(SYSTEM_ACTOR, world.people["dora"], active=False)


def version(world: World) -> None:
    world.ws.db.table("versions").remove((where("process") == "deals") & (where("number") == 1))


@pytest.mark.parametrize(("harm", "why"), [(owner, "owner_gone"), (version, "version_gone")])
def test_a_run_that_will_fail(world: World, harm: Callable[[World], None], why: str) -> None:
    world.ws.people.change_user(SYSTEM_ACTOR, world.people["dora"], admin=True)
    world.publish(graph(t=("element_created", {}), w=WAIT), by="dora")
    world.make()
    world.work()
    world.publish(graph(t=("element_created", {}), a=say()))
    harm(world)
    assert list(stuck(world).values()) == [why]


# a time limit


def test_a_call_waits_for_its_answer_no_longer_than_it_may(on_disk: World) -> None:
    """There is nobody at that address, so the call is tried for hours."""
    call: Spec = ("call_webhook", {"url": "http://127.0.0.1:9/x", "timeout": 10})
    on_disk.publish(graph(wires="t c, c.failed f, c d", t=("element_created", {}), c=call, f=say("failed"), d=say("done")))
    on_disk.ws.settings.save(SYSTEM_ACTOR, private_calls=True)
    number = on_disk.make()
    on_disk.work()
    on_disk.work(minutes=9)
    assert on_disk.comments(number) == []
    on_disk.restart()
    on_disk.work(minutes=1)
    assert (on_disk.comments(number), on_disk.run().state) == (["failed"], "done")
    on_disk.work(hours=5)
    assert on_disk.comments(number) == ["failed"], "what comes of it later starts nothing"
    assert "No answer in time." in [step["text"] for step in on_disk.run().trace]
