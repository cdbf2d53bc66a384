"""Graphs are networkx node-link data; cycles are found before they are wired."""

import networkx as nx
from hypothesis import given
from hypothesis import strategies as st

from model.graph import Graph, Node, Plan, Wire, closes_cycle, cycle, layout, unreachable

names = st.sampled_from("abcdef")


def graph(pairs: list[tuple[str, str]]) -> Graph:
    return Graph(code="g", title="G", nodes=tuple(Node(id=n, kind="x") for n in "abcdef"),
                 edges=tuple(Wire(source=a, target=b, port=f"p{i}") for i, (a, b) in enumerate(pairs)))  # fmt: skip


@given(st.lists(st.tuples(names, names), max_size=12))
def test_the_json_form_is_what_networkx_reads_and_writes(pairs) -> None:
    found = graph(pairs)
    back = nx.node_link_data(nx.node_link_graph(found.dump(), edges="edges"), edges="edges")
    assert sorted((e["source"], e["target"], e["key"]) for e in back["edges"]) == sorted(
        (e.source, e.target, e.port) for e in found.edges
    )
    assert Graph.read(found.dump()) == found


@given(st.lists(st.tuples(names, names), max_size=12), names, names)
def test_a_wire_is_refused_exactly_when_it_would_close_a_cycle(pairs, source, target) -> None:
    wired: list[tuple[str, str]] = []
    for a, b in pairs:
        if not closes_cycle(graph(wired), a, b):
            wired.append((a, b))
    found = graph(wired)
    assert cycle(found) == []
    assert closes_cycle(found, source, target) is bool(cycle(graph([*wired, (source, target)])))


def test_a_plan_knows_the_order_and_the_ways() -> None:
    plan = Plan(graph([("a", "b"), ("b", "d"), ("a", "c"), ("c", "d")]))
    assert plan.order.index("a") < plan.order.index("b") < plan.order.index("d")
    assert plan.out["a"] == {"p0": ("b",), "p2": ("c",)} and set(plan.into["d"]) == {("b", "p1"), ("c", "p3")}
    assert plan.below("b") == {"b", "d"}


def test_what_no_start_leads_to_is_found_and_every_node_gets_a_place() -> None:
    found = graph([("a", "b"), ("c", "d")])
    assert unreachable(found, ["a"]) == {"c", "d", "e", "f"}
    assert len(set(layout(found).values())) == 6 and set(layout(graph([("a", "b"), ("b", "a")]))) == set("abcdef")


def test_wires_to_nowhere_do_not_break_anything() -> None:
    plan = Plan(graph([("a", "gone"), ("gone", "b"), ("a", "b")]))
    assert plan.out["a"] == {"p2": ("b",)} and plan.into["b"] == (("a", "p2"),)
    found = Graph(code="g", title="G", nodes=(Node(id="a", kind="x"),), edges=(Wire(source="a", target="ghost"),))
    assert cycle(found) == [] and list(found.networkx()) == ["a"]
