"""Transactions, locks and those who watch, on every engine."""

import threading
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest
from tinydb import operations, where

from store import Conflict, Database, StoreError, Table


class Stop(Exception):
    """Raised by the tests only."""


def test_all_or_nothing(db: Database) -> None:
    one, two = db.table("one"), db.table("two")
    one.insert({"a": 1})
    with pytest.raises(Stop), db.transaction():
        one.update({"a": 2})
        two.insert({})
        assert one.all() == [{"a": 2}]
        raise Stop
    assert (one.all(), two.all(), db.tables()) == ([{"a": 1}], [], {"one"})


def test_nested_undoes_its_own_level(db: Database) -> None:
    table = db.table("t")
    with db.transaction():
        table.insert({"n": 1})
        with pytest.raises(Stop), db.transaction():
            table.truncate()
            table.insert({"n": 2})
            with db.transaction():
                db.drop_table("t")
            raise Stop
        with db.transaction():
            table.insert({"n": 3})
    assert table.all() == [{"n": 1}, {"n": 3}]


def test_in_transaction_is_of_this_thread(db: Database) -> None:
    def ask() -> tuple[bool, list[Any]]:
        return db.in_transaction, db.table("t").all()

    with ThreadPoolExecutor(1) as pool:
        assert not db.in_transaction
        with db.transaction():
            db.table("t").insert({})
            assert db.in_transaction
            assert pool.submit(ask).result(5) == (False, [])
        assert not db.in_transaction
        assert pool.submit(ask).result(5) == (False, [{}])


def test_threads_do_not_lose_updates(table: Table, db: Database) -> None:
    table.insert({"n": 0})

    def work() -> None:
        for _ in range(100):
            with db.transaction():
                table.update({"n": table.get(doc_id=1)["n"] + 1}, doc_ids=[1])

    threads = [threading.Thread(target=work) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(30)
    assert table.get(doc_id=1) == {"n": 800}


def test_readers_see_whole_commits(table: Table, db: Database) -> None:
    table.insert_multiple([{"n": 0}, {"n": 0}])
    done = threading.Event()

    def read() -> bool:
        while not done.is_set():
            first, second = table.select(["n"])
            if first != second:
                return False
        return True

    with ThreadPoolExecutor(2) as pool:
        answers = [pool.submit(read) for _ in range(2)]
        for _ in range(100):
            with db.transaction():
                table.update(operations.increment("n"), doc_ids=[1])
                table.update(operations.increment("n"), doc_ids=[2])
        done.set()
        assert all(answer.result(10) for answer in answers)


def test_conflict_writes_nothing(table: Table) -> None:
    table.insert_multiple([{"version": 1}, {"version": 2}, {}])
    assert table.update({"version": 2, "a": 1}, doc_ids=[1], expect=1) == [1]
    for attempt, found in (([1], 2), ([2, 1, 3], None)):
        with pytest.raises(Conflict) as caught:
            table.update({"b": 1}, doc_ids=attempt, expect=1 if found else 2)
        assert (caught.value.table, caught.value.doc_id) == ("elements", attempt[-1])
        assert caught.value.found == found
    with pytest.raises(Conflict, match="expected version 7, found 2"):
        table.replace(1, {}, expect=7)
    table.replace(2, {"version": 3}, expect=2)
    assert table.all() == [{"version": 2, "a": 1}, {"version": 3}, {}]


def test_watchers_hear_of_outermost_commits(db: Database) -> None:
    heard: list[frozenset[str]] = []
    detach = db.on_commit(heard.append)
    again = db.on_commit(heard.append)
    again()
    one, two = db.table("one"), db.table("two")
    one.insert({})
    with db.transaction():
        one.update({"a": 1})
        with pytest.raises(Stop), db.transaction():
            db.table("three").insert({})
            raise Stop
        with db.transaction():
            two.insert({})
        assert heard == [{"one"}]
    with pytest.raises(Stop), db.transaction():
        one.insert({})
        raise Stop
    with db.transaction():
        one.all()
    one.remove(where("a") == 9)
    db.drop_tables()
    detach()
    detach()
    one.insert({})
    assert heard == [{"one"}, {"one", "two"}, {"one", "two"}]


def test_a_watcher_may_write_and_may_fail(db: Database, caplog: pytest.LogCaptureFixture) -> None:
    def fail(changed: frozenset[str]) -> None:
        raise Stop

    def write(changed: frozenset[str]) -> None:
        assert not db.in_transaction
        if "log" not in changed:
            with ThreadPoolExecutor(1) as pool:
                pool.submit(db.table("log").insert, {"changed": sorted(changed)}).result(5)

    db.on_commit(fail)
    db.on_commit(write)
    assert db.table("t").insert({}) == 1
    assert db.table("log").all() == [{"changed": ["t"]}]
    assert "watcher" in caplog.text


def test_revision_grows_with_commits_only(db: Database) -> None:
    revision = db.revision()
    db.table("t").insert({})
    assert db.revision() > revision
    revision = db.revision()
    db.table("t").all()
    with pytest.raises(Stop), db.transaction():
        db.table("t").insert({})
        raise Stop
    assert db.revision() == revision


def test_closed_is_closed(db: Database) -> None:
    table = db.table("t")
    table.insert({})
    db.close()
    for attempt in (lambda: table.insert({}), table.all, db.revision, db.tables):
        with pytest.raises(StoreError, match="closed"):
            attempt()
    db.close()
