"""Decimal marks: what a file proves of them, and what it leaves open."""

from __future__ import annotations

import pytest
from imports_world import TYPES, words

from builder.sheets import Lookups, Plan, guess, propose, read, rows
from builder.sheets.sheet import Sheet


def sheet(*lines: str) -> Sheet:
    return read("a.csv", "\n".join(("name;" + lines[0], *(f"n{n};{line}" for n, line in enumerate(lines[1:])))).encode())


def stored(source: Sheet, plan: Plan) -> list[dict[str, object]]:
    process = propose(plan, "p", "P", words)
    return [dict(row.values) for row in rows(source, plan, process, Lookups(TYPES))]


@pytest.mark.parametrize(
    ("cells", "unsure", "decimal"),
    [
        (("1,250", "2,500"), "1,250", "."),
        (("$1,250", "$12"), "$1,250", "."),
        (("1,250", "2.125"), "1,250", "."),
        (("1,250", "1,5", "1.5"), "1,250", "."),
        (("1,250", "2,50"), "", ","),
        (("1,250", "1,234.50"), "", "."),
        (("1,250", "1,250,000"), "", "."),
        (("1.250", "1.250.000"), "", ","),
        (("1,250", "1234,500"), "", ","),
        (("1,250", "0,125"), "", ","),
        (("1,250", "12 500"), "", ","),
        (("1250", "12"), "", "."),
    ],
)
def test_a_mark_is_proven_or_only_assumed(cells: tuple[str, ...], unsure: str, decimal: str) -> None:
    plan = guess(sheet("n", *cells))
    assert plan.unsure == unsure
    assert unsure or (plan.columns[1].decimal or plan.decimal) == decimal


def test_each_column_is_read_by_its_own_marks() -> None:
    source = sheet("lat;price;open", "55.751;1,5;1,250", "37.6176;1,250;2,500")
    plan = guess(source)
    assert plan.unsure == "1,250", "the marks of two columns differ: neither speaks for the third"
    for mark, meant in ((".", 1250), (",", 1.25)):
        first, second = stored(source, plan.settled(mark))  # type: ignore[arg-type]
        assert (first["lat"], second["price"], first["open"]) == (55.751, 1.25, meant)
    assert plan.change("open", code="").unsure == plan.change("open", kind="string").unsure == "", "it is no number"
