"""Writers of several processes on one file: nobody is passed over, and who dies waiting holds nobody up."""

from __future__ import annotations

import signal
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from store import Database, open_database

ROOT = Path(__file__).resolve().parents[2]
BUSY = """
import sys, time
from store import open_database
db = open_database(f"sqlite:///{sys.argv[1]}")
table = db.table("counts")
print("ready", flush=True)
while True:
    with db.transaction():
        (row,) = table.all()
        table.update({"n": row["n"] + 1}, doc_ids=[row.doc_id])
        end = time.monotonic() + 0.004
        while time.monotonic() < end:
            pass
"""
"""One transaction after the other, each of a few milliseconds."""


@pytest.fixture
def db(tmp_path: Path) -> Iterator[Database]:
    found = open_database(f"sqlite:///{tmp_path / 'v.db'}")
    found.table("counts").insert({"n": 0})
    yield found
    found.close()


@pytest.fixture
def busy(db: Database, tmp_path: Path) -> Iterator[list[subprocess.Popen[str]]]:
    """Two other processes that leave the database alone for an instant only."""
    command = [sys.executable, "-c", BUSY, str(tmp_path / "v.db")]
    made = [subprocess.Popen(command, cwd=ROOT, stdout=subprocess.PIPE, text=True) for _ in range(2)]
    for process in made:
        assert process.stdout is not None and process.stdout.readline() == "ready\n"
    yield made
    for process in made:
        process.kill()
        process.communicate()


def count(db: Database) -> int:
    (row,) = db.table("counts").all()
    return int(row["n"])


def test_nobody_is_passed_over(db: Database, busy: list[subprocess.Popen[str]]) -> None:
    passed_over = []
    for _ in range(15):
        before = count(db)
        with db.transaction():
            passed_over.append(count(db) - before)
    assert sorted(passed_over)[len(passed_over) // 2] <= 5 and max(passed_over) <= 25, passed_over


def test_who_dies_waiting_holds_nobody_up(db: Database, busy: list[subprocess.Popen[str]]) -> None:
    for process in busy:
        process.send_signal(signal.SIGKILL)
        process.wait()
        before = count(db)
        db.table("counts").update({"n": before + 1})
        assert count(db) >= before + 1
