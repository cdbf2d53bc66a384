"""Proof-reading finds every mistake, says where, and never stumbles itself."""

from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from streamlit.string_util import validate_icon_or_emoji

import icons
from builder.check import problems
from builder.package import pack
from builder.presets import PRESETS, preset
from model.access import Action, Grant, Level
from model.errors import Invalid, Problem
from model.field import Field, FieldType
from model.graph import Graph, Node, Wire
from model.kind import Catalog
from model.process import Process, Stage
from model.robot import Robot, Trigger, pickers

TYPES = Catalog.scan("builder.fields", FieldType)
ROBOTS = Catalog.scan("runtime.robots", Robot)
TRIGGERS = Catalog.scan("runtime.triggers", Trigger)
NOTED = {"robots": ROBOTS, "triggers": TRIGGERS}


def check(process: Process, **more: Any) -> list[Problem]:
    return problems(process, TYPES, ROBOTS, TRIGGERS, **more)


def found(process: Process, level: str = "error", **more: Any) -> set[tuple[str, str]]:
    return {(p.path, p.code) for p in check(process, **more) if p.level == level}


def with_stages(process: Process, *stages: Stage) -> Process:
    return process.model_copy(update={"funnels": (process.funnels[0].model_copy(update={"stages": stages}),)})


def with_node(process: Process, kind: str, /, **params: Any) -> Process:
    """The process with one graph: by hand -> this node."""
    nodes = (Node(id="t", kind="by_hand"), Node(id="n", kind=kind, params=params))
    graph = Graph(code="g", title="G", nodes=nodes, edges=(Wire(source="t", target="n"),))
    return process.model_copy(update={"graphs": (graph, process.graphs[0])})


def test_a_sound_process_has_no_problems(deals: Process) -> None:
    assert check(deals) == []


@pytest.mark.parametrize("name", PRESETS)
def test_every_preset_is_sound(name: Any) -> None:
    assert check(preset(name, "x", "X", lambda key: key)) == []


def field(process: Process, **more: Any) -> Process:
    return process.model_copy(update={"fields": (*process.fields, Field(**{"code": "extra", "title": "Extra", **more}))})


@pytest.mark.parametrize(
    ("more", "problem"),
    [
        ({"code": "due"}, ("fields/due", "duplicate_code")),
        ({"kind": "mony"}, ("fields/extra", "unknown_kind")),
        ({"kind": "integer", "params": {"min": "x"}}, ("fields/extra/min", "param.int_parsing")),
        ({"kind": "enumeration"}, ("fields/extra/options", "param.missing")),
        ({"kind": "integer", "default": "many"}, ("fields/extra/default", "not_a_number")),
        ({"kind": "integer", "default": [1, "x"], "multiple": True}, ("fields/extra/default", "not_a_number")),
        ({"kind": "link", "params": {"process": "acounts"}}, ("fields/extra/process", "unknown_process")),
        ({"required_at": ("wun",)}, ("fields/extra/required_at", "unknown_stage")),
        ({"section": "aside"}, ("fields/extra/section", "unknown_section")),
        ({"title": "   "}, ("fields/extra", "blank_title")),
        ({"kind": "file", "required": True}, ("fields/extra/required", "required_attached")),
    ],
)
def test_a_wrong_field_is_told(deals: Process, more: dict[str, Any], problem: tuple[str, str]) -> None:
    assert problem in found(field(deals, **more), processes=["accounts"])


def test_a_file_may_be_required_at_stages(deals: Process) -> None:
    assert not found(field(deals, kind="file", required_at=("won",)))


def test_a_package_that_requires_a_file_is_refused(tmp_path: Path, workspace_at: Any, deals: Process) -> None:
    workspace = workspace_at(tmp_path)
    with pytest.raises(Invalid) as refused:
        workspace.install(workspace.administrator(), pack(field(deals, kind="file", required=True)))
    assert [p.code for p in refused.value.problems if p.level == "error"] == ["required_attached"]
    assert not workspace.processes.codes() and not workspace.processes.all()


def test_the_nearest_name_is_offered(deals: Process) -> None:
    link = {"kind": "link", "params": {"process": "acounts"}}
    told = {
        p.code: p.context.get("nearest")
        for p in check(field(field(deals, code="a", title="A", kind="mony"), **link), processes=["accounts"])
    }
    assert told["unknown_kind"] == "money" and told["unknown_process"] == "accounts"


def test_the_amount_must_be_a_number_that_adds_up(deals: Process) -> None:
    assert found(deals.model_copy(update={"amount_field": "due"})) == {("amount_field", "amount_not_summable")}
    assert found(deals.model_copy(update={"amount_field": "sum"})) == {("amount_field", "unknown_field")}


def test_a_funnel_has_its_order(deals: Process) -> None:
    new, work, won, lost = deals.funnels[0].stages
    assert found(with_stages(deals, new, won, work, lost)) == {("funnels/main", "stages_out_of_order")}
    assert found(with_stages(deals)) == {("funnels/main", "funnel_empty")}
    assert found(with_stages(deals, won)) == {("funnels/main", "no_progress_stage")}
    assert found(with_stages(deals, new, lost)) == {("funnels/main", "no_success_stage")}
    second = Stage(code="won2", title="Won 2", semantics="S")
    assert found(with_stages(deals, new, won, second, lost)) == {("stages/won2", "second_success_stage")}
    assert ("stages/new", "duplicate_code") in found(with_stages(deals, new, new, won))


def grant(process: Process, **more: Any) -> Process:
    given_ = Grant(**{"role": "manager", "action": Action.DELETE, "level": Level.ALL, **more})
    return process.model_copy(update={"grants": (*process.grants, given_)})


def test_rights_speak_of_roles_and_stages_that_are_there(deals: Process) -> None:
    assert found(grant(deals, role="managr")) == {("grants/managr", "unknown_role")}
    assert found(grant(deals, stage="nowhere")) == {("grants/manager", "unknown_stage")}
    assert found(grant(deals, action=Action.EXPORT, stage="new")) == {("grants/manager", "grant_not_by_stage")}
    assert found(grant(grant(deals), level=Level.OWN)) == {("grants/manager", "duplicate_grant")}


def test_what_only_administrators_would_see_is_a_warning(deals: Process) -> None:
    assert found(grant(deals, action=Action.READ, level=Level.NONE, stage="work"), "warning") == {("stages/work", "stage_hidden")}
    assert found(deals.model_copy(update={"grants": ()}), "warning") == {("grants", "nobody_reads")}
    assert found(field(deals, title="amount"), "warning") == {("fields/amount", "same_title"), ("fields/extra", "same_title")}


@pytest.mark.parametrize(
    ("kind", "params", "path", "code"),
    [
        ("sent_mail", {}, "", "unknown_kind"),
        ("add_comment", {}, "/text", "param.missing"),
        ("add_comment", {"text": ""}, "/text", "param.string_too_short"),
        ("add_comment", {"text": "x", "colour": 1}, "/colour", "param.extra_forbidden"),
        ("move_stage", {"stage": "wno"}, "/stage", "unknown_stage"),
        ("wait_event", {"stages": ["new", "nwe"]}, "/stages", "unknown_stage"),
        ("switch", {"field": "sorce"}, "/field", "unknown_field"),
        ("wait_until", {"field": "mail"}, "/field", "not_a_date_field"),
        ("create_element", {"process": "dels"}, "/process", "unknown_process"),
        ("create_element", {"process": "deals", "link_field": "nothing"}, "/link_field", "unknown_field"),
        ("start_graph", {"graph": "mian"}, "/graph", "unknown_graph"),
        ("notify", {"whom": "bos", "text": "x"}, "/whom", "unknown_person"),
        ("change_responsible", {"people": ["user:2", "user:x"]}, "/people", "unknown_person"),
        ("set_fields", {"values": {"amuont": 5}}, "/values/amuont", "unknown_field"),
        ("set_fields", {"values": {"amount": "much"}}, "/values/amount", "not_a_number"),
        ("set_fields", {"values": {"source": "Weeb"}}, "/values/source", "no_such_option"),
        ("condition", {"condition": {"field": "nothing", "op": "eq", "value": 1}}, "/condition", "unknown_field"),
        (
            "condition",
            {"condition": {"op": "any", "items": [{"field": "stage", "op": "in", "value": ["nwe"]}]}},
            "/condition",
            "unknown_stage",
        ),
        ("condition", {"condition": {"field": "due", "op": "like"}}, "/condition", "param."),
    ],
)
def test_a_wrong_robot_is_told_at_its_parameter(deals: Process, kind: str, params: dict[str, Any], path: str, code: str) -> None:
    told = found(with_node(deals, kind, **params))
    assert any(p.startswith(f"graphs/g/nodes/n{path}") and c.startswith(code) for p, c in told), told


@pytest.mark.parametrize(
    ("kind", "params"),
    [
        ("notify", {"whom": "user:7", "text": "x"}), ("notify", {"whom": "owner", "text": "x"}),
        ("wait_until", {"field": "created_at"}),
        ("set_fields", {"values": {"amount": "{amount}", "source": "web", "owner": "responsible", "title": "T", "due": ""}}),
        ("create_element", {"process": "accounts", "values": {"their_field": 1}, "link_field": "deal"}),
        ("start_graph", {"graph": "main"}), ("condition", {}),
    ],
)  # fmt: skip
def test_a_sound_robot_is_left_alone(deals: Process, kind: str, params: dict[str, Any]) -> None:
    assert found(with_node(deals, kind, **params), processes=["accounts"]) == set()


def test_a_graph_started_by_a_robot_must_listen_to_that(deals: Process) -> None:
    main = deals.graphs[0].model_copy(update={"nodes": (Node(id="t", kind="element_created"), deals.graphs[0].nodes[1])})
    process = with_node(deals.model_copy(update={"graphs": (main,)}), "start_graph", graph="main")
    assert found(process) == {("graphs/g/nodes/n/graph", "graph_not_by_hand")}


def test_conditions_nested_too_deep_are_refused(deals: Process) -> None:
    condition: dict[str, Any] = {"field": "due", "op": "empty"}
    for depth in range(1, 400):
        condition = {"op": "all", "items": [condition]}
        if depth in (7, 8, 399):
            told = found(with_node(deals, "condition", condition=condition))
            assert bool(told) is (depth > 7) and all(code == "too_deep" for _, code in told)


def test_templates_are_read_by_whoever_knows_them(deals: Process) -> None:
    def unknown(text: str, process: Process) -> list[Problem]:
        return [Problem("", "unknown_name", {"name": text, "nearest": ""}, "warning")] if "{x}" in text else []

    process = with_node(deals, "set_fields", values={"source": "{x}", "title": "{amount}"})
    assert found(process, "warning", template_problems=unknown) == {("graphs/g/nodes/n/values/source", "unknown_name")}
    process = with_node(deals, "add_comment", text="{x}")
    assert found(process, "warning", template_problems=unknown) == {("graphs/g/nodes/n/text", "unknown_name")}


def graph(process: Process, nodes: str, edges: str, **more: Any) -> Process:
    """`t` is a trigger, others are joins; edges are written `ab`, the port of all is done."""
    made = tuple(Node(id=n, kind="by_hand" if n == "t" else "join", title=n.upper()) for n in nodes)
    wires = tuple(Wire(source=e[0], target=e[1], port=e[2:] or "done") for e in edges.split())
    return process.model_copy(update={"graphs": (Graph(code="g", title="G", nodes=made, edges=wires, **more),)})


@pytest.mark.parametrize(
    ("nodes", "edges", "level", "problem"),
    [
        ("ab", "ab", "error", ("graphs/g", "no_trigger")),
        ("", "", "warning", ("graphs/g", "graph_empty")),
        ("tab", "ta ab ba", "error", ("graphs/g/nodes/a", "cycle")),
        ("ta", "ta aa", "error", ("graphs/g/nodes/a", "cycle")),
        ("ta", "", "warning", ("graphs/g/nodes/a", "unreachable")),
        ("ta", "ta at", "error", ("graphs/g/nodes/t", "trigger_with_input")),
        ("ta", "ta ax", "error", ("graphs/g/nodes/a", "wire_dangling")),
        ("ta", "ta xa", "error", ("graphs/g", "wire_dangling")),
        ("tab", "ta abno", "error", ("graphs/g/nodes/a", "unknown_port")),
        ("tab", "ta ta ab", "warning", ("graphs/g/nodes/t", "duplicate_wire")),
        ("taa", "ta", "error", ("graphs/g/nodes/a", "duplicate_node")),
    ],
)
def test_a_wrong_shape_is_told(deals: Process, nodes: str, edges: str, level: str, problem: tuple[str, str]) -> None:
    assert problem in found(graph(deals, nodes, edges), level)


def test_a_cycle_names_its_robots(deals: Process) -> None:
    told = next(p for p in check(graph(deals, "tab", "ta ab ba")) if p.code == "cycle")
    assert told.context["nodes"] == "A → B → A"


def test_a_graph_that_is_off_blocks_nothing(deals: Process) -> None:
    assert found(graph(deals, "ab", "ab", enabled=False)) == set()
    assert ("graphs/g", "no_trigger") in found(graph(deals, "ab", "ab", enabled=False), "warning")


def test_pickers_are_found_on_the_real_kinds() -> None:
    assert pickers(ROBOTS["create_element"]) == {"process": "process", "values": "values", "link_field": "field"}
    assert pickers(TRIGGERS["stage_entered"])["stages"] == "stages"


json = st.recursive(
    st.one_of(st.none(), st.booleans(), st.integers(), st.floats(), st.text(max_size=6),
              st.sampled_from(["amount", "due", "new", "deals", "responsible", "user:1", "{title}", "in", "all", "field", "op"])),
    lambda inner: st.one_of(st.lists(inner, max_size=3), st.dictionaries(
        st.sampled_from(["field", "op", "value", "items", "amount", "due", "process"]), inner, max_size=3)),
    max_leaves=8,
)  # fmt: skip
PARAMS = sorted({name for shelf in NOTED.values() for kind in shelf.values() for name in kind.model_fields})  # type: ignore[attr-defined]
nodes = st.builds(
    Node, id=st.sampled_from(["a", "b", "c", "d", "/", "ы"]), kind=st.sampled_from([*ROBOTS, *TRIGGERS, "nothing", ""]),
    params=st.dictionaries(st.sampled_from([*PARAMS, "junk"]), json, max_size=4), title=st.text(max_size=3),
)  # fmt: skip
wires = st.builds(
    Wire, source=st.sampled_from(["a", "b", "c", "x"]), target=st.sampled_from(["a", "b", "c", "x"]),
    port=st.sampled_from(["done", "yes", "no", "", "other"]),
)  # fmt: skip


@settings(max_examples=200, suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow], deadline=None)
@given(st.lists(nodes, max_size=6), st.lists(wires, max_size=8), json, st.sampled_from([*TYPES, "nothing"]))
def test_nothing_makes_the_proof_reader_stumble(deals: Process, some: Any, edges: Any, junk: Any, kind: str) -> None:
    drawn = Graph(code="g", title="G", nodes=tuple(some), edges=tuple(edges))
    extra = Field(code="extra", title="Extra", kind=kind, default=junk, params=junk if isinstance(junk, dict) else {})
    process = deals.model_copy(update={"graphs": (drawn,), "fields": (*deals.fields, extra)})
    for problem in check(process):
        assert problem.code and problem.level in ("error", "warning")
        assert problem.path.split("/")[0] in ("graphs", "fields")


@pytest.mark.parametrize(("icon", "near"), [("handshake", ""), ("", ""), ("handshak", "handshake"), ("🚀", "view_kanban")])
def test_an_icon_that_no_page_can_draw_is_told_with_one_that_it_can(deals: Process, icon: str, near: str) -> None:
    told = check(deals.model_copy(update={"icon": icon}), icons=lambda: {"handshake", "work"})
    assert [p.context["nearest"] for p in told if (p.path, p.code) == ("icon", "unknown_icon")] == [near] * bool(near)


def test_a_package_with_such_an_icon_is_refused_and_leaves_nothing(tmp_path: Path, workspace_at: Any, deals: Process) -> None:
    workspace = workspace_at(tmp_path)
    with pytest.raises(Invalid) as refused:
        workspace.install(workspace.administrator(), pack(deals.model_copy(update={"icon": ":material/foo:"})))
    assert [(p.path, p.code) for p in refused.value.problems] == [("icon", "unknown_icon")]
    assert not workspace.processes.codes() and not workspace.processes.all()


@pytest.mark.parametrize("stored", ["foo", "🚀", "", ":material/home:", "handshake"])
def test_whatever_is_stored_streamlit_can_draw_the_icon(stored: str) -> None:
    assert validate_icon_or_emoji(icons.symbol(stored)) == f":material/{'handshake' if stored == 'handshake' else icons.DEFAULT}:"
