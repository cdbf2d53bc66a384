"""Exports: what somebody may read and export, as CSV, XLSX or JSON. Text that a spreadsheet would run is made harmless."""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any, Literal

import orjson
from openpyxl import Workbook  # type: ignore[import-untyped]
from openpyxl.cell import WriteOnlyCell  # type: ignore[import-untyped]
from openpyxl.styles import Font  # type: ignore[import-untyped]
from openpyxl.utils import get_column_letter  # type: ignore[import-untyped]

from model import access
from model.access import Action, Actor
from model.clock import moment
from model.errors import BadValue, NotFound
from model.field import SYSTEM, Control, FieldType
from model.filter import ALL, Filter, all_of
from model.formula import guarded
from model.kind import Catalog
from model.language import Reader
from model.process import Process
from runtime.access import Sort
from runtime.elements import Elements
from runtime.library import Library

Format = Literal["csv", "xlsx", "json"]
CELL_LIMIT = 32_767
"""Characters that an XLSX cell can hold."""
_CONTROL = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\ufffe\uffff\ud800-\udfff]")
_BY_LOCALE = {"ru": (";", ",")}
"""Delimiter and decimal mark of the CSV that a locale's Excel opens as a table; others: comma and point."""


@dataclass(frozen=True, slots=True)
class _Column:
    """A code with its title, and how its stored value becomes a text, number, date or time."""

    code: str
    title: str
    shown: Callable[[Any], Any]
    money: bool = False


class Exports:
    """Writes elements out. `types` says what fields are, `elements` what may be read."""

    def __init__(self, library: Library, elements: Elements, types: Catalog[FieldType]) -> None:
        self._library, self._elements, self._types = library, elements, types

    def export(
        self,
        actor: Actor,
        process: str,
        format: Format,
        reader: Reader,
        *,
        filter: Filter = ALL,
        columns: Sequence[str] | None = None,
        sort: Sort | None = None,
    ) -> bytes:
        """The matching elements that the actor may both read and export; columns: codes, default all.

        NotFound, Denied (export), Invalid (unknown fields), BadValue("unknown_format").
        """
        version = self._library.published(process)
        if version is None:
            raise NotFound(path=process, what="process")
        home = version.process
        access.require_any(home, actor, Action.EXPORT)
        if format not in _WRITERS and format != "json":
            raise BadValue("unknown_format", "format", format=str(format)[:20], known="csv, xlsx, json")
        codes = list(columns) if columns is not None else _all_codes(home)
        wanted = all_of([access.as_filter(home, actor, Action.EXPORT), filter])
        found = self._elements.rows(actor, process, codes, wanted, sort=sort or [("id", False)])
        if format == "json":
            return as_json(process, codes, found)
        titles = self._titles(actor, home, codes, found)
        shown = [self._column(home, code, reader, titles) for code in codes]
        rows = ([c.shown(v) if v is not None else None for c, v in zip(shown, row, strict=True)] for row in found)
        return _WRITERS[format](shown, rows, reader)

    def _titles(self, actor: Actor, process: Process, codes: Sequence[str], rows: Iterable[Sequence[Any]]) -> Mapping[int, str]:
        """Titles of everything that link columns point at, asked for at once."""
        links = [n for n, code in enumerate(codes) if _control(process, code, self._types) is Control.ELEMENT]
        ids = {each for row in rows for n in links for each in _many(row[n])} if links else set()
        return self._elements.titles(actor, ids)

    def _column(self, process: Process, code: str, reader: Reader, titles: Mapping[int, str]) -> _Column:
        field = process.field(code)
        if field is None:
            return _Column(code, reader.t(f"export.column.{code}"), _system(process, code, reader))
        kind = field.type(self._types)
        one = _typed(kind, reader, titles)
        several: Callable[[Any], Any] = lambda values: "; ".join(kind_text(one(v)) for v in _many(values))  # noqa: E731
        return _Column(code, field.title, several if field.multiple else one, hasattr(kind, "currency") and not field.multiple)


def kind_text(value: Any) -> str:
    """A typed value among several in one cell."""
    return value.isoformat(" ", "minutes") if isinstance(value, datetime) else str(value)


def _all_codes(process: Process) -> list[str]:
    placed = ["stage"] if process.has_stages else []
    funnel = ["funnel"] if len(process.funnels) > 1 else []
    fields = [f.code for f in process.fields]
    return ["id", "title", *funnel, *placed, "responsible", *fields, "created_at", "created_by", "moved_at", "closed_at"]


def _control(process: Process, code: str, types: Catalog[FieldType]) -> Control | None:
    field = process.field(code)
    return field.type(types).control if field else None


def _typed(kind: FieldType, reader: Reader, titles: Mapping[int, str]) -> Callable[[Any], Any]:
    """Numbers, days and times stay what they are; all else becomes the text that people read."""
    if kind.control is Control.NUMBER:
        return lambda value: value
    if kind.control is Control.DATE:
        return date.fromisoformat
    if kind.control is Control.DATETIME:
        return lambda value: _local(value, reader)
    if kind.control is Control.ELEMENT:
        return lambda value: titles.get(value, f"#{value}")
    return lambda value: kind.show(value, reader)


def _system(process: Process, code: str, reader: Reader) -> Callable[[Any], Any]:
    stages = {s.code: s.title for s in process.stages()}
    funnels = {f.code: f.title for f in process.funnels}
    by_type: dict[str, Callable[[Any], Any]] = {
        "stage": lambda value: stages.get(value, value),
        "employee": reader.person,
        "datetime": lambda value: _local(value, reader),
    }
    if code == "funnel":
        return lambda value: funnels.get(value, value)
    return by_type.get(SYSTEM[code], lambda value: value)


def _local(value: str, reader: Reader) -> datetime:
    """A stored time in the reader's zone, without the zone: spreadsheets know none."""
    return moment(value).astimezone(reader.zone).replace(tzinfo=None, microsecond=0)


def _many(value: Any) -> Sequence[Any]:
    return () if value is None else value if isinstance(value, list) else (value,)


def as_json(process: str, codes: Sequence[str], rows: Iterable[Sequence[Any]]) -> bytes:
    """`{"process", "elements": [{code: stored value}]}`; empty values are left out."""
    elements = [{c: v for c, v in zip(codes, row, strict=True) if v is not None} for row in rows]
    return orjson.dumps({"process": process, "elements": elements}, option=orjson.OPT_INDENT_2)


def as_csv(header: Sequence[str], rows: Iterable[Sequence[Any]], locale: str) -> bytes:
    """UTF-8 with a mark, so that Excel opens Cyrillic; delimiter and decimals as the locale's Excel wants them."""
    delimiter, decimal = _BY_LOCALE.get(locale, (",", "."))
    text = io.StringIO(newline="")
    writer = csv.writer(text, delimiter=delimiter)
    writer.writerow([guarded(title) for title in header])
    writer.writerows([_csv_cell(value, decimal) for value in row] for row in rows)
    return text.getvalue().encode("utf-8-sig", "replace")


def _csv_cell(value: Any, decimal: str) -> str:
    if isinstance(value, str):
        return guarded(value)
    if isinstance(value, datetime):
        return value.isoformat(" ")
    if isinstance(value, float):
        return f"{value:.15g}".replace(".", decimal) if abs(value) < 10**15 else str(value)
    return "" if value is None else str(value)


def _csv(columns: Sequence[_Column], rows: Iterable[Sequence[Any]], reader: Reader) -> bytes:
    return as_csv([c.title for c in columns], rows, reader.locale)


def _xlsx(columns: Sequence[_Column], rows: Iterable[Sequence[Any]], reader: Reader) -> bytes:
    book = Workbook(write_only=True)
    page = book.create_sheet("Voronka")
    page.freeze_panes = "A2"
    for number, column in enumerate(columns, 1):
        page.column_dimensions[get_column_letter(number)].width = max(12, min(len(column.title) + 4, 40))
    page.append([_xlsx_cell(page, c.title, bold=True) for c in columns])
    for row in rows:
        page.append([_xlsx_cell(page, v, c.money) for c, v in zip(columns, row, strict=True)])
    file = io.BytesIO()
    book.save(file)
    return file.getvalue()


def _xlsx_cell(page: Any, value: Any, money: bool = False, bold: bool = False) -> Any:
    """What openpyxl appends: it types and formats numbers, days and times itself."""
    if isinstance(value, date) and value.year < 1900:
        value = value.isoformat()  # a workbook's calendar begins in 1900
    if isinstance(value, str):
        value = _CONTROL.sub("", guarded(value))[:CELL_LIMIT]
    if not (money or bold) or value is None:
        return value
    cell = WriteOnlyCell(page, value)
    if money:
        cell.number_format = "#,##0.00"
    if bold:
        cell.font = Font(bold=True)
    return cell


_WRITERS: Mapping[str, Callable[[Sequence[_Column], Iterable[Sequence[Any]], Reader], bytes]] = {"csv": _csv, "xlsx": _xlsx}
