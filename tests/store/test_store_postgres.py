"""What only a server does: it refuses, goes away and comes back, tells of commits, and is shared by instances."""

import os
import re
import shutil
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path
from typing import Any
from urllib.parse import quote

import psycopg
import pytest
from tinydb import where

from disks import small_disk
from locales import Language
from postgres import PostgresServer
from running import free_port
from store import Damaged, Database, Forbidden, StoreError, open_database
from store.compile import compile_all
from store.condition import understand
from store.postgres.connections import ALIVE, Address, pool
from store.postgres.keys import key
from store.postgres.schema import LOCK, columns
from store.postgres.sites import document
from wiring import refusal, shown

PROMOTED = {"elements": ["process", "stage", ("process", "stage"), "n.deep"]}
ROOT = Path(__file__).parents[2]
ROUNDS = 20 if os.environ.get("VORONKA_TORTURE") == "1" else 3


@pytest.fixture
def server() -> Iterator[PostgresServer]:
    """One that the test may kill."""
    found = PostgresServer()
    yield found
    found.start()
    found.stop()


@pytest.fixture
def pg(postgres_url: str) -> Iterator[Database]:
    db = open_database(postgres_url, promoted=PROMOTED)
    yield db
    db.close()


def ask(url: str, sql: str) -> list[Any]:
    with psycopg.connect(url, autocommit=True) as db:
        cursor = db.execute(sql)
        return cursor.fetchall() if cursor.description else []


def refused(url: str) -> str:
    with pytest.raises(StoreError) as caught:
        open_database(url)
    assert "secret" not in str(caught.value) + repr(caught.value.__context__)
    assert "\n" not in str(caught.value)
    return str(caught.value)


def test_addresses_that_lead_nowhere(postgres: PostgresServer) -> None:
    host = postgres.bare().partition("host=")[2]
    assert "cannot be reached" in refused("postgresql://anna:secret@127.0.0.1:9199/voronka")
    assert "does not exist" in refused(f"postgresql://postgres:secret@/nothing?host={host}")
    assert "cannot be reached" in refused(f"postgresql://anna:secret@/postgres?host={host}")
    assert "%40" in refused("postgresql://anna:sec#secret@local@host/x?y")
    assert "schema" in refused(postgres.url().rpartition("%3D")[0] + "%3Dnone")


@pytest.mark.parametrize(
    "address",
    [
        "anna:top@secret@127.0.0.1:9/x", "anna:secret@top@127.0.0.1:9/x", "anna:top/secret@127.0.0.1:9/x", "anna:secret",
        "anna:secret/top@127.0.0.1:9/x", "anna:top?secret@127.0.0.1:9/x", "anna:top%secret@127.0.0.1:9/x",
        "anna:secret@127.0.0.1:9/x?password=top@secret",
        "127.0.0.1:9/x?user=anna&password=topsecret", "anna:s%65cret@127.0.0.1:9/x",
    ],
)  # fmt: skip
def test_no_part_of_a_password_is_ever_told(address: str) -> None:
    """However it is written: a bare @, / or ? in it makes the rest look like a host, a port or a database."""
    with pytest.raises(StoreError) as caught:
        open_database(f"postgresql://{address}")
    for text in (str(caught.value), repr(caught.value.__context__), shown(f"postgresql://{address}")):
        assert not re.search("top|secret|s%65cret", text), text


def test_a_user_who_may_not(postgres: PostgresServer, postgres_url: str) -> None:
    schema = postgres_url.rpartition("%3D")[2]
    ask(postgres.bare(), f"CREATE ROLE guest_{schema} LOGIN; GRANT USAGE ON SCHEMA {schema} TO guest_{schema}")
    message = refused(postgres_url.replace("postgres:@", f"guest_{schema}:secret@"))
    assert "may not" in message
    assert "permission denied" in message


def test_the_advice_to_a_user_without_ownership_helps(postgres: PostgresServer, postgres_url: str) -> None:
    """What the message says to run is run as it stands, and then it works."""
    schema, promoted = postgres_url.rpartition("%3D")[2], {"elements": ["stage"]}
    with closing(open_database(postgres_url)) as owner:
        owner.table("elements").insert({"stage": "new"})
    ask(postgres.bare(), f"CREATE ROLE heir_{schema} LOGIN; GRANT USAGE ON SCHEMA {schema} TO heir_{schema}")
    theirs = postgres_url.replace("postgres:@", f"heir_{schema}:secret@")
    with pytest.raises(Forbidden) as caught:
        open_database(theirs, promoted=promoted)
    told = re.search(r"(GRANT .*?); (SELECT .*?) \\gexec", Language("en").explain(refusal(caught.value, theirs)))
    assert told
    ask(postgres.bare(), told[1])
    for (statement,) in ask(postgres.bare(), told[2]):
        ask(postgres.bare(), statement)
    with closing(open_database(theirs, promoted=promoted)) as heir:
        heir.table("more").insert({})
        assert heir.table("elements").all() == [{"stage": "new"}]


def test_a_database_of_something_else(postgres_url: str) -> None:
    ask(postgres_url, "CREATE TABLE their (x int)")
    with pytest.raises(Damaged, match="something else"):
        open_database(postgres_url)
    assert ask(postgres_url, "SELECT tablename FROM pg_tables WHERE schemaname = current_schema()") == [("their",)]


def test_an_indexed_condition_uses_the_index(pg: Database, postgres_url: str) -> None:
    pg.table("elements").insert_multiple({"process": n % 50, "stage": str(n), "n": {"deep": n}} for n in range(5000))
    ask(postgres_url, "ANALYZE")
    root = document(columns("elements", PROMOTED))
    for cond in (
        (where("process") == 1) & (where("stage") == "51"),
        (where("stage") > "998") & where("x").exists(),
        where("stage").one_of(["1", "2"]),
        where("n").deep == 4,
    ):
        clause = compile_all(understand(cond).shapes, root)
        with psycopg.connect(postgres_url) as db:
            steps = db.execute(f"EXPLAIN SELECT doc FROM t1_elements WHERE {clause.sql}", clause.bound).fetchall()
        assert "Index" in " ".join(step for (step,) in steps)
        assert pg.table("elements").count(cond) == sum(map(cond, pg.table("elements").all()))


def test_who_promotes_less_or_more_works_in_the_same_tables(postgres_url: str) -> None:
    plain = open_database(postgres_url)
    rich = open_database(postgres_url, promoted=PROMOTED)
    plain.table("elements").insert({"process": 1})
    third = open_database(postgres_url, promoted=PROMOTED)
    for db in (plain, rich, third):
        db.table("elements").insert({"process": 2})
        assert db.table("elements").count(where("process") == 1) == 1
        assert db.table("elements").search(sort=[("process", True)], limit=1)[0]["process"] == 2
        db.close()


@pytest.mark.parametrize(
    "values",
    [
        [-(2**63), -1e10, -99.95, -2, -1.5, -1, -1e-7, -5e-324, 0, 5e-324, 1e-7, 0.1, 0.30000000000000004, 1, 1.5, 2, 10, 99.95,
         2**53 - 1, 2**53, 2**53 + 1, 2**60, 2**60 + 1, 2**63 - 1, 1e22, 1e300],
        ["", "A", "a", "aa", "b", "я", "😀"],
    ],
)  # fmt: skip
def test_keys_have_the_order_of_values(values: list[Any]) -> None:
    keys = [key(value) for value in values]
    assert keys == sorted(set(keys))
    assert key(True) == key(1) == key(1.0)
    assert key(-0.0) == key(0) == key(False)
    assert key(2.0**60) == key(2**60)


def test_a_row_that_somebody_changed_is_told(pg: Database, postgres_url: str) -> None:
    pg.table("elements").insert_multiple([{"a": 1}, {"a": 2}, {"a": 3}])
    assert pg.check() == []
    ask(postgres_url, "UPDATE t1_elements SET body = '{}' WHERE id = 2; UPDATE t1_elements SET doc = '[1]' WHERE id = 3")
    assert [problem.partition(" ")[0] for problem in pg.check()] == ["elements/2", "elements/3"]
    with pytest.raises(Damaged, match="elements/3"):
        pg.table("elements").get(doc_id=3)


def script(text: str, url: str) -> "subprocess.Popen[str]":
    head = f"from store import open_database\ndb = open_database({url!r})\nt = db.table('t')\n"
    return subprocess.Popen([sys.executable, "-c", head + text], stdout=subprocess.PIPE, text=True, cwd=ROOT)


def test_processes_count_together(pg: Database, postgres_url: str) -> None:
    pg.table("t").insert({"n": 0})
    work = """
for _ in range(100):
    with db.transaction():
        t.update({"n": t.get(doc_id=1)["n"] + 1}, doc_ids=[1])
"""
    processes = [script(work, postgres_url) for _ in range(3)]
    assert [process.communicate(timeout=60) and process.returncode for process in processes] == [0, 0, 0]
    assert pg.table("t").get(doc_id=1) == {"n": 300}


def test_readers_do_not_wait_for_a_writer(pg: Database, postgres_url: str) -> None:
    pg.table("t").insert_multiple([{"n": 1}, {"n": 2}])
    other = open_database(postgres_url)
    with pg.transaction():
        pg.table("t").truncate()
        pg.table("t").insert({"n": 3})
        pg.drop_table("t")
        pg.table("new").insert({})
        assert other.table("t").all() == [{"n": 1}, {"n": 2}]
        assert other.table("new").all() == []
        assert other.tables() == {"t"}
    assert other.tables() == {"new"}
    other.close()


def test_news_of_other_instances(pg: Database, postgres_url: str) -> None:
    other = open_database(postgres_url)
    heard = threading.Event()
    stop = pg.on_news(heard.set)
    assert heard.wait(10)  # it listens from here on
    heard.clear()
    pg.table("t").insert({})
    with other.transaction():
        other.table("t").all()
    assert not heard.wait(0.3)
    revision = pg.revision()
    other.table("t").insert({})
    assert heard.wait(10)
    assert pg.revision() > revision
    stop()
    other.close()


def test_a_connection_that_is_ended_before_a_write_began_is_no_trouble(pg: Database, postgres_url: str) -> None:
    """What the server says at its end may be read before the end itself is seen."""
    mine = "objid = (hashtext(current_schema())::bigint & 4294967295)::oid"  # others use the server, too
    waiting = f"FROM pg_locks WHERE locktype = 'advisory' AND NOT granted AND {mine}"
    with psycopg.connect(postgres_url) as holder:
        holder.execute(LOCK)
        writer = threading.Thread(target=pg.table("t").insert, args=({"n": 1},))
        writer.start()
        while not ask(postgres_url, f"SELECT 1 {waiting}"):
            time.sleep(0.01)
        ask(postgres_url, f"SELECT pg_terminate_backend(pid) {waiting}")
        while not ask(postgres_url, f"SELECT 1 {waiting}"):  # on another connection
            time.sleep(0.01)
    writer.join(10)
    assert pg.table("t").all() == [{"n": 1}]


def test_a_lost_connection_is_opened_again(pg: Database, postgres_url: str) -> None:
    table = pg.table("t")
    table.insert({"n": 1})
    end = "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE pid <> pg_backend_pid()"
    end += " AND application_name = current_schema()"  # others use the server, too
    for attempt in range(3):
        ask(postgres_url, end)
        assert table.get(doc_id=1) == {"n": 1}
        assert table.insert({"n": 2}) == attempt + 2
    with pytest.raises(StoreError, match="lost"), pg.transaction():
        table.insert({"n": 3})
        ask(postgres_url, end)
        table.all()
    assert len(table) == 4
    with pytest.raises(StoreError, match="lost"), pg.transaction():
        table.insert({"n": 3})
        ask(postgres_url, end)  # before the server has been told anything: this was not written, and nobody says it may have been
    assert len(table) == 4
    with pytest.raises(StoreError, match="not known"), pg.transaction():
        table.insert({"n": 3})
        assert len(table) == 5
        ask(postgres_url, end)
    table.insert({"n": 5})
    assert [row["n"] for row in table][-1] == 5


def test_a_machine_that_vanishes_is_missed_within_a_minute(server: PostgresServer) -> None:
    """Nobody here can make one vanish; so what both sides are told to send is looked at, where it is really sent."""
    with server.listening(free_port()) as url:
        address = Address(url)
        with address.connect() as writes, pool(address) as readers, readers.connection() as reads:
            for db in (writes, reads):
                assert [db.execute(f"SHOW tcp_{name}").fetchone() for name in ALIVE] == [("30",), ("10",), ("3",)]
                told = db.info.get_parameters()
                assert {name: int(told[name]) for name in ALIVE} == ALIVE
        with Address(f"{url}?keepalives_idle=7").connect() as other:
            assert other.info.get_parameters()["keepalives_idle"] == "7", "who knows better is heard"
            assert other.execute("SHOW tcp_keepalives_idle").fetchone() == ("7",), "on both sides"


def test_a_server_whose_log_has_no_room_loses_nothing_and_is_waited_for() -> None:
    """It goes down. Where nobody may mount a small disk, it is killed."""
    with small_disk(96) as disk, tempfile.TemporaryDirectory() as elsewhere:
        server = PostgresServer(place=disk)
        Path(elsewhere).chmod(0o755)
        (Path(elsewhere) / "rows").mkdir()
        db = open_database(server.url() + quote(f" -cdefault_tablespace={server.space(Path(elsewhere) / 'rows')}"))
        table, acknowledged = db.table("t"), 0
        if disk:
            (disk / "ballast").write_bytes(b"x" * (shutil.disk_usage(disk).free - 8_000_000))
        with pytest.raises(StoreError) as caught:
            while acknowledged < 400:
                table.insert({"text": os.urandom(50_000).hex()})
                acknowledged += 1
                if not disk and acknowledged == 20:
                    server.kill()
        assert re.search("the connection was lost|is not known|cannot be reached", str(caught.value))
        if disk:
            (disk / "ballast").unlink()
        server.start()
        table.insert({"text": "again"})
        kept = [row["text"] for row in table]
        assert [len(text) for text in kept[:acknowledged]] == [100_000] * acknowledged
        assert kept[-1] == "again"
        assert acknowledged > 10
        assert db.check() == []
        db.close()
        server.stop()


def test_what_was_acknowledged_survives_a_kill_of_the_server(server: PostgresServer) -> None:
    db = open_database(server.url())
    table = db.table("t")
    acknowledged: list[int] = []
    stop = threading.Event()

    def write() -> None:
        while not stop.is_set():
            try:
                with db.transaction():
                    number = table.insert({"half": 1})
                    table.update({"whole": 1}, doc_ids=[number])
                acknowledged.append(number)
            except StoreError:
                time.sleep(0.05)

    threads = [threading.Thread(target=write) for _ in range(2)]
    for thread in threads:
        thread.start()
    try:
        for round_ in range(ROUNDS):
            before = len(acknowledged)
            end = time.monotonic() + 30
            while len(acknowledged) < before + 20 + round_ * 7 and time.monotonic() < end:
                time.sleep(0.005)
            assert len(acknowledged) > before
            server.kill()
            server.start()
    finally:
        stop.set()
        for thread in threads:
            thread.join(60)
    assert len(set(acknowledged)) == len(acknowledged)
    rows = {row.doc_id: dict(row) for row in table}
    assert set(acknowledged) <= set(rows)
    assert all(row == {"half": 1, "whole": 1} for row in rows.values())
    assert db.check() == []
    db.close()
