"""A workspace whose work Procrastinate carries: robots act by its jobs, and by the beat where a job is missing."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import psycopg
import pytest
from scale_world import WAITING, WELCOME, Crowd, ShiftedClock, effects, ended, once, opened, set_up, until
from scale_writer import write

from model.errors import NotAllowed, Unreadable
from runtime.worker import CARRIED, Worker
from settings import Settings
from store.postgres.schema import LOCK
from workspace import Workspace, build

Ask = Callable[[str], list[Any]]
Working = Callable[[Worker], None]


class NoBeat:
    """A ticker that never ticks: what is done then, was told by somebody."""

    def every(self, seconds: int, job: Callable[[], object]) -> None:
        pass

    def run_due(self) -> None:
        pass


@pytest.fixture
def working() -> Iterator[Working]:
    """Lets a worker work in a thread; it is stopped at the end and must then come home at once."""
    started: list[tuple[threading.Event, threading.Thread]] = []

    def start(worker: Worker) -> None:
        stop = threading.Event()
        started.append((stop, threading.Thread(target=worker.run, args=(stop,))))
        started[-1][1].start()

    yield start
    for stop, thread in started:
        stop.set()
        thread.join(5)
        assert not thread.is_alive()


@pytest.fixture
def ask(postgres_url: str) -> Iterator[Ask]:
    """What PostgreSQL answers to somebody outside of the workspace."""
    with psycopg.connect(postgres_url, autocommit=True) as db:
        yield lambda sql: db.execute(sql).fetchall()


def jobs(ask: Ask) -> list[str]:
    """The states of the jobs that are to do work."""
    return [state for (state,) in ask("SELECT status FROM procrastinate_jobs WHERE task_name = 'drain' ORDER BY id")]


def by_jobs_alone(workspace: Workspace) -> Worker:
    """The worker of a workspace, without a beat."""
    carrier = workspace.db.carry(*CARRIED)
    return Worker(workspace.engine, workspace.timers, workspace.outbox, workspace.db, NoBeat, carrier)


def test_robots_act_by_jobs_and_none_is_left(office, working: Working, ask: Ask) -> None:
    here = office(carrier="procrastinate")
    actor = set_up(here, WELCOME)
    here.people.add_user(actor, "boris", "Boris Stone", "correct horse 2")
    assert jobs(ask) == [], "writes that start no run leave no job"
    working(by_jobs_alone(office(carrier="procrastinate")))
    for number in range(5):
        write(here, actor, f"order {number}", 1)
        until(lambda: ended(here, "welcome") == number + 1)  # noqa: B023  called at once
    write(here, actor, "more", 60)
    until(lambda: ended(here, "welcome") == 65 and jobs(ask) == [])
    once(here, 65)


def test_a_worker_that_is_killed_in_a_job_loses_and_doubles_nothing(office, crowd: Crowd, ask: Ask) -> None:
    crowd.carrier = "procrastinate"
    workspace = office(carrier="procrastinate")
    actor = set_up(workspace, WELCOME)
    write(workspace, actor, "order", 150)
    (worker,) = crowd.workers(1)
    until(lambda: ended(workspace, "welcome"), every=0.01)
    worker.kill()
    worker.wait()
    assert ended(workspace, "welcome") < 150 and "doing" in jobs(ask)
    crowd.workers(1)
    until(lambda: ended(workspace, "welcome") == 150)
    once(workspace, 150)
    until(lambda: jobs(ask) in (["doing"], []))  # the dead one's is there until that has been silent for long enough


def test_what_no_job_tells_of_is_found_by_the_beat(office, working: Working) -> None:
    here, clock = office(), ShiftedClock()  # an instance that leaves no jobs, and the clock of a worker that waits for them
    actor = set_up(here, WAITING)
    working(office(clock, carrier="procrastinate").worker)
    write(here, actor, "order", 3)
    until(lambda: here.db.table("runs").count() == len(here.db.table("timers")) == 3)
    clock.move(hours=1)
    until(lambda: ended(here, "waiting") == 3)
    assert {node: sum(each.values()) for node, each in effects(here, "waiting").items()} == {"bye": 3}


def test_a_job_waits_for_who_is_committing(office, working: Working, ask: Ask, postgres_url: str) -> None:
    """They may have left none of their own because this one still waited."""
    workspace = office(carrier="procrastinate")
    actor = set_up(workspace, WELCOME)
    working(by_jobs_alone(workspace))
    until(lambda: ask("SELECT 1 FROM procrastinate_workers"))
    with psycopg.connect(postgres_url) as other:
        other.execute(LOCK)
        ask("INSERT INTO procrastinate_jobs (queue_name, task_name) VALUES ('voronka', 'drain') RETURNING id")
        until(lambda: ask("SELECT 1 FROM pg_locks WHERE locktype = 'advisory' AND NOT granted"))
        assert jobs(ask) == ["doing"]
    until(lambda: jobs(ask) == [])
    write(workspace, actor, "order", 1)
    until(lambda: ended(workspace, "welcome") == 1)


def test_a_carrier_that_cannot_be_had_is_refused_in_words(tmp_path: Path) -> None:
    settings = Settings(_env_file=None, data=tmp_path / "data", carrier="procrastinate")
    with pytest.raises(NotAllowed) as refused:
        build(settings)
    assert refused.value.problems[0].code == "carrier_needs_postgresql" and not settings.data.exists()
    with pytest.raises(Unreadable) as unreadable:
        opened(tmp_path, f"sqlite:///{tmp_path / 'x.db'}", carrier="procrastinate")
    assert unreadable.value.problems[0].code == "carrier"
