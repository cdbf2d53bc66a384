"""What a flow could never do is refused when the draft is checked, with its place and what would be right."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from model.field import Field
from model.grant import Action, Grant, Level, Role
from model.graph import Graph, Node, Wire
from model.process import Funnel, Process, Stage
from running import WorkspaceAt
from workspace import Workspace

STAGES = (
    Stage(code="new", title="New"),
    Stage(code="won", title="Won", semantics="S"),
    Stage(code="lost", title="Lost", semantics="F"),
)
CARS = Process(
    code="cars", title="Cars", funnels=(Funnel(code="f", title="F", stages=STAGES),), roles=(Role(code="r", title="R"),),
    grants=tuple(Grant(role="r", action=action, level=Level.ALL) for action in Action),
    fields=(Field(code="days", title="Days", kind="integer"), Field(code="left", title="Left", kind="integer"),
            Field(code="name", title="Name"), Field(code="paper", title="Paper", kind="file"),
            Field(code="owner", title="Owner", kind="link", params={"process": "cars"}),
            Field(code="keeper", title="Keeper", kind="employee")),
)  # fmt: skip


@pytest.fixture(scope="module")
def ws(tmp_path_factory: pytest.TempPathFactory, workspace_at: WorkspaceAt) -> Workspace:
    found = workspace_at(Path(tmp_path_factory.mktemp("refused")))
    found.processes.create(found.administrator(), CARS)
    found.processes.publish(found.administrator(), "cars")
    return found


def problems(ws: Workspace, kind: str, params: dict[str, Any]) -> list[tuple[str, str]]:
    nodes = (Node(id="t", kind="by_hand"), Node(id="n", kind=kind, params=params))
    graph = Graph(code="g", title="G", nodes=nodes, edges=(Wire(source="t", target="n"),))
    found = ws.processes.problems(CARS.model_copy(update={"graphs": (graph,)}))
    return [(p.path.removeprefix("graphs/g/nodes/n/"), p.code) for p in found if p.level == "error"]


def when(field: str, op: str, value: Any) -> dict[str, Any]:
    return {"condition": {"op": "all", "items": [{"field": field, "op": op, "value": value}]}}


@pytest.mark.parametrize(
    ("kind", "params", "path", "code"),
    [
        ("condition", when("days", "le", "{left}"), "condition", "condition_template"),
        ("condition", when("created_at", "last_days", "{days}"), "condition", "condition_template"),
        ("condition", when("days", "in", [1, "{left}"]), "condition", "condition_template"),
        ("condition", when("days", "gt", "five"), "condition", "condition_no_number"),
        ("add_comment", {"text": "Call {owner.keeper.email}"}, "text", "path_too_deep"),
        ("add_comment", {"text": "Call {owner.nmae}"}, "text", "unknown_name"),
        ("set_fields", {"values": {"name": "{owner.owner.name|upper}"}}, "values/name", "path_too_deep"),
        ("set_fields", {"values": {"paper": "{paper}"}}, "values/paper", "file_value"),
        ("create_element", {"process": "cars", "values": {"paper": [1]}}, "values/paper", "file_value"),
    ],
)  # fmt: skip
def test_it_is_refused_with_its_place(ws: Workspace, kind: str, params: dict[str, Any], path: str, code: str) -> None:
    assert problems(ws, kind, params) == [(path, code)]


@pytest.mark.parametrize(
    ("kind", "params"),
    [
        ("condition", when("days", "le", 5)), ("condition", when("name", "eq", "{as it is}")),
        ("condition", when("keeper", "eq", "@me")),
        ("condition", when("days", "eq", "")), ("add_comment", {"text": "{owner.name}, {{owner.keeper.email}}, {a.b.c}"}),
        ("set_fields", {"values": {"paper": ""}}),
    ],
)  # fmt: skip
def test_what_is_sound_is_left_alone(ws: Workspace, kind: str, params: dict[str, Any]) -> None:
    assert problems(ws, kind, params) == []


def test_a_file_of_another_process_is_looked_up_there(ws: Workspace) -> None:
    params = {"process": "cars", "values": {"paper": "{paper}", "name": "{title}"}}
    nodes = (Node(id="t", kind="by_hand"), Node(id="n", kind="create_element", params=params))
    graph = Graph(code="g", title="G", nodes=nodes, edges=(Wire(source="t", target="n"),))
    other = CARS.model_copy(update={"code": "boats", "graphs": (graph,), "fields": ()})
    found = [(p.path, p.code) for p in ws.processes.problems(other) if p.level == "error"]
    assert found == [("graphs/g/nodes/n/values/paper", "file_value")]
