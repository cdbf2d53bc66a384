"""kill -9 in the middle of work, of the app and of PostgreSQL under it: nothing that was acknowledged is lost, nothing is done
twice, nothing is half done."""

from __future__ import annotations

import os
import random
import signal
import threading
import time
from collections import Counter, defaultdict
from dataclasses import dataclass, field
from datetime import timedelta
from pathlib import Path
from typing import Any

from torture_deeds import WRITERS, work_until_killed, write
from torture_world import (
    START,
    FastClock,
    Receiver,
    Sayings,
    Tell,
    address,
    child,
    copied,
    faults,
    new_database,
    often,
    opened,
    placed,
    process_codes,
    said,
    seed,
)

from postgres import PostgresServer
from workspace import Workspace

ROUNDS = {"file": often(20, 100), "server": often(5, 100)}
"""How often the app is killed over a file, and over PostgreSQL."""
SERVER_ROUNDS = often(3, 20)
"""How often PostgreSQL is."""
TOGETHER = 10
"""Rounds over one database; then a new one begins, so that looking it over stays cheap."""
PATIENCE = 30.0
"""Seconds in which the worker has to come to rest after a kill."""
EFFECTS = {"greet", "job", "mark", "bye"}
"""The nodes of a welcome that leave an event."""


@dataclass
class Sums:
    """What all rounds came to."""

    rounds: int = 0
    acknowledged: int = 0
    effects: int = 0
    runs: int = 0
    calls: int = 0
    again: int = 0
    slowest: float = 0
    here: tuple[int, int] = (0, 0)
    """Runs and effects in the database that is being tried."""
    wrong: list[str] = field(default_factory=list)


def test_kill_9_loses_nothing_and_doubles_nothing(sown: Path, tmp_path: Path, receiver: Receiver, tell: Tell) -> None:
    sums, luck, rounds = Sums(), random.randrange(10**6), ROUNDS["server" if address(sown) else "file"]
    for group in range(0, rounds, TOGETHER):
        receiver.keys.clear()
        folder, base, acks = copied(sown, tmp_path / f"data-{group}"), START, []
        for number in range(group, min(group + TOGETHER, rounds)):
            sayings = tmp_path / f"said-{number}"
            _kill(folder, base, sayings, luck + number)
            acks += said(sayings)
            base = _look(folder, base + timedelta(days=1), acks, receiver, sums)
            assert not sums.wrong, f"round {number} of seed {luck}: {sums.wrong[:5]}"
            sums.rounds += 1
        sums.acknowledged += len(acks)
        sums.runs, sums.effects = sums.runs + sums.here[0], sums.effects + sums.here[1]
        sums.calls += len(receiver.keys)
        sums.again += sum(receiver.keys.values()) - len(receiver.keys)
    where = "PostgreSQL" if address(sown) else "a file"
    tell(f"{sums.rounds} kills over {where}, {sums.acknowledged} writes acknowledged, 0 lost; {sums.runs} runs with "
         f"{sums.effects} effects, 0 doubled; {sums.calls} calls, {sums.again} of them sent again under their key; "
         f"drained within {sums.slowest:.1f} s")  # fmt: skip


def test_kill_9_of_the_server_under_writers_and_robots(tmp_path: Path, receiver: Receiver, tell: Tell) -> None:
    """The app lives on: what it wanted to write meanwhile is refused in words, and it goes on as soon as the server is back."""
    server = PostgresServer()
    receiver.keys.clear()
    folder, sayings = seed(placed(tmp_path / "data", new_database(server.bare())), receiver.url), tmp_path / "said"
    ws, stop, luck, sums = opened(folder, FastClock(START)), threading.Event(), random.randrange(10**6), Sums()
    crew = [threading.Thread(target=ws.worker.run, args=(stop,))]
    crew += [threading.Thread(target=write, args=(ws, Sayings(sayings), luck, number, stop)) for number in range(WRITERS)]
    try:
        for each in crew:
            each.start()
        for _ in range(SERVER_ROUNDS):
            _acknowledged(sayings, 20)
            server.kill()
            time.sleep(0.2)
            server.start()
        _acknowledged(sayings, 20)
    finally:
        stop.set()
        for each in crew:
            each.join(60)
        ws.db.close()
    told = said(sayings)
    refused, acks = [each for each in told if "refused" in each], [each for each in told if "refused" not in each]
    assert len(refused) >= SERVER_ROUNDS
    strange = {each["words"] for each in refused if not each["declared"] or len(each["words"].split(". ")) < 2}
    assert not strange, "each is refused in words that say what to do"
    _look(folder, START + timedelta(days=30), acks, receiver, sums)
    assert not sums.wrong, f"seed {luck}: {sums.wrong[:5]}"
    server.stop()
    tell(f"{SERVER_ROUNDS} kills of PostgreSQL, {len(acks)} writes acknowledged, 0 lost; {sums.here[0]} runs with {sums.here[1]} "
         f"effects, 0 doubled; {len(refused)} writes refused in words; drained within {sums.slowest:.1f} s")  # fmt: skip


def _acknowledged(sayings: Path, more: int) -> None:
    """Wait until so many more writes have been acknowledged."""

    def count() -> int:
        return sum("refused" not in each for each in said(sayings))

    wanted, end = count() + more, time.monotonic() + PATIENCE
    while count() < wanted:
        assert time.monotonic() < end, "the app does not go on"
        time.sleep(0.05)


def _kill(folder: Path, base: Any, sayings: Path, luck: int) -> None:
    """Let a child work, and kill it some time after its first word."""
    chance, end = random.Random(luck), time.monotonic() + 20
    with child(work_until_killed, folder, base, sayings, luck) as process:
        while not said(sayings) and process.is_alive() and time.monotonic() < end:
            time.sleep(0.005)
        time.sleep(chance.uniform(0, 0.4))
        assert process.pid and process.is_alive(), "the child died by itself"
        os.kill(process.pid, signal.SIGKILL)
    assert process_codes[-1] == -signal.SIGKILL


def _look(folder: Path, base: Any, acks: list[dict[str, Any]], receiver: Receiver, sums: Sums) -> Any:
    """Open what the kill has left, look it over, let the worker finish, look again; the time then."""
    clock = FastClock(base)
    ws = opened(folder, clock)
    try:
        sums.wrong += faults(ws) + Ledger(ws).wrong(acks)
        began = time.monotonic()
        while _alive(ws) and time.monotonic() < began + PATIENCE:
            ws.work()
            time.sleep(0.01)
        sums.slowest = max(sums.slowest, time.monotonic() - began)
        ledger = Ledger(ws)
        sums.wrong += [f"run {run.doc_id} is stuck: {run['state']}" for run in _alive(ws)]
        sums.wrong += faults(ws) + ledger.wrong(acks) + ledger.undone(receiver)
        sums.here = (len(ledger.runs), ledger.effects.total())
    finally:
        ws.db.close()
    return clock.now() + timedelta(hours=1)


def _alive(ws: Workspace) -> list[Any]:
    return [run for run in ws.db.table("runs").search() if run["state"] in ("ready", "waiting")]


class Ledger:
    """All that a workspace tells of what happened in it, read past the services, straight from the tables."""

    def __init__(self, ws: Workspace) -> None:
        self.elements = {doc.doc_id: doc for doc in ws.db.table("elements").search()}
        self.events = {doc.doc_id: doc for doc in ws.db.table("events").search(sort=[("doc_id", False)])}
        self.runs = {doc.doc_id: doc for doc in ws.db.table("runs").search()}
        self.outbox = ws.db.table("outbox").search()
        self.effects = Counter(
            (event["run"], event["chain"][-1].rsplit("/", 1)[1]) for event in self.events.values() if event["run"] is not None
        )

    def wrong(self, acks: list[dict[str, Any]]) -> list[str]:
        """What must never be, however a process ended."""
        return [*self._lost(acks), *self._halves(), *self._doubled(), *self._unstarted(), *self._disorder(acks)]

    def undone(self, receiver: Receiver) -> list[str]:
        """What has to have been done once the worker rests: every run to its end, each effect once, each call made."""
        ended = [f"run {n} ended as {run['state']} {run['reason']}" for n, run in self.runs.items() if run["state"] != "done"]
        welcomes = [number for number, run in self.runs.items() if run["graph"] == "welcome"]
        missing = [f"run {n} left {node} undone" for n in welcomes for node in EFFECTS if self.effects[n, node] != 1]
        keys = {row["key"] for row in self.outbox}
        calls = [f"run {n} made no call" for n in welcomes if f"{n}/call/1" not in keys]
        unsent = [f"outbox {row['key']} is {row['state']}" for row in self.outbox if row["state"] != "sent"]
        # the seed's own calls were made before anybody counted
        unheard = [f"{row['key']} never arrived" for row in self.outbox if row["element"] > 8 and not receiver.keys[row["key"]]]
        return ended + missing + calls + unsent + unheard

    def _trace(self, ack: dict[str, Any]) -> int:
        """The event that an acknowledged write has left; 0: none."""
        if ack["what"] == "comment":
            event = self.events.get(ack["event"])
            return ack["event"] if event and event["data"].get("text") == ack["key"] and event["element"] == ack["id"] else 0
        return self._written.get((ack["id"], ack["version"], ack["key"]), 0)

    @property
    def _written(self) -> dict[tuple[int, int, str], int]:
        if not hasattr(self, "_by_key"):
            self._by_key = {
                (event["element"], event["data"]["version"], str(event["changes"][code][1])): number
                for number, event in self.events.items() for code in ("note", "title")
                if event["kind"] in ("created", "changed", "moved") and code in event["changes"]
            }  # fmt: skip
        return self._by_key

    def _lost(self, acks: list[dict[str, Any]]) -> list[str]:
        trouble = [str(ack["trouble"]) for ack in acks if "trouble" in ack]
        return trouble + [f"lost: {ack}" for ack in acks if "trouble" not in ack and not self._trace(ack)]

    def _halves(self) -> list[str]:
        """Every version of an element has its one event, and every event its element."""
        told: dict[int, Counter[int]] = defaultdict(Counter)
        for event in self.events.values():
            if event["kind"] in ("created", "changed", "moved", "deleted", "restored"):
                told[event["element"]][event["data"]["version"]] += 1
        whole = {number: Counter(range(1, doc["version"] + 1)) for number, doc in self.elements.items()}
        return [f"half done: element {n}" for n in whole.keys() | told.keys() if whole.get(n) != told.get(n)]

    def _doubled(self) -> list[str]:
        effects = [f"run {run} did {node} {times} times" for (run, node), times in self.effects.items() if times > 1]
        starts = Counter((run["event"], run["graph"]) for run in self.runs.values())
        keys = Counter(row["key"] for row in self.outbox)
        return [*effects, *(f"twice: {what}" for what, times in [*starts.items(), *keys.items()] if times > 1)]

    def _unstarted(self) -> list[str]:
        """An event and the runs it starts are one transaction."""
        started = {(run["event"], run["graph"]) for run in self.runs.values()}
        wanted = set()
        for number, event in self.events.items():
            if event["kind"] == "created":
                wanted.add((number, "welcome" if event["process"] == "orders" else "speak"))
            if event["process"] == "orders" and event["changes"].get("stage", [None, None])[1] == "talk":
                wanted.add((number, "moved"))
            if event["process"] == "orders" and event["kind"] != "created" and "mark" in event["changes"]:
                wanted.add((number, "echo"))
        return [f"event {number} and {graph} do not fit" for number, graph in started ^ wanted]

    def _disorder(self, acks: list[dict[str, Any]]) -> list[str]:
        """What one writer wrote stands in the order in which it did so; runs of one graph work in the order of their events."""
        last: dict[Any, int] = defaultdict(int)
        found = []
        for ack in acks:
            number = self._trace(ack)
            who = (ack["key"].rsplit("-", 1)[0], ack["id"])
            if number < last[who]:
                found.append(f"out of order: {ack}")
            last[who] = number
        for number, event in self.events.items():
            run = self.runs.get(event["run"]) if event["run"] is not None else None
            if run is not None and run["graph"] in ("moved", "echo"):
                who = (run["graph"], run["element"])
                if run["event"] < last[who]:
                    found.append(f"event {number} came before its turn")
                last[who] = run["event"]
        return found
