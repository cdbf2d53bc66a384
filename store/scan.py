"""Sorting, picking and grouping of documents in Python: the memory engine, and what SQL cannot express."""

import operator
from collections.abc import Iterable, Sequence
from typing import Any

import orjson

from store.condition import Condition
from store.document import Doc, Row, decode
from store.path import Window, pick

Group = dict[str, Any]
Part = tuple[tuple[Any, ...], int, Sequence[int | float]]  # values, count, sums


def keep(table: str, rows: Iterable[Row], condition: Condition) -> list[Row]:
    """The rows whose documents meet the condition, in the order given."""
    if not condition.shapes and condition.rest is None:
        return list(rows)
    check = condition.check()
    return [row for row in rows if check(decode(table, row))]


def arrange(table: str, rows: list[Row], window: Window) -> list[Row]:
    """The rows sorted and cut: see Table.search for the order."""
    if window.order:
        found = [(row, decode(table, row)) for row in sorted(rows)]
        # stable sorts, the least important key first; ties stay in the order of doc_id
        for path, descending in reversed(window.order):
            found = _sorted(found, path, descending)
        rows = [row for row, _ in found]
    end = None if window.limit is None else window.offset + window.limit
    return rows[window.offset : end]


def _sorted(found: list[tuple[Row, Doc]], path: str, descending: bool) -> list[tuple[Row, Doc]]:
    keyed = [(pick(row[0], doc, path), (row, doc)) for row, doc in found]
    present = [pair for pair in keyed if pair[0] is not None]
    absent = [pair for pair in keyed if pair[0] is None]
    present.sort(key=lambda pair: rank(pair[0]), reverse=descending)
    return [item for _, item in present + absent]


def rank(value: Any) -> tuple[int, Any]:
    """Numbers (and true, false) before texts before lists and objects, those by their JSON text."""
    if isinstance(value, str):
        return (1, value)
    if isinstance(value, list | dict):
        return (2, orjson.dumps(value))
    return (0, value)


def select(table: str, rows: Iterable[Row], paths: Sequence[str]) -> list[tuple[Any, ...]]:
    """The values at the paths, one tuple a row."""
    return [tuple(pick(row[0], doc, path) for path in paths) for row in rows for doc in (decode(table, row),)]


def group(table: str, rows: Iterable[Row], by: Sequence[str], sums: Sequence[str]) -> list[Group]:
    """Counts and sums for each distinct tuple of values, in the order in which they first appear."""
    return merge(_single(row[0], decode(table, row), by, sums) for row in rows)


def merge(parts: Iterable[Part]) -> list[Group]:
    """Add up the parts of the same key, lists and objects standing there as their JSON text."""
    groups: dict[tuple[Any, ...], Group] = {}
    for values, count, numbers in parts:
        key = tuple(map(_hashable, values))
        seen = groups.setdefault(key, {"key": key, "count": 0, "sums": (0,) * len(numbers)})
        seen["count"] += count
        seen["sums"] = tuple(map(operator.add, seen["sums"], numbers))
    return list(groups.values())


def _single(doc_id: int, document: Doc, by: Sequence[str], sums: Sequence[str]) -> Part:
    values = tuple(pick(doc_id, document, path) for path in by)
    return values, 1, [_number(pick(doc_id, document, path)) for path in sums]


def _hashable(value: Any) -> Any:
    return orjson.dumps(value).decode() if isinstance(value, list | dict) else value


def _number(value: Any) -> int | float:
    return value if isinstance(value, int | float) and not isinstance(value, bool) else 0
