"""How soon robots act, and how many they get done: a graph of four nodes (stand.GRAPH), on SQLite, where each commit is synced.

At each size backlogs of moves, drained by the engine in this process; then moves one by one, with the worker beside as in the
app. At the largest size both also while 100,000 runs sleep, one for each element, until a timer in a month.
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

COUNT, ROUNDS, FEW = 500, 9, 100
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
    """Backlogs at each size and among sleepers, in turns: the machine is not always as quick. Then the latencies of each."""
    with syncing(folder) as sync:
        floor = statistics.median(each(sync, range(200)))
    worlds = {size: stand.with_deals(folder / str(size), size) for size in SIZES}
    sleeping = stand.with_deals(folder / "asleep", SIZES[-1])
    for made, actor in (*worlds.values(), sleeping):
        stand.publish(made, actor, stand.GRAPH, SLEEP)
    send_to_sleep(*sleeping, SLEEPERS)
    turns = [[backlog(*world, COUNT) for world in (*worlds.values(), sleeping)] for _ in range(ROUNDS)]
    *rates, slow = map(statistics.median, zip(*turns, strict=True))
    for size, rate in zip(SIZES, rates, strict=True):
        yield Figure(BACKLOG, rate, beside="fdatasync", floor=1 / floor, aim=2000, unit="/s", size=size)
        times = _effects(*worlds[size])
        yield of(EFFECT, times, "fdatasync", floor, aim=0.02, size=size)
        late = quantile(times, 0.99)
        yield Figure(f"{EFFECT}, p99", late, beside="fdatasync", floor=floor, size=size)
    asleep = f", {SLEEPERS:,} runs asleep"
    yield Figure(BACKLOG + asleep, slow, beside="none asleep", floor=rate, within=1 / 1.5, unit="/s")
    long = _effects(*sleeping)
    yield of(EFFECT + asleep, long, "none asleep", statistics.median(times), within=1.5)
    yield Figure(f"{EFFECT}, p99{asleep}", quantile(long, 0.99), beside="none asleep", floor=late, within=1.5)
    for made, _ in (*worlds.values(), sleeping):
        made.db.close()


def _effects(made: Workspace, actor: Actor) -> list[float]:
    """Seconds from a move to its effect, of some."""
    with _working(made):
        effect(made, actor)  # the worker has looked round by now
        return [effect(made, actor) for _ in range(FEW)]


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
