"""Packages travel: what was packed comes out again, byte for byte, and junk is refused in words."""

from datetime import UTC, date, datetime
from typing import Any

import orjson
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from builder.changes import changes
from builder.edit import add_field, add_stage, change, change_field, change_stage, remove_field, restore_field
from builder.package import Package, Sample, pack, unpack
from locales import Language
from model.clock import stamp
from model.element import Element
from model.errors import Unreadable
from model.field import Field
from model.graph import Graph
from model.process import Process, Stage


@pytest.fixture
def linked(deals: Process) -> Process:
    more = add_field(deals, Field(code="parent", title="Parent", kind="link", params={"process": "deals"}))
    return add_field(more, Field(code="others", title="Others", kind="link", multiple=True, params={"process": "deals"}))


def element(number: int, **values: Any) -> Element:
    return Element(
        number, "deals", f"Deal {number}", "main", "new", responsible=7, created_at="2026-01-01T10:00:00.000Z", values=values
    )


def test_what_is_packed_comes_out_again(linked: Process) -> None:
    rows = [element(40, amount=5.0, owner=7), element(41, parent=40, others=[40, 99, 41], due="2026-02-01")]
    data = pack(linked, rows, names={7: "Anna"}, as_of="2026-03-01")
    package = unpack(data)
    assert package.process == linked and [r.code for r in package.roles] == ["manager"]
    assert package.elements[0].values == {"amount": 5.0} and package.elements[0].responsible == "Anna"
    assert package.elements[1].values == {"parent": {"ref": 0}, "others": [{"ref": 0}, {"ref": 1}], "due": "2026-02-01"}
    assert sorted(package.elements[1].links) == [("others", 0), ("others", 1), ("parent", 0)]
    assert [n for n, _ in package.of("deals")] == [0, 1]


def test_a_second_export_is_the_same_to_the_byte(linked: Process) -> None:
    data = pack([linked], [element(1, amount=1.5, source="web"), element(2, parent=1)], as_of="2026-03-01")
    package = unpack(data)
    assert pack(package.processes, package.elements, as_of=package.as_of) == data == package.dump_bytes()
    assert data.endswith(b"\n") and "Продажи".encode() in pack(change(linked, title="Продажи"))


def test_dates_of_the_samples_move_along(linked: Process) -> None:
    sample = Sample(
        process="deals", stage="new", created_at="2026-01-01", moved=(("won", "2026-01-05T10:00:00.000Z"),),
        closed_at="2026-01-05", values={"due": "2026-02-28", "amount": 5.0, "source": "web"},
    )  # fmt: skip
    moved = unpack(pack(linked, [sample], as_of="2026-03-01")).at(date(2026, 3, 31)).elements[0]
    assert moved.created_at == "2026-01-31" and moved.moved == (("won", "2026-02-04T10:00:00.000Z"),)
    assert moved.values == {"due": "2026-03-30", "amount": 5.0, "source": "web"}
    assert unpack(pack(linked, [sample])).at(date(2026, 3, 31)).elements[0] == sample


def broken(deals: Process, **changes: Any) -> bytes:
    return orjson.dumps({**orjson.loads(pack(deals)), **changes})


@pytest.mark.parametrize(
    ("make", "code"),
    [
        (lambda p: b"", "package_not_json"),
        (lambda p: b"\x89PNG\r\n", "package_not_json"),
        (lambda p: pack(p)[:-20], "package_not_json"),
        (lambda p: b"[" * 5000, "package_not_json"),
        (lambda p: b"[]", "package_none"),
        (lambda p: b'{"a": 1}', "package_none"),
        (lambda p: broken(p, format=2), "package_other_format"),
        (lambda p: broken(p, format=None), "package_other_format"),
        (lambda p: broken(p, processes=[]), "package_broken"),
        (lambda p: broken(p, processes=[{"code": "x"}]), "package_broken"),
        (lambda p: broken(p, processes=[p.dump(), p.dump()]), "package_broken"),
        (lambda p: broken(p, elements=[{"process": "other"}]), "package_broken"),
        (lambda p: broken(p, elements=[{"process": "deals", "stage": "nowhere"}]), "package_broken"),
        (lambda p: broken(p, elements=[{"process": "deals", "created_at": "31.12.2026"}]), "package_broken"),
        (lambda p: broken(p, elements=[{"process": "deals", "values": {"a": {"ref": 1}}}]), "package_broken"),
        (lambda p: broken(p, as_of="yesterday"), "package_broken"),
        (lambda p: broken(p, as_of=orjson.Fragment(b"[" * 200 + b"]" * 200)), "package_broken"),
    ],
)
def test_junk_is_refused_in_words(deals: Process, make: Any, code: str) -> None:
    with pytest.raises(Unreadable) as refused:
        unpack(make(deals))
    assert refused.value.problem.code == code


@given(st.one_of(st.binary(), st.recursive(st.none() | st.text() | st.integers(-9, 9), lambda v: st.lists(v) | st.dictionaries(
    st.sampled_from(["format", "processes", "elements", "as_of", "code"]), v)).map(orjson.dumps)))  # fmt: skip
def test_any_junk_is_refused_in_words(data: bytes) -> None:
    with pytest.raises(Unreadable):
        unpack(data)


days = st.dates(date(1, 1, 1), date(9999, 12, 31)).map(date.isoformat)
stamps = st.datetimes(datetime(1, 1, 1), datetime(9999, 12, 31)).map(lambda at: stamp(at.replace(tzinfo=UTC)))
texts = st.text(st.characters(exclude_categories=["Cs"]), max_size=9)
samples = st.builds(
    Sample, process=st.just("deals"), title=texts, stage=st.sampled_from(["", "new", "won"]),
    created_at=stamps | days | st.just(""),
    moved=st.lists(st.tuples(st.sampled_from(["work", "won"]), stamps | days), max_size=3).map(tuple), responsible=texts,
    values=st.fixed_dictionaries({}, optional={
        "amount": st.floats(0, 1e9), "due": days, "mail": texts, "parent": st.just({"ref": 0}), "others": st.just([{"ref": 0}]),
    }),
)  # fmt: skip


@settings(max_examples=60, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.lists(samples, min_size=1, max_size=4), days, days)
def test_a_package_goes_round_whatever_it_holds(linked: Process, some: list[Sample], taken: str, today: str) -> None:
    data = pack(linked, some, as_of=taken)
    package = unpack(data)
    assert package.elements == tuple(some) and package.dump_bytes() == data
    moved = package.at(date.fromisoformat(today))
    assert unpack(moved.dump_bytes()) == moved, "what moves along stays readable, at the ends of the calendar too"


def test_a_package_knows_its_only_process(deals: Process) -> None:
    assert Package(processes=(deals,)).process is deals


# --- changes -----------------------------------------------------------------------------------------------------------


def kinds(before: Process, after: Process) -> list[tuple[str, str]]:
    return [(c.kind, c.path) for c in changes(before, after)]


def test_changes_are_told_in_the_words_of_the_designer(deals: Process) -> None:
    assert changes(deals, deals) == []
    assert kinds(deals, change(deals, title="Sales", icon="flag")) == [("process_renamed", "title"), ("look_changed", "icon")]
    added = add_field(deals, Field(code="note", title="Note"))
    assert kinds(deals, added) == [("field_added", "fields/note")] and kinds(added, deals) == [("field_removed", "fields/note")]
    removed = remove_field(deals, "due")
    assert ("field_restored", "fields/due") in kinds(removed, restore_field(removed, "due"))
    told = changes(deals, change_field(deals, "amount", title="Sum", required=True))
    assert [(c.kind, c.before, c.after, c.title) for c in told] == [
        ("field_renamed", "Amount", "Sum", "Sum"), ("field_required", False, True, "Sum"),
    ]  # fmt: skip
    assert told[0].say(Language("en")) == "Field “Amount” renamed to “Sum”."
    assert told[0].say(Language("ru")) == "Поле «Amount» переименовано в «Sum»."
    staged = add_stage(change_stage(deals, "won", title="Victory"), "main", Stage(code="call", title="Call"))
    assert kinds(deals, staged) == [("stage_added", "stages/call"), ("stage_renamed", "stages/won")]
    assert kinds(deals, deals.model_copy(update={"grants": ()})) == [("grants_changed", "grants/manager")]


def test_moving_a_robot_about_the_canvas_is_no_change(deals: Process) -> None:
    graph = deals.graphs[0]

    def with_graph(**update: Any) -> Process:
        return deals.model_copy(update={"graphs": (Graph(**{**dict(graph), **update}),)})

    moved = tuple(n.model_copy(update={"x": 99}) for n in graph.nodes)
    assert kinds(deals, with_graph(nodes=moved)) == []
    assert kinds(deals, with_graph(mode="queue", stop_on_leave=True)) == [("graph_settings", "graphs/main")]
    said = (graph.nodes[0], graph.nodes[1].model_copy(update={"params": {"text": "Ho"}}))
    assert kinds(deals, with_graph(nodes=said)) == [("node_changed", "graphs/main/nodes/c")]
    assert changes(deals, with_graph(nodes=said))[0].say(Language("en")) == "Robot “Add a comment” changed."
    assert kinds(deals, with_graph(nodes=graph.nodes[:1], edges=(), enabled=False)) == [
        ("graph_disabled", "graphs/main"), ("node_removed", "graphs/main/nodes/c"), ("wires_changed", "graphs/main"),
    ]  # fmt: skip
