"""Rows in memory: for tests, demonstrations and previews. Same answers as a file, gone with the process."""

import math
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from threading import Lock, get_ident
from typing import Any

from store import scan
from store.condition import Condition
from store.document import Row
from store.errors import StoreError
from store.path import Window
from store.patience import Holder


@dataclass
class Layer:
    """Changes on top of older layers: rows (None = removed), last ids, tables whose older rows are hidden."""

    rows: dict[str, dict[int, str | None]] = field(default_factory=dict)
    last: dict[str, int] = field(default_factory=dict)
    hidden: set[str] = field(default_factory=set)

    def absorb(self, newer: "Layer") -> None:
        """Take over what a newer layer changed."""
        for table in newer.hidden:
            self.rows.pop(table, None)
            self.last.pop(table, None)
        self.hidden |= newer.hidden
        for table, rows in newer.rows.items():
            self.rows.setdefault(table, {}).update(rows)
        self.last.update(newer.last)


class MemoryEngine:
    """The lowest layer is what was committed; a transaction and its savepoints lie on top of it."""

    def __init__(self) -> None:
        self._layers = [Layer()]
        self._owner: int | None = None
        self._revision = 0
        self._reading = Lock()  # the committed layer; never held during a transaction

    def begin(self, until: float = math.inf) -> None:
        """See Engine."""
        self._layers = [*self._visible(), Layer()]
        self._owner = get_ident()

    def writer(self) -> Holder:
        """See Engine. There are no others."""
        return Holder()

    def commit(self) -> None:
        """See Engine."""
        with self._reading:
            base, top = self._layers
            base.absorb(top)
            for table, rows in top.rows.items():
                for doc_id in [key for key, text in rows.items() if text is None]:
                    base.rows[table].pop(doc_id, None)
            self._revision += bool(top.rows or top.hidden)
        self.rollback()

    def rollback(self) -> None:
        """See Engine."""
        del self._layers[1:]
        self._owner = None

    def savepoint(self, level: int) -> None:
        """See Engine."""
        self._layers.append(Layer())

    def release(self, level: int) -> None:
        """See Engine."""
        newer = self._layers.pop()
        self._layers[-1].absorb(newer)

    def back_to(self, level: int) -> None:
        """See Engine."""
        self._layers.pop()

    def tables(self) -> set[str]:
        """See Engine."""
        names: set[str] = set()
        with self._reading:
            for layer in self._visible():
                names = (names - layer.hidden) | set(layer.rows)
        return names

    def last_id(self, table: str) -> int:
        """See Engine."""
        for layer in reversed(self._layers):
            if table in layer.last:
                return layer.last[table]
            if table in layer.hidden:
                return 0
        return 0

    def advance(self, table: str, last: int) -> None:
        """See Engine."""
        known = self.last_id(table)
        self._layers[-1].rows.setdefault(table, {})
        self._layers[-1].last[table] = max(known, last)

    def put(self, table: str, rows: Iterable[Row]) -> None:
        """See Engine."""
        fresh = dict(rows)
        self.advance(table, max(fresh, default=0))
        self._layers[-1].rows[table].update(fresh)

    def delete(self, table: str, ids: Sequence[int]) -> None:
        """See Engine."""
        self._layers[-1].rows.setdefault(table, {}).update(dict.fromkeys(ids))

    def clear(self, table: str) -> None:
        """See Engine."""
        last = self.last_id(table)
        self.drop(table)
        self.advance(table, last)

    def drop(self, table: str) -> None:
        """See Engine."""
        top = self._layers[-1]
        top.hidden.add(table)
        top.rows.pop(table, None)
        top.last.pop(table, None)

    def fetch(self, table: str, ids: Sequence[int]) -> list[Row]:
        """See Engine."""
        with self._reading:
            found = ((doc_id, self._row(table, doc_id)) for doc_id in sorted(set(ids)))
            return [(doc_id, text) for doc_id, text in found if text is not None]

    def find(self, table: str, condition: Condition, window: Window) -> list[Row]:
        """See Engine."""
        return scan.arrange(table, self._rows(table, condition), window)

    def select(self, table: str, paths: Sequence[str], condition: Condition, window: Window) -> list[tuple[Any, ...]]:
        """See Engine."""
        return scan.select(table, self.find(table, condition, window), paths)

    def count(self, table: str, condition: Condition) -> int:
        """See Engine."""
        return len(self._rows(table, condition))

    def group(self, table: str, by: Sequence[str], condition: Condition, sums: Sequence[str]) -> list[scan.Group]:
        """See Engine."""
        return scan.group(table, self._rows(table, condition), by, sums)

    def revision(self) -> int:
        """See Engine."""
        self._visible()
        return self._revision

    def on_news(self, watcher: Callable[[], object]) -> Callable[[], None]:
        """See Engine. There are no others."""
        return lambda: None

    def backup(self, path: Path) -> None:
        """See Engine."""
        from store.sqlite import SqliteEngine  # only a backup needs a file

        target = SqliteEngine(path, {})
        try:
            target.begin()
            for table in self.tables():
                target.put(table, self._rows(table, Condition()))
                target.advance(table, self.last_id(table))
            target.commit()
        finally:
            target.close()

    def check(self) -> list[str]:
        """See Engine."""
        return []

    def close(self) -> None:
        """See Engine."""
        self._layers.clear()

    def _visible(self) -> list[Layer]:
        if not self._layers:
            raise StoreError("the database is closed")
        return self._layers if self._owner == get_ident() else self._layers[:1]

    def _row(self, table: str, doc_id: int) -> str | None:
        for layer in reversed(self._visible()):
            if doc_id in (rows := layer.rows.get(table, {})):
                return rows[doc_id]
            if table in layer.hidden:
                return None
        return None

    def _rows(self, table: str, condition: Condition) -> list[Row]:
        seen: dict[int, str | None] = {}
        with self._reading:
            for layer in self._visible():
                if table in layer.hidden:
                    seen.clear()
                seen.update(layer.rows.get(table, {}))
        rows = ((doc_id, text) for doc_id, text in sorted(seen.items()) if text is not None)
        return scan.keep(table, rows, condition)
