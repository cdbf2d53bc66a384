"""How the store compares, at each size, on a SQLite file and on PostgreSQL: beside the same work by the sqlite3 module, by plain
TinyDB and, for writes, by a bare fdatasync. Ratios of one run: rivals take turns.

Memory is how far above its start a process of its own gets while it opens what there is and does all of the work, each as often
as it is timed.
"""

from __future__ import annotations

import json
import os
import re
import sqlite3
import statistics
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ProcessPoolExecutor
from contextlib import AbstractContextManager, ExitStack, contextmanager
from functools import partial
from multiprocessing import get_context
from pathlib import Path
from typing import Any

from tinydb import TinyDB, where

from bench import stand
from bench.measure import SIZES, Figure, of, syncing, took
from store import Database, open_database

STAGES = 20
ROUNDS, SECONDS = 200, 2.0
"""How often something is done at most, and for how long: a write of TinyDB among 100,000 takes as long as that."""
PROMOTED = {"elements": ["hundredth", "stage"]}
IN_A_ROW = 20
FIRST_WRITES = 400
"""Writes before any is timed. After each start SQLite's log grows to 4 MB, with every write, and then is written over for good: a
file that grows is synced more slowly.
"""
Actions = dict[str, Callable[[int], object]]
Opened = AbstractContextManager[Actions]


def figures(folder: Path) -> Iterator[Figure]:
    """Each action on each engine at each size, beside its rivals."""
    with stand.postgres() as server:
        for size in SIZES:
            here = folder / str(size)
            here.mkdir()
            _schema(server, f"b{size}")
            places = {
                "SQLite": f"sqlite:///{here / 'ours.db'}",
                "PostgreSQL": f"{server}&options=-csearch_path%3Db{size}",
                "sqlite3": str(here / "plain.db"),
                "TinyDB": str(here / "tiny.json"),
            }
            yield from _compare(places, here, size)


def _schema(server: str, name: str) -> None:
    """A place for a database of its own."""
    import psycopg  # only to make a place; the store does the rest

    with psycopg.connect(server, autocommit=True) as db:
        db.execute(f"CREATE SCHEMA {name}".encode())


def _compare(places: dict[str, str], folder: Path, size: int) -> Iterator[Figure]:
    for name, place in places.items():
        FILLS[name](place, size)
    os.sync()
    with ExitStack() as ends, syncing(folder) as sync:
        doing = {name: ends.enter_context(ACTIONS[name](place)) for name, place in places.items()}
        for name in doing.keys() - {"TinyDB"}:  # which has no log
            for number in range(FIRST_WRITES):
                doing[name]["move"](number % size)
        syncs: Actions = {"insert": sync, "move": sync}
        for action in doing["SQLite"]:
            contenders = {name: actions[action] for name, actions in doing.items() if name != "TinyDB"}
            if action in syncs:
                contenders["fdatasync of 600 bytes"] = syncs[action]
            times = dict(zip(contenders, _in_turns([*contenders.values()], size), strict=True))
            times["TinyDB"] = _in_turns([doing["TinyDB"][action]], size)[0]
            ours = {name: times.pop(name) for name in ("SQLite", "PostgreSQL")}
            beside = {name: statistics.median(found) for name, found in times.items()}
            for engine, found in ours.items():
                for name, floor in beside.items():
                    within = 2 if engine == "SQLite" and name.startswith("fdatasync") else None
                    yield of(f"{engine}: {action}", found, name, floor, within=within, size=size)
    grown = {name: _memory(name, place, size) for name, place in places.items()}
    for engine in ("SQLite", "PostgreSQL"):
        for name in ("sqlite3", "TinyDB"):
            yield Figure(f"{engine}: memory", grown[engine], beside=name, floor=grown[name], unit="MB", size=size)


def _in_turns(actions: list[Callable[[int], object]], size: int) -> list[list[float]]:
    """Seconds of some rounds of each; taking turns, they share what the machine's other work does to them.

    Several in a row: who always came after one that waits for another process would pay for the processor's falling asleep.
    """
    times: list[list[float]] = [[] for _ in actions]
    row = IN_A_ROW if len(actions) > 1 else 1
    end = time.perf_counter() + SECONDS
    for first in range(0, ROUNDS, row):
        for action, found in zip(actions, times, strict=True):
            found += [took(partial(action, number * 7 % size)) for number in range(first, first + row)]
        if time.perf_counter() > end:
            break
    return times


def _memory(name: str, place: str, size: int) -> float:
    """Megabytes that a fresh process needs for the work on what is there."""
    with ProcessPoolExecutor(1, get_context("spawn")) as fresh:
        return fresh.submit(_grown, name, place, size).result()


def _grown(name: str, place: str, size: int) -> float:
    """The same, in the process itself."""
    before = _most()
    with ACTIONS[name](place) as actions:
        for action in actions.values():
            _in_turns([action], size)
    return _most() - before


def _most() -> float:
    """Megabytes that this process has had at most."""
    found = re.search(r"VmHWM:\s+(\d+) kB", Path("/proc/self/status").read_text())
    return int(found[1]) / 1000 if found else 0


def _document(number: int) -> dict[str, Any]:
    """15 fields, about 570 bytes of JSON; `hundredth` finds 1 % of all."""
    fields = {f"field{index}": f"some text {index} " * 2 for index in range(11)}
    return {"stage": f"stage{number % STAGES}", "hundredth": number % 100, "amount": number * 1.5, **fields}


# --- the store, whatever its engine ------------------------------------------------------------------------------------


def _open(url: str) -> Database:
    return open_database(url, promoted=PROMOTED)


def _fill(url: str, size: int) -> None:
    db = _open(url)
    db.table("elements").insert_multiple(map(_document, range(size)))
    db.close()


@contextmanager
def _ours(url: str) -> Iterator[Actions]:
    db = _open(url)
    table = db.table("elements")

    def opened(number: int) -> None:
        other = _open(url)
        other.table("elements").get(doc_id=number + 1)
        other.close()

    yield {
        "insert": lambda number: table.insert(_document(number)),
        "move": lambda number: table.update({"stage": f"stage{number % STAGES}"}, doc_ids=[number + 1]),
        "get": lambda number: table.get(doc_id=number + 1),
        "find 1 %": lambda number: table.search(where("hundredth") == number % 100),
        "count per stage": lambda _: table.count_by("stage"),
        "open and get": opened,
    }
    db.close()


# --- the sqlite3 module by hand: columns for what is asked for, the document beside them ---------------------------------


def _connected(path: str) -> sqlite3.Connection:
    db = sqlite3.connect(path, isolation_level=None)
    db.executescript("PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL;")
    return db


def _insert_plain(db: sqlite3.Connection, number: int) -> None:
    made = _document(number)
    row = (made["stage"], made["hundredth"], json.dumps(made))
    db.execute("INSERT INTO t (stage, hundredth, doc) VALUES (?, ?, ?)", row)


def _fill_plain(path: str, size: int) -> None:
    db = _connected(path)
    db.executescript(
        """CREATE TABLE t (id INTEGER PRIMARY KEY, stage TEXT, hundredth INTEGER, doc TEXT);
        CREATE INDEX i1 ON t (stage); CREATE INDEX i2 ON t (hundredth); BEGIN;"""
    )
    for number in range(size):
        _insert_plain(db, number)
    db.execute("COMMIT")
    db.close()


@contextmanager
def _plain(path: str) -> Iterator[Actions]:
    db = _connected(path)
    one, find = "SELECT doc FROM t WHERE id = ?", "SELECT doc FROM t WHERE hundredth = ?"

    def get(db: sqlite3.Connection, number: int) -> Any:
        return json.loads(db.execute(one, (number + 1,)).fetchone()[0])

    def move(number: int) -> None:
        db.execute("BEGIN IMMEDIATE")
        found = get(db, number) | {"stage": f"stage{number % STAGES}"}
        db.execute("UPDATE t SET stage = ?, doc = ? WHERE id = ?", (found["stage"], json.dumps(found), number + 1))
        db.execute("COMMIT")

    def opened(number: int) -> None:
        other = _connected(path)
        get(other, number)
        other.close()

    yield {
        "insert": lambda number: _insert_plain(db, number),
        "move": move,
        "get": lambda number: get(db, number),
        "find 1 %": lambda number: [json.loads(doc) for (doc,) in db.execute(find, (number % 100,))],
        "count per stage": lambda _: dict(db.execute("SELECT stage, count(*) FROM t GROUP BY stage")),
        "open and get": opened,
    }
    db.close()


# --- plain TinyDB, one JSON file -----------------------------------------------------------------------------------------


def _fill_tiny(path: str, size: int) -> None:
    with TinyDB(path) as db:
        db.table("elements").insert_multiple(map(_document, range(size)))


@contextmanager
def _tiny(path: str) -> Iterator[Actions]:
    whole = TinyDB(path)
    table = whole.table("elements")

    def by_stage(_: int) -> dict[str, int]:
        stages = [document["stage"] for document in table]
        return {stage: stages.count(stage) for stage in set(stages)}

    def opened(number: int) -> None:
        with TinyDB(path) as db:
            db.table("elements").get(doc_id=number + 1)

    yield {
        "insert": lambda number: table.insert(_document(number)),
        "move": lambda number: table.update({"stage": f"stage{number % STAGES}"}, doc_ids=[number + 1]),
        "get": lambda number: table.get(doc_id=number + 1),
        "find 1 %": lambda number: table.search(where("hundredth") == number % 100),
        "count per stage": by_stage,
        "open and get": opened,
    }
    whole.close()


FILLS = {"SQLite": _fill, "PostgreSQL": _fill, "sqlite3": _fill_plain, "TinyDB": _fill_tiny}
ACTIONS: dict[str, Callable[[str], Opened]] = {"SQLite": _ours, "PostgreSQL": _ours, "sqlite3": _plain, "TinyDB": _tiny}
