"""Jobs of Procrastinate beside the rows: when one is left, who takes it, and that nothing else sees its tables."""

from __future__ import annotations

import sys
import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import psycopg
import pytest
from procrastinate.schema import SchemaManager
from tinydb import where

from store import Carrier, Database, StoreError, open_database
from store.postgres.carrier import DRAIN, QUEUE

READY = where("state") == "ready"
PROMOTED = {"runs": ["state"]}
Ask = Callable[..., list[Any]]


@pytest.fixture
def pg(postgres_url: str) -> Iterator[Database]:
    db = open_database(postgres_url, promoted=PROMOTED)
    yield db
    db.close()


@pytest.fixture
def ask(postgres_url: str) -> Iterator[Ask]:
    """What PostgreSQL answers to somebody who is not the store."""
    with psycopg.connect(postgres_url, autocommit=True) as db:

        def answer(sql: str) -> list[Any]:
            cursor = db.execute(sql)
            return cursor.fetchall() if cursor.description else []

        yield answer


def jobs(ask: Ask) -> list[str]:
    """The states of the jobs that are to do work."""
    return [state for (state,) in ask(f"SELECT status FROM procrastinate_jobs WHERE task_name = '{DRAIN}' ORDER BY id")]


class Worker:
    """Takes jobs in a thread; `taken` counts them. The work waits while `held` is set."""

    def __init__(self, carrier: Carrier) -> None:
        self.taken, self.held, self._stop = 0, threading.Event(), threading.Event()
        self._thread = threading.Thread(target=carrier, args=(self._stop, self._work))
        self._thread.start()

    def _work(self) -> None:
        self.taken += 1
        while self.held.is_set():
            time.sleep(0.01)

    def stop(self) -> None:
        self.held.clear()
        self._stop.set()
        self._thread.join(10)
        assert not self._thread.is_alive()


@pytest.fixture
def worker(pg: Database) -> Iterator[Worker]:
    found = Worker(pg.carry("runs", READY))
    yield found
    found.stop()


def until(done: Callable[[], object], seconds: float = 20) -> None:
    end = time.monotonic() + seconds
    while not done():
        assert time.monotonic() < end, f"it did not come true within {seconds} s"
        time.sleep(0.01)


def test_a_commit_leaves_one_job_when_something_is_ready(pg: Database, ask: Ask) -> None:
    pg.carry("runs", READY)
    runs = pg.table("runs")
    pg.table("notes").insert({"state": "ready"})
    runs.insert({"state": "done"})
    assert jobs(ask) == []
    with pytest.raises(RuntimeError), pg.transaction():
        runs.insert({"state": "ready"})
        raise RuntimeError
    assert jobs(ask) == []
    with pg.transaction():
        number = runs.insert({"state": "ready"})
        assert jobs(ask) == [], "it comes with the commit"
    assert jobs(ask) == ["todo"]
    runs.insert_multiple([{"state": "ready"}, {"state": "ready"}])
    assert jobs(ask) == ["todo"]
    ask("DELETE FROM procrastinate_jobs")
    runs.update({"state": "done"}, doc_ids=[number, number + 1, number + 2])
    pg.table("notes").insert({})
    assert jobs(ask) == []


def test_a_job_that_somebody_else_leaves_at_the_same_time_is_no_error(pg: Database, ask: Ask, postgres_url: str) -> None:
    pg.carry("runs", READY)
    written = threading.Thread(target=lambda: pg.table("runs").insert({"state": "ready"}))
    with psycopg.connect(postgres_url) as other:
        other.execute(
            "INSERT INTO procrastinate_jobs (queue_name, task_name, queueing_lock) VALUES (%s, %s, %s)", (QUEUE, DRAIN, DRAIN)
        )
        written.start()
        until(lambda: ask("SELECT 1 FROM pg_locks WHERE locktype = 'transactionid' AND NOT granted"))
    written.join(10)
    assert len(pg.table("runs")) == 1 and jobs(ask) == ["todo"]


def test_each_job_is_taken_once_and_taken_away(pg: Database, ask: Ask, worker: Worker, postgres_url: str) -> None:
    other = open_database(postgres_url, promoted=PROMOTED)
    other.carry("runs", READY)
    worker.held.set()
    other.table("runs").insert({"state": "ready"})
    until(lambda: worker.taken)
    assert jobs(ask) == ["doing"]
    other.table("runs").insert({"state": "ready"})
    assert jobs(ask) == ["doing", "todo"]
    worker.held.clear()
    until(lambda: worker.taken == 2 and jobs(ask) == [])
    other.close()


def test_jobs_go_on_after_the_connections_were_lost(pg: Database, ask: Ask, worker: Worker) -> None:
    pg.table("runs").insert({"state": "ready"})
    until(lambda: worker.taken and jobs(ask) == [])
    end = "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE pid <> pg_backend_pid()"
    ask(end + " AND application_name = current_schema()")  # others use the server, too
    pg.table("runs").insert({"state": "ready"})
    until(lambda: worker.taken == 2 and jobs(ask) == [])


def test_the_job_of_a_worker_that_died_is_struck_off(pg: Database, ask: Ask) -> None:
    carrier = pg.carry("runs", READY)
    ask("INSERT INTO procrastinate_workers (last_heartbeat) VALUES (now() - interval '1 minute'), (now())")
    ask(
        "INSERT INTO procrastinate_jobs (queue_name, task_name, queueing_lock, status, worker_id)"
        f" SELECT '{QUEUE}', '{DRAIN}', '{DRAIN}', 'doing', id FROM procrastinate_workers"
    )
    worker = Worker(carrier)
    until(lambda: jobs(ask) == ["doing"])
    assert worker.taken == 0
    worker.stop()


def test_tables_of_an_older_procrastinate_are_brought_up_to_date(pg: Database, ask: Ask) -> None:
    steps = sorted(Path(SchemaManager.get_migrations_path()).glob("*.sql"))
    for step in steps[:-3]:
        ask(step.read_text())
    digits = "".join(letter for letter in steps[-4].name[:11] if letter.isdigit())
    ask(f"INSERT INTO meta VALUES ('procrastinate', {digits})")
    worker = Worker(pg.carry("runs", READY))
    pg.table("runs").insert({"state": "ready"})
    until(lambda: worker.taken and jobs(ask) == [])
    worker.stop()
    known = ask("SELECT value FROM meta WHERE key = 'procrastinate'")
    pg.carry("runs", READY)
    assert ask("SELECT value FROM meta WHERE key = 'procrastinate'") == known != [(int(digits),)]
    ask("UPDATE meta SET value = value + 1 WHERE key = 'procrastinate'")
    with pytest.raises(StoreError, match="later version of Procrastinate"):
        pg.carry("runs", READY)


def test_what_copies_or_checks_documents_does_not_see_the_jobs(pg: Database, ask: Ask, tmp_path: Path) -> None:
    pg.carry("runs", READY)
    pg.table("runs").insert({"state": "ready"})
    assert pg.tables() == {"runs"} and pg.check() == []
    pg.backup(tmp_path / "backup.db")
    moved, kept = (open_database(f"sqlite:///{tmp_path / name}") for name in ("moved.db", "backup.db"))
    assert pg.move_to(moved, "here") == 1
    assert moved.tables() == kept.tables() == {"runs"}
    moved.close()
    kept.close()
    assert jobs(ask) == ["todo"]


def test_who_cannot_carry_says_so(pg: Database, monkeypatch: pytest.MonkeyPatch) -> None:
    with pytest.raises(StoreError, match="PostgreSQL only"):
        open_database("memory://").carry("runs", READY)
    for name in ("procrastinate", "store.postgres.carrier"):
        monkeypatch.setitem(sys.modules, name, None)  # as it is where it was not installed
    with pytest.raises(StoreError, match=r"pip install 'voronka\[procrastinate\]'"):
        pg.carry("runs", READY)
