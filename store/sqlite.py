"""Rows in one SQLite file: documents as JSON text, indexes on what the promoted paths lead to."""

import logging
import math
import sqlite3
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager, suppress
from pathlib import Path
from threading import Event, Lock, get_ident
from typing import Any

import orjson

from store import patience, scan
from store.anteroom import Anteroom
from store.compile import Clause, compile_all
from store.condition import Condition
from store.connections import Readers, connect, plain, plain_errors
from store.document import Row
from store.errors import Absent, Busy, Damaged, StoreError
from store.holders import writer_of
from store.names import column, expressible, identifier, json_path, kind, table_name, value
from store.news import News
from store.path import DOC_ID, Order, Window, parts
from store.patience import Holder
from store.promoted import Promoted
from store.schema import create_table, prepare, table_names
from store.sites import DOCUMENT

log = logging.getLogger(__name__)
LOOK = 0.025  # seconds between two looks for commits of other processes


class SqliteEngine:
    """One connection writes, a few read; in WAL mode readers do not wait for the writer, nor it for them."""

    def __init__(self, path: Path, promoted: Promoted, make: bool = True) -> None:
        if not make and not path.exists():
            raise Absent(f"there is no file {path}")
        self._promoted = promoted
        self._path = path
        self._owner: int | None = None
        self._known: set[str] = set()  # tables seen in this version of the schema
        self._absent: set[str] = set()  # tables asked for in vain
        self._schema = -1
        self._watching = Lock()
        self._anteroom = Anteroom(path.with_name(f"{path.name}-turn"))
        try:
            with plain_errors():
                self._writer = self._prepared(path, make)
                self._watch = connect(path)  # never writes: so every commit is another's to it
        except BaseException as error:
            self._anteroom.close()
            if isinstance(error, Busy):
                raise Busy(str(error), self.writer()) from error
            raise
        self._readers = Readers(path)
        self._news = News(self._look)

    def _prepared(self, path: Path, make: bool) -> sqlite3.Connection:
        """The connection that writes, to a file that is ours and in today's format."""
        found = connect(path)
        try:
            with self._anteroom.entered():
                prepare(found, self._promoted, make)
        except BaseException:
            found.close()
            raise
        return found

    def begin(self, until: float = math.inf) -> None:
        """See Engine."""
        try:
            with plain_errors(), self._anteroom.entered(until):
                self._writer.execute(f"PRAGMA busy_timeout = {1000 * min(patience.left(until), patience.WAIT):.0f}")
                self._writer.execute("BEGIN IMMEDIATE")
                self._owner = get_ident()
                (schema,) = self._writer.execute("PRAGMA schema_version").fetchone()
        except Busy as error:
            holder = self.writer()
            log.warning("Nobody can write into %s: %s does", self._path, holder)
            raise Busy(str(error), holder) from error
        if schema != self._schema:
            self._schema = schema
            self._forget()

    def writer(self) -> Holder:
        """See Engine."""
        return writer_of(self._path)

    def commit(self) -> None:
        """See Engine."""
        self._write("COMMIT")
        self._owner = None

    def rollback(self) -> None:
        """See Engine."""
        self._owner = None
        self._forget()
        with plain_errors():
            if self._writer.in_transaction:  # after some errors (a full disk) SQLite has rolled back already
                self._writer.execute("ROLLBACK")

    def savepoint(self, level: int) -> None:
        """See Engine."""
        self._write(f"SAVEPOINT s{level:d}")

    def release(self, level: int) -> None:
        """See Engine."""
        self._write(f"RELEASE s{level:d}")

    def back_to(self, level: int) -> None:
        """See Engine."""
        self._forget()
        with plain_errors():
            if self._writer.in_transaction:
                self._writer.execute(f"ROLLBACK TO s{level:d}")
                self._writer.execute(f"RELEASE s{level:d}")

    def tables(self) -> set[str]:
        """See Engine."""
        with self._reader() as db:
            return table_names(db)

    def last_id(self, table: str) -> int:
        """See Engine."""
        rows = self._rows(table, "SELECT seq FROM sqlite_sequence WHERE name = ?", (table_name(table),))
        return int(rows[0][0]) if rows else 0

    def advance(self, table: str, last: int) -> None:
        """See Engine."""
        self._make(table)
        if last > self.last_id(table):
            name = table_name(table)
            self._write("DELETE FROM sqlite_sequence WHERE name = ?", (name,))
            self._write("INSERT INTO sqlite_sequence (name, seq) VALUES (?, ?)", (name, last))

    def put(self, table: str, rows: Iterable[Row]) -> None:
        """See Engine."""
        self._make(table)
        sql = f"INSERT INTO {_quoted(table)} VALUES (?, ?) ON CONFLICT (id) DO UPDATE SET doc = excluded.doc"
        self._write_all(sql, rows)

    def delete(self, table: str, ids: Sequence[int]) -> None:
        """See Engine."""
        self._write_all(f"DELETE FROM {_quoted(table)} WHERE id = ?", ((doc_id,) for doc_id in ids))

    def clear(self, table: str) -> None:
        """See Engine."""
        self._make(table)
        self._write(f"DELETE FROM {_quoted(table)}")

    def drop(self, table: str) -> None:
        """See Engine."""
        self._write(f"DROP TABLE IF EXISTS {_quoted(table)}")
        self._known.discard(table)

    def fetch(self, table: str, ids: Sequence[int]) -> list[Row]:
        """See Engine."""
        if len(ids) == 1:
            return self._rows(table, f"SELECT id, doc FROM {_quoted(table)} WHERE id = ?", tuple(ids))
        sql = f"SELECT id, doc FROM {_quoted(table)} WHERE id IN (SELECT value FROM json_each(?)) ORDER BY id"
        return self._rows(table, sql, (orjson.dumps(list(ids)).decode(),))

    def find(self, table: str, condition: Condition, window: Window) -> list[Row]:
        """See Engine."""
        where = compile_all(condition.shapes, DOCUMENT)
        if condition.rest is None and expressible([path for path, _ in window.order]):
            sql = f"SELECT id, doc FROM {_quoted(table)} WHERE {where.sql}{_order(window.order)}"
            return self._rows(table, sql + " LIMIT ? OFFSET ?", (*where.bound, *_cut(window)))
        return scan.arrange(table, self._scan(table, condition), window)

    def select(self, table: str, paths: Sequence[str], condition: Condition, window: Window) -> list[tuple[Any, ...]]:
        """See Engine."""
        if condition.rest is not None or not expressible([*paths, *(path for path, _ in window.order)]):
            return scan.select(table, self.find(table, condition, window), paths)
        where = compile_all(condition.shapes, DOCUMENT)
        sql = f"SELECT id, {_picked(paths)} FROM {_quoted(table)} WHERE {where.sql}{_order(window.order)}"
        rows = self._rows(table, sql + " LIMIT ? OFFSET ?", (*where.bound, *_cut(window)))
        return [_values(paths, doc_id, found) for doc_id, found in rows]

    def count(self, table: str, condition: Condition) -> int:
        """See Engine."""
        if condition.rest is not None:
            return len(self._scan(table, condition))
        where = compile_all(condition.shapes, DOCUMENT)
        rows = self._rows(table, f"SELECT count(*) FROM {_quoted(table)} WHERE {where.sql}", where.bound)
        return int(rows[0][0]) if rows else 0

    def group(self, table: str, by: Sequence[str], condition: Condition, sums: Sequence[str]) -> list[scan.Group]:
        """See Engine."""
        if condition.rest is not None or not expressible([*by, *sums]):
            return scan.group(table, self._scan(table, condition), by, sums)
        where = compile_all(condition.shapes, DOCUMENT)
        try:
            rows = self._rows(table, _grouping(_quoted(table), by, where, sums), where.bound)
        except StoreError:  # a sum beyond 64 bit, which Python can tell
            return scan.group(table, self._scan(table, condition), by, sums)
        return scan.merge((_values(by, first, found), count, totals) for first, found, count, *totals in rows)

    def revision(self) -> int:
        """See Engine."""
        with self._watching, plain_errors():
            return int(self._watch.execute("PRAGMA data_version").fetchone()[0])

    def on_news(self, watcher: Callable[[], object]) -> Callable[[], None]:
        """See Engine. A file tells nobody: it is looked at, often. Commits of this process are told of, too."""
        return self._news.watch(watcher)

    def _look(self, ended: Event, tell: Callable[[], None]) -> None:
        """Hears (see store.news)."""
        seen = -1
        while not ended.wait(LOOK):
            with suppress(StoreError):
                if (found := self.revision()) != seen:
                    seen = found
                    tell()

    def backup(self, path: Path) -> None:
        """See Engine."""
        with plain_errors(), self._readers.lend() as source:
            target = sqlite3.connect(path)
            try:
                source.backup(target)
            finally:
                target.close()

    def check(self) -> list[str]:
        """See Engine."""
        try:
            problems = [text for (text,) in self._read("PRAGMA integrity_check", ()) if text != "ok"]
            for table in sorted(self.tables()):
                bad = "CASE WHEN json_valid(doc) THEN json_type(doc) <> 'object' ELSE 1 END"
                rows = self._read(f"SELECT id FROM {_quoted(table)} WHERE {bad}", ())
                problems += [f"{table}/{doc_id} holds no JSON object" for (doc_id,) in rows]
        except Damaged as damage:  # too broken even to be looked through
            return [str(damage)]
        return problems

    def close(self) -> None:
        """See Engine."""
        self._news.close()
        self._readers.close()
        self._watch.close()
        self._writer.close()
        self._anteroom.close()

    def _forget(self) -> None:
        """Which tables there are has to be seen anew."""
        self._known.clear()
        self._absent.clear()

    def _make(self, table: str) -> None:
        if table not in self._known:
            with plain_errors():
                create_table(self._own(), table, self._promoted)
            self._known.add(table)
            self._absent.discard(table)

    def _scan(self, table: str, condition: Condition) -> list[Row]:
        """The rows whose documents meet the condition: what compiles is asked of SQLite, the rest of each."""
        rows = self.find(table, Condition(condition.shapes), Window())
        return scan.keep(table, rows, Condition(rest=condition.rest))

    def _rows(self, table: str, sql: str, bound: Sequence[Any]) -> list[Any]:
        """The rows of a query on the table; none when there is no such table (yet)."""
        mine = self._owner == get_ident()
        if mine and table in self._absent:
            return []
        try:
            return self._read(sql, bound)
        except StoreError:
            if self._read("SELECT 1 FROM sqlite_master WHERE name = ?", (table_name(table),)):
                raise
            if mine:
                self._absent.add(table)
            return []

    def _read(self, sql: str, bound: Sequence[Any]) -> list[Any]:
        try:  # not by a context of its own: this is what everything waits for
            if self._owner == get_ident():
                return self._writer.execute(sql, bound).fetchall()
            with self._readers.lend() as db:
                return db.execute(sql, bound).fetchall()
        except sqlite3.Error as error:
            raise plain(error) from error

    def _write(self, sql: str, bound: Sequence[Any] = ()) -> None:
        try:
            self._own().execute(sql, bound)
        except sqlite3.Error as error:
            raise plain(error) from error

    def _write_all(self, sql: str, rows: Iterable[Sequence[Any]]) -> None:
        """The same for each row."""
        try:
            self._own().executemany(sql, rows)
        except sqlite3.Error as error:
            raise plain(error) from error

    @contextmanager
    def _reader(self) -> Iterator[sqlite3.Connection]:
        """The writer's own connection inside its transaction, another one outside."""
        with plain_errors():
            if self._owner == get_ident():
                yield self._writer
            else:
                with self._readers.lend() as db:
                    yield db

    def _own(self) -> sqlite3.Connection:
        if not self._writer.in_transaction:
            raise StoreError("the transaction is gone: an earlier error has rolled it back")
        return self._writer


def _quoted(table: str) -> str:
    return identifier(table_name(table))


def _cut(window: Window) -> tuple[int, int]:
    return (-1 if window.limit is None else window.limit), window.offset


def _order(order: Order) -> str:
    terms = [f"{column(path)} {'DESC' if descending else 'ASC'} NULLS LAST" for path, descending in order]
    return " ORDER BY " + ", ".join([*terms, "id"])


def _picked(paths: Sequence[str], doc: str = "doc") -> str:
    """One JSON array of all values, so that true stays true and a decimal keeps its last bit."""
    keys = [json_path(parts(path)) for path in paths if path != DOC_ID]
    return f"json_extract({doc}, '$.\"\"', {', '.join(keys)})" if keys else "'[null]'"


def _values(paths: Sequence[str], doc_id: int, found: str) -> tuple[Any, ...]:
    values = orjson.loads(found)
    if DOC_ID not in paths:
        return tuple(values[1:])
    rest = iter(values[1:])
    return tuple([doc_id if path == DOC_ID else next(rest) for path in paths])


def _grouping(name: str, by: Sequence[str], where: Clause, sums: Sequence[str]) -> str:
    """The first row of each group gives its key: an index alone knows the groups, but not true from 1."""
    keys = "".join(f", {position}" for position in range(1, len(by) + 1)).lstrip(", ")
    totals = [f"coalesce(sum({_number(path)}), 0) AS s{position}" for position, path in enumerate(sums)]
    inner = ", ".join([*map(column, by), "count(*) AS n", "min(id) AS first", *totals])
    outer = ", ".join(["first", _picked(by), "n", *(f"s{position}" for position in range(len(sums)))])
    grouped = f"SELECT {inner} FROM {name} WHERE {where.sql}" + (f" GROUP BY {keys}" if keys else "")
    return f"SELECT {outer} FROM ({grouped}) AS g JOIN {name} AS t ON t.id = g.first ORDER BY first"


def _number(path: str) -> str:
    if path == DOC_ID:
        return "id"
    keys = parts(path)
    return f"iif({kind(keys)} IN ('integer', 'real'), {value(keys)}, 0)"
