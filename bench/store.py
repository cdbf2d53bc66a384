"""How the store compares, all in one run: python -m bench.store [--n 10000]

Times are medians in ms, the factor is against this store. "sync" appends 600 bytes and calls fdatasync.
"""

import argparse
import json
import os
import sqlite3
import statistics
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

from tinydb import TinyDB, where

from store import open_database

STAGES = 20
Actions = dict[str, Callable[[int], object]]


def document(number: int) -> dict[str, Any]:
    """15 fields, about 570 bytes of JSON; `hundredth` finds 1 % of all."""
    fields = {f"field{index}": f"some text {index} " * 2 for index in range(11)}
    return {"stage": f"stage{number % STAGES}", "hundredth": number % 100, "amount": number * 1.5, **fields}


def ours(folder: Path, count: int) -> Actions:
    """The store over a SQLite file."""
    promoted = {"elements": ["hundredth", "stage"]}
    table = open_database(f"sqlite:///{folder / 'ours.db'}", promoted=promoted).table("elements")
    started = time.perf_counter()
    table.insert_multiple(map(document, range(count)))
    say(f"insert_multiple of {count}: {time.perf_counter() - started:.2f} s")
    return {
        "insert": lambda number: table.insert(document(number)),
        "move": lambda number: table.update({"stage": f"stage{number % STAGES}"}, doc_ids=[number + 1]),
        "get": lambda number: table.get(doc_id=number + 1),
        "find 1 %": lambda number: table.search(where("hundredth") == number % 100),
        "group": lambda _: table.count_by("stage"),
    }


def sqlite(folder: Path, count: int) -> Actions:
    """The sqlite3 module by hand: columns for what is asked for, the document beside them."""
    db = sqlite3.connect(folder / "plain.db", isolation_level=None)
    db.executescript(
        """PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL;
        CREATE TABLE t (id INTEGER PRIMARY KEY, stage TEXT, hundredth INTEGER, doc TEXT);
        CREATE INDEX i1 ON t (stage); CREATE INDEX i2 ON t (hundredth); BEGIN;"""
    )

    def insert(number: int) -> None:
        made = document(number)
        row = (made["stage"], made["hundredth"], json.dumps(made))
        db.execute("INSERT INTO t (stage, hundredth, doc) VALUES (?, ?, ?)", row)

    def move(number: int) -> None:
        db.execute("BEGIN IMMEDIATE")
        found = json.loads(db.execute("SELECT doc FROM t WHERE id = ?", (number + 1,)).fetchone()[0])
        found["stage"] = f"stage{number % STAGES}"
        row = (found["stage"], json.dumps(found), number + 1)
        db.execute("UPDATE t SET stage = ?, doc = ? WHERE id = ?", row)
        db.execute("COMMIT")

    for number in range(count):
        insert(number)
    db.execute("COMMIT")
    get, find = "SELECT doc FROM t WHERE id = ?", "SELECT doc FROM t WHERE hundredth = ?"
    group = "SELECT stage, count(*) FROM t GROUP BY stage"
    return {
        "insert": insert,
        "move": move,
        "get": lambda number: json.loads(db.execute(get, (number + 1,)).fetchone()[0]),
        "find 1 %": lambda number: [json.loads(doc) for (doc,) in db.execute(find, (number % 100,))],
        "group": lambda _: dict(db.execute(group)),
    }


def tiny(folder: Path, count: int) -> Actions:
    """Plain TinyDB, one JSON file."""
    table = TinyDB(folder / "tiny.json").table("elements")
    table.insert_multiple(map(document, range(count)))

    def group(_: int) -> dict[str, int]:
        stages = [each["stage"] for each in table]
        return {stage: stages.count(stage) for stage in set(stages)}

    return {
        "insert": lambda number: table.insert(document(number)),
        "move": lambda number: table.update({"stage": f"stage{number % STAGES}"}, doc_ids=[number + 1]),
        "get": lambda number: table.get(doc_id=number + 1),
        "find 1 %": lambda number: table.search(where("hundredth") == number % 100),
        "group": group,
    }


def sync(folder: Path, _: int) -> Actions:
    """The floor of every durable write."""
    file = os.open(folder / "raw", os.O_WRONLY | os.O_CREAT | os.O_APPEND)

    def append(_: int) -> None:
        os.write(file, b"x" * 600)
        os.fdatasync(file)

    return {"insert": append, "move": append}


def measure(action: Callable[[int], object], count: int) -> Iterator[float]:
    """Seconds of each of up to 200 calls, for about a second."""
    end = time.perf_counter() + 1.0
    for number in range(0, 200 * 7, 7):
        started = time.perf_counter()
        action(number % count)
        yield time.perf_counter() - started
        if started > end:
            return


def say(text: str) -> None:
    """A line of the report."""
    sys.stdout.write(text + "\n")


def main() -> None:
    """Print the table."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--n", type=int, default=10_000, help="how many documents")
    count = parser.parse_args().n
    with tempfile.TemporaryDirectory() as folder:
        rivals = {maker.__name__: maker(Path(folder), count) for maker in (ours, sync, sqlite, tiny)}
        say(f"{'ms (x ours)':12}" + "".join(f"{name:>20}" for name in rivals))
        for name in rivals["ours"]:
            times = {
                rival: statistics.median(measure(actions[name], count)) * 1000
                for rival, actions in rivals.items()
                if name in actions
            }
            cells = (
                f"{times[rival]:.3f} ({times[rival] / times['ours']:.2f})" if rival in times else ""
                for rival in rivals
            )
            say(f"{name:12}" + "".join(f"{cell:>20}" for cell in cells))


if __name__ == "__main__":
    main()
