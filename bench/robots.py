"""How soon robots act, and how many they get done: a graph of four nodes (stand.GRAPH), on SQLite, where each commit is synced.

At each size three backlogs of moves, drained by the engine in this process; then moves one by one, with the worker beside as in
the app. At the largest size both once more while 100,000 runs sleep, one for each element, until a timer in a month.
"""

from __future__ import annotations

import random
import statistics
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from itertools import cycle, islice
from pathlib import Path

from tinydb import where

from bench import stand
from bench.measure import SIZES, Figure, each, of, quantile, syncing, took
from model.access import Actor
from model.graph import Graph, Node, Wire
from workspace import Workspace

COUNT, ROUNDS, FEW = 500, 3, 100
PAUSE = 0.05
"""Seconds between two moves whose effects are waited for, on the average."""
SLEEPERS = 100_000
BACKLOG, EFFECT = "Runs of robots from a backlog", "Move committed -> effect committed"
SLEEP = Graph(
    code="sleep",
    title="Sleep",
    nodes=(Node(id="t", kind="stage_entered", params={"stages": ["lost"]}),
           Node(id="w", kind="wait_for", params={"duration": 30 * 24 * 60}),
           Node(id="m", kind="add_comment", params={"text": "{stage}"})),
    edges=(Wire(source="t", target="w"), Wire(source="w", target="m")),
)  # fmt: skip


def figures(folder: Path) -> Iterator[Figure]:
    """Backlogs and latencies at each size, then among sleepers."""
    with syncing(folder) as sync:
        floor = statistics.median(each(sync, range(200)))
    for size in SIZES:
        made, actor = stand.with_deals(folder / str(size), size)
        stand.publish(made, actor, stand.GRAPH, SLEEP)
        rate, times = _pace(made, actor)
        yield Figure(BACKLOG, rate, beside="fdatasync", floor=1 / floor, aim=2000, unit="/s", size=size)
        yield of(EFFECT, times, "fdatasync", floor, aim=0.02, size=size)
        late = quantile(times, 0.99)
        yield Figure(f"{EFFECT}, p99", late, beside="fdatasync", floor=floor, size=size)
        if size == SIZES[-1]:
            send_to_sleep(made, actor, SLEEPERS)
            slow, long = _pace(made, actor)
            asleep = f", {SLEEPERS:,} runs asleep"
            yield Figure(BACKLOG + asleep, slow, beside="none asleep", floor=rate, within=1 / 1.5, unit="/s")
            yield of(EFFECT + asleep, long, "none asleep", statistics.median(times), within=1.5)
            yield Figure(f"{EFFECT}, p99{asleep}", quantile(long, 0.99), beside="none asleep", floor=late, within=1.5)
        made.db.close()


def _pace(made: Workspace, actor: Actor) -> tuple[float, list[float]]:
    """Runs a second from a backlog, the median of some; seconds from a move to its effect."""
    rate = statistics.median(backlog(made, actor, COUNT) for _ in range(ROUNDS))
    with _working(made):
        effect(made, actor)  # the worker has looked round by now
        return rate, [effect(made, actor) for _ in range(FEW)]


def backlog(made: Workspace, actor: Actor, count: int) -> float:
    """Runs a second of so many that are all there when the engine begins."""
    moved(made, actor, count)
    return count / took(made.work)


def moved(made: Workspace, actor: Actor, count: int) -> list[int]:
    """New deals, each moved to where the robots wait."""
    ids = stand.new(made, actor, count)
    for number in ids:
        made.elements.move(actor, number, "engaging")
    return ids


def send_to_sleep(made: Workspace, actor: Actor, count: int) -> None:
    """Runs that wait in SLEEP: the first comes by the door and the engine, the others are copies of its row and its timer's.

    By the door they would take minutes. Each is of another element, as long as there are some.
    """
    (first,) = stand.new(made, actor, 1)
    made.elements.move(actor, first, "lost")
    made.work()
    runs, timers = made.db.table("runs"), made.db.table("timers")
    timer = timers.get(where("element") == first)
    run = runs.get(doc_id=timer["run"])
    elements = [number for (number,) in made.db.table("elements").select(["doc_id"], limit=count)]
    with made.db.transaction():
        copies = runs.insert_multiple({**run, "element": element} for element in islice(cycle(elements), count))
        timers.insert_multiple(
            {**timer, "run": copy, "element": element} for copy, element in zip(copies, cycle(elements), strict=False)
        )


@contextmanager
def _working(made: Workspace) -> Iterator[None]:
    """The worker in a thread, as the app starts it."""
    stop = threading.Event()
    worker = threading.Thread(target=made.worker.run, args=(stop,))
    worker.start()
    time.sleep(0.5)
    yield
    stop.set()
    worker.join()


def effect(made: Workspace, actor: Actor) -> float:
    """Seconds from a move's return until the element shows what the robots did."""
    time.sleep(random.uniform(0, 2 * PAUSE))  # at no fixed time after the worker's last look
    (number,) = moved(made, actor, 1)
    started = time.perf_counter()
    while not made.elements.get(actor, number).title.endswith(stand.DONE):
        time.sleep(0.001)
    return time.perf_counter() - started
