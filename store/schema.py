"""The SQLite file's own tables: what format it has, and which indexes stand."""

import sqlite3
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager

from store.errors import Absent, Damaged, Newer
from store.names import column, identifier, index_name, table_name, table_of
from store.promoted import Promoted, wanted


def _first(db: sqlite3.Connection) -> None:
    """Tables of documents are made when they are first written to; `meta` is made with the first record of a format."""


STEPS: Sequence[Callable[[sqlite3.Connection], None]] = (_first,)
"""What leads from each format to the next. Steps are added, never changed: files of every format are about."""


def prepare(db: sqlite3.Connection, promoted: Promoted, make: bool = True) -> None:
    """Make a new file ours, or see that this one is; bring it to the present format; then index what is promoted."""
    _format(db)
    if not make and not _tables(db):
        raise Absent("there is nothing in this SQLite file")
    _use_wal(db)
    while not _step(db):
        pass
    with _all_or_nothing(db):
        _match_indexes(db, promoted)


def _step(db: sqlite3.Connection) -> bool:
    """Take one step with the record of it, both or none; True when there is none left."""
    with _all_or_nothing(db):
        found = _format(db)
        if found > len(STEPS):
            raise Newer(f"the database has format {found}, this program knows {len(STEPS)}: please update it")
        if found == len(STEPS):
            return True
        db.execute("CREATE TABLE IF NOT EXISTS meta (key TEXT PRIMARY KEY, value INTEGER NOT NULL)")
        STEPS[found](db)
        db.execute("INSERT OR REPLACE INTO meta VALUES ('format', ?)", (found + 1,))
        return False


@contextmanager
def _all_or_nothing(db: sqlite3.Connection) -> Iterator[None]:
    db.execute("BEGIN IMMEDIATE")
    try:
        yield
        db.execute("COMMIT")
    finally:
        if db.in_transaction:
            db.execute("ROLLBACK")


def create_table(db: sqlite3.Connection, table: str, promoted: Promoted) -> None:
    """Make the table and its indexes, unless they are there."""
    name = identifier(table_name(table))
    db.execute(f"CREATE TABLE IF NOT EXISTS {name} (id INTEGER PRIMARY KEY AUTOINCREMENT, doc TEXT NOT NULL)")
    for paths in wanted(table, promoted):
        _create_index(db, table, paths)


def table_names(db: sqlite3.Connection) -> set[str]:
    """The tables of the file, by the names TinyDB knows them."""
    rows = db.execute("SELECT name FROM sqlite_master WHERE type = 'table' AND substr(name, 1, 2) = 't_'")
    return {table_of(name) for (name,) in rows}


def _format(db: sqlite3.Connection) -> int:
    """The format of the file, 0 when it is new; Damaged when it is not ours."""
    names = _tables(db)
    if not names:
        return 0
    if "meta" not in names:
        raise Damaged("this SQLite file is not a Voronka database")
    row = db.execute("SELECT value FROM meta WHERE key = 'format'").fetchone()
    if row is None or not isinstance(row[0], int):
        raise Damaged("this SQLite file does not say which format of Voronka database it is")
    return row[0]


def _tables(db: sqlite3.Connection) -> set[str]:
    return {name for (name,) in db.execute("SELECT name FROM sqlite_master WHERE type = 'table'")}


def _use_wal(db: sqlite3.Connection) -> None:
    """Switch to a write-ahead log. SQLite does not wait here for others who open the file: we do."""
    for attempt in range(100):
        try:
            db.execute("PRAGMA journal_mode = WAL")
            return
        except sqlite3.OperationalError:
            if attempt == 99:
                raise
            time.sleep(0.02)


def _match_indexes(db: sqlite3.Connection, promoted: Promoted) -> None:
    kept = {index_name(table, paths) for table in promoted for paths in wanted(table, promoted)}
    rows = db.execute("SELECT name FROM sqlite_master WHERE type = 'index' AND substr(name, 1, 2) = 'i_'")
    for name in {name for (name,) in rows} - kept:
        db.execute(f"DROP INDEX {identifier(name)}")
    for table in table_names(db) & set(promoted):
        create_table(db, table, promoted)


def _create_index(db: sqlite3.Connection, table: str, paths: Sequence[str]) -> None:
    columns = ", ".join(column(path) for path in paths)
    name, on = identifier(index_name(table, paths)), identifier(table_name(table))
    db.execute(f"CREATE INDEX IF NOT EXISTS {name} ON {on} ({columns})")
