"""A database brought to another engine and back: everything arrives, in as many tries as it takes."""

import random
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from tinydb.table import Document

from postgres import PostgresServer
from store import Database, Occupied, StoreError, open_database

KINDS = [("sqlite", "postgres"), ("postgres", "sqlite"), ("memory", "postgres"), ("sqlite", "sqlite")]
ORIGIN = "here"


class Torn(Exception):
    """Stops a move in the middle."""


@pytest.fixture(params=KINDS, ids=" to ".join)
def sides(request: pytest.FixtureRequest, tmp_path: Path, postgres: PostgresServer) -> Iterator[tuple[Database, Database]]:
    def address(kind: str, number: int) -> str:
        return {"memory": "memory://", "sqlite": f"sqlite:///{tmp_path / str(number)}", "postgres": ""}[kind] or postgres.url()

    promoted = {"elements": ["process", ("process", "n")]}
    opened = [open_database(address(kind, number), promoted=promoted) for number, kind in enumerate(request.param)]
    yield opened[0], opened[1]
    for db in opened:
        db.close()


def fill(db: Database, count: int = 5000) -> None:
    texts = ["", "Анна", "a\\u0000b", "😀", '"', "я" * 300]
    db.table("elements").insert_multiple(
        {"process": n % 7, "n": n / 3, "t": texts[n % 6], "l": [n, None, {"x": True}]} for n in range(count)
    )
    db.table("Elements").insert(Document({"big": 2**63 - 1, "f": 1e300}, 10**12))
    db.table("empty").insert_multiple([{}, {}])
    db.table("empty").truncate()


def everything(db: Database) -> dict[str, Any]:
    return {name: [(row.doc_id, repr(dict(row))) for row in db.table(name)] for name in sorted(db.tables())}


def test_all_arrives(sides: tuple[Database, Database]) -> None:
    source, target = sides
    fill(source)
    told: list[tuple[int, int]] = []
    assert source.move_to(target, ORIGIN, lambda done, total: told.append((done, total))) == 5001
    assert told[-1] == (5001, 5001)
    assert everything(target) == everything(source)
    assert not target.incomplete
    assert target.check() == []
    assert target.table("empty").insert({}) == 3
    assert target.table("elements").insert({}) == 5001


def test_ids_that_were_given_and_taken_back_are_not_given_again(sides: tuple[Database, Database]) -> None:
    source, target = sides
    fill(source, 3)
    source.table("elements").remove(doc_ids=[3])
    source.table("Elements").insert({})
    source.table("Elements").remove(doc_ids=[10**12 + 1])
    source.move_to(target, ORIGIN)
    assert target.table("elements").insert({}) == 4
    assert target.table("Elements").insert({}) == 10**12 + 2


def test_what_was_torn_is_resumed(sides: tuple[Database, Database]) -> None:
    source, target = sides
    fill(source)
    chance = random.Random(7)
    for _ in range(10):
        left = chance.randrange(6)

        def tear(done: int, total: int) -> None:
            nonlocal left
            left -= 1
            if left < 0:
                raise Torn

        try:
            source.move_to(target, ORIGIN, tear)
        except Torn:
            assert target.incomplete
            # people have gone on working in the source
            source.table("elements").update({"n": "changed"}, doc_ids=[chance.randrange(1, 5001)])
            source.table("elements").remove(doc_ids=[chance.randrange(1, 5001)])
            source.table("elements").insert({"late": True})
    source.drop_table("empty")
    if target.incomplete:
        source.move_to(target, ORIGIN)
    assert everything(target)["elements"] == everything(source)["elements"]
    assert not target.incomplete


def test_a_target_that_holds_something_is_refused(sides: tuple[Database, Database]) -> None:
    source, target = sides
    fill(source, 3)
    target.table("t").insert({"precious": True})
    with pytest.raises(Occupied, match="not empty"):
        source.move_to(target, ORIGIN)
    assert everything(target) == {"t": [(1, "{'precious': True}")]}
    target.drop_tables()

    def tear(done: int, total: int) -> None:
        raise Torn

    with pytest.raises(Torn):
        source.move_to(target, ORIGIN, tear)
    with pytest.raises(Occupied, match="another database"):
        source.move_to(target, "elsewhere")
    source.move_to(target, ORIGIN)
    with pytest.raises(StoreError, match="not empty"):
        source.move_to(target, ORIGIN)
