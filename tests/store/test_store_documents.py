"""What a table takes, what it refuses, and that it keeps its own copy."""

import datetime
import decimal
import enum
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from tinydb import where

from store import Database, Table

TEXT = st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\0"), max_size=5)
NUMBER = st.integers(-(2**63), 2**63 - 1) | st.floats(allow_nan=False, allow_infinity=False)
SCALAR = st.none() | st.booleans() | NUMBER
JSON = st.recursive(SCALAR | TEXT, lambda inner: st.lists(inner) | st.dictionaries(TEXT, inner), max_leaves=8)


class Stage(enum.StrEnum):
    NEW = "new"


class Level(enum.IntEnum):
    HIGH = 3


@settings(max_examples=100, deadline=None, suppress_health_check=list(HealthCheck))
@given(st.dictionaries(TEXT, JSON, max_size=4))
def test_everything_json_holds_comes_back(db: Database, document: dict[str, Any]) -> None:
    table = db.table("t")
    doc_id = table.insert(document)
    assert repr(table.get(doc_id=doc_id)) == repr(document)


@pytest.mark.parametrize(
    "value",
    [{1}, (1, 2), b"b", datetime.date(2026, 1, 1), decimal.Decimal(1), object(), {1: 2}, [{None: 1}], Stage],
)
def test_refuses_what_json_does_not_know(table: Table, value: Any) -> None:
    table.insert({"a": 1})
    for write in (
        lambda: table.insert({"a": value}),
        lambda: table.insert_multiple([{}, {"a": [value]}]),
        lambda: table.update({"b": value}),
        lambda: table.replace(1, {"a": {"b": value}}),
        lambda: table.upsert({"a": value}, where("a") == 1),
    ):
        with pytest.raises(TypeError):
            write()
    assert table.all() == [{"a": 1}]


@pytest.mark.parametrize(
    "value",
    [float("nan"), float("inf"), -float("inf"), 2**63, -(2**63) - 1, 10**40, "\ud800", "a\0b", {"\ud800": 1}],
)
def test_refuses_what_would_not_come_back(table: Table, value: Any) -> None:
    table.insert({"a": 1})
    with pytest.raises(ValueError, match=r"."):
        table.insert({"a": [value]})
    with pytest.raises(ValueError, match=r"."):
        table.update({"a": value})
    assert table.all() == [{"a": 1}]


def test_refuses_endless_documents(table: Table) -> None:
    endless: dict[str, Any] = {}
    endless["self"] = endless
    deep: list[Any] = []
    for _ in range(500):
        deep = [deep]
    for value in (endless, deep):
        with pytest.raises(ValueError, match=r"deep|Recursion"):
            table.insert({"a": value})


def test_an_escaped_backslash_is_no_nul(table: Table) -> None:
    table.insert({"a": "\\u0000"})
    assert table.all() == [{"a": "\\u0000"}]


def test_enums_are_stored_as_what_they_are(table: Table) -> None:
    table.insert({"stage": Stage.NEW, "level": Level.HIGH, Stage.NEW: 1})
    assert table.all() == [{"stage": "new", "level": 3, "new": 1}]
    assert type(table.all()[0]["stage"]) is str
    assert table.count(where("stage") == Stage.NEW) == table.count(where("level") == Level.HIGH) == 1


def test_documents_are_copied_in_and_out(table: Table) -> None:
    given_in: dict[str, Any] = {"list": [1], "map": {"a": 1}}
    doc_id = table.insert(given_in)
    given_in["list"].append(2)
    for found in (table.get(doc_id=doc_id), table.all()[0], table.search(where("map").exists())[0]):
        assert found == {"list": [1], "map": {"a": 1}}
        found["list"].append(3)
        found["map"].clear()
    table.select(["list"])[0][0].append(4)
    fields = {"list": [5]}
    table.update(fields, doc_ids=[doc_id])
    fields["list"].append(6)
    assert table.all() == [{"list": [5], "map": {"a": 1}}]
