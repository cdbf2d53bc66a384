"""Exports: nothing that a spreadsheet would run, only what may be read, and everything back when it is imported again."""

from __future__ import annotations

import csv
import io
import json
from typing import Any

import openpyxl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from imports_world import Place, words

from builder import sheets
from locales import Language
from model.access import Action, Grant, Level
from model.errors import BadValue, Denied, Invalid, NotFound
from model.field import Field
from model.filter import Condition
from model.formula import guarded, is_formula, unguarded
from runtime.export import CELL_LIMIT
from runtime.tables import PROMOTED
from store import open_database

EVIL = [
    "=1+1", "+1+1", "-1+1", "@SUM(A1)", "\t=1+1", "\r=1+1", " =1+1", "\n=1+1", "＝1+1", "＋1", "－1", "＠SUM(A1)", "﹦1",
    "\u00a0=1+1", "\u200b=1", "\ufeff=1", "\u3000\u2060＝1", "\v=1", "=cmd|' /C calc'!A0", '=HYPERLINK("http://x")',
]  # fmt: skip
FIELDS = (
    Field(code="note", title="Note", kind="text"),
    Field(code="amount", title="Amount", kind="money", params={"currency": "EUR"}),
    Field(code="day", title="Day", kind="date"),
    Field(code="at", title="Due at", kind="datetime"),
    Field(code="paid", title="Paid", kind="boolean"),
    Field(code="tags", title="Tags", kind="string", multiple=True),
)


@pytest.fixture
def filled(place: Place) -> Place:
    plan = sheets.guess(sheets.read("d.csv", b"Title,Stage\na,New\nb,Won\nc,New\nd,Won\n"))
    process = sheets.propose(plan, "deals", "Deals", words)
    place.library.publish(process.model_copy(update={"fields": FIELDS, "amount_field": "amount"}))
    return place


def add(place: Place, **values: Any) -> int:
    return place.elements.create(place.root, "deals", {"title": "x", **values}).id


def as_csv(place: Place, locale: str = "en", **more: Any) -> list[list[str]]:
    data = place.exports.export(place.root, "deals", "csv", Language(locale), **more).decode("utf-8-sig")
    return list(csv.reader(io.StringIO(data, newline=""), delimiter=";" if locale == "ru" else ","))


def as_xlsx(place: Place, **more: Any) -> list[tuple[Any, ...]]:
    data = place.exports.export(place.root, "deals", "xlsx", Language("en"), **more)
    return list(openpyxl.load_workbook(io.BytesIO(data)).active.iter_rows(values_only=True))


@pytest.mark.parametrize("text", EVIL)
def test_no_cell_begins_like_a_formula(filled: Place, text: str) -> None:
    add(filled, title=f"{text}t", note=f"{text}n", tags=[text])
    columns = ["title", "note", "tags"]
    for cells in (as_csv(filled, columns=columns)[1], as_xlsx(filled, columns=columns)[1]):
        assert all(str(cell).startswith("'") or cell[0].isalnum() for cell in cells), cells
    book = openpyxl.load_workbook(io.BytesIO(filled.exports.export(filled.root, "deals", "xlsx", Language("en"))))
    assert all(cell.data_type != "f" for row in book.active.iter_rows() for cell in row)


def test_titles_of_fields_are_guarded_as_well(filled: Place) -> None:
    process = filled.library.versions["deals"].process
    evil = (Field(code="note", title="=1+1", kind="text"), *FIELDS[1:])
    filled.library.publish(process.model_copy(update={"fields": evil}))
    assert as_csv(filled, columns=["note"])[0] == as_csv(filled, "ru", columns=["note"])[0] == ["'=1+1"]
    assert as_xlsx(filled, columns=["note"])[0] == ("'=1+1",)


@given(st.text(max_size=40))
def test_a_guarded_text_is_no_formula_and_comes_back(text: str) -> None:
    safe = guarded(text)
    assert not is_formula(safe) and safe in (text, f"'{text}")
    assert unguarded(safe) == text or text.startswith("'")


@pytest.mark.parametrize(("locale", "amount"), [("en", "1234.5"), ("ru", "1234,5")])
def test_a_csv_opens_in_the_excel_of_its_locale(filled: Place, locale: str, amount: str) -> None:
    add(filled, amount=1234.5, day="2026-03-01", at="2026-03-01T10:00:00Z", paid=True, note='ё;,\n"')
    row = dict(zip(*as_csv(filled, locale), strict=True))
    assert (row["Amount"], row["Day"], row["Note"]) == (amount, "2026-03-01", 'ё;,\n"')
    assert row["Due at"] == "2026-03-01 10:00:00"


def test_a_workbook_keeps_numbers_days_and_times(filled: Place) -> None:
    add(filled, amount=1234.5, day="2026-03-01", at="2026-03-01T10:00:00Z", note="x" * 40_000)
    row = dict(zip(*as_xlsx(filled), strict=True))
    assert (row["Amount"], str(row["Day"]), str(row["Due at"])) == (1234.5, "2026-03-01 00:00:00", "2026-03-01 10:00:00")
    assert len(row["Note"]) == CELL_LIMIT


def test_only_what_may_be_read_and_exported_goes_out(filled: Place) -> None:
    clerk = filled.user("clerk", roles=frozenset({"clerk"}))
    process = filled.library.versions["deals"].process
    levels = {Action.READ: Level.ALL, Action.EXPORT: Level.OWN}
    filled.library.publish(
        process.model_copy(update={"grants": tuple(Grant(role="clerk", action=a, level=v) for a, v in levels.items())})
    )
    add(filled, title="theirs")
    add(filled, title="own", responsible=clerk.user)
    for format in ("csv", "xlsx", "json"):
        data = filled.exports.export(clerk, "deals", format, Language("en"), columns=["title"])  # type: ignore[arg-type]
        assert b"theirs" not in data
    assert json.loads(data)["elements"] == [{"title": "own"}]
    with pytest.raises(Denied):
        filled.exports.export(filled.user("nobody"), "deals", "csv", Language("en"))


def test_what_cannot_be_exported(filled: Place) -> None:
    for error, more in (
        (NotFound, {"process": "nowhere"}), (BadValue, {"format": "pdf"}), (Invalid, {"columns": ["nope"]}),
        (Invalid, {"filter": Condition(field="nope", value=1)}),
    ):  # fmt: skip
        asked: dict[str, Any] = {"process": "deals", "format": "csv", "reader": Language("en"), **more}
        with pytest.raises(error):
            filled.exports.export(filled.root, **asked)


TEXT = st.text(st.characters(exclude_categories=("Cc", "Cs", "Cn", "Co"), exclude_characters="\ufeff"), min_size=1, max_size=30)


@settings(max_examples=25, deadline=None)
@given(
    st.lists(st.tuples(TEXT, st.decimals(0, 10**9, places=2), st.dates(), st.booleans()), min_size=1, max_size=6),
    st.sampled_from(["csv", "xlsx"]), st.sampled_from(["en", "ru"]),
)  # fmt: skip
def test_what_went_out_comes_back_the_same(rows: list[Any], format: Any, locale: str) -> None:
    db = open_database("memory://", promoted=PROMOTED)
    place = Place(db)
    plan = sheets.guess(sheets.read("d.csv", b"Title,Stage\na,New\nb,Won\nc,New\nd,Won\n"))
    process = sheets.propose(plan, "deals", "Deals", words).model_copy(update={"fields": FIELDS[:5]})
    place.library.publish(process)
    for text, amount, day, paid in rows:
        values = {"title": f"t{text}".strip(), "note": text, "amount": float(amount), "day": day.isoformat(), "paid": paid}
        place.elements.create(place.root, "deals", {**values, "stage": "won" if paid else "new"})
    codes = ["title", "stage", "note", "amount", "day", "paid"]
    before = sorted(place.elements.rows(place.root, "deals", codes))
    reader = Language(locale)
    data = place.exports.export(place.root, "deals", format, reader, columns=codes)
    sheet = sheets.read(f"out.{format}", data, delimiter=None if format == "xlsx" else ";" if locale == "ru" else ",")
    fitted = _told(sheets.match(sheets.guess(sheet), process), reader, locale)
    report = place.imports.run(place.root, "deals", place.rows(sheet, fitted, process), columns=sheet.columns)
    assert not report.skipped, report.skipped
    after = place.elements.rows(place.root, "deals", codes, sort=[("id", False)])[len(rows) :]
    assert sorted(after) == before
    db.close()


def _told(plan: sheets.Plan, reader: Language, locale: str) -> sheets.Plan:
    """What a person would put right where so few rows prove nothing."""
    for code in ("title", "stage"):
        plan = plan.change(reader.t(f"export.column.{code}"), role=code)
    for field in FIELDS[:5]:
        if plan.column(field.title):
            plan = plan.change(field.title, code=field.code, kind=field.kind, params=field.params, role="")
    stages = tuple(sheets.StagePlan(value=s, code=s.lower()) for s in ("New", "Won"))
    return plan.model_copy(update={"decimal": "," if locale == "ru" else ".", "stages": stages})
