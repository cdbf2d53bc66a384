"""Graph <-> canvas, for any graph: nothing is lost on the way, and settings are found again after copies and undo."""

from __future__ import annotations

from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from model.graph import Graph, Node, Wire
from pages.parts.design import drawing

CODES = st.text("abcdefgh123", min_size=1, max_size=6)
PARAMS = st.dictionaries(CODES, st.one_of(st.integers(), st.text(max_size=8), st.lists(st.integers(), max_size=3)), max_size=3)
PLACES = st.floats(-1e5, 1e5, allow_nan=False)
KINDS = st.sampled_from(["stage_entered", "condition", "send_mail", "no_such_kind"])
PORTS = st.lists(st.sampled_from("abcdef"), unique=True, max_size=5)


@st.composite
def graphs(draw: st.DrawFn) -> Graph:
    names = draw(st.lists(CODES, unique=True, max_size=6))
    nodes = tuple(
        Node(id=name, kind=draw(KINDS), params=draw(PARAMS), title=draw(st.text(max_size=5)), x=draw(PLACES), y=draw(PLACES),
             retries=draw(st.integers(0, 3)), continue_on_error=draw(st.booleans()))
        for name in names
    )  # fmt: skip
    ends = st.sampled_from(names) if names else st.nothing()
    wires = st.builds(Wire, source=ends, target=ends, port=st.sampled_from(["done", "yes", "no"]))
    found = draw(st.lists(wires, unique=True, max_size=8)) if names else []
    return Graph(code="g", title="G", enabled=draw(st.booleans()), nodes=nodes, edges=tuple(found))


def drawn(graph: Graph, **more: Any) -> dict[str, Any]:
    """What the canvas tells of a graph."""
    return {
        "nodes": [{"id": n.id, "kind": n.kind, "x": n.x, "y": n.y} for n in graph.nodes],
        "edges": list(drawing.edges(graph)),
        **more,
    }


@given(graphs())
def test_a_graph_comes_back_as_it_was(graph: Graph) -> None:
    assert drawing.from_canvas(graph, drawn(graph), {}) == graph


@given(graphs(), st.randoms())
def test_the_order_in_which_the_canvas_tells_things_does_not_matter(graph: Graph, random: Any) -> None:
    told = drawn(graph)
    random.shuffle(told["nodes"])
    random.shuffle(told["edges"])
    assert drawing.from_canvas(graph, told, {}) == graph


@given(graphs())
def test_wires_have_ids_of_their_own(graph: Graph) -> None:
    ids = [edge["id"] for edge in drawing.edges(graph)]
    assert len(set(ids)) == len(ids)


@given(graphs().filter(lambda g: g.nodes), PLACES, PLACES)
def test_a_copy_has_the_settings_of_what_it_was_copied_of(graph: Graph, x: float, y: float) -> None:
    first = graph.nodes[0]
    told = drawn(graph)
    told["nodes"].append({"id": "copy", "kind": first.kind, "x": x, "y": y, "copy_of": first.id})
    after = drawing.from_canvas(graph, told, {})
    assert after.nodes[:-1] == graph.nodes
    assert after.nodes[-1] == first.model_copy(update={"id": "copy", "x": x, "y": y})


@given(graphs().filter(lambda g: g.nodes))
def test_undo_of_a_deletion_finds_the_settings_again(graph: Graph) -> None:
    kept: drawing.Kept = {}
    drawing.remember(kept, graph)
    empty = drawing.from_canvas(graph, {"nodes": [], "edges": []}, kept)
    assert not empty.nodes
    assert drawing.from_canvas(empty, drawn(graph), kept) == graph
    assert all(node.params == {} for node in drawing.from_canvas(empty, drawn(graph), {}).nodes)


def test_a_new_robot_under_an_old_name_begins_anew() -> None:
    kept = {"n": Node(id="n", kind="send_mail", params={"to": "x"})}
    told = {"nodes": [{"id": "n", "kind": "notify", "x": 1, "y": 2}], "edges": []}
    after = drawing.from_canvas(Graph(code="g", title="G"), told, kept)
    assert after.nodes == (Node(id="n", kind="notify", x=1, y=2),)


@given(PORTS, PORTS)
def test_wires_follow_their_ports(before: list[str], after: list[str]) -> None:
    nodes = (Node(id="s", kind="switch"), *(Node(id=f"t{p}", kind="stop") for p in before))
    graph = Graph(code="g", title="G", nodes=nodes, edges=tuple(Wire(source="s", target=f"t{p}", port=p) for p in before))
    wired = drawing.rewire(graph, "s", before, after)
    assert {w.port for w in wired.edges} <= set(after)
    assert {w for w in graph.edges if w.port in after} <= set(wired.edges)
    assert drawing.rewire(graph, "s", before, before) == graph


def test_a_renamed_case_keeps_its_wire() -> None:
    nodes = (Node(id="s", kind="switch"), Node(id="t", kind="stop"))
    graph = Graph(code="g", title="G", nodes=nodes, edges=(Wire(source="s", target="t", port="red"),))
    wired = drawing.rewire(graph, "s", ["red", "other"], ["crimson", "other"])
    assert [w.port for w in wired.edges] == ["crimson"]
    assert drawing.rewire(graph, "s", ["red", "other"], ["other"]).edges == ()
