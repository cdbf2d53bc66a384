"""How runs go: exactly once, in order, through restarts, failures, loops and new versions."""

from __future__ import annotations

import threading

import pytest
from engine_world import Spec, World, deals, everything, graph, say

from model.access import SYSTEM_ACTOR, Action, Grant, Level
from model.errors import Denied, NotAllowed, NotFound
from model.event import DEPTH_LIMIT
from model.robot import Pause, Robot, Step
from runtime.engine import KIN_LIMIT


def hello(world: World, *more: Spec) -> int:
    world.publish(graph(t=("element_created", {}), **{f"r{i}": spec for i, spec in enumerate(more or (say("hello"),))}))
    return world.make()


def test_one_event_has_one_effect(on_disk: World) -> None:
    number = hello(on_disk)
    for _ in range(3):
        on_disk.ws.engine.drain()
        on_disk.ws.timers.fire()
        on_disk.ws.engine.drain()
    assert on_disk.comments(number) == ["hello"]
    assert len(on_disk.runs()) == 1


def test_two_workers_do_a_run_once(on_disk: World) -> None:
    """A second workspace on the same file is what `voronka worker` is."""
    hello(on_disk)
    numbers = [on_disk.make() for _ in range(60)]
    other = on_disk.another()
    threads = [threading.Thread(target=engine.drain) for engine in (on_disk.ws.engine, other.engine)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    other.db.close()
    assert [on_disk.comments(number) for number in numbers] == [["hello"]] * 60


def test_nothing_starts_when_the_write_is_undone(world: World) -> None:
    hello(world)
    world.work()
    with pytest.raises(RuntimeError), world.ws.db.transaction():
        world.make()
        raise RuntimeError
    world.work()
    assert len(world.runs()) == 1


def test_events_of_one_element_are_handled_in_order(world: World) -> None:
    node = ("set_fields", {"values": {"notes": "{notes}{company}"}})
    world.publish(graph(t=("field_changed", {"field": "company"}), r=node))
    number = world.make(notes="-")
    seen = []
    for letter in "abc":
        world.change(number, company=letter)
    world.work()
    seen = [event.changes["notes"][1] for event in reversed(world.events(number)) if "notes" in event.changes][1:]
    assert seen == ["-c", "-cc", "-ccc"]
    runs = world.runs()
    assert [run.event for run in runs] == sorted(run.event for run in runs)


def test_a_waiting_run_blocks_nobody(world: World) -> None:
    world.publish(
        graph("slow", t=("element_created", {}), w=("wait_for", {"duration": 60 * 24 * 3}), s=say("slow")),
        graph("quick", t=("field_changed", {"field": "company"}), s=say("quick")),
    )
    number = world.make()
    world.work()
    world.change(number, company="x")
    world.work()
    assert world.comments(number) == ["quick"]
    world.work(days=3)
    assert world.comments(number) == ["quick", "slow"]


def test_waits_survive_a_restart(on_disk: World) -> None:
    nodes: dict[str, Spec] = {
        "t": ("element_created", {}), "time": ("wait_for", {"duration": 60}), "one": say("time"),
        "event": ("wait_event", {"event": "moved", "timeout": 600}), "two": say("event"),
        "date": ("wait_until", {"field": "call_at"}), "three": say("date"),
    }  # fmt: skip
    on_disk.publish(graph(wires="t time, time one, t event, event.happened two, t date, date three", **nodes))
    number = on_disk.make(call_at="2026-11-02T15:00:00.000Z")
    on_disk.work()
    on_disk.restart()
    on_disk.change(number, stage="talk")
    on_disk.restart()
    on_disk.work()
    assert on_disk.comments(number) == ["event"]
    on_disk.restart()
    on_disk.work(hours=1)
    on_disk.restart()
    on_disk.work(hours=2)
    assert on_disk.comments(number) == ["event", "time", "date"]
    assert on_disk.run().state == "done"


def test_ready_runs_survive_a_restart(on_disk: World) -> None:
    number = hello(on_disk)
    on_disk.restart()
    on_disk.work()
    assert on_disk.comments(number) == ["hello"]


def test_a_schedule_survives_a_restart(on_disk: World) -> None:
    on_disk.publish(graph(t=("every", {"interval": 60}), s=say("hello")))
    number = on_disk.make()
    on_disk.clock.move(minutes=50)
    on_disk.restart()
    on_disk.work(minutes=10)
    assert on_disk.comments(number) == ["hello"]


# loops


def test_a_chain_that_feeds_itself_is_stopped_and_named(world: World) -> None:
    there = graph("there", t=("stage_entered", {"stages": ["talk"]}), m=("move_stage", {"stage": "new"}))
    back = graph("back", t=("stage_entered", {"stages": ["new"], "from_stages": ["talk"]}), m=("move_stage", {"stage": "talk"}))
    world.publish(there, back)
    number = world.make()
    world.change(number, stage="talk")
    world.work()
    *walked, last = world.runs()
    assert len(walked) == DEPTH_LIMIT and all(run.state == "done" for run in walked)
    assert (last.state, last.reason, last.context["limit"]) == ("stopped", "loop", DEPTH_LIMIT)
    assert last.context["names"] == "Deals: There → Deals: Back"
    assert last.context["chain"][0] == "deals/there/m"
    (note,) = world.ws.inbox.of(world.actor())
    assert "Deals: There → Deals: Back" in note.text and note.run == last.id
    words = world.ws.reader(world.actor()).t(f"run.reason.{last.reason}", **last.context)
    assert "Deals: There → Deals: Back" in words and "12" in words


def test_a_loop_that_spreads_out_tells_once(world: World) -> None:
    nodes: dict[str, Spec] = {
        "t": ("field_changed", {"field": "counter"}), "a": ("set_fields", {"values": {"counter": 1}}),
        "b": ("set_fields", {"values": {"counter": 2}}),
    }  # fmt: skip
    world.publish(graph(**nodes))
    number = world.make(counter=0)
    world.change(number, counter=5)
    world.work()
    assert len(world.ws.inbox.of(world.actor())) == 1
    (stopped,) = world.runs(state="stopped", limit=1000)
    assert stopped.reason.startswith("loop") and stopped.context["names"] == "Deals: Main"
    assert KIN_LIMIT <= len(world.runs(limit=1000)) <= KIN_LIMIT + 2


def test_a_graph_that_starts_itself_is_stopped(world: World) -> None:
    world.publish(graph(t=("by_hand", {}), go=("start_graph", {"graph": "main"})))
    world.ws.engine.start(world.actor(), world.make(), "main")
    world.work()
    assert [run.state for run in world.runs()] == ["done"] * DEPTH_LIMIT + ["stopped"]


def test_creating_elements_that_create_elements_is_stopped(world: World) -> None:
    world.publish(graph(t=("element_created", {}), c=("create_element", {"process": "deals", "values": {"title": "Again"}})))
    world.make()
    world.work()
    assert world.ws.elements.count(world.actor(), "deals") == DEPTH_LIMIT + 1
    assert world.runs(state="stopped")[0].reason == "loop"


def test_what_a_schedule_starts_is_no_loop(world: World) -> None:
    """Every run of a schedule is a beginning of its own, however many there are."""
    tick = graph("tick", t=("every", {"interval": 60}), f=("set_fields", {"values": {"company": "{today}"}}))
    world.publish(tick, graph("hear", t=("field_changed", {"field": "company"}), s=say("heard")))
    numbers = [world.make(company="-") for _ in range(KIN_LIMIT // 2)]
    for _ in range(3):
        world.work(days=1)
    assert [len(world.comments(number)) for number in (numbers[0], numbers[-1])] == [3, 3]


# failures


LOST: Spec = ("move_stage", {"stage": "lost"})


def test_a_failed_run_says_what_where_and_why_and_goes_on_when_retried(world: World) -> None:
    number = hello(world, say("before"), LOST, say("after"))
    world.work()
    run = world.run()
    assert (run.state, run.reason, run.context["node"], run.context["robot"]) == (
        "failed",
        "robot_failed",
        "r1",
        "Move to a stage",
    )
    assert run.context["code"] == "required_at_stage" and "Reason" in run.context["problem"]
    words = world.ws.reader(world.actor()).t(f"run.reason.{run.reason}", **run.context)
    assert words.startswith("“Move to a stage”: On the stage “Lost”")
    assert [(step["node"], step["state"]) for step in run.trace] == [("r0", "done"), ("r1", "failed")]
    world.change(number, reason="too dear")
    world.ws.engine.retry(world.actor(), run.id)
    world.work()
    assert world.comments(number) == ["before", "after"]
    assert (world.run().state, world.run().reason, world.get(number).stage) == ("done", "", "lost")


def test_a_failed_robot_leaves_nothing_behind(world: World) -> None:
    class Half(Robot):
        """Writes, then breaks."""

        kind = "half"
        icon = "error"

        def run(self, step: Step) -> str | Pause:
            step.comment("half done")
            step.set({"company": "half done"})
            raise RuntimeError("secret detail")

    number = hello(world, say("before"), ("stop", {}))
    program = world.ws.engine.programs.current("deals")
    assert program is not None
    program.graphs["main"].robots["r1"] = Half()  # type: ignore[index]
    world.work()
    run = world.run()
    assert (run.state, run.reason) == ("failed", "robot_broken")
    assert world.comments(number) == ["before"] and world.get(number).get("company") is None
    assert "secret" not in str(run)


def test_retry_by_itself_doubles_its_delay(world: World) -> None:
    number = hello(world, (*LOST, {"retries": 2, "retry_minutes": 10}), say("after"))
    world.work()
    assert (world.run().state, world.run().due) == ("waiting", "2026-11-02T12:10:00.000Z")
    assert "Next try" in world.run().trace[-1]["text"]
    world.work(minutes=10)
    assert (world.run().state, world.run().due) == ("waiting", "2026-11-02T12:30:00.000Z")
    world.work(minutes=19)
    assert world.run().state == "waiting"
    world.change(number, reason="too dear")
    world.work(minutes=1)
    assert (world.run().state, world.comments(number)) == ("done", ["after"])
    assert [(step["state"], step["attempt"]) for step in world.run().trace][:3] == [("retrying", 1), ("retrying", 2), ("done", 3)]


def test_retries_end(world: World) -> None:
    hello(world, (*LOST, {"retries": 1, "retry_minutes": 1}))
    world.work()
    world.work(minutes=1)
    assert world.run().state == "failed"
    world.work(days=1)
    assert [step["state"] for step in world.run().trace] == ["retrying", "failed"]


def test_continue_on_error(world: World) -> None:
    number = hello(world, (*LOST, {"continue_on_error": True}), say("after"))
    world.work()
    assert (world.run().state, world.comments(number)) == ("done", ["after"])
    assert world.run().trace[0]["state"] == "failed"


def test_continue_on_error_by_its_own_way(world: World) -> None:
    sure = ("add_comment", {"text": "all well"}, {"continue_on_error": True})
    nodes = {"bad": (*LOST, {"continue_on_error": True}), "ok": say("after"), "no": say("it failed"), "sure": sure}
    wires = "t bad, bad ok, bad.failed no, no sure, sure.failed ok"
    world.publish(graph(wires=wires, t=("element_created", {}), **nodes))
    number = world.make()
    world.work()
    assert (world.run().state, world.comments(number)) == ("done", ["it failed", "all well"])


def test_a_way_out_on_error_is_there_only_where_errors_are_passed_over(world: World) -> None:
    for more, codes in (({}, ["unknown_port"]), ({"continue_on_error": True}, [])):
        drawn = graph(wires="t bad, bad.failed no", t=("element_created", {}), bad=(*LOST, more), no=say("it failed"))
        found = world.ws.processes.problems(deals(drawn))
        assert [problem.code for problem in found if problem.level == "error"] == codes


def test_one_failed_run_does_not_hold_up_the_others_of_its_commit(world: World) -> None:
    world.publish(graph("bad", t=("element_created", {}), m=LOST), graph("good", t=("element_created", {}), s=say("good")))
    numbers = [world.make() for _ in range(5)]
    world.work()
    assert [world.comments(number) for number in numbers] == [["good"]] * 5
    assert [run.state for run in world.runs(state="failed")] == ["failed"] * 5


def test_cancel(world: World) -> None:
    number = hello(world, ("wait_for", {"duration": 60}), say("late"))
    world.work()
    run = world.run()
    world.ws.engine.cancel(world.actor(), run.id)
    world.work(days=1)
    assert (world.run().state, world.run().reason, world.run().context) == ("stopped", "cancelled", {"by": "Root"})
    assert world.comments(number) == []
    for act, code in ((world.ws.engine.cancel, "run_ended"), (world.ws.engine.retry, "run_not_failed")):
        with pytest.raises(NotAllowed) as refused:
            act(world.actor(), run.id)
        assert refused.value.problem.code == code


def test_deleting_an_element_stops_its_runs(world: World) -> None:
    number = hello(world, ("wait_for", {"duration": 60}), say("late"))
    world.work()
    world.ws.elements.delete(world.actor(), number)
    world.ws.elements.restore(world.actor(), number)
    world.work(days=1)
    assert world.comments(number) == []
    found = world.run()
    assert (found.state, found.reason) == ("stopped", "element_deleted")


def test_deleting_many_stops_the_runs_of_all_of_them_and_of_no_other(world: World) -> None:
    first = hello(world, ("wait_for", {"duration": 60}), say("late"))
    second, third, fourth = (world.make() for _ in range(3))
    world.work()
    world.ws.elements.delete_many(world.actor(), [first, third, fourth])
    for number in (first, third, fourth):
        world.ws.elements.restore(world.actor(), number)
    states = {run.element: (run.state, run.reason) for run in world.ws.engine.runs(world.actor(), "deals")}
    assert states == {second: ("waiting", ""), **dict.fromkeys((first, third, fourth), ("stopped", "element_deleted"))}


# versions and whose name robots act in


def test_running_runs_keep_their_version(world: World) -> None:
    number = hello(world, ("wait_for", {"duration": 60}), say("old"))
    world.work()
    world.publish(graph(t=("element_created", {}), r0=("wait_for", {"duration": 60}), r1=say("new")))
    other = world.make()
    world.work(hours=1)
    world.work(hours=1)
    assert (world.comments(number), world.comments(other)) == (["old"], ["new"])
    assert [run.version for run in world.runs()] == [1, 2]


def test_robots_act_as_who_published_them(world: World) -> None:
    """Anna may not see clients, so what her robots fill in of one is nothing; the administrator's see it."""
    client = world.ws.elements.create(world.actor(), "clients", {"title": "Acme", "phone": "+74951234567"}).id
    made = graph(t=("element_created", {}), s=say("phone: {client.phone}"))
    for login, seen in (("root", "phone: +74951234567"), ("anna", "phone:")):
        theirs = made.model_copy(update={"title": login})
        world.publish(process=deals(theirs, grants=everything("sales", Level.ALL)), by=login)
        number = world.make(client=client)
        world.work()
        assert world.comments(number) == [seen]


def test_a_publisher_who_has_left_stops_robots_with_a_reason(world: World) -> None:
    world.ws.people.change_user(SYSTEM_ACTOR, world.people["dora"], admin=True)
    world.publish(graph(t=("element_created", {}), s=say()), by="dora")
    number = world.make()
    world.ws.people.change_user(SYSTEM_ACTOR, world.people["dora"], active=False)
    world.work()
    assert (world.run().state, world.run().reason) == ("failed", "owner_gone")
    world.ws.people.change_user(SYSTEM_ACTOR, world.people["dora"], active=True)
    world.ws.engine.retry(world.actor(), world.run().id)
    world.work()
    assert world.comments(number) == ["First"]


def test_a_publisher_who_may_not_see_the_element_stops_robots_with_a_reason(world: World) -> None:
    grants = tuple(Grant(role="sales", action=action, level=Level.OWN) for action in Action)
    made = graph(t=("element_created", {}), s=say())
    world.publish(process=deals(grants=grants))
    world.publish(process=deals(made, grants=grants), by="anna")
    number = world.make("boris", title="Secret")
    world.work()
    run = world.run(element=number)
    assert (run.state, run.reason) == ("stopped", "element_hidden")


def test_runs_are_seen_through_rights(world: World) -> None:
    hello(world)
    number = world.make("anna")
    world.work()
    engine = world.ws.engine
    assert [run.element for run in engine.runs(world.actor("anna"))] == [number]
    assert engine.runs(world.actor("boris")) == []
    assert {run.element for run in engine.runs(world.actor("dora"))} == {1, number}
    (run,) = engine.runs(world.actor("anna"))
    for act in (engine.run, engine.cancel, engine.retry):
        with pytest.raises(NotFound):
            act(world.actor("boris"), run.id)
    reads = tuple(Grant(role="boss", action=action, level=Level.ALL) for action in (Action.READ,))
    world.publish(process=deals(graph(t=("element_created", {}), s=say()), grants=reads))
    with pytest.raises(Denied):
        engine.cancel(world.actor("dora"), run.id)


def test_a_robot_nobody_can_configure_any_more_fails_with_words(on_disk: World) -> None:
    """A version may hold what this program does not know any more."""
    hello(on_disk)
    versions = on_disk.ws.db.table("versions")
    for doc in versions.all():
        if doc["process"] == "deals":
            doc["data"]["graphs"][0]["nodes"][1]["params"] = {"text": 5}
            versions.replace(doc.doc_id, doc)
    on_disk.restart()
    on_disk.work()
    run = on_disk.run()
    assert (run.state, run.context["code"], run.context["node"]) == ("failed", "robot_unsound", "r0")


def test_waking_for_nothing_adds_nothing_to_the_trace(world: World) -> None:
    nodes: dict[str, Spec] = {
        "t": ("element_created", {}),
        "w": ("wait_event", {"event": "changed", "field": "company"}),
        "s": say("x"),
    }
    world.publish(graph(wires="t w, w.happened s", **nodes))
    number = world.make()
    world.work()
    for text in "abc":
        world.change(number, notes=text)
        world.work()
    assert len(world.run().trace) == 1
