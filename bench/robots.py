"""How soon robots act, and how many they get done: a graph of four nodes (stand.GRAPH) among 8,800 deals."""

from __future__ import annotations

import statistics
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from bench import stand
from bench.measure import Figure, each, of, quantile, syncing, took
from model.access import Actor
from workspace import Workspace

COUNT, FEW = 500, 100
PAUSE = 0.05
"""Seconds between two moves whose effects are waited for."""


def figures(folder: Path) -> Iterator[Figure]:
    """A backlog drained by the engine; then moves one by one with the worker beside, as in the app."""
    made, actor = stand.with_deals(folder / "data")
    stand.publish(made, actor, stand.GRAPH)
    with syncing(folder) as sync:
        floor = statistics.median(each(sync, range(200)))
    moved(made, actor, COUNT)
    seconds = took(made.work)
    yield Figure("Runs of robots, from a backlog of 500", COUNT / seconds, beside="fdatasync", floor=1 / floor, rate=True)
    with _working(made):
        times = [effect(made, actor) for _ in range(FEW)]
    yield of("Move committed -> robots' effect committed, worker beside", times, "fdatasync", floor, aim=0.5)
    yield Figure("... the 99th percentile of them", quantile(times, 0.99), beside="fdatasync", floor=floor, aim=0.5)
    made.db.close()


def moved(made: Workspace, actor: Actor, count: int) -> list[int]:
    """New deals, each moved to where the robots wait."""
    ids = [made.elements.create(actor, "deals", {"title": f"Deal {n}"}).id for n in range(count)]
    for number in ids:
        made.elements.move(actor, number, "engaging")
    return ids


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
    time.sleep(PAUSE)
    (number,) = moved(made, actor, 1)
    started = time.perf_counter()
    while not made.elements.get(actor, number).title.endswith(stand.DONE):
        time.sleep(0.001)
    return time.perf_counter() - started
