"""Rows in PostgreSQL: documents as JSON text, beside them what queries compare (see keys)."""

import logging
import math
import os
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import AbstractContextManager, contextmanager, suppress
from functools import partial
from itertools import islice
from pathlib import Path
from threading import get_ident
from typing import Any

import orjson
import psycopg
from psycopg import pq

from store import patience, scan
from store.compile import Clause, compile_all
from store.condition import Condition
from store.document import Row, decode
from store.engine import Carrier
from store.errors import Busy, Damaged, StoreError, Unsure
from store.names import expressible
from store.news import News
from store.path import Window, pick
from store.patience import Holder
from store.postgres.connections import Address, Connection, first_wait, listen, milliseconds, pool
from store.postgres.keys import body
from store.postgres.schema import HOLDER, LOCK, TABLES, Known, columns, create_table, prepare, tables
from store.postgres.sites import LONGEST, Columns, document, ordering, terms, total
from store.promoted import Promoted

log = logging.getLogger(__name__)
BATCH = 1000  # rows sent or read at a time


class PostgresEngine:
    """One connection writes, a pool of them reads. A transaction is a pipeline: only what has an answer is waited for."""

    def __init__(self, url: str, promoted: Promoted, make: bool = True) -> None:
        self._address = Address(url)
        self._promoted = promoted
        self._owner: int | None = None
        self._pipeline: AbstractContextManager[Any] | None = None
        self._levels: list[dict[str, Known]] = []  # the tables at the start of each level of the transaction
        self._tables: dict[str, Known] = {}  # as the transaction sees them
        self._seen: dict[str, Known] = {}  # as the readers last saw them; numbers never change
        self._dirty = False
        self._revision = 0
        self._closed = False
        self._id = os.urandom(8).hex()
        self._job: tuple[str, str, Condition] | None = None  # SQL to be sent with each commit, see carry
        self._writer: Connection | None = self._address.connect()
        try:
            with self._address.plain_errors():
                self._prepare(promoted, make)
                row = self._writer.execute("SELECT 'voronka_' || abs(hashtext(current_schema())::bigint)").fetchone()
            self._channel = row[0] if row else ""
            self._readers = pool(self._address)
        except BaseException:
            self._writer.close()
            raise
        self._news = News(partial(listen, self._address, self._channel, self._id))

    def _prepare(self, promoted: Promoted, make: bool) -> None:
        assert self._writer
        try:
            prepare(self._writer, promoted, make)
        except psycopg.errors.LockNotAvailable as error:
            raise Busy("somebody else has been writing for too long; try again later", self.writer()) from error

    def begin(self, until: float = math.inf) -> None:
        """See Engine. Whoever holds it and says nothing is put out."""
        while True:
            wait = min(patience.left(until), first_wait())
            try:
                return self._opened(wait)
            except psycopg.errors.LockNotAvailable as error:
                holder, ended = self._in_the_way()
                if not ended and patience.left(until) <= patience.LEAST:
                    log.warning("Nobody can write into %s: %s does", self._address.shown, holder)
                    raise Busy("somebody else has been writing for too long; try again later", holder) from error

    def writer(self) -> Holder:
        """See Engine."""
        return self._in_the_way()[0]

    def _in_the_way(self) -> tuple[Holder, bool]:
        """Who writes, and whether it was ended because it said nothing for so long."""
        with self._address.plain_errors(), self._address.connect() as db:
            row = db.execute(HOLDER, (patience.STALLED,)).fetchone()
        if row is None:
            return Holder(), False  # it has just gone
        name, pid, seconds, ended = row
        holder = Holder(name or "", pid, float(seconds or 0))
        if ended:
            log.warning("%s did nothing within a transaction for %.0f s; its session was ended", holder, patience.STALLED)
        return holder, bool(ended)

    def _opened(self, wait: float) -> None:
        """A transaction that is ours alone. A connection that has gone since the last one is opened again."""
        if self._closed:
            raise StoreError("the database is closed")
        try:
            self._begin(wait)
        except psycopg.OperationalError as error:
            self._leave()
            if isinstance(error, psycopg.errors.LockNotAvailable):
                raise
            with self._address.plain_errors():
                if self._writer is not None:
                    raise error
                self._begin(wait)

    def _begin(self, wait: float) -> None:
        if self._writer is None or self._writer.closed:
            self._writer = self._address.connect()
        self._pipeline = self._writer.pipeline()
        self._pipeline.__enter__()
        self._writer.execute("BEGIN ISOLATION LEVEL READ COMMITTED READ WRITE")
        if wait < first_wait():
            self._writer.execute(f"SET LOCAL lock_timeout = '{milliseconds(wait)}'")
        self._writer.execute(LOCK)
        revision = self._writer.execute("SELECT value FROM meta WHERE key = 'revision'")
        self._tables = tables(self._writer)
        self._revision = (revision.fetchone() or (0,))[0]
        self._levels, self._dirty, self._owner = [dict(self._tables)], False, get_ident()

    def commit(self) -> None:
        """See Engine."""
        db, dirty = self._own(), self._dirty
        try:
            if dirty:
                self._save_last_ids(db)
                self._leave_job(db)
                db.execute("UPDATE meta SET value = value + 1 WHERE key = 'revision'")
                db.execute("SELECT pg_notify(%s, %s)", (self._channel, self._id))
            db.execute("COMMIT")
            self._leave_well()
        except psycopg.OperationalError as error:
            if dirty and db.closed:
                raise Unsure(
                    "the connection to PostgreSQL was lost while it committed: whether the change was written is not known"
                ) from error
            with self._address.plain_errors():
                raise
        except psycopg.Error:
            with self._address.plain_errors():
                raise
        self._seen = self._tables
        self._owner = None

    def rollback(self) -> None:
        """See Engine."""
        self._owner = None
        self._leave()

    def savepoint(self, level: int) -> None:
        """See Engine."""
        self._write(f"SAVEPOINT s{level:d}")
        self._levels.append(dict(self._tables))

    def release(self, level: int) -> None:
        """See Engine."""
        self._write(f"RELEASE s{level:d}")
        self._levels.pop()

    def back_to(self, level: int) -> None:
        """See Engine. After an error of the server or the connection the whole transaction is over."""
        self._tables = self._levels.pop()
        if self._writer is not None and not self._writer.closed and self._pipeline is not None:
            self._write(f"ROLLBACK TO s{level:d}")
            self._write(f"RELEASE s{level:d}")

    def tables(self) -> set[str]:
        """See Engine."""
        if self._mine:
            return {name for name, known in self._tables.items() if known.live}
        return {name for (name,) in self._read("SELECT name FROM tables WHERE live")}

    def last_id(self, table: str) -> int:
        """See Engine."""
        known = self._known(table)
        return known.last if known else 0

    def advance(self, table: str, last: int) -> None:
        """See Engine. Written with the commit."""
        known = self._make(table)
        if last > known.last:
            self._tables[table] = known._replace(last=last)
            self._dirty = True

    def put(self, table: str, rows: Iterable[Row]) -> None:
        """See Engine."""
        fresh = iter(dict(rows).items())
        relation = self._make(table).relation(table)
        sql = (
            f"INSERT INTO {relation} (id, doc, body)"
            " SELECT id, doc::json, body FROM json_to_recordset(%s::json) AS r(id bigint, doc text, body jsonb)"
            " ON CONFLICT (id) DO UPDATE SET doc = excluded.doc, body = excluded.body"
        )
        while batch := list(islice(fresh, BATCH)):
            # one JSON text: psycopg writes arrays of texts letter by letter, which took longer than all else
            records = [{"id": doc_id, "doc": text, "body": orjson.Fragment(body(text))} for doc_id, text in batch]
            self._write(sql, (orjson.dumps(records).decode(),))
            self.advance(table, max(doc_id for doc_id, _ in batch))

    def delete(self, table: str, ids: Sequence[int]) -> None:
        """See Engine."""
        self._write(f"DELETE FROM {self._make(table).relation(table)} WHERE id = ANY(%s::bigint[])", (list(ids),))

    def clear(self, table: str) -> None:
        """See Engine. DELETE, because TRUNCATE would make readers wait."""
        self._write(f"DELETE FROM {self._make(table).relation(table)}")

    def drop(self, table: str) -> None:
        """See Engine. An empty table is left in PostgreSQL: to drop it would make readers wait."""
        self.clear(table)
        self._tables[table] = self._tables[table]._replace(last=0, live=False)

    def fetch(self, table: str, ids: Sequence[int]) -> list[Row]:
        """See Engine."""
        if len(ids) == 1:
            return self._rows(table, "SELECT id, doc FROM {} WHERE id = %s", tuple(ids))
        return self._rows(table, "SELECT id, doc FROM {} WHERE id = ANY(%s::bigint[]) ORDER BY id", (list(ids),))

    def find(self, table: str, condition: Condition, window: Window) -> list[Row]:
        """See Engine."""
        if self._known(table) is None:  # one look at the tables, not one for each part of the query
            return []
        if condition.rest is None and expressible([path for path, _ in window.order]):
            where, order = self._where(table, condition), _braced(ordering(window.order, self._columns(table)))
            sql = f"SELECT id, doc FROM {{}} WHERE {where.sql}{order} LIMIT %s OFFSET %s"
            return self._rows(table, sql, (*where.bound, window.limit, window.offset))
        return scan.arrange(table, self._scan(table, condition), window)

    def select(self, table: str, paths: Sequence[str], condition: Condition, window: Window) -> list[tuple[Any, ...]]:
        """See Engine."""
        return scan.select(table, self.find(table, condition, window), paths)

    def count(self, table: str, condition: Condition) -> int:
        """See Engine."""
        if condition.rest is not None:
            return len(self._scan(table, condition))
        where = self._where(table, condition)
        rows = self._rows(table, f"SELECT count(*) FROM {{}} WHERE {where.sql}", where.bound)
        return int(rows[0][0]) if rows else 0

    def group(self, table: str, by: Sequence[str], condition: Condition, sums: Sequence[str]) -> list[scan.Group]:
        """See Engine. The first row of each group gives its key, true apart from 1."""
        if condition.rest is not None or not expressible([*by, *sums]):
            return scan.group(table, self._scan(table, condition), by, sums)
        first, more = self._grouped(table, by, condition, sums, whole=False)
        if more:  # long texts, lists or objects, which the short keys do not tell apart
            first, _ = self._grouped(table, by, condition, sums, whole=True)
        return scan.merge(first)

    def _grouped(
        self, table: str, by: Sequence[str], condition: Condition, sums: Sequence[str], whole: bool
    ) -> tuple[list[scan.Part], bool]:
        """The groups by the short keys, which indexes hold, or by the whole ones; and whether the short ones are not enough."""
        where, there = self._where(table, condition), self._columns(table)
        found = [terms(path, there) for path in by]
        keys = ", ".join(term for path in found for term in (path if whole else path[:1]))
        cut = " OR ".join(f"{short} = '2' OR length({short}) = {LONGEST}" for short, *rest in found if rest) or "FALSE"
        inner = ", ".join(["min(id)", "count(*)", f"coalesce(bool_or({_braced(cut)}), FALSE)", *map(total, sums)])
        names = ", ".join(["first", "n", "cut", *(f"s{number}, f{number}" for number in range(len(sums)))])
        grouped = f"SELECT {inner} FROM {{0}} WHERE {where.sql}" + (f" GROUP BY {_braced(keys)}" if keys else "")
        sql = f"SELECT t.id, t.doc, g.* FROM ({grouped}) AS g({names}) JOIN {{0}} AS t ON t.id = g.first ORDER BY t.id"
        rows = self._rows(table, sql, where.bound)
        return [_part(table, row, by) for row in rows], any(row[4] for row in rows)

    def revision(self) -> int:
        """See Engine. Within a transaction nobody else commits."""
        if self._mine:
            return self._revision
        return int(self._read("SELECT value FROM meta WHERE key = 'revision'")[0][0])

    def on_news(self, watcher: Callable[[], object]) -> Callable[[], None]:
        """See Engine."""
        return self._news.watch(watcher)

    def carry(self, table: str, ready: Condition) -> Carrier:
        """See Carries."""
        try:
            from store.postgres.carrier import LEAVE, install, take  # an extra that most do without
        except ImportError as error:
            raise StoreError(f"Procrastinate needs one more package: pip install 'voronka[procrastinate]' ({error})") from error
        with self._address.plain_errors(), self._address.connect() as db:
            install(db)
        self._job = (LEAVE, table, ready)
        return partial(take, self._address)

    def backup(self, path: Path) -> None:
        """See Engine."""
        from store.sqlite import SqliteEngine  # only a backup needs a file

        target = SqliteEngine(path, {})
        try:
            target.begin()
            with self._snapshot() as (db, there):
                for name, known in there.items():
                    target.advance(name, known.last)
                    for batch in _batches(db, f"SELECT id, doc FROM {known.relation(name)} ORDER BY id"):
                        target.put(name, batch)
            target.commit()
        finally:
            target.close()

    def check(self) -> list[str]:
        """See Engine. Also that what queries compare is what the documents say."""
        problems: list[str] = []
        with self._snapshot() as (db, there):
            for name, known in sorted(there.items()):
                sql = f"SELECT id, doc, body::text FROM {known.relation(name)} ORDER BY id"
                problems += [text for batch in _batches(db, sql) for row in batch for text in _wrong(name, row)]
        return problems

    def close(self) -> None:
        """See Engine."""
        self._closed = True
        self._news.close()
        self._readers.close()
        if self._writer is not None:
            self._writer.close()

    @property
    def _mine(self) -> bool:
        return self._owner == get_ident()

    def _columns(self, table: str) -> Columns:
        """The promoted columns that the table has."""
        known = self._known(table)
        there = known.columns if known else ()
        return {path: column for path, column in columns(table, self._promoted).items() if column in there}

    def _where(self, table: str, condition: Condition) -> Clause:
        """What is understood of the condition, for `str.format`."""
        clause = compile_all(condition.shapes, document(self._columns(table)))
        return Clause(_braced(clause.sql), clause.bound)

    def _make(self, table: str) -> Known:
        known = self._tables.get(table)
        if known is None:
            with self._address.plain_errors():
                known = create_table(self._own(), table, self._promoted)
            self._dirty = True
        elif not known.live:
            known = known._replace(live=True)
            self._dirty = True
        self._tables[table] = known
        return known

    def _save_last_ids(self, db: Connection) -> None:
        changed = {name: known for name, known in self._tables.items() if self._levels[0].get(name) != known}
        if changed:
            sql = (
                "UPDATE tables SET last = c.last, live = c.live"
                " FROM unnest(%s::text[], %s::bigint[], %s::boolean[]) AS c(name, last, live) WHERE tables.name = c.name"
            )
            lasts, lives = [known.last for known in changed.values()], [known.live for known in changed.values()]
            db.execute(sql, (list(changed), lasts, lives))

    def _leave_job(self, db: Connection) -> None:
        if self._job is None:
            return
        sql, table, ready = self._job
        if known := self._tables.get(table):
            clause = compile_all(ready.shapes, document(self._columns(table)))
            db.execute(sql.format(known.relation(table), clause.sql), clause.bound)

    def _scan(self, table: str, condition: Condition) -> list[Row]:
        """The rows whose documents meet the condition: what compiles is asked of PostgreSQL, the rest of each."""
        rows = self.find(table, Condition(condition.shapes), Window())
        return scan.keep(table, rows, Condition(rest=condition.rest))

    def _rows(self, table: str, sql: str, bound: Sequence[Any]) -> list[Any]:
        """The rows of a query on the table, which stands in the SQL as {}; none when there is no such table (yet)."""
        known = self._known(table)
        return self._read(sql.format(known.relation(table)), bound) if known else []

    def _known(self, table: str) -> Known | None:
        if self._mine:
            return self._tables.get(table)
        if table not in self._seen:
            self._seen = {name: Known(*rest) for name, *rest in self._read(TABLES)}
        return self._seen.get(table)

    def _read(self, sql: str, bound: Sequence[Any] = ()) -> list[Any]:
        if self._mine:
            with self._address.plain_errors():
                return self._own().execute(sql, bound).fetchall()
        with self._address.plain_errors():
            try:
                with self._readers.connection() as db:
                    return db.execute(sql, bound).fetchall()
            except psycopg.OperationalError:
                self._readers.check()  # after a restart of the server all idle connections are dead
                with self._readers.connection() as db:
                    return db.execute(sql, bound).fetchall()

    def _write(self, sql: str, bound: Sequence[Any] = ()) -> None:
        db = self._own()
        self._dirty = self._dirty or not sql.startswith(("SAVEPOINT", "RELEASE", "ROLLBACK"))
        with self._address.plain_errors():
            db.execute(sql, bound)

    def _own(self) -> Connection:
        if self._writer is None or self._writer.closed or self._pipeline is None:
            raise StoreError("the transaction is gone: an earlier error has rolled it back")
        return self._writer

    def _leave_well(self) -> None:
        """Wait until everything has been done."""
        pipeline, self._pipeline = self._pipeline, None
        if pipeline is not None:
            pipeline.__exit__(None, None, None)

    def _leave(self) -> None:
        """Leave nothing of the transaction, whatever has happened; a connection that is no longer sound is given up."""
        db = self._writer
        if db is None:
            return
        with suppress(psycopg.Error):  # what went wrong was raised before
            self._leave_well()
        try:
            if db.info.transaction_status != pq.TransactionStatus.IDLE:
                db.execute("ROLLBACK")
        except psycopg.Error:
            db.close()
        if db.closed:
            self._writer = None

    @contextmanager
    def _snapshot(self) -> Iterator[tuple[Connection, dict[str, Known]]]:
        """A connection that goes on seeing one moment, and the tables of that moment."""
        with self._address.plain_errors(), self._address.connect() as db:
            db.execute("BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY")
            db.execute("SET LOCAL idle_in_transaction_session_timeout = 0")  # whoever copies to a slow disk holds up nobody
            yield db, {name: known for name, known in tables(db).items() if known.live}
            db.execute("COMMIT")


def _braced(sql: str) -> str:
    """SQL for `str.format`."""
    return sql.replace("{", "{{").replace("}", "}}")


def _batches(db: Connection, sql: str) -> Iterator[list[Any]]:
    with db.cursor("batches") as cursor:
        cursor.execute(sql)
        while batch := cursor.fetchmany(BATCH):
            yield batch


def _part(table: str, row: Sequence[Any], by: Sequence[str]) -> scan.Part:
    doc_id, doc, _, count, _, *sums = row
    found = decode(table, (doc_id, doc))
    totals = [float(text) if real else int(text) for text, real in zip(sums[::2], sums[1::2], strict=True)]
    return tuple(pick(doc_id, found, path) for path in by), count, totals


def _wrong(table: str, row: Sequence[Any]) -> Iterator[str]:
    try:
        decode(table, (row[0], row[1]))
    except Damaged:
        yield f"{table}/{row[0]} holds no JSON object"
        return
    if orjson.loads(body(row[1])) != orjson.loads(row[2]):
        yield f"{table}/{row[0]} is not found by what it says: write it again"
