"""What the children do until they die. Imported once, by the process that they are forked from."""

from __future__ import annotations

import itertools
import os
import random
import resource
import sys
import threading
import time
from collections.abc import Callable
from datetime import datetime
from pathlib import Path
from typing import Any

from torture_world import STAGES, FastClock, Sayings, StillClock, address, admin, opened, settle

import cli
from locales import Language
from model.errors import Stale, VoronkaError
from runtime import walk
from runtime.engine import Engine
from runtime.outbox import Outbox
from runtime.runs import Runs
from runtime.timers import Timers
from store import StoreError
from store import patience as waiting
from store.postgres.engine import PostgresEngine
from store.sqlite import SqliteEngine
from workspace import Workspace

WRITERS = 8


# at work until killed


def work_until_killed(folder: Path, base: datetime, sayings: Path, seed: int) -> None:
    """Eight writers and the worker over one database. Each write is told of after the service has returned."""
    ws = opened(folder, FastClock(base))
    told = Sayings(sayings)
    threading.Thread(target=ws.worker.run, args=(threading.Event(),), daemon=True).start()
    for number in range(WRITERS):
        threading.Thread(target=write, args=(ws, told, seed, number), daemon=True).start()
    time.sleep(60)  # killed long before


def write(ws: Workspace, told: Sayings, seed: int, number: int, stop: threading.Event | None = None) -> None:
    """One of the writers. With `stop` until that is set, and what the store refuses is told and let be."""
    chance = random.Random(f"{seed}/{number}")
    root, ids = admin(ws), list(range(1, 9))
    for count in itertools.count():
        if stop is not None and stop.is_set():
            return
        key = f"{seed}-{number}-{count}"
        try:
            told.say(thread=number, key=key, **_deed(ws, root, chance, ids, key))
        except Stale:
            continue
        except (VoronkaError, StoreError) as error:
            if stop is None:
                told.say(trouble=repr(error))
                raise
            known = ws.refusal(error) or error  # as pages do: reads outside of transactions raise the store's own errors
            told.say(refused=repr(error), declared=isinstance(known, VoronkaError), words=Language("en").explain(known))
            stop.wait(0.1)
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

POINTS: dict[str, tuple[list[Any], str]] = {
    "node": ([walk], "_work"),
    "commit": ([SqliteEngine, PostgresEngine], "commit"),
    "wake": ([Runs], "wake"),
    "fire": ([Timers], "_fire"),
    "take": ([Engine], "_take"),
    "send": ([Outbox], "_attempt"),
    "record": ([Outbox], "_record"),
}
"""Where a process may die: before and after each call of these."""
DIED = 77


def one_order(folder: Path, sayings: Path, point: str, number: int, after: bool) -> None:
    """Make an order and let its robots work to the end. Dies before (or after) call `number` of a point; 0: never.

    It says what it made, when a call was sent and when that was noted, and at the end how often each point was passed.
    """
    counts, told = dict.fromkeys(POINTS, 0), Sayings(sayings)
    for name, (owners, function) in POINTS.items():
        for owner in owners:
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
    """Add one to the counter of order 1 in many threads, each reading, adding and trying again when it came too late.

    Who came too late waits a moment, as people do: else nearly all that is done is to be refused.
    """
    retries = [0] * threads
    trouble: list[BaseException] = []

    def add(who: int) -> None:
        root, chance = admin(ws), random.Random(who)
        try:
            for _ in range(times):
                while True:
                    seen = ws.elements.get(root, 1)
                    try:
                        ws.elements.update(root, 1, {"counter": seen.get("counter") + 1}, expect=seen.version)
                        break
                    except Stale:
                        retries[who] += 1
                        time.sleep(chance.uniform(0, 0.01 * threads))
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


# no room


def write_without_room(folder: Path, sayings: Path, more: Path, limits: list[int]) -> None:
    """Write until the disk takes no more, read what is there, and go on, without a restart, as soon as there is room again.

    limits: how many bytes the log may grow before the system refuses, one after the other (RLIMIT_FSIZE). None of them: the
    disk itself is small, and there is room again when the file `more` is there.
    """
    clock = StillClock()
    ws, told = opened(folder, clock), Sayings(sayings)
    token = ws.sessions.redeem(ws.sessions.ticket(1), "browser")
    for number, limit in enumerate(limits or [0]):
        if limit:
            wal = folder / "voronka.db-wal"
            _limit_files((wal.stat().st_size if wal.exists() else 0) + limit)
        _until_refused(ws, told, number, bool(limit))
        clock.move(minutes=61)  # the session would like to be written
        told.say(reads=len(ws.elements.find(admin(ws), "orders", limit=5)), user=ws.sessions.user_of(token))
        if limit:
            _limit_files(resource.RLIM_INFINITY)
        else:
            told.say(full=True)
            end = time.monotonic() + 30
            while not more.exists() and time.monotonic() < end:
                time.sleep(0.01)
        made = ws.elements.create(admin(ws), "orders", {"title": f"again {number}"})
        told.say(what="create", id=made.id, version=1, key=f"again {number}", thread=0)
    end = time.monotonic() + 20
    while time.monotonic() < end and any(run["state"] in ("ready", "waiting") for run in ws.db.table("runs").search()):
        ws.work()
        clock.move(minutes=10)
    ws.db.close()


def _limit_files(size: int) -> None:
    resource.setrlimit(resource.RLIMIT_FSIZE, (size, resource.RLIM_INFINITY))


def _until_refused(ws: Workspace, told: Sayings, number: int, robots: bool) -> None:
    """Make orders (with long notes), let robots work and attach papers, until something is refused; say with what error."""
    for count in itertools.count():
        key = f"{number}-0-{count}"
        for deed in ("create", "robots", "file"):
            try:
                if deed == "create":
                    made = ws.elements.create(admin(ws), "orders", {"title": key, "note": "long " * 40})
                    told.say(what="create", id=made.id, version=1, key=key, thread=0)
                elif deed == "robots" and robots:
                    ws.worker.step()
                elif deed == "file" and count % 5 == 4:
                    file = ws.files.add(admin(ws), 1, f"{key}.bin", os.urandom(5_000))
                    told.say(file=file.id)
            except Exception as error:
                words = [ws.reader(None).explain(error), Language("ru").explain(error)]
                told.say(refused=type(error).__name__, declared=isinstance(error, VoronkaError), words=words, deed=deed)
                return


# the command line in bad places


def command(words: list[str], folder: Path, output: Path, language: str, patience: float) -> None:
    """`voronka WORDS` as it is, in this process: its exit code is the child's, what it says goes into `output`."""
    os.environ.update(VORONKA_DATA=str(folder), VORONKA_LANGUAGE=language, VORONKA_PORT="9231")
    os.environ.update(VORONKA_DATABASE_URL=address(folder) if folder.is_dir() else "")
    waiting.WAIT = patience  # seconds for which a database that somebody else holds is waited for
    handle = os.open(output, os.O_WRONLY | os.O_CREAT | os.O_TRUNC)
    for stream in (1, 2):
        os.dup2(handle, stream)
    sys.stdout, sys.stderr = (os.fdopen(os.dup(handle), "w", buffering=1) for _ in range(2))
    sys.argv = ["voronka", *words]
    os.chdir(output.parent)
    cli.main()
