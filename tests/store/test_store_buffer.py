"""What a transaction keeps back until the engine has to know it."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from typing import Any

import pytest

from store import Database, StoreError
from store.buffer import KEPT, MANY


@contextmanager
def _no_room(db: Database) -> Iterator[None]:
    """SQLite may use a few pages more than it has, and no more."""
    writer: Any = vars(db._engine._engine)["_writer"]
    (pages,) = writer.execute("PRAGMA page_count").fetchone()
    (usual,) = writer.execute("PRAGMA max_page_count").fetchone()
    writer.execute(f"PRAGMA max_page_count = {pages + 4}")
    yield
    writer.execute(f"PRAGMA max_page_count = {usual}")


def _too_much(db: Database) -> None:
    """Write more than there is room for, and make the engine know it."""
    db.table("u").insert({"text": "x" * 200_000})
    db.table("u").all()


@pytest.fixture
def tight(file_db: Database) -> Iterator[Database]:
    for name in ("t", "u"):
        file_db.table(name).insert({"n": 0})
    with _no_room(file_db):
        yield file_db


def test_who_overlooks_that_a_write_failed_commits_nothing(tight: Database) -> None:
    with pytest.raises(StoreError, match="rolled it back"), tight.transaction():
        tight.table("t").insert({"n": 1})
        with tight.transaction(), suppress(StoreError):
            _too_much(tight)
    assert [row["n"] for row in tight.table("t")] == [0]


def test_what_a_lower_level_wrote_fails_it_also_when_a_higher_one_asks(tight: Database) -> None:
    with pytest.raises(StoreError, match="rolled it back"), tight.transaction():
        tight.table("u").insert({"text": "x" * 200_000})
        with suppress(StoreError), tight.transaction():
            tight.table("u").all()
    assert len(tight.table("u")) == 1
    tight.table("t").insert({"n": 1})
    assert len(tight.table("t")) == 2


def test_too_much_for_the_disk_is_told_at_the_commit(tight: Database) -> None:
    with pytest.raises(StoreError, match="full"), tight.transaction():
        tight.table("u").insert({"text": "x" * 200_000})
    assert len(tight.table("u")) == 1


def test_others_see_nothing_of_it_before_the_commit(db: Database) -> None:
    table = db.table("elements")
    table.insert({"n": 1})
    seen: list[object] = []

    def look() -> None:
        seen.append((table.get(doc_id=1), table.get(doc_id=2), len(table), db.tables()))

    with db.transaction():
        table.update({"n": 2}, doc_ids=[1])
        table.insert({"n": 3})
        db.table("other").insert({})
        other = threading.Thread(target=look)
        other.start()
        other.join()
        assert (table.get(doc_id=1), table.get(doc_id=2)) == ({"n": 2}, {"n": 3})
    assert seen == [({"n": 1}, None, 1, {"elements"})]


def test_what_is_not_kept_back_until_the_end_is_undone_with_the_rest(db: Database) -> None:
    """PostgreSQL is sent what there is now and then, while the transaction goes on; here every engine is, each time."""
    buffer: Any = vars(db._engine)
    buffer["_early"] = 1
    table = db.table("elements")
    table.insert({"n": 0})
    for error in (ValueError, None):
        with suppress(ValueError), db.transaction():
            for number in range(1, 4):
                with db.transaction():
                    table.update({"n": number}, doc_ids=[1])
                    table.insert({"n": number})
                assert not any(buffer["_layers"][0].rows.values()) and table.get(doc_id=1) == {"n": number}
            if error is not None:
                raise error
        assert [row["n"] for row in table] == ([0] if error else [3, 1, 2, 3])


def test_more_than_is_kept_is_found_all_the_same(db: Database) -> None:
    """One by one, at once, read before and changed after: whatever goes straight through, the answers are those of the store."""
    table = db.table("elements")
    count = KEPT + MANY
    with db.transaction():
        for number in range(count):
            table.insert({"n": number})
        table.look_ahead(range(1, count + 1))
        assert table.get(doc_id=1) == {"n": 0}
        table.update({"m": 1})
        assert table.get(doc_id=1) == {"n": 0, "m": 1} and table.get(doc_id=count) == {"n": count - 1, "m": 1}
        table.update({"m": 2}, doc_ids=[1])
        assert table.insert_multiple({"n": 0} for _ in range(MANY + 1))[-1] == count + MANY + 1
        assert table.insert({}) == count + MANY + 2
    assert len(table) == count + MANY + 2 and table.get(doc_id=1) == {"n": 0, "m": 2}
