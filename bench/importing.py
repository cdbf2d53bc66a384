"""The 8,800 deals brought in, beside plain TinyDB and the sqlite3 module taking the same rows.

Voronka's time is everything: reading, guessing, making the process, checking each row, users, elements, 15,511 events, errors.
The others get ready-made rows and only store them: one JSON document each, without a history.
"""

from __future__ import annotations

import csv
import json
import sqlite3
import time
from collections.abc import Iterator
from datetime import date
from pathlib import Path
from typing import Any

from tinydb import TinyDB

from bench import stand
from bench.measure import Figure, took

AIM = 10.0
ONE_BY_ONE = 200
"""Rows that TinyDB is given one by one; the rest is reckoned."""


def figures(folder: Path) -> Iterator[Figure]:
    """Import, and the import undone."""
    made, actor = stand.empty(folder / "data")
    what = "Import of 8,800 deals with their history"
    started = time.perf_counter()
    report = made.import_file(actor, stand.DEALS, "deals", create=True)
    seconds = time.perf_counter() - started
    rows = _rows()
    yield Figure(what, seconds, beside="sqlite3.executemany", floor=took(lambda: _sqlite(folder, rows)), aim=AIM)
    many = took(lambda: TinyDB(folder / "many.json").table("deals").insert_multiple(rows))
    yield Figure(what, seconds, beside="TinyDB.insert_multiple", floor=many, aim=AIM)
    yield Figure(what, seconds, beside="TinyDB.insert, reckoned", floor=_one_by_one(folder, rows), aim=AIM)
    yield Figure("That import undone as a whole", took(lambda: made.imports.undo(actor, report.id)))
    made.db.close()


def _rows() -> list[dict[str, Any]]:
    """The file's rows as documents, days as such."""
    with stand.DEALS.open() as file:
        found: list[dict[str, Any]] = list(csv.DictReader(file))
    for row in found:
        for name in ("engage_date", "close_date"):
            month, day, year = map(int, row[name].split("/")) if row[name] else (1, 1, 1)
            row[name] = date(year, month, day).isoformat() if row[name] else None
        row["close_value"] = float(row["close_value"] or 0)
    return found


def _sqlite(folder: Path, rows: list[dict[str, Any]]) -> None:
    """One transaction of the sqlite3 module."""
    db = sqlite3.connect(folder / "plain.db")
    db.executescript("PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL; CREATE TABLE t (id INTEGER PRIMARY KEY, doc TEXT)")
    with db:
        db.executemany("INSERT INTO t (doc) VALUES (?)", ((json.dumps(row),) for row in rows))
    db.close()


def _one_by_one(folder: Path, rows: list[dict[str, Any]]) -> float:
    """Seconds for all rows by `insert`, which rewrites the whole file: reckoned from some, the file half full."""
    table = TinyDB(folder / "one.json").table("deals")
    table.insert_multiple(rows[: len(rows) // 2])
    return took(lambda: [table.insert(row) for row in rows[:ONE_BY_ONE]]) / ONE_BY_ONE * len(rows)
