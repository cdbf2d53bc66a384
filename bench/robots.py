"""How fast robots are, in one run: python -m bench.robots [--n 500]

A graph of four nodes (trigger, condition, set fields, comment) on a workspace in a SQLite file.
backlog: that many moves wait, then the engine drains them; events per second, and ms per event over one raw fdatasync.
latency: moves one by one, the worker beside as in the app; ms from the move's commit to the robot's commit.
move: the elements service alone, without robots, over one raw fdatasync.
"""

from __future__ import annotations

import argparse
import os
import statistics
import sys
import tempfile
import threading
import time
from pathlib import Path

import wiring
from model.access import SYSTEM_ACTOR, Actor
from model.field import Field
from model.graph import Graph, Node, Wire
from model.process import Funnel, Process, Stage
from runtime.outside.passwords import Passwords
from settings import Settings
from workspace import Workspace

NODES = (
    Node(id="t", kind="stage_entered", params={"stages": ["talk", "won"]}),
    Node(id="c", kind="condition", params={"condition": {"field": "amount", "op": "gt", "value": 10}}),
    Node(id="s", kind="set_fields", params={"values": {"note": "{title}: {amount|money}"}}),
    Node(id="m", kind="add_comment", params={"text": "{responsible.name}, {stage}"}),
)
WIRES = (Wire(source="t", target="c"), Wire(source="c", target="s", port="yes"), Wire(source="s", target="m"))


def process(*graphs: Graph) -> Process:
    """A process with two fields and three stages."""
    stages = (Stage(code="new", title="New"), Stage(code="talk", title="Talk"), Stage(code="won", title="Won", semantics="S"))
    fields = (Field(code="amount", title="Amount", kind="money"), Field(code="note", title="Note"))
    return Process(
        code="deals", title="Deals", fields=fields, funnels=(Funnel(code="f", title="F", stages=stages),), graphs=graphs
    )


def workspace(folder: Path) -> tuple[Workspace, Actor]:
    """A workspace on a file, with an administrator."""
    made = wiring.build(Settings(data=folder), passwords=Passwords(time_cost=1, memory_kib=8, lanes=1))
    admin = made.people.add_user(SYSTEM_ACTOR, "root", "Root", "root-password", admin=True)
    actor = made.actor(admin.id)
    made.processes.create(actor, process())
    publish(made, actor)
    return made, actor


def publish(made: Workspace, actor: Actor, *graphs: Graph) -> None:
    """Publish the process with these graphs."""
    made.processes.save(actor, process(*graphs))
    made.processes.publish(actor, "deals")


def fdatasync(folder: Path) -> float:
    """Median seconds of appending 600 bytes and syncing them."""
    file = os.open(folder / "raw", os.O_WRONLY | os.O_CREAT | os.O_APPEND)
    times = []
    for _ in range(300):
        started = time.perf_counter()
        os.write(file, b"x" * 600)
        os.fdatasync(file)
        times.append(time.perf_counter() - started)
    os.close(file)
    return statistics.median(times)


def moves(made: Workspace, actor: Actor, ids: list[int]) -> list[float]:
    """Move each element; the seconds of each move."""
    times = []
    for number in ids:
        started = time.perf_counter()
        made.elements.move(actor, number, "talk")
        times.append(time.perf_counter() - started)
    return times


def backlog(made: Workspace) -> float:
    """Seconds of draining all that is ready."""
    started = time.perf_counter()
    while made.worker.step():
        pass
    return time.perf_counter() - started


def latencies(made: Workspace, actor: Actor, ids: list[int], pause: float) -> list[float]:
    """Seconds from each move's return to the commit of its robots, the worker running beside; `pause` between the moves."""
    stop, done = threading.Event(), threading.Event()
    times = []
    silence = made.db.on_commit(lambda tables: done.set() if "wakes" not in tables and {"runs", "events"} <= tables else None)
    worker = threading.Thread(target=made.worker.run, args=(stop,))
    worker.start()
    time.sleep(0.5)
    for number in ids:
        made.elements.move(actor, number, "won")
        started = time.perf_counter()
        while not made.elements.get(actor, number).get("note"):
            done.wait(0.002)
            done.clear()
        times.append(time.perf_counter() - started)
        time.sleep(pause)
    stop.set()
    worker.join()
    silence()
    return times


def say(text: str) -> None:
    """A line of the report."""
    sys.stdout.write(text + "\n")


def main() -> None:
    """Print the figures."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--n", type=int, default=500, help="how many events")
    count = parser.parse_args().n
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        made, actor = workspace(folder)
        sync = fdatasync(folder)
        say(f"fdatasync          {sync * 1000:8.2f} ms")
        plain = [made.elements.create(actor, "deals", {"title": f"Deal {n}", "amount": 10.5 + n}).id for n in range(count)]
        alone = statistics.median(moves(made, actor, plain))
        say(f"move               {alone * 1000:8.2f} ms   x{alone / sync:.1f}")
        publish(made, actor, Graph(code="main", title="Main", nodes=NODES, edges=WIRES))
        ids = [made.elements.create(actor, "deals", {"title": f"Deal {n}", "amount": 10.5 + n}).id for n in range(count)]
        fired = statistics.median(moves(made, actor, ids))
        say(f"move with a robot  {fired * 1000:8.2f} ms   x{fired / sync:.1f}")
        took = backlog(made)
        say(f"backlog            {count / took:8.0f} /s   {took / count * 1000:.2f} ms each, x{took / count / sync:.1f}")
        few = [made.elements.create(actor, "deals", {"title": "Deal", "amount": 20}).id for _ in range(min(count, 100))]
        times = sorted(latencies(made, actor, few, 0.05))
        p50, p99 = statistics.median(times) * 1000, times[int(len(times) * 0.99)] * 1000
        say(f"latency            {p50:8.1f} ms   p99 {p99:.1f} ms, x{p50 / 1000 / sync:.1f}")
        made.db.close()


if __name__ == "__main__":
    main()
