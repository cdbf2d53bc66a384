"""How robots scale: `voronka worker` processes that take the work of one workspace, on a SQLite file and on PostgreSQL.

An event is a deal's move; its effect is what a graph does about it: ONE has one robot, stand.GRAPH three. On PostgreSQL
workers hear of work by NOTIFY, or take the jobs that Procrastinate carries.
"""

from __future__ import annotations

import os
import statistics
import subprocess
import sys
import threading
import time
from collections.abc import Generator, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack, contextmanager
from pathlib import Path

from tinydb import where

from bench import robots, stand
from bench.measure import Figure, each, of, quantile, syncing
from model.access import Actor
from model.graph import Graph, Node, Wire
from settings import Settings
from wiring import migrate
from workspace import Workspace, build

BACKLOG, FEW = 500, 100
ONE = Graph(
    code="main",
    title="Main",
    nodes=(Node(id="t", kind="stage_entered", params={"stages": ["engaging"]}),
           Node(id="s", kind="set_fields", params={"values": {"title": "{title}" + stand.DONE}})),
    edges=(Wire(source="t", target="s"),),
)  # fmt: skip
NOTES = ("bench", where("n") >= 0)
"""Any document of a table is work."""
WORKERS = (1, 4)


def figures(folder: Path) -> Iterator[Figure]:
    """The same on each engine, with each number of workers: PostgreSQL beside the SQLite worker, Procrastinate beside NOTIFY."""
    with ExitStack() as ends, syncing(folder) as sync:
        floor = statistics.median(each(sync, range(200)))
        file = Settings(data=folder / "data", _env_file=None)
        made, _ = stand.with_deals(file.data)
        ends.callback(made.db.close)
        server = ends.enter_context(stand.postgres())
        there = file.model_copy(update={"database_url": server})
        migrate(file, server, lambda done, total: None)
        sqlite = yield from _measured("SQLite, 1 worker", file, 1, floor, "fdatasync", {})
        heard, taken = _heard(there, by_job=False), _heard(there, by_job=True)
        yield of("PostgreSQL: commit -> another instance has heard of it", heard, "fdatasync", floor)
        yield of("PostgreSQL: commit -> another instance has taken its job", taken, "NOTIFY", statistics.median(heard))
        carried = there.model_copy(update={"carrier": "procrastinate"})
        for count in WORKERS:
            workers = f"{count} worker{'s' * (count > 1)}"
            notify = yield from _measured(f"PostgreSQL, {workers}", there, count, floor, "the SQLite worker", sqlite)
            yield from _measured(f"Procrastinate, {workers}", carried, count, floor, "NOTIFY", notify)


def _measured(
    what: str, settings: Settings, count: int, floor: float, beside: str, known: dict[str, float]
) -> Generator[Figure, None, dict[str, float]]:
    """beside: what the figures `known` are of, by what was measured; where there are none, the floor. Gives those of this one."""
    found: dict[str, float] = {}
    made = build(settings)
    actor = made.administrator()
    for robot_count, graph in ((1, ONE), (3, stand.GRAPH)):
        stand.publish(made, actor, graph)
        with _workers(settings, count):
            robots.effect(made, actor)  # all are up and have the graph
            rates = [BACKLOG / _drained(made, actor) for _ in range(3)]
            times = [robots.effect(made, actor) for _ in range(FEW)]
        told = {"backlog": statistics.median(rates), "p50": statistics.median(times), "p99": quantile(times, 0.99)}
        of_this = {name: known.get(f"{name} {robot_count}", 1 / floor if name == "backlog" else floor) for name in told}
        robot = f"{robot_count} robot{'s' * (robot_count > 1)}"
        aim = 1000 if count == WORKERS[-1] else None
        yield Figure(f"{what}, {robot}: events from a backlog", told["backlog"], 0, beside, of_this["backlog"], aim, unit="/s")
        yield of(f"{what}, {robot}: move -> effect", times, beside, of_this["p50"], aim=0.03)
        yield Figure("... the 99th percentile of them", told["p99"], 0, beside, of_this["p99"])
        found |= {f"{name} {robot_count}": value for name, value in told.items()}
    made.db.close()
    return found


def _heard(settings: Settings, by_job: bool) -> list[float]:
    """Seconds from the beginning of a small write until another instance knows of it: the carrier alone, without any robot."""
    here, there = build(settings), build(settings)
    rung, stop = threading.Event(), threading.Event()
    with ThreadPoolExecutor(1) as beside:
        if by_job:
            here.db.carry(*NOTES)
            beside.submit(there.db.carry(*NOTES), stop, rung.set)
        else:
            there.db.on_news(rung.set)

        def write(number: int) -> None:
            rung.clear()
            here.db.table("bench").insert({"n": number})
            assert rung.wait(20)

        here.db.table("bench").insert({"n": 0})
        rung.wait(20)  # it listens now
        times = each(write, range(FEW))
        stop.set()
    here.db.close()
    there.db.close()
    return times


def _drained(made: Workspace, actor: Actor) -> float:
    """Seconds from the commit of many moves, all of them at once, until no run is left."""
    with made.db.transaction():
        robots.moved(made, actor, BACKLOG)
    started = time.perf_counter()
    while made.db.table("runs").count(where("state") == "ready"):
        time.sleep(0.01)
    return time.perf_counter() - started


@contextmanager
def _workers(settings: Settings, count: int) -> Iterator[None]:
    """So many `voronka worker`, up and running until the end of the block."""
    told = {f"VORONKA_{name.upper()}": str(getattr(settings, name)) for name in ("data", "database_url", "carrier")}
    command = [sys.executable, "-u", str(stand.ROOT / "cli.py"), "worker"]
    started = [subprocess.Popen(command, env={**os.environ, **told}, stdout=subprocess.PIPE) for _ in range(count)]
    try:
        for process in started:
            assert process.stdout and process.stdout.readline(), "a worker does not start"
        time.sleep(1)
        yield
    finally:
        for process in started:
            process.terminate()
        for process in started:
            process.communicate(timeout=20)
