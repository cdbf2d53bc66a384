"""Reading sheets: whatever a file was written with, and files that are no tables."""

from __future__ import annotations

import csv
import io
import os
import random
import re
import struct
import time
import tracemalloc
import zipfile
from collections.abc import Callable
from datetime import date, datetime
from itertools import islice
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from builder.sheets import guess, read
from builder.sheets.delimited import CELL_LIMIT
from builder.sheets.source import MAX_BYTES
from locales import Language
from model.errors import Unreadable
from model.formula import unguarded

RUSSIAN = "Название;Сумма;Ответственный\nПоставка труб;1 200,50;Иванов Иван\nРемонт;99,5;Пётр\n"


def cells(sheet: object) -> list[list[object]]:
    return [list(row.cells) for row in sheet.rows]  # type: ignore[attr-defined]


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "utf-16-le", "utf-16-be", "cp1251", "koi8_r", "cp866"])
def test_russian_in_every_usual_encoding(encoding: str) -> None:
    sheet = read("a.csv", RUSSIAN.encode(encoding))
    assert sheet.columns == ("Название", "Сумма", "Ответственный")
    assert cells(sheet)[1] == ["Ремонт", "99,5", "Пётр"]
    assert sheet.encoding.replace("utf-8-sig", "utf-8") == encoding.replace("utf-8-sig", "utf-8")


def test_latin_letters_with_accents() -> None:
    sheet = read("a.csv", "Prénom,Größe\nJosé,Ñandú\nFrançois,naïve Zürich\n".encode("cp1252"))
    assert sheet.columns == ("Prénom", "Größe")


def test_a_late_foreign_byte_decides_over_the_whole_file() -> None:
    data = b"name;city\n" + b"x;y\n" * 50_000 + "Маша;Омск, у реки\n".encode("cp1251") * 30
    assert cells(read("a.csv", data))[-1] == ["Маша", "Омск, у реки"]


def test_what_is_told_is_not_guessed() -> None:
    sheet = read("a.csv", b"a;b\n1;2,3\n", delimiter=",", encoding="cp1251", header=False)
    assert (sheet.columns, sheet.delimiter, sheet.encoding) == (("Column 1",), ",", "cp1251")
    assert [row.extra for row in sheet.rows] == [0, 1]


@pytest.mark.parametrize(
    ("text", "delimiter"),
    [
        ("a,b,c\n1,2,3\n", ","),
        ("a;b\n1,5;2,5\n3,5;4,5\n", ";"),
        ("a\tb\n1,2,3\tx;y\n", "\t"),
        ("a|b\n1|2\n", "|"),
        ('a,b\n"x;y;z",1\n"p;q;r",2\n', ","),
        ('a;b\n"one\ntwo, three";1\n', ";"),
        ("sep=|\na,x|b\n1|2\n", "|"),
        ("only\none\ncolumn\n", ","),
    ],
)
def test_delimiters(text: str, delimiter: str) -> None:
    assert read("a.csv", text.encode()).delimiter == delimiter


def test_quoted_line_ends_stay_in_their_cell_and_rows_keep_their_numbers() -> None:
    sheet = read("a.csv", b'a,b\r\n"one\r\ntwo",2\r\n\r\n3,4\r\n')
    assert [(row.number, *row.cells) for row in sheet.rows] == [(2, "one\r\ntwo", "2"), (4, "3", "4")]


def test_ragged_rows_are_filled_or_reported() -> None:
    rows = list(read("a.csv", b"a,b,c\n1\n1,2,3,,\n1,2,3,4,5\n").rows)
    assert list(rows[0].cells) == ["1", "", ""]
    assert [row.extra for row in rows] == [0, 0, 2]


def test_columns_without_name_and_with_the_same_name() -> None:
    assert read("a.csv", b"a,,A,a,a (2)\n1,2,3,4,5\n").columns == ("a", "Column 2", "A (2)", "a (3)", "a (2) (2)")


def test_long_cells_and_stray_nul_bytes() -> None:
    long = "x" * 10_000
    sheet = read("a.csv", f'a,b\n"{long}",1\n'.encode() + b"n\x00ul,2\n" + b"y,3\n" * 500)
    assert cells(sheet)[:2] == [[long, "1"], ["nul", "2"]]


def test_a_quote_that_is_never_closed_is_named() -> None:
    data = b'a,b\n1,"2\n' + b"some line of text\n" * (CELL_LIMIT // 10)
    with pytest.raises(Unreadable) as refused:
        list(read("a.csv", data, delimiter=",").rows)
    assert refused.value.problem.code == "cell_too_large" and refused.value.problem.context["line"] == 2


@pytest.mark.parametrize(
    ("text", "line"),
    [
        ('a,b\n1,"2\n3,4\n5,6\n', 2),
        ('"a,b\n1,2\n3,4\n', 1),
        ('a,b\r\n"one\r\ntwo","three\r\n3,4\r\n', 3),
        ('a,b\n1,2\n3,"4', 3),
        ('a,b\n\n1,2\n3,"', 4),
        ('sep=,\na,b\n1,"2\n3,4\n', 3),
    ],
)
def test_a_quote_that_swallows_the_rest_is_told_with_its_line(text: str, line: int) -> None:
    with pytest.raises(Unreadable) as refused:
        list(read("a.csv", text.encode(), delimiter=",").rows)
    assert (refused.value.problem.code, refused.value.problem.context) == ("unclosed_quote", {"name": "a.csv", "line": line})
    for locale in ("en", "ru"):
        assert str(line) in Language(locale).t("error.unclosed_quote", **refused.value.problem.context)


@pytest.mark.parametrize(
    ("text", "row"),
    [
        ('a,b\n1,27" screen', ["1", '27" screen']),
        ('a,b\n1,"5"" x"', ["1", '5" x']),
        ('a,b\n1,"two" words', ["1", "two words"]),
        ('a,b\n1,""', ["1", ""]),
        (f'a,b\n{"1" * 300},"x\x00"', ["1" * 300, "x"]),
    ],
)
def test_sloppy_quotes_are_read_all_the_same(text: str, row: list[str]) -> None:
    assert cells(read("a.csv", text.encode(), delimiter=",")) == [row]


def test_apostrophes_of_exports_are_taken_off() -> None:
    assert cells(read("a.csv", b"a,b\n'=1+1,'tis\n"))[0] == ["=1+1", "'tis"]


@pytest.mark.parametrize(
    ("data", "code"),
    [
        (b"", "empty_file"),
        (b"\n \n,,\n", "empty_file"),
        (random.Random(1).randbytes(4096), "not_a_table"),
        (b"\x89PNG\r\n\x1a\n1234", "not_a_table"),
        (b"%PDF-1.7 ...", "not_a_table"),
        (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1 old", "looks_like_xls"),
        (b"<html><table><tr><td>1</td></tr></table>", "looks_like_html"),
        (b"\xef\xbb\xbf<?xml version='1.0'?><Workbook/>", "looks_like_html"),
        (b"PK\x03\x04 but no more", "broken_file"),
    ],
)
def test_what_is_no_table(data: bytes, code: str) -> None:
    with pytest.raises(Unreadable) as refused:
        read("a.csv", data)
    assert refused.value.problem.code == code
    for locale in ("en", "ru"):
        assert "a.csv" in Language(locale).t(f"error.{code}", **refused.value.problem.context)


def test_other_zips_and_broken_workbooks(workbook: Callable[..., bytes]) -> None:
    other = io.BytesIO()
    with zipfile.ZipFile(other, "w") as packed:
        packed.writestr("readme.txt", "hello")
    good = workbook([["a"], [1]])
    for data, code in ((other.getvalue(), "not_a_table"), (good[: len(good) // 2], "broken_file")):
        with pytest.raises(Unreadable) as refused:
            read("a.xlsx", data)
        assert refused.value.problem.code == code


def test_a_workbook_whose_parts_are_no_xml() -> None:
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w") as packed:
        for part in ("[Content_Types].xml", "xl/workbook.xml", "_rels/.rels"):
            packed.writestr(part, "<broken")
    with pytest.raises(Unreadable) as refused:
        read("a.xlsx", file.getvalue())
    assert refused.value.problem.code == "broken_file"


def test_a_zip_bomb_is_refused_unopened(workbook: Callable[..., bytes], monkeypatch: pytest.MonkeyPatch) -> None:
    file = io.BytesIO(workbook([["a"], [1]]))
    with zipfile.ZipFile(file, "a", zipfile.ZIP_DEFLATED) as packed, packed.open("xl/media/big.bin", "w") as part:
        for _ in range(32):
            part.write(bytes(1024 * 1024))
    assert len(file.getvalue()) < 200_000
    monkeypatch.setattr("builder.sheets.workbook.MAX_UNPACKED", 16 * 1024 * 1024)
    with pytest.raises(Unreadable) as refused:
        read("a.xlsx", file.getvalue())
    assert refused.value.problem.code == "too_large"


def test_texts_that_would_fill_the_memory_are_refused_unopened(workbook: Callable[..., bytes]) -> None:
    file = io.BytesIO(workbook([["a"], [1]]))
    with zipfile.ZipFile(file, "a", zipfile.ZIP_DEFLATED) as packed, packed.open("xl/more.xml", "w") as part:
        for _ in range(129):
            part.write(bytes(1024 * 1024))
    with pytest.raises(Unreadable) as refused:
        read("a.xlsx", file.getvalue())
    assert refused.value.problem.code == "too_large"


def swapped(data: bytes, parts: dict[str, bytes]) -> bytes:
    """A workbook with other parts in the place of some, or besides."""
    file = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(data)) as whole, zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED) as packed:
        for part in whole.infolist():
            packed.writestr(part.filename, parts.get(part.filename, whole.read(part)))
        for name in parts.keys() - set(whole.namelist()):
            packed.writestr(name, parts[name])
    return file.getvalue()


SPREAD = b'xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main"'
MEGABYTE = 1024 * 1024


def _one_cell(text: bytes) -> bytes:
    cell = b'<c r="A1" t="inlineStr"><is><t>' + text + b"</t></is></c>"
    return b"<worksheet " + SPREAD + b'><sheetData><row r="1">' + cell + b"</row></sheetData></worksheet>"


def _texts_elsewhere(data: bytes) -> bytes:
    """Shared texts under a name that nobody expects, where the directory counts them as a worksheet."""
    shared = b"application/vnd.openxmlformats-officedocument.spreadsheetml.sharedStrings+xml"
    told = b'<Override PartName="/xl/worksheets/texts.bin" ContentType="' + shared + b'"/></Types>'
    with zipfile.ZipFile(io.BytesIO(data)) as whole:
        types = re.sub(b"<Override[^>]*sharedStrings[^>]*>", b"", whole.read("[Content_Types].xml")).replace(b"</Types>", told)
    texts = b"<sst " + SPREAD + b">" + b"".join(b"<si><t>%d</t></si>" % n for n in range(120_000)) + b"</sst>"
    return swapped(data, {"[Content_Types].xml": types, "xl/worksheets/texts.bin": texts})


def _lying(data: bytes) -> bytes:
    """The directory says that the worksheet has 1,000 bytes."""
    packed = swapped(data, {"xl/worksheets/sheet1.xml": _one_cell(b"x" * MEGABYTE)})
    with zipfile.ZipFile(io.BytesIO(packed)) as whole:
        size = whole.getinfo("xl/worksheets/sheet1.xml").file_size
    return packed.replace(struct.pack("<L", size), struct.pack("<L", 1000))


def _holding(text: Callable[[], bytes]) -> Callable[[bytes], bytes]:
    return lambda data: swapped(data, {"xl/worksheets/sheet1.xml": _one_cell(text())})


BOMBS: dict[str, tuple[Callable[[bytes], bytes], str]] = {
    "a cell that packs well": (_holding(lambda: b"x" * 64 * MEGABYTE), "unpacks"),
    "a cell": (_holding(lambda: random.Random(1).randbytes(6 * MEGABYTE).hex().encode()), "unpacks"),
    "a row": (_holding(lambda: b'</t></is></c><c t="inlineStr"><is><t>' * 250_000), "unpacks"),
    "texts elsewhere": (_texts_elsewhere, "unpacks"),
    "a directory that lies": (_lying, "broken_file"),
}


@pytest.mark.parametrize("bomb", BOMBS)
def test_a_workbook_is_refused_by_what_it_holds(
    bomb: str, workbook: Callable[..., bytes], monkeypatch: pytest.MonkeyPatch
) -> None:
    made, code = BOMBS[bomb]
    data = made(workbook([["a"], ["b"]]))
    for limit in ("MAX_BESIDE", "MAX_ROW"):
        monkeypatch.setattr(f"builder.sheets.workbook.{limit}", 8 * MEGABYTE)
    monkeypatch.setattr("builder.sheets.workbook.MAX_TAGS", 40_000)
    tracemalloc.start()
    try:
        with pytest.raises(Unreadable) as refused:
            cells(read("a.xlsx", data))
        assert refused.value.problem.code == code
        assert tracemalloc.get_traced_memory()[1] < 48 * MEGABYTE, "it was unpacked into memory"
    finally:
        tracemalloc.stop()


def test_entities_that_grow_without_end_are_refused(workbook: Callable[..., bytes]) -> None:
    """The «billion laughs»: each entity is ten of the one before."""
    laughs = "".join(f'<!ENTITY l{n} "{f"&l{n - 1};" * 10}">' for n in range(1, 12))
    text = f'<?xml version="1.0"?><!DOCTYPE x [<!ENTITY l0 "laugh">{laughs}]>'
    spread = 'xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main"'
    cell = '<c r="A1" t="inlineStr"><is><t>&l11;</t></is></c>'
    sheet = f'{text}<worksheet {spread}><sheetData><row r="1">{cell}</row></sheetData></worksheet>'
    whole, file = zipfile.ZipFile(io.BytesIO(workbook([["a"], [1]]))), io.BytesIO()
    with zipfile.ZipFile(file, "w") as packed:
        for part in whole.infolist():
            packed.writestr(part.filename, sheet if part.filename.endswith("sheet1.xml") else whole.read(part))
    with pytest.raises(Unreadable) as refused:
        read("a.xlsx", file.getvalue())
    assert refused.value.problem.code == "broken_file"


def test_a_workbook_keeps_its_types(workbook: Callable[..., bytes]) -> None:
    moment = datetime(2026, 11, 21, 14, 30)
    cells_ = ["=1+1", 5, 1.5, True, datetime(2026, 3, 1), moment]
    data = workbook([[None, None], ["name", "n", "x", "yes", "day", "at"], cells_], Second=[["b"], [2]])
    sheet = read("a.xlsx", data)
    assert (sheet.sheet, sheet.sheets) == ("Sheet", ("Sheet", "Second"))
    assert cells(sheet)[0][1:] == [5, 1.5, True, date(2026, 3, 1), moment]
    assert cells(read("a.xlsx", data, sheet="Second")) == [[2]]
    with pytest.raises(Unreadable) as refused:
        read("a.xlsx", data, sheet="Third")
    assert refused.value.problem.code == "no_such_sheet"


@pytest.mark.parametrize(("more", "code"), [({"encoding": "klingon"}, "bad_encoding"), ({"delimiter": ";;"}, "bad_delimiter")])
def test_impossible_choices(more: dict[str, str], code: str) -> None:
    with pytest.raises(Unreadable) as refused:
        read("a.csv", b"a,b\n1,2\n", **more)  # type: ignore[arg-type]
    assert refused.value.problem.code == code


def test_files_that_are_too_large_or_gone(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    with pytest.raises(Unreadable) as refused:
        read("", tmp_path / "gone.csv")
    assert refused.value.problem.code == "no_such_file"
    monkeypatch.setattr("builder.sheets.source.MAX_BYTES", 10)
    with pytest.raises(Unreadable) as refused:
        read("a.csv", io.BytesIO(b"a,b\n" * 10))
    assert refused.value.problem.code == "too_large"


def large(path: Path, megabytes: int) -> Path:
    line = "1234567,Some company name,2026-11-21,1054.50,some more text to fill the line up\n" * 10_000
    with path.open("w") as file:
        file.write("id,name,day,value,text\n")
        for _ in range(megabytes * 1024 * 1024 // len(line) + 1):
            file.write(line)
    return path


def test_100_megabytes_are_seen_at_once(tmp_path: Path) -> None:
    path = large(tmp_path / "big.csv", 100)
    tracemalloc.start()
    began = time.process_time()
    sheet = read("", path)
    first = list(islice(sheet.rows, 1000))
    took, peak = time.process_time() - began, tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert (sheet.size > 100 * 1024 * 1024, len(first), sheet.columns[4]) == (True, 1000, "text")
    assert peak < 16 * 1024 * 1024, f"{peak} bytes"
    assert took < 5


def test_rows_are_streamed(tmp_path: Path) -> None:
    sheet = read("", large(tmp_path / "big.csv", 4))
    tracemalloc.start()
    count = sum(1 for _ in sheet.rows)
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert count > 50_000
    assert peak < 1024 * 1024, f"{peak} bytes"


def test_a_large_file_is_guessed_from_all_its_rows(tmp_path: Path) -> None:
    path = large(tmp_path / "big.csv", 4)
    with path.open("a") as file:
        file.write('1,x,2026-11-21,"1,5",one option more\n')
    guessed = guess(read("", path))
    assert [c.kind for c in guessed.columns] == ["integer", "enumeration", "date", "money", "enumeration"]
    assert [o["title"] for o in guessed.columns[4].params["options"]][1] == "one option more"


def test_above_the_limit_nothing_is_read(tmp_path: Path) -> None:
    path = tmp_path / "huge.csv"
    path.touch()
    os.truncate(path, MAX_BYTES + 1)
    with pytest.raises(Unreadable) as refused:
        read("", path)
    assert refused.value.problem.code == "too_large"


TEXT = st.text(st.characters(blacklist_categories=("Cs", "Cc"), blacklist_characters="\ufeff"), max_size=30)


@given(st.lists(st.lists(TEXT, min_size=3, max_size=3), min_size=1, max_size=20), st.sampled_from(",;\t|"))
def test_what_csv_writes_is_read_back(table: list[list[str]], delimiter: str) -> None:
    file = io.StringIO(newline="")
    writer = csv.writer(file, delimiter=delimiter)
    writer.writerow(["first", "second", "third"])
    writer.writerows(table)
    sheet = read("a.csv", file.getvalue().encode("utf-8-sig"), delimiter=delimiter)
    wanted = [[c[1:] if c[:1] == "'" and c[1:2] in "=+-@" and len(c) > 1 else c for c in row] for row in table]
    assert cells(sheet) == [row for row, given in zip(wanted, table, strict=True) if any(c.strip() for c in given)]


LETTERS = "abcЖя \u2028\"'\n0159.=-+@€"


@settings(max_examples=150, deadline=None)
@given(data=st.data())
def test_any_dialect_is_found_out(data: st.DataObject) -> None:
    """Whatever delimiter, quoting, line end and encoding a table is written with, it is read as it was meant."""
    mark = data.draw(st.sampled_from(",;\t|"))
    width = data.draw(st.integers(2, 6))
    cell = st.text(LETTERS + mark, max_size=12)
    rows = data.draw(st.lists(st.lists(cell, min_size=width, max_size=width), min_size=1, max_size=12))
    header = [f"имя {n}" if data.draw(st.booleans()) else f"name {n}" for n in range(width)]
    file = io.StringIO(newline="")
    writer = csv.writer(
        file, delimiter=mark, lineterminator=data.draw(st.sampled_from(["\n", "\r\n"])),
        quoting=data.draw(st.sampled_from([csv.QUOTE_MINIMAL, csv.QUOTE_ALL, csv.QUOTE_NONNUMERIC])),
    )  # fmt: skip
    writer.writerows([header, *rows])
    sheet = read("a.csv", file.getvalue().encode(data.draw(st.sampled_from(["utf-8", "utf-8-sig", "utf-16"]))))
    assert (sheet.delimiter, sheet.columns) == (mark, tuple(header))
    plain = [[unguarded(c) for c in row] for row in rows]
    assert cells(sheet) == [row for row, given in zip(plain, rows, strict=True) if any(c.strip() for c in given)]


@given(st.binary(min_size=1, max_size=300))
def test_any_bytes_are_read_or_refused(data: bytes) -> None:
    try:
        sheet = read("a.csv", data)
        for row in sheet.rows:
            assert len(row.cells) == len(sheet.columns)
    except Unreadable as refused:
        assert Language("ru").has(f"error.{refused.problem.code}")
