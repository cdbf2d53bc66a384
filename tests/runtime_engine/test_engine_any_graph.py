"""Any graph, sound or not, and any order of events: a run ends as done, failed, stopped or waiting, with a reason."""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from engine_world import World, deals, graph, say
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from tinydb import where

from model.errors import VoronkaError
from model.graph import MODES, Graph
from model.run import Run

TORTURE = os.environ.get("VORONKA_TORTURE") == "1"
EXAMPLES, WORLDS = (250, 40) if TORTURE else (150, 1)
"""Graphs drawn in one workspace, and workspaces: memory has no indexes, so one for all would grow slow."""
KINDS = (
    "condition", "switch", "join", "wait_for", "wait_until", "wait_event", "start_graph", "stop", "set_fields", "move_stage",
    "change_responsible", "create_element", "create_task", "add_comment", "notify", "send_mail", "call_webhook", "no_such_kind",
)  # fmt: skip
TRIGGERS = ("element_created", "stage_entered", "field_changed", "comment_added", "by_hand")
WORDS = st.sampled_from(
    ["", "talk", "won", "lost", "amount", "counter", "company", "{title}", "{no.such}", "{counter}1", "clients", "deals", "main",
     "responsible", "user:1", "user:99", "moved", "timeout", "nonsense", "http://127.0.0.1:9/"]
)  # fmt: skip
JSON = st.recursive(
    st.none() | st.booleans() | st.integers(-3, 10_000_000) | WORDS,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(WORDS, inner, max_size=3),
    max_leaves=6,
)


@pytest.fixture(params=range(WORLDS))
def arena(tmp_path: Path) -> Iterator[World]:
    """A workspace for all the graphs that one test draws."""
    made = World(tmp_path)
    made.publish(graph(t=("element_created", {}), s=say()))
    yield made
    made.ws.db.close()


@st.composite
def nodes(draw: st.DrawFn, world: World) -> list[dict[str, Any]]:
    """A trigger or two and some robots. Parameters are of the right names mostly, and of any value."""
    found = []
    for place in range(draw(st.integers(1, 7))):
        kind = draw(st.sampled_from(TRIGGERS if place == 0 else (*KINDS, *KINDS, *TRIGGERS)))
        catalog: Any = world.ws.triggers if kind in world.ws.triggers else world.ws.robots
        names = [*(catalog[kind].model_fields if kind in catalog else ()), "stray"]
        params = draw(
            st.dictionaries(st.sampled_from([*names, "stray"] if draw(st.booleans()) else names), JSON | WORDS, max_size=4)
        )
        found.append({
            "id": f"n{place}", "kind": kind, "params": params, "retries": draw(st.integers(0, 1)),
            "continue_on_error": draw(st.booleans()),
        })  # fmt: skip
    return found


@st.composite
def drawn(draw: st.DrawFn, world: World) -> dict[str, Any]:
    """The JSON of a graph: wires forwards mostly, sometimes back, to nowhere, or by no port of the robot."""
    made = draw(nodes(world))
    names = [node["id"] for node in made]
    ports = st.sampled_from(["done", "done", "yes", "no", "failed", "happened", "timeout", "nobody", "other", "zzz"])
    edges = []
    for _ in range(draw(st.integers(0, 9))):
        a, b = draw(st.sampled_from(names)), draw(st.sampled_from(names if draw(st.booleans()) else [*names, "gone"]))
        if names.index(a) >= (names.index(b) if b in names else 99) and draw(st.integers(0, 9)):
            a, b = b, a
        edges.append({"source": a, "target": b, "key": draw(ports)})
    return {
        "code": "main", "title": "Main", "nodes": made, "edges": edges, "mode": draw(st.sampled_from(MODES)),
        "stop_on_leave": draw(st.booleans()),
    }  # fmt: skip


def in_force(world: World, made: Graph) -> None:
    """Put a graph into force: published if proof-reading lets it, else past it, as an older program might have left it."""
    process = deals(made)
    actor = world.actor()
    world.ws.processes.save(actor, process)
    if not [p for p in world.ws.processes.problems(process) if p.level == "error"]:
        world.ws.processes.publish(actor, "deals")
        return
    with pytest.raises(VoronkaError) as refused:
        world.ws.processes.publish(actor, "deals")
    assert all(world.ws.readers(actor).say(p) for p in refused.value.problems)
    stand_in = deals(graph(t=("element_created", {}), s=say()), description=str(world.ws.processes.revision("deals")))
    world.ws.processes.save(actor, stand_in)
    version = world.ws.processes.publish(actor, "deals")
    row = world.ws.db.table("versions").get((where("process") == "deals") & (where("number") == version.number))
    world.ws.db.table("versions").update({"data": process.dump()}, doc_ids=[row.doc_id])
    forget(world, version.number)


def forget(world: World, number: int) -> None:
    """What a restart forgets: versions as they were parsed and compiled."""
    engine: Any = world.ws.engine
    processes: Any = world.ws.processes
    processes._parsed.pop(("deals", number), None)
    engine.programs._known.pop(("deals", number), None)


def sound(run: Run) -> bool:
    return bool(run.state in ("done", "waiting") or (run.state in ("failed", "stopped") and run.reason))


@settings(max_examples=EXAMPLES, deadline=None, suppress_health_check=list(HealthCheck))
@given(st.data())
def test_any_graph_comes_to_an_end(arena: World, data: st.DataObject) -> None:
    """Never a traceback, never a hang: `work` gives up after 200 rounds."""
    found = data.draw(drawn(arena))
    try:
        made = Graph.read(found)
    except VoronkaError:
        return
    in_force(arena, made)
    before = {run.id for run in arena.ws.engine.runs(arena.actor(), limit=1)}
    number = arena.make(company="x", counter=1)
    arena.change(number, stage="talk", company="y")
    arena.work()
    for _ in range(2):
        arena.work(hours=3)
    newest = max(before, default=0)
    runs = [run for run in arena.ws.engine.runs(arena.actor(), limit=500) if run.id > newest]
    assert all(sound(run) for run in runs), [(run.state, run.reason) for run in runs if not sound(run)]
    assert not {run.reason for run in runs} & {"broken", "robot_broken"}, "no error that is not one of ours"
    stuck = arena.ws.engine.stuck([run.id for run in runs])
    assert not stuck
    for run in arena.ws.engine.runs(arena.actor(), state="waiting", limit=500):
        arena.ws.engine.cancel(arena.actor(), run.id)


@settings(max_examples=EXAMPLES // 10, deadline=None, suppress_health_check=list(HealthCheck))
@given(st.lists(st.tuples(st.integers(0, 2), st.sampled_from("abc")), min_size=1, max_size=12), st.sets(st.integers(0, 11)))
def test_events_of_one_element_are_handled_in_order(arena: World, deeds: list[tuple[int, str]], working: set[int]) -> None:
    """Whenever the worker comes by, and although other runs of the element wait."""
    arena.publish(
        graph("waits", t=("field_changed", {"field": "notes"}), w=("wait_for", {"duration": 60}), s=say("late")),
        graph("first", t=("field_changed", {"field": "notes"}), s=say("1")),
        graph("second", t=("field_changed", {"field": "notes"}), s=say("2")),
    )
    numbers = [arena.make() for _ in range(3)]
    arena.work()
    for place, (which, letter) in enumerate(deeds):
        arena.change(numbers[which], notes=f"{letter}{place}")
        if place in working:
            arena.work()
    arena.work()
    for which, number in enumerate(numbers):
        changed = [event.id for event in reversed(arena.events(number)) if "notes" in event.changes and event.kind == "changed"]
        assert len(changed) == sum(w == which for w, _ in deeds)
        said = [
            (event.chain[0].split("/")[1], event.run) for event in reversed(arena.events(number)) if event.kind == "commented"
        ]
        runs = {run.id: run.event for run in arena.ws.engine.runs(arena.actor(), element=number)}
        assert [(graph, runs[run]) for graph, run in said] == [(name, event) for event in changed for name in ("first", "second")]
    arena.work(hours=2)
    for number in numbers:
        late = [e.run or 0 for e in reversed(arena.events(number)) if e.kind == "commented" and e.data["text"] == "late"]
        assert late == sorted(late)
