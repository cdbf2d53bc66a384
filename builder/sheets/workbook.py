"""XLSX by openpyxl, read row by row; refused before unpacking when it would grow too large."""

from __future__ import annotations

import warnings
import zipfile
from collections.abc import Iterator, Sequence
from datetime import date, datetime, time
from typing import Any

import openpyxl  # type: ignore[import-untyped]

from builder.sheets.source import Source
from model.errors import Unreadable

MAX_UNPACKED = 1024**3
"""Bytes of all parts together, unpacked."""
MAX_BESIDE = 128 * 1024**2
"""Bytes of the XML beside the worksheets, unpacked: shared texts and styles are held in memory as a whole."""
MAX_ROWS = 1_048_576
"""What Excel itself can hold."""


def check(source: Source) -> None:
    """Unreadable unless the zip is a workbook of a sane size: not_a_table, broken_file, too_large."""
    try:
        with source.open() as file, zipfile.ZipFile(file) as packed:
            parts = packed.infolist()
    except (zipfile.BadZipFile, OSError, ValueError, EOFError, NotImplementedError) as refused:
        raise Unreadable("broken_file", name=source.name) from refused
    if not any(part.filename.lower() == "xl/workbook.xml" for part in parts):
        raise Unreadable("not_a_table", name=source.name)
    beside = [p for p in parts if p.filename.endswith((".xml", ".rels")) and not p.filename.startswith("xl/worksheets/")]
    for found, limit in ((parts, MAX_UNPACKED), (beside, MAX_BESIDE)):
        if sum(part.file_size for part in found) > limit:
            raise Unreadable("too_large", name=source.name, limit=limit // 1024**2)


def names(source: Source) -> tuple[str, ...]:
    """The titles of its worksheets, in order; Unreadable("broken_file")."""
    with source.open() as file:
        book = _open(source, file)
        found = tuple(sheet.title for sheet in book.worksheets)
        book.close()
    if not found:
        raise Unreadable("empty_file", name=source.name)
    return found


def records(source: Source, sheet: str) -> Iterator[Sequence[Any]]:
    """Every row of a worksheet: text, numbers, booleans, dates and times as Excel keeps them, results instead of formulas."""
    with source.open() as file:
        book = _open(source, file)
        try:
            page = book[sheet]
            page.reset_dimensions()  # the stored size may be wrong, too small or a million columns wide
            for number, row in enumerate(page.iter_rows(values_only=True), 1):
                if number > MAX_ROWS:
                    raise Unreadable("too_many_rows", name=source.name, limit=MAX_ROWS)
                yield [_plain(value) for value in row]
        except Unreadable:
            raise
        except Exception as refused:
            raise Unreadable("broken_file", name=source.name) from refused
        finally:
            book.close()


def _open(source: Source, file: Any) -> Any:
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # about styles and validations, which nobody reads here
            return openpyxl.load_workbook(file, read_only=True, data_only=True)
    except Exception as refused:  # a broken workbook raises whatever its broken part happens to hit
        raise Unreadable("broken_file", name=source.name) from refused


def _plain(value: Any) -> Any:
    """Midnight is how Excel keeps a day; a time of day alone has no field type, so it stays text."""
    if isinstance(value, datetime):
        return value.date() if value.time() == time() else value
    if value is None or isinstance(value, str | int | float | date):
        return value
    return str(value)
