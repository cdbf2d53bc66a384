"""A writer that stops in the middle: nobody waits for it for longer than one waits, and all are told who it is."""

from __future__ import annotations

import multiprocessing
import os
import signal
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager, suppress

import pytest

from store import Busy, Database, StoreError, open_database, patience

Told = Callable[[str], object]


def _hold(address: str, said: multiprocessing.SimpleQueue[str]) -> None:
    """Write, stop, and try to go on."""
    with closing(open_database(address)) as db:
        try:
            with db.transaction():
                db.table("deals").insert({"by": "the one that stopped"})
                assert db.table("deals").all()
                said.put("holds")
                os.kill(os.getpid(), signal.SIGSTOP)
        except StoreError as error:
            said.put(type(error).__name__)
        else:
            said.put("done")


@contextmanager
def stopped(address: str) -> Iterator[tuple[int, Callable[[], str]]]:
    """A process that holds the database and does nothing: its number, and what becomes of it once it goes on."""
    context = multiprocessing.get_context("spawn")
    said: multiprocessing.SimpleQueue[str] = context.SimpleQueue()
    process = context.Process(target=_hold, args=(address, said))
    process.start()
    try:
        assert said.get() == "holds" and process.pid
        os.waitid(os.P_PID, process.pid, os.WSTOPPED | os.WNOWAIT)

        def go_on() -> str:
            os.kill(process.pid or 0, signal.SIGCONT)
            return str(said.get())

        yield process.pid, go_on
    finally:
        with suppress(ProcessLookupError):
            os.kill(process.pid or 0, signal.SIGCONT)
        process.kill()
        process.join()


def _write(db: Database, ended: list[tuple[float, StoreError | None]]) -> None:
    begun = time.monotonic()
    try:
        with db.transaction():
            db.table("deals").insert({"by": "one that waited"})
        ended.append((time.monotonic() - begun, None))
    except StoreError as error:
        ended.append((time.monotonic() - begun, error))


def at_once(databases: list[Database], each: int = 3) -> list[tuple[float, StoreError | None]]:
    """Write from many threads at the same time: how long each waited, and what it was told."""
    ended: list[tuple[float, StoreError | None]] = []
    threads = [threading.Thread(target=_write, args=(db, ended)) for db in databases for _ in range(each)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return ended


@pytest.fixture(params=["sqlite", "postgres"])
def place(request: pytest.FixtureRequest) -> str:
    return (
        str(request.getfixturevalue("postgres_url"))
        if request.param == "postgres"
        else f"sqlite:///{request.getfixturevalue('path')}"
    )


def test_all_who_wait_are_refused_by_one_deadline_and_told_who_holds_it(
    place: str, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    monkeypatch.setattr(patience, "WAIT", 1.0)
    with closing(open_database(place)) as one, closing(open_database(place)) as two, stopped(place) as (pid, go_on):
        ended = at_once([one, two])
        assert max(seconds for seconds, _ in ended) < 2.5, "they waited one after the other"
        refused = [error for _, error in ended if isinstance(error, Busy)]
        (held,) = {(error.holder.pid, error.holder.name, error.here) for error in refused}
        assert len(refused) == 6 and held[0] != os.getpid() and held[1] and not held[2]
        assert f"{held[1]} ({held[0]})" in caplog.text and (held[0] == pid or place.startswith("postgresql"))
        assert go_on() == "done" and one.table("deals").all() == [{"by": "the one that stopped"}]
        assert at_once([one], 1)[0][1] is None


def test_who_leaves_postgresql_without_a_word_is_put_out(
    postgres_url: str, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    monkeypatch.setattr(patience, "WAIT", 20.0)
    monkeypatch.setattr(patience, "STALLED", 0.5)
    with closing(open_database(postgres_url)) as db, stopped(postgres_url) as (_, go_on):
        ended = at_once([db])
        assert [error for _, error in ended] == [None] * 3 and max(seconds for seconds, _ in ended) < 5
        assert "did nothing" in caplog.text
        assert go_on() in ("Unreachable", "Unsure") and db.table("deals").all() == [{"by": "one that waited"}] * 3
