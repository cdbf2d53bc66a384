"""Filters become queries that never raise and that say the same as a plain reading of the filter."""

from datetime import UTC, datetime
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from model.filter import ALL, NONE, OPERATORS, Asking, Condition, Group, all_of, any_of, fields_of, query

NOW = datetime(2026, 3, 10, 12, tzinfo=UTC)
ASKING = Asking(me=7, now=NOW)
values = st.one_of(
    st.none(), st.booleans(), st.integers(), st.floats(allow_nan=False), st.text(max_size=5), st.lists(st.integers(0, 3))
)
documents = st.fixed_dictionaries({"version": st.just(1), "values": st.dictionaries(st.sampled_from("ab"), values)})


def holds(op: str, stored: Any, value: Any, *, several: bool = False) -> bool:
    doc = {"version": 1, "values": {} if stored is Ellipsis else {"a": stored}}
    return bool(query(Condition(field="a", op=op, value=value), ASKING, {"a"} if several else ())(doc))


@pytest.mark.parametrize(
    ("op", "stored", "value", "expected"),
    [
        ("eq", 5, 5, True), ("eq", "5", 5, False), ("eq", ..., 5, False), ("eq", None, None, True), ("eq", ..., "", True),
        ("ne", ..., 5, True), ("ne", 5, 5, False), ("ne", 4, 5, True),
        ("gt", 6, 5, True), ("gt", None, 5, False), ("gt", "x", 5, False), ("le", 5, 5, True), ("lt", 4, 5, True),
        ("ge", 4, 5, False),
        ("contains", "Большая сделка", "СДЕЛКА", True), ("contains", None, "x", False), ("not_contains", ..., "x", True),
        ("starts", "Anna", "an", True), ("starts", "Joanna", "an", False),
        ("in", "a", ["a", "b"], True), ("in", ..., ["a", None], True), ("not_in", "c", ["a"], True), ("in", "ab", ["a"], False),
        ("empty", 0, None, False), ("empty", False, None, False), ("empty", "", None, True), ("not_empty", None, None, False),
        ("last_days", "2026-03-08", 3, True), ("last_days", "2026-03-11", 3, False),
        ("last_days", "2026-03-10T23:00:00.000Z", 0, True),
        ("next_days", "2026-03-12", 3, True), ("before_today", "2026-03-09", None, True),
        ("before_today", "2026-03-10", None, False),
        ("after_today", "2026-03-11", None, True), ("eq", 7, "@me", True),
    ],
)  # fmt: skip
def test_an_operator_means_what_its_name_says(op: str, stored: Any, value: Any, expected: bool) -> None:
    assert holds(op, stored, value) is expected


def test_a_list_is_looked_into_value_by_value_where_a_field_holds_several() -> None:
    assert holds("eq", [1, 2], 2, several=True)
    assert holds("in", [1, 2], [2, 9], several=True)
    assert not holds("eq", [1, 2], 2)


@given(st.sampled_from(OPERATORS), values, documents)
def test_no_operator_raises_whatever_is_stored(op: str, value: Any, doc: dict[str, Any]) -> None:
    if op.endswith("_days"):
        value = 3
    assert query(Condition(field="a", op=op, value=value), ASKING)(doc) in (True, False)


conditions = st.builds(Condition, field=st.sampled_from("ab"), op=st.sampled_from(["eq", "gt", "empty"]), value=st.integers(0, 3))
filters = st.recursive(
    conditions, lambda f: st.builds(Group, op=st.sampled_from(["all", "any", "none"]), items=st.lists(f, max_size=3))
)


def naive(found: Any, doc: dict[str, Any]) -> bool:
    if isinstance(found, Condition):
        return bool(query(found, ASKING)(doc))
    inner = [naive(item, doc) for item in found.items]
    if found.op == "none":
        return not any(inner)
    return all(inner) if found.op == "all" else any(inner)


@given(filters, documents)
def test_groups_join_as_boolean_algebra(found: Any, doc: dict[str, Any]) -> None:
    assert query(found, ASKING)(doc) is naive(found, doc)


@given(filters)
def test_a_filter_survives_its_json_form(found: Any) -> None:
    assert Group.read(Group(items=(found,)).dump()).items[0] == found


def test_all_and_none_are_the_ends() -> None:
    doc = {"version": 1, "values": {}}
    assert query(ALL)(doc) and not query(NONE)(doc)
    one = Condition(field="a", value=1)
    assert all_of([ALL, one]) == one and any_of([NONE, one]) == one and fields_of(Group(items=(one, one))) == {"a"}


def test_a_relative_date_without_a_time_is_refused() -> None:
    with pytest.raises(ValueError, match="time of asking"):
        query(Condition(field="a", op="before_today"))
