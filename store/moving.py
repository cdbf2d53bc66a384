"""A whole database brought to another one, of whatever engine: all tables, documents and ids.

It may stop anywhere and be started again: a range of ids that is the same on both sides is left alone. Until all is there, a mark
stands in the target, which says from where it is being filled; nobody should work in it until then.
"""

import hashlib
from collections.abc import Callable, Iterator, Sequence

import orjson

from store.condition import Condition
from store.document import Row
from store.engine import Engine
from store.errors import Occupied, StoreError
from store.path import Window
from store.transactions import Transactions

MARK = "moving"  # the table that stands in a target which is not complete
BATCH = 1000  # documents in one transaction
Told = Callable[[int, int], object]
Side = tuple[Engine, Transactions]


def move(source: Side, target: Side, origin: str, tell: Told) -> int:
    """Fill the target; how many documents it holds then. tell(documents done, of all), as it goes.

    origin: what the source is called, without a password. Nobody writes into the source meanwhile.
    Occupied: the target holds something else. StoreError: the two are not the same at the end; do it again.
    """
    with source[1].transaction():
        if MARK in source[0].tables():
            raise Occupied("the source is itself being filled from another database, and not complete")
        names = sorted(source[0].tables())
        _begin(target, origin)
        _drop(target, target[0].tables() - {*names, MARK})
        ids = {name: _ids(source[0], name) for name in names}
        total, done = sum(map(len, ids.values())), 0
        for name in names:
            last = source[0].last_id(name)
            for rows in _batches(source[0], name, ids[name]):
                _bring(target, name, rows)
                done += len(rows)
                tell(done, total)
            _finish(target, name, ids[name], last)
        with target[1].transaction():
            wrong = [name for name in names if _digest(source[0], name) != _digest(target[0], name)]
        if wrong:
            raise StoreError(f"these tables did not arrive as they are: {', '.join(wrong)}; do it again")
        _drop(target, {MARK})
    return total


def _begin(target: Side, origin: str) -> None:
    """Set the mark, unless it is there."""
    engine, transactions = target
    mark = orjson.dumps({"from": origin}).decode()
    with transactions.transaction():
        there = engine.tables()
        if MARK in there:
            if engine.fetch(MARK, [1]) != [(1, mark)]:
                raise Occupied("the target is being filled from another database")
        elif there:
            raise Occupied("the target is not empty")
        else:
            transactions.touch(MARK)
            engine.put(MARK, [(1, mark)])


def _batches(engine: Engine, name: str, ids: Sequence[int]) -> Iterator[list[Row]]:
    return (engine.fetch(name, ids[at : at + BATCH]) for at in range(0, len(ids), BATCH))


def _bring(target: Side, name: str, rows: list[Row]) -> None:
    engine, transactions = target
    with transactions.transaction():
        if engine.fetch(name, [doc_id for doc_id, _ in rows]) != rows:
            transactions.touch(name)
            engine.put(name, rows)


def _finish(target: Side, name: str, ids: Sequence[int], last: int) -> None:
    """What an earlier try brought and is gone from the source goes; the next id is the source's."""
    engine, transactions = target
    with transactions.transaction():
        transactions.touch(name)
        engine.advance(name, last)
        if gone := sorted(set(_ids(engine, name)) - set(ids)):
            engine.delete(name, gone)


def _drop(target: Side, names: set[str]) -> None:
    engine, transactions = target
    with transactions.transaction():
        for name in names:
            transactions.touch(name)
            engine.drop(name)


def _ids(engine: Engine, name: str) -> list[int]:
    return [doc_id for (doc_id,) in engine.select(name, ["doc_id"], Condition(), Window())]


def _digest(engine: Engine, name: str) -> tuple[int, int, str]:
    """How many documents, the last id, and a checksum over all ids and texts in their order."""
    ids, digest = _ids(engine, name), hashlib.sha256()
    for rows in _batches(engine, name, ids):
        for doc_id, text in rows:
            digest.update(f"{doc_id} {len(text)} {text}".encode())
    return len(ids), engine.last_id(name), digest.hexdigest()
