"""Files of every format that ever was open for ever; steps from one to the next happen wholly or not at all."""

import shutil
import sqlite3
import subprocess
import sys
from contextlib import closing
from pathlib import Path
from typing import Any

import psycopg
import pytest
from tinydb import where

import store.postgres.schema as postgres_schema
import store.schema as sqlite_schema
from postgres import PostgresServer
from store import Damaged, Database, Newer, StoreError, open_database

FIXTURES = Path(__file__).parent / "fixtures"
PROMOTED = {"elements": ["process", ("process", "stage")]}
ROOT = Path(__file__).parents[2]


@pytest.fixture(params=["sqlite", "postgres"])
def first(request: pytest.FixtureRequest, path: Path, postgres: PostgresServer) -> str:
    """The address of a database of the first format."""
    if request.param == "sqlite":
        shutil.copy(FIXTURES / "format-1.db", path)
        return f"sqlite:///{path}"
    url = postgres.url()
    schema = url.rpartition("%3D")[2]
    text = (FIXTURES / "format-1.sql").read_text().replace("CREATE SCHEMA voronka_1;", "").replace("voronka_1", schema)
    with psycopg.connect(postgres.bare(), autocommit=True) as db:
        db.execute(text.encode())
    return url


def told(address: str, key: str = "format") -> int:
    """What the table `meta` says."""
    if address.startswith("sqlite"):
        with closing(sqlite3.connect(address.removeprefix("sqlite:///"))) as db:
            return int(db.execute("SELECT value FROM meta WHERE key = ?", (key,)).fetchone()[0])
    with psycopg.connect(address) as server:
        row = server.execute("SELECT value FROM meta WHERE key = %s", (key,)).fetchone()
    assert row
    return int(row[0])


def see(db: Database) -> None:
    assert db.check() == []
    assert db.tables() == {"elements", "Elements", "empty"}
    elements = db.table("elements")
    assert len(elements) == 19
    assert elements.count((where("process") == 1) & (where("stage") == "s3")) == 1
    assert repr(elements.get(doc_id=2)["l"]) == repr([1, True, None, {"x": 1.0}])
    assert repr(dict(db.table("Elements").get(doc_id=77))) == repr({"big": 2**63 - 1, "tiny": 5e-324})
    assert (elements.insert({}), db.table("empty").insert({})) == (21, 2)


def test_the_first_format_opens(first: str) -> None:
    db = open_database(first, promoted=PROMOTED)
    see(db)
    db.close()


def later(monkeypatch: pytest.MonkeyPatch, *steps: Any) -> None:
    """A later version of this program, which has more steps."""
    monkeypatch.setattr(sqlite_schema, "STEPS", (*sqlite_schema.STEPS, *steps))
    monkeypatch.setattr(postgres_schema, "STEPS", (*postgres_schema.STEPS, *steps))


def note(key: str) -> Any:
    return lambda db: db.execute(f"INSERT INTO meta VALUES ('{key}', 7)")


def test_steps_are_taken_once_and_in_order(first: str, monkeypatch: pytest.MonkeyPatch) -> None:
    later(monkeypatch, note("second"), note("third"))
    for _ in range(2):
        open_database(first, promoted=PROMOTED).close()
    assert (told(first), told(first, "second"), told(first, "third")) == (3, 7, 7)
    db = open_database(first, promoted=PROMOTED)
    see(db)
    db.close()


def test_a_step_that_fails_leaves_the_format_before_it(first: str, monkeypatch: pytest.MonkeyPatch) -> None:
    with monkeypatch.context() as patched:
        later(patched, note("second"), lambda db: (note("third")(db), db.execute("SELECT 1 FROM nothing")))
        with pytest.raises(StoreError):
            open_database(first, promoted=PROMOTED)
    assert (told(first), told(first, "second")) == (2, 7)
    later(monkeypatch, note("second"), note("third"))
    open_database(first, promoted=PROMOTED).close()
    assert (told(first), told(first, "third")) == (3, 7)


def test_an_older_program_says_so(first: str, monkeypatch: pytest.MonkeyPatch) -> None:
    with monkeypatch.context() as patched:
        later(patched, note("second"))
        open_database(first).close()
    with pytest.raises(Newer, match=r"format 2.*knows 1.*update"):
        open_database(first)


def test_processes_take_a_step_together(first: str) -> None:
    work = f"""
import store.schema, store.postgres.schema
from store import open_database
step = lambda db: db.execute("INSERT INTO meta VALUES ('second', 7)")
for schema in (store.schema, store.postgres.schema):
    schema.STEPS = (*schema.STEPS, step)
open_database({first!r}).close()
"""
    processes = [subprocess.Popen([sys.executable, "-c", work], cwd=ROOT) for _ in range(3)]
    assert [process.wait(60) for process in processes] == [0, 0, 0]
    assert told(first) == 2


def test_a_database_without_its_format(first: str) -> None:
    if first.startswith("sqlite"):
        with closing(sqlite3.connect(first.removeprefix("sqlite:///"))) as db:
            db.execute("DELETE FROM meta")
            db.commit()
    else:
        with psycopg.connect(first) as server:
            server.execute("DELETE FROM meta")
    with pytest.raises(Damaged, match="which format"):
        open_database(first)
