"""Hostile flows beside a good one: whatever a designer has stored, the good flow goes on, and nobody's work is undone."""

from __future__ import annotations

import random
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from tinydb import where
from torture_world import StillClock, Tell, chain, faults, often, opened, placed

from model.field import Field
from model.graph import Graph
from model.process import Funnel, Process, Stage
from workspace import Workspace

ROUNDS, FLOWS, ELEMENTS = often(1, 40), 12, 3
STAGES = ("new", "talk", "won")
CODES = ("number", "day", "note", "title", "stage", "created_at", "nothing", "a.b.c", "", "x" * 5_000)
HUGE = (2**63 - 1, -(2**63), 1e308, "9" * 10_000, 2**53)


def process(*graphs: Graph) -> Process:
    stages = tuple(Stage(code=s, title=s.title(), semantics="S" if s == "won" else "P") for s in STAGES)
    return Process(
        code="things", title="Things", graphs=graphs, funnels=(Funnel(code="main", title="Main", stages=stages),),
        fields=(Field(code="number", title="Number", kind="integer"), Field(code="day", title="Day", kind="date"),
                Field(code="note", title="Note", multiple=True)),
    )  # fmt: skip


GOOD = (
    chain("greet", ("element_created", {}), ("say", "add_comment", {"text": "hello"})),
    chain("moved", ("stage_entered", {"stages": ["talk"]}), ("say", "add_comment", {"text": "moved"})),
    chain("daily", ("every", {"interval": 60}), ("say", "add_comment", {"text": "hour"})),
    chain("dated", ("date_reached", {"field": "day", "time": "14:30"}), ("say", "add_comment", {"text": "day"})),
)


WIDE = chain(
    "wide", ("every", {"interval": 1, "condition": {
        "op": "any", "items": [{"field": "number", "op": "eq", "value": n} for n in range(1_200)]}}),
    ("say", "add_comment", {"text": "wide"}),
).dump()  # fmt: skip
"""The one that is in every round: as wide as the one that once stopped every robot of a workspace."""


class Mischief:
    """Draws what no proof-reader would let through."""

    def __init__(self, seed: int, ws: Workspace) -> None:
        self._dice, self._ws = random.Random(seed), ws

    def graph(self, number: int) -> dict[str, Any]:
        """A trigger that hears much, and a few robots behind it, as JSON."""
        trigger = self._dice.choice(["element_created", "stage_entered", "every", "at_time", "date_reached", "field_changed"])
        kinds = [trigger, *self._dice.choices(list(self._ws.robots), k=self._dice.randint(1, 4))]
        nodes = [{"id": f"n{n}", "kind": kind, "params": self._params(kind)} for n, kind in enumerate(kinds)]
        edges = [{"source": f"n{n}", "target": f"n{n + 1}", "key": self._dice.choice(["done", "yes", "no", "other"])}
                 for n in range(len(nodes) - 1)]  # fmt: skip
        return {"code": f"bad{number}", "title": f"Bad {number}", "nodes": nodes, "edges": edges}

    def _params(self, kind: str) -> dict[str, Any]:
        catalog: Any = self._ws.triggers if kind in self._ws.triggers else self._ws.robots
        found = {name: self._value(name) for name in catalog[kind].model_fields if self._dice.random() < 0.7}
        if kind in self._ws.triggers and self._dice.random() < 0.8:  # mostly one that listens
            fields: dict[str, Any] = {
                "date_reached": {"field": "day"},
                "field_changed": {"field": "stage"},
                "every": {"interval": 1},
            }
            found = {"condition": self._value("condition"), **fields.get(kind, {})}
        return found

    def _value(self, name: str) -> Any:
        if name == "condition":
            return self._dice.choice([self._wide, self._deep, self._one])()
        odd = [
            "{a.b.c}" * 2_000,
            "{title}",
            "[" * 5_000,
            "number",
            "talk",
            "user:1",
            ["user:1", "head"],
            {},
            [],
            None,
            True,
            -1,
            0,
        ]
        return self._dice.choice([*odd, *HUGE, {"number": "{title}", "note": "x"}])

    def _one(self) -> dict[str, Any]:
        op = self._dice.choice(["eq", "gt", "contains", "in", "last_days", "starts", "not_empty"])
        odd = [1, "1", None, [], {"a": 1}, ["a", None, 2], True, *HUGE]
        return {"field": self._dice.choice(CODES), "op": op, "value": self._dice.choice(odd)}

    def _wide(self) -> dict[str, Any]:
        count = self._dice.choice([600, 1_200, 3_000])
        return {"op": self._dice.choice(["any", "all", "none"]), "items": [self._one() for _ in range(count)]}

    def _deep(self) -> dict[str, Any]:
        found = self._one()
        for _ in range(self._dice.choice([9, 60])):  # no store keeps much more
            found = {"op": self._dice.choice(["any", "all", "none"]), "items": [found]}
        return found


@pytest.fixture(params=["memory", "sqlite", "postgres"])
def stage(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Workspace]:
    engine = request.param
    url = request.getfixturevalue("postgres").url() if engine == "postgres" else "memory://" if engine == "memory" else ""
    ws = opened(placed(tmp_path / "data", url), StillClock())
    ws.set_up("Mischief", "en", "admin", "Anna Admin", "correct horse 1")
    ws.processes.create(ws.administrator(), process(*GOOD))
    yield ws
    ws.db.close()


def stored(ws: Workspace, graphs: list[dict[str, Any]]) -> None:
    """Publish the good flows, and put the bad ones in by hand, before them, as nobody has proof-read them."""
    version = ws.processes.publish(ws.administrator(), "things")
    table = ws.db.table("versions")
    row = table.search((where("process") == "things") & (where("number") == version.number))[0]
    table.update({"data": row["data"] | {"graphs": [*graphs, *row["data"]["graphs"]]}}, doc_ids=[row.doc_id])
    ws.processes._parsed.clear()
    ws.engine.programs._known.clear()
    ws.timers.replan(ws.processes.version("things", version.number))


def worked(ws: Workspace) -> int:
    """Let the worker do all that is due; how many looks it took."""
    for looks in range(300):
        if not ws.worker.step():
            return looks
    raise AssertionError("the worker never comes to rest")


def test_hostile_flows_stop_nobody(stage: Workspace, tell: Tell) -> None:
    """Creates and moves go through, schedules and dates come, and the good flow greets everybody, in every round."""
    ws, root, clock = stage, stage.administrator(), stage.clock
    assert isinstance(clock, StillClock)
    told = 0
    for number in range(ROUNDS):
        mischief = Mischief(number, ws)
        stored(ws, [WIDE, *(mischief.graph(n) for n in range(FLOWS - 1))])
        made = [ws.elements.create(root, "things", {"title": f"t{n}", "number": n, "day": clock.now().date().isoformat()}).id
                for n in range(ELEMENTS)]  # fmt: skip
        worked(ws)
        for element in made:
            if ws.elements.get(root, element).stage != "talk":
                ws.elements.move(root, element, "talk")
        worked(ws)
        clock.move(hours=3)
        worked(ws)
        for element in made:
            texts = [event.data["text"] for event in ws.elements.history(root, element) if event.kind == "commented"]
            assert {"hello", "hour", "day", "moved"} <= set(texts), (number, texts[:10])
        ws.elements.delete_many(root, made)
        clock.move(hours=21)
        worked(ws)
        told += sum("cannot do its work" in note.text for note in ws.inbox.of(root, unread=True))
        ws.inbox.read(root, None)
    assert told
    assert faults(ws) == []
    tell(f"{ROUNDS * FLOWS} hostile flows beside the good one: {ROUNDS * ELEMENTS} elements, none held up; told {told} times")
