"""Every robot does its job through the real services."""

from __future__ import annotations

from io import BytesIO
from typing import Any

import pytest
from engine_world import Spec, World, graph, say
from pypdf import PdfReader

from model.access import SYSTEM_ACTOR


def robot(world: World, kind: str, params: dict[str, Any], **values: Any) -> int:
    """An element whose creation sets one robot to work."""
    world.publish(graph(t=("element_created", {"condition": {"field": "title", "op": "ne", "value": "Made"}}), r=(kind, params)))
    number = world.make(**values)
    world.work()
    return number


def test_set_fields(world: World) -> None:
    values = {
        "company": "{title} of {responsible.name}", "amount": "{amount}", "counter": 7, "urgent": True, "tags": ["a", "{title}"],
        "notes": "", "helper": "head", "responsible": "user:3", "title": "Renamed", "close_date": "{today}",
    }  # fmt: skip
    number = robot(world, "set_fields", {"values": values}, by="anna", amount=12.5, notes="old")
    found = world.get(number)
    assert found.get("company") == "First of Anna"
    assert (found.get("amount"), found.get("counter"), found.get("urgent"), found.get("tags")) == (12.5, 7, True, ["a", "First"])
    assert found.get("notes") is None
    assert (found.get("helper"), found.responsible, found.title) == (world.people["dora"], 3, "Renamed")
    assert found.get("close_date") == "2026-11-02"
    (changed,) = (event for event in world.events(number) if event.kind == "changed")
    assert (changed.by, changed.chain, changed.run) == (world.people["root"], ("deals/main/r",), world.run().id)
    assert world.run().trace[0]["changes"]["notes"] == ["old", None]


def test_a_value_that_does_not_fit_fails_with_its_field(world: World) -> None:
    number = robot(world, "set_fields", {"values": {"amount": "{title}", "company": "x"}})
    run = world.run()
    assert (run.state, run.reason, run.context["path"]) == ("failed", "robot_failed", "amount")
    assert "First" in run.context["problem"]
    assert world.get(number).get("company") is None


def test_move_stage(world: World) -> None:
    number = robot(world, "move_stage", {"stage": "won"})
    assert (world.get(number).stage, world.get(number).closed_at is not None) == ("won", True)
    assert world.run().trace[0]["changes"] == {"stage": ["new", "won"]}


def test_moving_where_it_stands_is_nothing(world: World) -> None:
    number = robot(world, "move_stage", {"stage": "new"})
    assert (world.run().state, [event.kind for event in world.events(number)]) == ("done", ["created"])


def test_a_stage_that_requires_a_field_refuses_the_move(world: World) -> None:
    number = robot(world, "move_stage", {"stage": "lost"})
    run = world.run()
    assert (world.get(number).stage, run.state) == ("new", "failed")
    assert "Reason" in run.context["problem"] and "Lost" in run.context["problem"]


def test_change_responsible_in_turn_without_closed_accounts(world: World) -> None:
    world.ws.people.change_user(SYSTEM_ACTOR, world.people["boris"], active=False)
    people = [f"user:{world.people[name]}" for name in ("anna", "boris", "dora")]
    world.publish(graph(t=("element_created", {}), r=("change_responsible", {"people": people})))
    numbers = [world.make() for _ in range(4)]
    world.work()
    wanted = {world.people["anna"], world.people["dora"]}
    given = [world.get(number).responsible for number in numbers]
    assert set(given) == wanted and given[0] == given[2] != given[1] == given[3]


def test_change_responsible_to_nobody(world: World) -> None:
    number = robot(world, "change_responsible", {"people": ["helper"]}, by="anna")
    assert world.get(number).responsible == world.people["anna"]
    assert world.run().trace[0]["port"] == "nobody"


@pytest.mark.parametrize(
    ("whom", "expected"),
    [
        ("responsible", "anna"),
        ("creator", "anna"),
        ("mover", "boris"),
        ("head", "dora"),
        ("user:{root}", "root"),
        ("helper", "boris"),
    ],
)
def test_people_by_what_they_are(world: World, whom: str, expected: str) -> None:
    world.publish(
        graph(t=("stage_entered", {"stages": ["talk"]}), r=("notify", {"whom": whom.format(**world.people), "text": "!"}))
    )
    number = world.make("anna", helper=world.people["boris"])
    world.ws.people.save_role(SYSTEM_ACTOR, "boss", "Boss", [world.people["boris"]], [])
    world.change(number, "boris", stage="talk")
    world.work()
    assert [n.text for n in world.ws.inbox.of(world.actor(expected))] == ["!"]


def test_create_linked_element(world: World) -> None:
    values = {"title": "Client of {title}", "phone": "+7 495 123-45-67", "keeper": "head"}
    number = robot(world, "create_element", {"process": "clients", "values": values, "link_field": "deal"}, by="anna")
    (made,) = world.ws.elements.find(world.actor(), "clients")
    assert (made.title, made.get("deal"), made.get("keeper")) == ("Client of First", number, world.people["dora"])
    assert made.get("phone")
    assert made.id in {each.id for each in world.ws.elements.linked(world.actor(), number)}
    assert "Client of First" in world.run().trace[0]["text"]


def test_create_in_the_same_process(world: World) -> None:
    number = robot(world, "create_element", {"process": "deals", "values": {"title": "Made", "amount": "{amount}"},
                                             "link_field": "parent"}, amount=10)  # fmt: skip
    (made,) = (each for each in world.ws.elements.find(world.actor(), "deals") if each.id != number)
    assert (made.title, made.get("parent"), made.get("amount")) == ("Made", number, 10)


def test_create_task(world: World) -> None:
    number = robot(
        world, "create_task", {"title": "Call {title}", "due": 24 * 60, "text": "{company}"}, by="anna", company="Acme"
    )
    (task,) = world.ws.tasks.mine(world.actor("anna"))
    assert (task.title, task.text, task.element, task.due) == ("Call First", "Acme", number, "2026-11-03T12:00:00.000Z")
    assert (task.run, task.created_by) == (world.run().id, world.people["root"])


def test_add_comment(world: World) -> None:
    number = robot(world, "add_comment", {"text": "{company} <b>{{x}}</b>"}, company="A & B")
    assert world.comments(number) == ["A & B <b>{x}</b>"]


def test_notify(world: World) -> None:
    number = robot(world, "notify", {"text": "Look at {title}"}, by="anna")
    (note,) = world.ws.inbox.of(world.actor("anna"))
    assert (note.text, note.element, note.process, note.run) == ("Look at First", number, "deals", world.run().id)
    assert world.run().trace[0]["text"] == "Anna: Look at First"


def test_make_pdf_in_cyrillic_attaches_it(world: World) -> None:
    params = {
        "name": "Договор {title}/2026",
        "title": "Договор № {id}",
        "body": "Сумма: {amount}\n\nКлиент: {company}",
        "field": "paper",
    }
    number = robot(world, "make_pdf", params, amount=100, company="ООО «Ромашка»")
    (file,) = world.ws.files.of(world.actor(), number)
    assert (file.name, world.get(number).get("paper")) == ("Договор First 2026.pdf", file.id)
    _, data = world.ws.files.open(world.actor(), file.id)
    text = "".join(page.extract_text() for page in PdfReader(BytesIO(data)).pages)
    assert f"Договор № {number}" in text and "ООО «Ромашка»" in text and "$100" in text


def test_start_another_graph(world: World) -> None:
    first = graph(t=("element_created", {}), go=("start_graph", {"graph": "other"}), after=say("after"))
    world.publish(first, graph("other", t=("by_hand", {}), say=say("from the other")))
    number = world.make()
    world.work()
    assert world.comments(number) == ["after", "from the other"]
    assert [run.graph for run in world.runs()] == ["main", "other"]


def test_starting_a_graph_that_is_gone_fails_with_its_name(world: World) -> None:
    first = graph(t=("element_created", {}), go=("start_graph", {"graph": "other"}))
    second = graph("other", t=("by_hand", {}), say=say())
    world.publish(first, second)
    world.make()
    world.publish(first.model_copy(update={"enabled": False}), second.model_copy(update={"enabled": False}))
    world.work()
    assert (world.run().state, world.run().context["code"]) == ("failed", "not_by_hand")
    assert "Other" in world.run().context["problem"]


def test_stop_ends_the_whole_run(world: World) -> None:
    nodes: dict[str, Spec] = {
        "t": ("element_created", {}), "wait": ("wait_for", {"duration": 10}), "late": say("late"),
        "short": ("wait_for", {"duration": 5}), "end": ("stop", {}),
    }  # fmt: skip
    world.publish(graph(wires="t wait, wait late, t short, short end", **nodes))
    number = world.make()
    world.work(minutes=5)
    world.work(minutes=5)
    run = world.run()
    assert (run.state, run.reason, world.comments(number)) == ("done", "", [])
    assert world.states(run) == {"t": "done", "wait": "skipped", "late": "skipped", "short": "done", "end": "done"}


# logic


@pytest.mark.parametrize(("amount", "way"), [(1001, "yes"), (1000, "no"), (None, "no")])
def test_condition(world: World, amount: float | None, way: str) -> None:
    question = ("condition", {"condition": {"op": "all", "items": [{"field": "amount", "op": "gt", "value": 1000},
                                                                 {"field": "stage", "op": "eq", "value": "new"}]}})  # fmt: skip
    world.publish(graph(wires="t q, q.yes yes, q.no no", t=("element_created", {}), q=question, yes=say("yes"), no=say("no")))
    number = world.make(amount=amount)
    world.work()
    assert world.comments(number) == [way]
    states = world.states(world.run())
    assert states[way] == "done" and states[{"yes": "no", "no": "yes"}[way]] == "skipped"


def test_me_in_a_condition_is_who_did_it(world: World) -> None:
    mine = {"condition": {"field": "responsible", "op": "eq", "value": "@me"}}
    world.publish(graph(t=("stage_entered", {"stages": ["talk"], **mine}), say=say()))
    number = world.make("anna")
    world.change(number, stage="talk")
    world.work()
    assert world.comments(number) == []
    world.change(number, "anna", stage="new")
    world.change(number, "anna", stage="talk")
    world.work()
    assert world.comments(number) == ["First"]


@pytest.mark.parametrize(
    ("field", "value", "way"),
    [("company", "Acme", "a"), ("company", "ACME", "a"), ("company", "Other", "x"), ("company", None, "x"), ("counter", 5, "b"),
     ("tags", ["no", "5"], "b"), ("urgent", True, "c")],
)  # fmt: skip
def test_switch(world: World, field: str, value: Any, way: str) -> None:
    node = ("switch", {"field": field, "cases": ["Acme", "5", "true"]})
    wires = "t s, s.Acme a, s.5 b, s.true c, s.other x"
    world.publish(graph(wires=wires, t=("element_created", {}), s=node, **{name: say(name) for name in "abcx"}))
    number = world.make(**{field: value})
    world.work()
    assert world.comments(number) == [way]


JOIN = "t one, t two, t q, q.yes three, one j, two j, three j, j after"


def joined(world: World, mode: str, amount: float) -> int:
    nodes: dict[str, Spec] = {
        "t": ("element_created", {}), "q": ("condition", {"condition": {"field": "amount", "op": "gt", "value": 10}}),
        "one": ("wait_for", {"duration": 10}), "two": ("wait_for", {"duration": 20}), "three": ("wait_for", {"duration": 30}),
        "j": ("join", {"mode": mode}), "after": say("after"),
    }  # fmt: skip
    world.publish(graph(wires=JOIN, **nodes))
    number = world.make(amount=amount)
    world.work()
    return number


def test_join_waits_for_all_ways_but_not_for_dead_ones(world: World) -> None:
    number = joined(world, "all", 5)
    world.work(minutes=10)
    assert world.comments(number) == []
    world.work(minutes=10)
    assert world.comments(number) == ["after"]
    assert world.run().state == "done"


def test_join_waits_for_a_living_third_way(world: World) -> None:
    number = joined(world, "all", 15)
    world.work(minutes=20)
    assert world.comments(number) == []
    world.work(minutes=10)
    assert world.comments(number) == ["after"]


def test_join_any_goes_on_with_the_first_and_once(world: World) -> None:
    number = joined(world, "any", 15)
    world.work(minutes=10)
    assert world.comments(number) == ["after"]
    assert world.run().state == "waiting"
    world.work(minutes=20)
    assert (world.comments(number), world.run().state) == (["after"], "done")


# waits


def test_wait_for(world: World) -> None:
    world.publish(graph(t=("element_created", {}), w=("wait_for", {"duration": 90}), s=say()))
    number = world.make()
    world.work(minutes=5)
    assert (world.run().state, world.run().due) == ("waiting", "2026-11-02T13:35:00.000Z")
    assert world.run().trace[0]["text"] == "Waits until Nov 2, 2026, 1:35\u202fPM"
    world.work(minutes=89)
    assert world.comments(number) == []
    world.work(minutes=1)
    assert (world.comments(number), world.run().state) == (["First"], "done")


@pytest.mark.parametrize(
    ("params", "values", "minutes", "port"),
    [
        ({"field": "call_at"}, {"call_at": "2026-11-02T13:00:00.000Z"}, 60, "done"),
        ({"field": "call_at", "offset": 15}, {"call_at": "2026-11-02T13:00:00.000Z"}, 45, "done"),
        ({"field": "call_at", "offset": 15, "side": "after"}, {"call_at": "2026-11-02T13:00:00.000Z"}, 75, "done"),
        ({"field": "close_date", "time": "10:00"}, {"close_date": "2026-11-03"}, 22 * 60, "done"),
        ({"field": "close_date"}, {"close_date": "2026-11-01"}, 0, "done"),
        ({"field": "close_date"}, {}, 0, "no_date"),
    ],
)
def test_wait_until(world: World, params: dict[str, Any], values: dict[str, Any], minutes: int, port: str) -> None:
    world.publish(graph(wires="t w, w s, w.no_date s", t=("element_created", {}), w=("wait_until", params), s=say()))
    number = world.make(**values)
    world.work()
    if minutes:
        world.work(minutes=minutes - 1)
        assert world.comments(number) == []
        world.work(minutes=1)
    assert world.comments(number) == ["First"]
    assert world.run().nodes["w"]["port"] == port


@pytest.mark.parametrize("more", [{}, {"stage": "talk"}])
def test_wait_until_follows_the_date(world: World, more: dict[str, Any]) -> None:
    """Also when it is changed together with a move."""
    world.publish(graph(t=("element_created", {}), w=("wait_until", {"field": "call_at"}), s=say()))
    number = world.make(call_at="2026-11-02T18:00:00.000Z")
    world.work()
    world.change(number, call_at="2026-11-02T13:00:00.000Z", **more)
    world.work()
    assert world.comments(number) == []
    world.work(hours=1)
    assert world.comments(number) == ["First"]


def eventful(world: World, **params: Any) -> int:
    nodes: dict[str, Spec] = {"t": ("element_created", {}), "w": ("wait_event", params), "yes": say("yes"), "late": say("late")}
    world.publish(graph(wires="t w, w.happened yes, w.timeout late", **nodes))
    number = world.make()
    world.work()
    return number


def test_wait_for_a_move(world: World) -> None:
    number = eventful(world, event="moved", stages=["won"])
    world.change(number, stage="talk")
    world.work()
    assert world.comments(number) == []
    world.change(number, stage="won")
    world.work()
    assert world.comments(number) == ["yes"]


@pytest.mark.parametrize("more", [{}, {"stage": "talk"}])
def test_wait_for_a_change_of_a_field(world: World, more: dict[str, Any]) -> None:
    number = eventful(world, event="changed", field="company")
    world.change(number, notes="something else", **({"stage": "lost", "reason": "x"} if more else {}))
    world.work()
    assert world.comments(number) == []
    world.change(number, company="Acme", **more)
    world.work()
    assert world.comments(number) == ["yes"]


def test_a_mere_move_is_no_change_of_a_field(world: World) -> None:
    number = eventful(world, event="changed")
    world.change(number, stage="talk")
    world.work()
    assert world.comments(number) == []
    world.change(number, company="Acme")
    world.work()
    assert world.comments(number) == ["yes"]


def test_wait_for_a_comment_a_task_and_a_file(world: World) -> None:
    nodes: dict[str, Spec] = {
        "t": ("element_created", {}), "a": ("wait_event", {"event": "commented"}), "b": ("wait_event", {"event": "task_done"}),
        "c": ("wait_event", {"event": "file_added"}), "s": ("set_fields", {"values": {"company": "all three"}}),
    }  # fmt: skip
    world.publish(graph(wires="t a, a.happened b, b.happened c, c.happened s", **nodes))
    number, me = world.make(), world.actor()
    world.work()
    task = world.ws.tasks.add(me, number, "Call", me.id)
    world.ws.elements.comment(me, number, "hi")
    world.work()
    world.ws.tasks.done(me, task.id)
    world.work()
    assert world.get(number).get("company") is None
    world.ws.files.add(me, number, "a.txt", b"x")
    world.work()
    assert world.get(number).get("company") == "all three"


def test_time_out(world: World) -> None:
    number = eventful(world, event="moved", stages=["won"], timeout=60)
    world.work(minutes=30)
    world.change(number, stage="talk")
    world.work(minutes=29)
    assert world.comments(number) == []
    world.work(minutes=1)
    assert world.comments(number) == ["late"]
    world.change(number, stage="won")
    world.work()
    assert world.comments(number) == ["late"]


def test_an_event_and_the_time_out_at_once_count_once(world: World) -> None:
    number = eventful(world, event="moved", timeout=60)
    world.clock.move(minutes=60)
    world.change(number, stage="talk")
    world.work()
    assert world.comments(number) == ["yes"]
