"""Several workers over one PostgreSQL: each effect once, whoever dies; each timer and each tick is one worker's."""

from __future__ import annotations

from collections import Counter

import pytest
from scale_world import BEAT, WAITING, WELCOME, Crowd, ShiftedClock, effects, ended, faults, once, set_up, until
from scale_writer import write


def test_four_workers_and_two_instances_have_each_effect_once(office, crowd: Crowd) -> None:
    workspace = office()
    actor = set_up(workspace, WELCOME)
    workers = crowd.workers(4)
    other = crowd.writer("theirs", 250)
    write(workspace, actor, "ours", 250)
    assert other.wait(60) == 0
    until(lambda: ended(workspace, "welcome") == 500)
    assert all(worker.poll() is None for worker in workers)
    once(workspace, 500)


@pytest.mark.parametrize(("carrier", "each"), [("notify", 150), ("procrastinate", 75)])
def test_a_worker_that_is_killed_under_load_loses_and_doubles_nothing(office, crowd: Crowd, carrier: str, each: int) -> None:
    crowd.carrier = carrier
    workspace = office(carrier=carrier)
    set_up(workspace, WELCOME)
    first, *_ = crowd.workers(3)
    writers = [crowd.writer(name, each) for name in ("one", "two")]
    until(lambda: ended(workspace, "welcome") >= each / 3)
    first.kill()
    first.wait()
    assert ended(workspace, "welcome") < 2 * each, "it was killed too late to harm anything"
    assert [writer.wait(60) for writer in writers] == [0, 0]
    until(lambda: ended(workspace, "welcome") == 2 * each)
    once(workspace, 2 * each)


def test_a_tick_and_two_hundred_timers_are_each_taken_by_one_worker(office, crowd: Crowd) -> None:
    workspace = office()
    actor = set_up(workspace, WAITING)
    crowd.workers(3)
    with workspace.db.transaction():
        for number in range(200):
            workspace.elements.create(actor, "orders", {"title": f"order {number}"})
    before = office(ShiftedClock(hours=-1, seconds=-1))  # whose clock is an hour late: what it plans is due at once
    process = before.processes.draft("orders")
    before.processes.save(actor, process.model_copy(update={"graphs": (WAITING, BEAT)}))
    before.processes.publish(actor, "orders")
    until(lambda: ended(workspace, "waiting") == 200 and ended(workspace, "beat"))
    orders = [doc.doc_id for doc in workspace.db.table("elements").search() if doc["process"] == "orders"]
    assert effects(workspace, "waiting") == {"bye": Counter(orders)}
    assert [run["state"] for run in workspace.db.table("runs").search() if run["graph"] == "beat"] == ["done"]
    assert [doc["title"] for doc in workspace.db.table("elements").search() if doc["process"] == "jobs"] == ["tick"]
    assert [row["kind"] for row in workspace.db.table("timers").search() if row["kind"] != "mark"] == ["tick"]
    assert faults(workspace) == []
