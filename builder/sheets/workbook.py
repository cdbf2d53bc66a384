"""XLSX by openpyxl, read row by row; refused before unpacking when it would grow too large."""

from __future__ import annotations

import warnings
import zipfile
from collections.abc import Iterator, Sequence
from datetime import date, datetime, time
from typing import Any

from openpyxl.reader.excel import ExcelReader  # type: ignore[import-untyped]
from openpyxl.worksheet._read_only import ReadOnlyWorksheet  # type: ignore[import-untyped]

from builder.sheets.meter import Meter, Metered
from builder.sheets.source import Source
from model.errors import Unreadable

MAX_UNPACKED = 1024**3
"""Bytes of all parts together, unpacked."""
MAX_BESIDE = 128 * 1024**2
"""Bytes of the XML beside the worksheets, unpacked: shared texts and styles are held in memory as a whole."""
MAX_ROW = 8 * 1024**2
"""Bytes of one row, unpacked."""
MAX_ROW_TAGS = 200_000
"""Of one row: Excel itself has 16,384 cells in it, of two to six tags."""
MAX_RATIO, FROM = 200, 16 * 1024**2
"""How many times larger a part may be unpacked, if that is more bytes than this. Tables stay far below, bombs do not."""
MAX_TAGS = 4_000_000
"""Of shared texts and styles, which are held in memory: a text has four, and takes 400 bytes however short it is."""
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
    if any(part.file_size > max(FROM, MAX_RATIO * part.compress_size) for part in parts):
        raise Unreadable("unpacks", name=source.name)


def names(source: Source) -> tuple[str, ...]:
    """The titles of its worksheets, in order; Unreadable("broken_file")."""
    with source.open() as file:
        book = _open(source, file)[0]
        found = tuple(sheet.title for sheet in book.worksheets)
        book.close()
    if not found:
        raise Unreadable("empty_file", name=source.name)
    return found


def records(source: Source, sheet: str) -> Iterator[Sequence[Any]]:
    """Every row of a worksheet: text, numbers, booleans, dates and times as Excel keeps them, results instead of formulas."""
    with source.open() as file:
        book, meter = _open(source, file)
        try:
            page = book[sheet]
            meter.renew(MAX_ROW, MAX_ROW_TAGS)
            for number, row in enumerate(page.iter_rows(values_only=True), 1):
                meter.renew(MAX_ROW, MAX_ROW_TAGS)
                if number > MAX_ROWS:
                    raise Unreadable("too_many_rows", name=source.name, limit=MAX_ROWS)
                yield [_plain(value) for value in row]
        except Unreadable:
            raise
        except Exception as refused:
            raise Unreadable("broken_file", name=source.name) from refused
        finally:
            book.close()


class _Reader(ExcelReader):  # type: ignore[misc]
    """openpyxl's own, over a zip that is counted while it is read."""

    def __init__(self, file: Any, meter: Meter) -> None:
        super().__init__(file, read_only=True, data_only=True, keep_links=False)
        self.archive, self.meter = Metered(file, meter), meter

    def read_worksheets(self) -> None:
        """Those that are there, as worksheets of ours."""
        for sheet, rel in self.parser.find_sheets():
            if rel.target in self.valid_files and "chartsheet" in rel.Type:
                self.read_chartsheet(sheet, rel)
            elif rel.target in self.valid_files:
                self.wb._sheets.append(_Page(self.wb, sheet.name, rel.target, self.shared_strings))


class _Page(ReadOnlyWorksheet):  # type: ignore[misc]
    """A worksheet that is not asked how large it is: it may be wrong, and where it does not say, all of it would be read."""

    def _get_size(self) -> None:
        """It has the rows and columns that come."""


def _open(source: Source, file: Any) -> tuple[Any, Meter]:
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # about styles and validations, which nobody reads here
            reader = _Reader(file, Meter(source.name, MAX_BESIDE, MAX_TAGS))
            reader.read()
            return reader.wb, reader.meter
    except Unreadable:
        raise
    except Exception as refused:  # a broken workbook raises whatever its broken part happens to hit
        raise Unreadable("broken_file", name=source.name) from refused


def _plain(value: Any) -> Any:
    """Midnight is how Excel keeps a day; a time of day alone has no field type, so it stays text."""
    if isinstance(value, datetime):
        return value.date() if value.time() == time() else value
    if value is None or isinstance(value, str | int | float | date):
        return value
    return str(value)
