"""How the store compares: the same work by the sqlite3 module, by plain TinyDB and, for writes, by a bare fdatasync."""

from __future__ import annotations

import json
import sqlite3
import statistics
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

from tinydb import TinyDB, where

from bench.measure import Figure, of, syncing, took
from store import open_database

COUNT, STAGES = 10_000, 20
Actions = dict[str, Callable[[int], object]]


def figures(folder: Path) -> Iterator[Figure]:
    """Each action of the store and the same one of each rival, in turns; TinyDB, which leaves no cache warm, by itself."""
    ours, plain, tiny = _ours(folder), _sqlite(folder), _tiny(folder)
    with syncing(folder) as sync:
        syncs: Actions = {"insert": sync, "move": sync}
        for action in ours:
            rivals = {"fdatasync of 600 bytes": syncs, "sqlite3": plain}
            quick = {name: actions[action] for name, actions in rivals.items() if action in actions}
            times, *others = _in_turns([ours[action], *quick.values()])
            others += _in_turns([tiny[action]])
            for name, found in zip([*quick, "TinyDB"], others, strict=True):
                yield of(f"Store of {COUNT:,}: {action}", times, name, statistics.median(found))


def _in_turns(actions: list[Callable[[int], object]]) -> list[list[float]]:
    """Seconds of up to 200 rounds of each; taking turns, they share what the machine's other work does to them."""
    rounds: list[list[float]] = []
    end = time.perf_counter() + 2
    for number in range(0, 200 * 7, 7):
        rounds.append([took(lambda: action(number % COUNT)) for action in actions])  # noqa: B023  called at once
        if time.perf_counter() > end:
            break
    return [list(times) for times in zip(*rounds, strict=True)]


def _document(number: int) -> dict[str, Any]:
    """15 fields, about 570 bytes of JSON; `hundredth` finds 1 % of all."""
    fields = {f"field{index}": f"some text {index} " * 2 for index in range(11)}
    return {"stage": f"stage{number % STAGES}", "hundredth": number % 100, "amount": number * 1.5, **fields}


def _ours(folder: Path) -> Actions:
    """The store over a SQLite file."""
    promoted = {"elements": ["hundredth", "stage"]}
    table = open_database(f"sqlite:///{folder / 'ours.db'}", promoted=promoted).table("elements")
    table.insert_multiple(map(_document, range(COUNT)))
    return {
        "insert": lambda number: table.insert(_document(number)),
        "move": lambda number: table.update({"stage": f"stage{number % STAGES}"}, doc_ids=[number + 1]),
        "get": lambda number: table.get(doc_id=number + 1),
        "find 1 %": lambda number: table.search(where("hundredth") == number % 100),
        "count by stage": lambda _: table.count_by("stage"),
    }


def _sqlite(folder: Path) -> Actions:
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

    for number in range(COUNT):
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


def _tiny(folder: Path) -> Actions:
    """Plain TinyDB, one JSON file."""
    table = TinyDB(folder / "tiny.json").table("elements")
    table.insert_multiple(map(_document, range(COUNT)))

    def count(_: int) -> dict[str, int]:
        stages = [document["stage"] for document in table]
        return {stage: stages.count(stage) for stage in set(stages)}

    return {
        "insert": lambda number: table.insert(_document(number)),
        "move": lambda number: table.update({"stage": f"stage{number % STAGES}"}, doc_ids=[number + 1]),
        "get": lambda number: table.get(doc_id=number + 1),
        "find 1 %": lambda number: table.search(where("hundredth") == number % 100),
        "count by stage": count,
    }
