"""What a transaction has read and written, kept until the engine has to know: rows are read once and written together."""

import math
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import pairwise
from pathlib import Path
from threading import get_ident
from typing import Any

from store.condition import Condition
from store.document import Row
from store.engine import Engine
from store.errors import StoreError
from store.path import Window
from store.patience import Holder
from store.scan import Group

MANY = 500
"""Rows that are written, or kept as read, at a time: more go straight through."""
KEPT = 5000
"""Rows of a table that are kept."""


@dataclass(slots=True)
class Layer:
    """What one level of the transaction has written and the engine does not know yet, and the last ids it has given."""

    level: int = 0
    saved: bool = False
    """Whether the engine has a savepoint below what this level writes."""
    failed: bool = False
    """Whether something of it could not be written: it must not be kept."""
    rows: dict[str, dict[int, str]] = field(default_factory=dict)
    last: dict[str, int] = field(default_factory=dict)


class Buffer:
    """An engine in front of another one. Its answers are those of the other; there are only fewer questions.

    A question that goes by the contents of documents makes what was written known first. Levels that are undone before that
    leave no trace in the engine. Threads outside of the transaction see what the engine shows them.
    """

    def __init__(self, engine: Engine, early: int = KEPT) -> None:
        """early: the rows that are not kept back until the transaction ends."""
        self._engine, self._early = engine, early
        self._owner: int | None = None
        self._revision: int | None = None
        self._layers: list[Layer] = []
        self._read: dict[str, dict[int, str]] = {}
        """Rows as the engine has them."""

    def begin(self, until: float = math.inf) -> None:
        """See Engine."""
        self._engine.begin(until)
        self._layers, self._owner, self._revision = [Layer()], get_ident(), None

    def writer(self) -> Holder:
        """See Engine."""
        return self._engine.writer()

    def commit(self) -> None:
        """See Engine."""
        self._write(self._top)
        self._engine.commit()
        self._leave()

    def rollback(self) -> None:
        """See Engine."""
        self._leave()
        self._engine.rollback()

    def savepoint(self, level: int) -> None:
        """See Engine. The other one gets it when something is written to it."""
        self._layers.append(Layer(level))

    def release(self, level: int) -> None:
        """See Engine."""
        newer = self._layers.pop()
        if newer.saved:
            self._engine.release(level)
        below = self._top
        below.failed = below.failed or newer.failed
        for table, rows in newer.rows.items():
            if table in below.rows:
                below.rows[table].update(rows)
            else:
                below.rows[table] = rows
        below.last.update(newer.last)
        if len(self._layers) == 1 and sum(map(len, below.rows.values())) >= self._early:
            self._write(below)

    def back_to(self, level: int) -> None:
        """See Engine."""
        undone = self._layers.pop()
        if undone.saved:
            self._read.clear()
            self._engine.back_to(level)

    def tables(self) -> set[str]:
        """See Engine."""
        if self._mine:
            self._show(*{name for layer in self._layers for name in layer.rows})
        return self._engine.tables()

    def last_id(self, table: str) -> int:
        """See Engine."""
        if not self._mine:
            return self._engine.last_id(table)
        for layer in reversed(self._layers):
            if table in layer.last:
                return layer.last[table]
        return self._top.last.setdefault(table, self._engine.last_id(table))

    def advance(self, table: str, last: int) -> None:
        """See Engine."""
        self._settle(table)
        self._engine.advance(table, last)
        self._forget(table)

    def put(self, table: str, rows: Iterable[Row]) -> None:
        """See Engine."""
        fresh = dict(rows)
        if 0 < len(fresh) <= MANY:
            newest = max(fresh)
            if self._known(table, newest) is None and newest > self.last_id(table):
                self._top.last[table] = newest
            self._keep(table, fresh)
        else:  # also none at all, which makes the table
            self._settle(table)
            self._engine.put(table, fresh.items())
            self._forget(table)

    def delete(self, table: str, ids: Sequence[int]) -> None:
        """See Engine."""
        self._settle(table)
        self._engine.delete(table, ids)
        for doc_id in ids:
            self._read.get(table, {}).pop(doc_id, None)

    def clear(self, table: str) -> None:
        """See Engine."""
        self._settle(table)
        self._engine.clear(table)
        self._forget(table)

    def drop(self, table: str) -> None:
        """See Engine."""
        self._settle(table)
        self._engine.drop(table)
        self._forget(table)

    def fetch(self, table: str, ids: Sequence[int]) -> list[Row]:
        """See Engine."""
        if self._owner != get_ident():
            return self._engine.fetch(table, ids)
        if len(ids) == 1 and (text := self._known(table, ids[0])) is not None:
            return [(ids[0], text)]
        found = {doc_id: text for doc_id in ids if (text := self._known(table, doc_id)) is not None}
        missing = [doc_id for doc_id in ids if doc_id not in found]
        if missing:
            found.update(self._remember(table, self._engine.fetch(table, missing)))
        return sorted(found.items())

    def find(self, table: str, condition: Condition, window: Window) -> list[Row]:
        """See Engine."""
        self._show(table)
        rows = self._engine.find(table, condition, window)
        return self._remember(table, rows) if self._mine else rows

    def select(self, table: str, paths: Sequence[str], condition: Condition, window: Window) -> list[tuple[Any, ...]]:
        """See Engine."""
        self._show(table)
        return self._engine.select(table, paths, condition, window)

    def count(self, table: str, condition: Condition) -> int:
        """See Engine."""
        self._show(table)
        return self._engine.count(table, condition)

    def group(self, table: str, by: Sequence[str], condition: Condition, sums: Sequence[str]) -> list[Group]:
        """See Engine."""
        self._show(table)
        return self._engine.group(table, by, condition, sums)

    def revision(self) -> int:
        """See Engine. Asked for once in a transaction: nobody else commits meanwhile."""
        if self._owner != get_ident():
            return self._engine.revision()
        if self._revision is None:
            self._revision = self._engine.revision()
        return self._revision

    def on_news(self, watcher: Callable[[], object]) -> Callable[[], None]:
        """See Engine."""
        return self._engine.on_news(watcher)

    def backup(self, path: Path) -> None:
        """See Engine."""
        self._engine.backup(path)

    def check(self) -> list[str]:
        """See Engine."""
        return self._engine.check()

    def close(self) -> None:
        """See Engine."""
        self._engine.close()

    @property
    def _mine(self) -> bool:
        return self._owner == get_ident()

    @property
    def _top(self) -> Layer:
        return self._layers[-1]

    def _leave(self) -> None:
        self._owner = None
        self._layers, self._read = [], {}

    def _forget(self, table: str) -> None:
        """From here on the engine alone knows the rows and the last id of the table, all of which it has been told."""
        self._read.pop(table, None)
        for layer in self._layers:
            layer.last.pop(table, None)

    def _known(self, table: str, doc_id: int) -> str | None:
        for layer in reversed(self._layers):
            if (rows := layer.rows.get(table)) is not None and doc_id in rows:
                return rows[doc_id]
        rows = self._read.get(table)
        return None if rows is None else rows.get(doc_id)

    def _remember(self, table: str, rows: list[Row]) -> list[Row]:
        """Keep what was read, unless it is a lot."""
        if len(rows) <= MANY:
            self._kept(table).update(rows)
        return rows

    def _kept(self, table: str) -> dict[int, str]:
        """Where rows of a table are kept as the engine has them. When there are too many, all are forgotten."""
        kept = self._read.setdefault(table, {})
        if len(kept) > KEPT:
            kept.clear()
        return kept

    def _keep(self, table: str, rows: Mapping[int, str]) -> None:
        """Let rows be written later, but not too many of them."""
        self._check()
        kept = self._top.rows.setdefault(table, {})
        kept.update(rows)
        if len(kept) > KEPT:
            self._settle(table)

    def _show(self, *tables: str) -> None:
        """Make what this thread has written into the tables known to the engine."""
        if self._mine:
            self._check()
            if any(table in layer.rows for layer in self._layers for table in tables):
                self._settle(*tables)

    def _settle(self, *tables: str) -> None:
        """Write what is kept of the tables, and before it all that lower levels have written, with the savepoints between."""
        self._check()
        for below, above in pairwise(self._layers):
            self._write(below)
            if not above.saved:
                self._engine.savepoint(above.level)
                above.saved = True
        self._write(self._top, tables)

    def _write(self, layer: Layer, tables: Iterable[str] | None = None) -> None:
        """Write a level's rows of some tables, or of all. When that fails, the level and those above it can only be undone:
        somebody believes the rows to be written.
        """
        self._check()
        for table in dict.fromkeys(list(layer.rows) if tables is None else tables):
            if rows := layer.rows.get(table):
                layer.failed = True
                self._engine.put(table, rows.items())
                layer.failed = False
                self._kept(table).update(layer.rows.pop(table))

    def _check(self) -> None:
        for layer in self._layers:
            if layer.failed:
                raise StoreError("the transaction is gone: an earlier error has rolled it back")
