"""The 8,800 deals brought in, beside plain TinyDB and the sqlite3 module taking the same rows, in one run.

Start it with python -m bench.importing. Voronka's time is everything: reading, guessing, making the process, checking each row,
users, elements, 15,511 events, errors.
The rivals get ready-made rows and only store them: one JSON document each, without a history.
"""

import csv
import json
import sqlite3
import sys
import tempfile
import time
from collections.abc import Callable
from datetime import date
from pathlib import Path
from typing import Any

from tinydb import TinyDB

import wiring
from settings import Settings

DEALS = Path(__file__).parents[1] / "examples" / "crm_sales" / "sales_pipeline.csv"


def say(text: str) -> None:
    """A line of the report."""
    sys.stdout.write(text + "\n")


def took(work: Callable[[], object]) -> float:
    """Seconds of one call."""
    started = time.perf_counter()
    work()
    return time.perf_counter() - started


def ours(folder: Path) -> None:
    """Import, funnel, undo."""
    workspace = wiring.build(Settings(data=folder / "ours"))
    workspace.set_up("Bench", "en", "admin", "Admin", "correct horse 1")
    actor = workspace.administrator()
    reports: list[Any] = []
    seconds = took(lambda: reports.append(workspace.import_file(actor, DEALS, "deals", create=True)))
    report = reports[0]
    events = workspace.db.table("events").count(None)
    say(f"{'Voronka, all of it':28}{seconds:8.2f} s  {report.created:,} elements, {events:,} events")
    funnel = min(took(lambda: workspace.insight.funnel(actor, "deals")) for _ in range(3))
    say(f"{'  the funnel of them':28}{funnel:8.2f} s")
    say(f"{'  the import undone':28}{took(lambda: workspace.imports.undo(actor, report.id)):8.2f} s")
    workspace.db.close()


def rows() -> list[dict[str, Any]]:
    """The file's rows as documents, days as such."""
    with DEALS.open() as file:
        found: list[dict[str, Any]] = list(csv.DictReader(file))
    for row in found:
        for name in ("engage_date", "close_date"):
            month, day, year = map(int, row[name].split("/")) if row[name] else (1, 1, 1)
            row[name] = date(year, month, day).isoformat() if row[name] else None
        row["close_value"] = float(row["close_value"] or 0)
    return found


def sqlite(folder: Path, found: list[dict[str, Any]]) -> None:
    """One transaction of the sqlite3 module."""
    db = sqlite3.connect(folder / "plain.db")
    db.executescript("PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL; CREATE TABLE t (id INTEGER PRIMARY KEY, doc TEXT)")
    with db:
        db.executemany("INSERT INTO t (doc) VALUES (?)", ((json.dumps(row),) for row in found))
    db.close()


def tiny_one_by_one(folder: Path, found: list[dict[str, Any]], count: int = 200) -> float:
    """Seconds for all rows by plain TinyDB's `insert`, reckoned from the last `count`: each rewrites the whole file."""
    table = TinyDB(folder / "one.json").table("deals")
    table.insert_multiple(found[: len(found) // 2])
    return took(lambda: [table.insert(row) for row in found[:count]]) / count * len(found)


def main() -> None:
    """Print the table."""
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        ours(folder)
        found = rows()
        say(f"{'sqlite3, executemany':28}{took(lambda: sqlite(folder, found)):8.2f} s")
        many = took(lambda: TinyDB(folder / "many.json").table("deals").insert_multiple(found))
        say(f"{'TinyDB, insert_multiple':28}{many:8.2f} s")
        say(f"{'TinyDB, insert, reckoned':28}{tiny_one_by_one(folder, found):8.2f} s")


if __name__ == "__main__":
    main()
