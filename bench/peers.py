"""Voronka's robots beside three peers from PyPI that do the same work on SQLite in the same run; each in one thread, in turns.

An event is an element's move, and there is a backlog of them. Four steps: look at the element, decide by who is responsible, find
the new title, write it into the element's row. Whatever is written is synced by the end of its commit. What each does:

* Voronka: walks stand.GRAPH, a trigger, a condition, the title and a comment. It does more than the others: rights, types of
  values, an event of the element's history for the title and for the comment, the listeners told of both, a trace. A run is done
  as a whole or not at all when the process dies; several runs of a backlog share one commit.
* SpiffWorkflow: walks BPMN (peers.bpmn). It keeps nothing by itself and has no queue: the bench hands it one event after another
  and stores what its serialiser gives when the event is through, in the commit that has the element's row. That is the least with
  which an event outlives a crash as a whole; saved after each node it is slower.
* DBOS, system database on SQLite as it sets it up (a rollback journal): a workflow of four steps, each noted when it is done, as
  are the workflow's beginning and end. That is six commits of its own and one of the row; after a crash it goes on behind the
  last step noted, and does the one under way again. Called one after another; out of its queue, which polls, it is slower.
* huey (SqliteHuey with fsync=True: WAL, synchronous=FULL): a queue of tasks, no workflows. The four steps are lines of one task.
  Its commits: taken from the queue, the row written, the result noted. A task under way when the process dies is lost.

None of the three knows rights, types or a history. Their elements are rows of three columns, by the sqlite3 module.
"""

from __future__ import annotations

import importlib
import sqlite3
import statistics
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from itertools import count
from pathlib import Path
from typing import Any

from bench import robots, stand
from bench.measure import Figure, each, syncing, took

ELEMENTS, ROUNDS = 10_000, 3
Drain = Callable[[int], float]
"""Does so many events; how many a second."""


class Elements:
    """A table of deals by hand, in a file that is synced with every commit."""

    def __init__(self, path: Path) -> None:
        self.db = sqlite3.connect(path, isolation_level=None, check_same_thread=False)
        self.db.executescript(
            """PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL; CREATE TABLE states (id INTEGER PRIMARY KEY, doc TEXT);
            CREATE TABLE elements (id INTEGER PRIMARY KEY, title TEXT, responsible INTEGER); BEGIN;"""
        )
        rows = ((f"Deal {number}",) for number in range(ELEMENTS))
        self.db.executemany("INSERT INTO elements (title, responsible) VALUES (?, 1)", rows)
        self.db.execute("COMMIT")
        self._next = count(1)

    def backlog(self, size: int) -> list[int]:
        """The next elements that have moved."""
        return [next(self._next) for _ in range(size)]

    def look(self, number: int) -> tuple[str, int | None]:
        """An element's title and who is responsible."""
        found: tuple[str, int | None] = self.db.execute(
            "SELECT title, responsible FROM elements WHERE id = ?", (number,)
        ).fetchone()
        return found

    def write(self, number: int, title: str) -> None:
        """Put another title there; a commit, if none is under way."""
        self.db.execute("UPDATE elements SET title = ? WHERE id = ?", (title, number))

    def seen(self, numbers: list[int]) -> None:
        """RuntimeError unless all of these have been through the four steps."""
        if not all(self.look(number)[0].endswith(stand.DONE) for number in numbers):
            raise RuntimeError("A peer has not done its work")


def figures(folder: Path) -> Iterator[Figure]:
    """Events a second of each, with Voronka's beside that of each peer."""
    with ExitStack() as ends, syncing(folder) as sync:
        floor = statistics.median(each(sync, range(200)))
        made, actor = stand.with_deals(folder / "data", ELEMENTS)
        ends.callback(made.db.close)
        stand.publish(made, actor, stand.GRAPH)
        contenders: dict[str, tuple[int, Drain]] = {
            "Voronka": (500, lambda size: robots.backlog(made, actor, size)),
            "SpiffWorkflow": (300, _spiff(Elements(folder / "spiff.db"))),
            "huey": (300, _huey(Elements(folder / "huey-elements.db"), folder)),
            "DBOS": (50, _dbos(Elements(folder / "dbos-elements.db"), folder, ends)),
        }
        rates: dict[str, list[float]] = {name: [] for name in contenders}
        for _ in range(ROUNDS):
            for name, (size, drain) in contenders.items():
                rates[name].append(drain(size))
        medians = {name: statistics.median(found) for name, found in rates.items()}
        ours = medians.pop("Voronka")
        yield Figure("Events from a backlog, Voronka", ours, beside="fdatasync", floor=1 / floor, unit="/s")
        for name, rate in medians.items():
            yield Figure(f"Events from a backlog, {name}", rate, beside="Voronka", floor=ours, unit="/s")


def _spiff(elements: Elements) -> Drain:
    """A workflow of BPMN for each event, stored when it is through."""
    parsing, engines, storing, workflows = (
        importlib.import_module(f"SpiffWorkflow.bpmn.{name}") for name in ("parser", "script_engine", "serializer", "workflow")
    )  # fmt: skip
    parser: Any = parsing.BpmnParser()
    parser.add_bpmn_file(str(Path(__file__).with_suffix(".bpmn")))
    spec, serializer = parser.get_spec("main"), storing.BpmnWorkflowSerializer()
    doors = {"look": elements.look, "write": elements.write}
    engine = engines.PythonScriptEngine(engines.TaskDataEnvironment(doors))

    def handle(number: int) -> None:
        elements.db.execute("BEGIN IMMEDIATE")
        walked = workflows.BpmnWorkflow(spec, script_engine=engine)
        walked.task_tree.data["number"] = number
        walked.do_engine_steps()
        elements.db.execute("INSERT INTO states (doc) VALUES (?)", (serializer.serialize_json(walked),))
        elements.db.execute("COMMIT")

    return _one_by_one(elements, handle)


def _dbos(elements: Elements, folder: Path, ends: ExitStack) -> Drain:
    """A workflow of four steps for each event."""
    dbos: Any = importlib.import_module("dbos").DBOS
    address = f"sqlite:///{folder / 'dbos.db'}"
    dbos(config={"name": "bench", "system_database_url": address, "log_level": "WARNING"})
    look = dbos.step(name="look")(lambda number: elements.look(number))
    decide = dbos.step(name="decide")(lambda responsible: responsible is not None)
    change = dbos.step(name="change")(lambda title: title + stand.DONE)
    write = dbos.step(name="write")(lambda number, title: elements.write(number, title))

    def handle(number: int) -> None:
        title, responsible = look(number)
        if decide(responsible):
            write(number, change(title))

    workflow = dbos.workflow()(handle)
    dbos.launch()
    ends.callback(dbos.destroy)
    return _one_by_one(elements, workflow)


def _one_by_one(elements: Elements, handle: Callable[[int], object]) -> Drain:
    def drain(size: int) -> float:
        numbers = elements.backlog(size)
        seconds = took(lambda: [handle(number) for number in numbers])
        elements.seen(numbers)
        return size / seconds

    return drain


def _huey(elements: Elements, folder: Path) -> Drain:
    """A task for each event, taken and done as huey's own worker does it, without its pauses."""
    huey: Any = importlib.import_module("huey").SqliteHuey("bench", filename=str(folder / "huey.db"), fsync=True)

    def handle(number: int) -> int:
        title, responsible = elements.look(number)
        if responsible is not None:
            elements.write(number, title + stand.DONE)
        return number

    task = huey.task()(handle)

    def work() -> None:
        while (taken := huey.dequeue()) is not None:
            huey.execute(taken)

    def drain(size: int) -> float:
        numbers = elements.backlog(size)
        for number in numbers:
            task(number)
        seconds = took(work)
        elements.seen(numbers)
        return size / seconds

    return drain
