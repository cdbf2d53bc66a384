"""What the children do until they die. Imported once, by the process that they are forked from."""

from __future__ import annotations

import itertools
import os
import random
import threading
import time
from collections.abc import Callable
from datetime import datetime
from pathlib import Path
from typing import Any

from torture_world import STAGES, FastClock, Sayings, StillClock, admin, opened, settle

import cli as cli  # so that it is imported in the forge
from model.errors import Stale
from runtime import walk
from runtime.engine import Engine
from runtime.outbox import Outbox
from runtime.runs import Runs
from runtime.timers import Timers
from store.sqlite import SqliteEngine
from workspace import Workspace

WRITERS = 8


# at work until killed


def work_until_killed(folder: Path, base: datetime, sayings: Path, seed: int) -> None:
    """Eight writers and the worker over one file. Each write is told of after the service has returned."""
    ws = opened(folder, FastClock(base))
    told = Sayings(sayings)
    threading.Thread(target=ws.worker.run, args=(threading.Event(),), daemon=True).start()
    for number in range(WRITERS):
        threading.Thread(target=_write, args=(ws, told, seed, number), daemon=True).start()
    time.sleep(60)  # killed long before


def _write(ws: Workspace, told: Sayings, seed: int, number: int) -> None:
    chance = random.Random(f"{seed}/{number}")
    root, ids = admin(ws), list(range(1, 9))
    for count in itertools.count():
        key = f"{seed}-{number}-{count}"
        try:
            told.say(thread=number, key=key, **_deed(ws, root, chance, ids, key))
        except Stale:
            continue
        except BaseException as error:
            told.say(trouble=repr(error))
            raise


def _deed(ws: Workspace, root: Any, chance: random.Random, ids: list[int], key: str) -> dict[str, Any]:
    id = chance.choice(ids)
    what = chance.choices(("create", "move", "change", "comment"), (1, 3, 5, 4))[0]
    if what == "create":
        made = ws.elements.create(root, "orders", {"title": key})
        ids.append(made.id)
        return {"what": what, "id": made.id, "version": made.version}
    if what == "comment":
        return {"what": what, "id": id, "event": ws.elements.comment(root, id, key).id}
    values = {"note": key} if what == "change" else {"note": key, "stage": chance.choice(STAGES)}
    seen = ws.elements.get(root, id)
    return {"what": what, "id": id, "version": ws.elements.update(root, id, values, expect=seen.version).version}


# dying at a given place

POINTS: dict[str, tuple[Any, str]] = {
    "node": (walk, "_work"),
    "commit": (SqliteEngine, "commit"),
    "wake": (Runs, "wake"),
    "fire": (Timers, "_fire"),
    "take": (Engine, "_take"),
    "send": (Outbox, "_attempt"),
    "record": (Outbox, "_record"),
}
"""Where a process may die: before and after each call of these."""
DIED = 77


def one_order(folder: Path, sayings: Path, point: str, number: int, after: bool) -> None:
    """Make an order and let its robots work to the end. Dies before (or after) call `number` of a point; 0: never.

    It says what it made, when a call was sent and when that was noted, and at the end how often each point was passed.
    """
    counts, told = dict.fromkeys(POINTS, 0), Sayings(sayings)
    for name, (owner, function) in POINTS.items():
        setattr(owner, function, _mortal(getattr(owner, function), name, counts, (point, number, after), told))
    clock = StillClock()
    ws = opened(folder, clock)
    counts.update(dict.fromkeys(POINTS, 0))
    made = ws.elements.create(admin(ws), "orders", {"title": "mortal"})
    told.say(id=made.id)
    settle(ws, clock)
    told.say(**counts)
    ws.db.close()


def _mortal(
    real: Callable[..., Any], name: str, counts: dict[str, int], death: tuple[str, int, bool], told: Sayings
) -> Callable[..., Any]:
    def passed(*given: Any, **more: Any) -> Any:
        counts[name] += 1
        here = death[:2] == (name, counts[name])
        if here and not death[2]:
            os._exit(DIED)
        result = real(*given, **more)
        if name in ("send", "record"):
            told.say(through=name)
        if here:
            os._exit(DIED)
        return result

    return passed


# counting


def count_up(folder: Path, sayings: Path, threads: int, times: int) -> None:
    """Add one to the counter of order 1, from several threads, `times` each, beside another process that does the same."""
    ws = opened(folder)
    told = Sayings(sayings)
    before = ws.db.revision()
    retries = count_in(ws, threads, times)
    told.say(before=before, after=ws.db.revision(), retries=retries, mine=threads * times)
    end = time.monotonic() + 60
    while ws.elements.get(admin(ws), 1).get("counter") < 2 * threads * times and time.monotonic() < end:
        time.sleep(0.01)  # the other one is not through
    told.say(seen=ws.elements.get(admin(ws), 1).get("counter"), last=ws.db.revision())
    ws.db.close()


def count_in(ws: Workspace, threads: int, times: int) -> int:
    """Add one to the counter of order 1 in many threads, each reading, adding and trying again when it came too late."""
    retries = [0] * threads
    trouble: list[BaseException] = []

    def add(who: int) -> None:
        root = admin(ws)
        try:
            for _ in range(times):
                while True:
                    seen = ws.elements.get(root, 1)
                    try:
                        ws.elements.update(root, 1, {"counter": seen.get("counter") + 1}, expect=seen.version)
                        break
                    except Stale:
                        retries[who] += 1
        except BaseException as error:
            trouble.append(error)

    crew = [threading.Thread(target=add, args=(number,)) for number in range(threads)]
    for each in crew:
        each.start()
    for each in crew:
        each.join()
    if trouble:
        raise trouble[0]
    return sum(retries)
