"""Sheets: a CSV or XLSX file as columns and rows, whatever it was written with."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from itertools import islice
from pathlib import Path
from typing import Any, BinaryIO, NamedTuple

from builder.sheets import delimited, workbook
from builder.sheets.source import Source
from model.errors import Unreadable
from model.formula import unguarded

MAX_COLUMNS = 1000
_FOREIGN = (
    b"%PDF", b"\x89PNG", b"\xff\xd8\xff", b"GIF8", b"\x1f\x8b", b"Rar!", b"7z\xbc\xaf", b"{\\rtf", b"SQLite format 3", b"BZh",
    b"RIFF",
)  # fmt: skip
_MARKUP = (b"<html", b"<!doctype", b"<?xml", b"<table", b"<head")


class SheetRow(NamedTuple):
    """One data row. `number` is the row as a spreadsheet counts it, `cells` as many as columns, None or "" where empty."""

    number: int
    cells: Sequence[Any]
    extra: int = 0
    """Filled cells beyond the last column: the sign of a wrong delimiter or an unquoted one."""


@dataclass(frozen=True)
class Rows:
    """The data rows: may be gone through again and again, each time read afresh from the file. Blank rows are left out."""

    open: Callable[[], Iterator[Sequence[Any]]] = field(repr=False)
    width: int
    first: int
    """Number of records before the first data row."""

    def __iter__(self) -> Iterator[SheetRow]:
        for number, record in enumerate(islice(self.open(), self.first, None), self.first + 1):
            if any(_filled(cell) for cell in record):
                yield self._row(number, record)

    def _row(self, number: int, record: Sequence[Any]) -> SheetRow:
        missing = self.width - len(record)
        cells = [unguarded(cell) if isinstance(cell, str) and cell[:1] == "'" else cell for cell in record[: self.width]]
        cells += [""] * missing
        return SheetRow(number, cells, sum(map(_filled, record[self.width :])) if missing < 0 else 0)


@dataclass(frozen=True)
class Sheet:
    """A table that was read: `format` csv or xlsx, `encoding` and `delimiter` of a CSV, `sheet` of `sheets` of a workbook."""

    name: str
    columns: tuple[str, ...]
    rows: Rows
    format: str
    size: int
    """Bytes of the file."""
    encoding: str = ""
    delimiter: str = ""
    sheet: str = ""
    sheets: tuple[str, ...] = ()
    header: bool = True


def read(
    name: str,
    data: bytes | Path | BinaryIO,
    *,
    encoding: str | None = None,
    delimiter: str | None = None,
    sheet: str | None = None,
    header: bool = True,
) -> Sheet:
    """Read a table; what is not told is found out.

    Unreadable: empty_file, too_large, not_a_table, looks_like_xls, looks_like_html, broken_file, bad_encoding,
    bad_delimiter, cell_too_large, no_such_sheet, too_many_columns, no_such_file.
    """
    source = Source.of(name, data)
    head = source.head(delimited.HEAD)
    _refuse_foreign(source.name, head)
    if head.startswith(b"PK\x03\x04"):
        return _workbook(source, sheet, header)
    _refuse_markup(source.name, head)
    encoding = encoding or delimited.encoding_of(source)
    mark = delimiter or delimited.delimiter_of(source, encoding)
    return _made(
        source, lambda: delimited.records(source, encoding, mark), header, format="csv", encoding=encoding, delimiter=mark
    )


def _workbook(source: Source, sheet: str | None, header: bool) -> Sheet:
    workbook.check(source)
    sheets = workbook.names(source)
    chosen = sheet if sheet is not None else sheets[0]
    if chosen not in sheets:
        raise Unreadable("no_such_sheet", name=source.name, sheet=chosen)
    return _made(source, lambda: workbook.records(source, chosen), header, format="xlsx", sheet=chosen, sheets=sheets)


def _refuse_foreign(name: str, head: bytes) -> None:
    if head.startswith(b"\xd0\xcf\x11\xe0"):  # the container of old Excel files and of encrypted new ones
        raise Unreadable("looks_like_xls", name=name)
    if head.startswith(_FOREIGN):
        raise Unreadable("not_a_table", name=name)


def _refuse_markup(name: str, head: bytes) -> None:
    if head.lstrip(b"\xef\xbb\xbf \r\n\t").lower().startswith(_MARKUP):
        raise Unreadable("looks_like_html", name=name)
    if delimited.is_binary(head):
        raise Unreadable("not_a_table", name=name)


def _made(source: Source, open: Callable[[], Iterator[Sequence[Any]]], header: bool, **told: Any) -> Sheet:
    """Find the first row that holds anything and name the columns by it."""
    told_of = next(((n, record) for n, record in enumerate(open()) if any(map(_filled, record))), None)
    if told_of is None:
        raise Unreadable("empty_file", name=source.name)
    number, record = told_of
    columns = _columns(record if header else [""] * len(record))
    if len(columns) > MAX_COLUMNS:
        raise Unreadable("too_many_columns", name=source.name, limit=MAX_COLUMNS)
    rows = Rows(open, len(columns), number + (1 if header else 0))
    return Sheet(source.name, columns, rows, size=source.size, header=header, **told)


def _columns(record: Sequence[Any]) -> tuple[str, ...]:
    """Unique names: an empty one is numbered, a repeated one gets " (2)".."""
    names = [" ".join(unguarded(str(cell)).split()) if _filled(cell) else "" for cell in record]
    taken: set[str] = set()
    for place, name in enumerate(names):
        plain = name or f"Column {place + 1}"
        unique, count = plain, 1
        while unique.casefold() in taken:
            count += 1
            unique = f"{plain} ({count})"
        taken.add(unique.casefold())
        names[place] = unique
    return tuple(names)


def _filled(cell: Any) -> bool:
    return cell is not None and (not isinstance(cell, str) or bool(cell.strip()))
