"""The SQLite file's own tables: what format it has, and which indexes stand."""

import sqlite3
import time
from collections.abc import Iterator, Mapping, Sequence

from store.errors import Damaged, Newer
from store.names import column, expressible, identifier, index_name, table_name, table_of

FORMAT = 1
Promoted = Mapping[str, Sequence[str | tuple[str, ...]]]


def prepare(db: sqlite3.Connection, promoted: Promoted) -> None:
    """Make a new file ours, or see that this one is; then make the indexes those that are promoted."""
    _check_ours(db)
    _use_wal(db)
    db.execute("BEGIN IMMEDIATE")
    try:
        _check_ours(db)
        db.execute("CREATE TABLE IF NOT EXISTS meta (key TEXT PRIMARY KEY, value INTEGER NOT NULL)")
        db.execute("INSERT OR IGNORE INTO meta VALUES ('format', ?)", (FORMAT,))
        _match_indexes(db, promoted)
        db.execute("COMMIT")
    finally:
        if db.in_transaction:
            db.execute("ROLLBACK")


def create_table(db: sqlite3.Connection, table: str, promoted: Promoted) -> None:
    """Make the table and its indexes, unless they are there."""
    name = identifier(table_name(table))
    db.execute(f"CREATE TABLE IF NOT EXISTS {name} (id INTEGER PRIMARY KEY AUTOINCREMENT, doc TEXT NOT NULL)")
    for paths in _wanted(table, promoted):
        _create_index(db, table, paths)


def table_names(db: sqlite3.Connection) -> set[str]:
    """The tables of the file, by the names TinyDB knows them."""
    rows = db.execute("SELECT name FROM sqlite_master WHERE type = 'table' AND substr(name, 1, 2) = 't_'")
    return {table_of(name) for (name,) in rows}


def _check_ours(db: sqlite3.Connection) -> None:
    names = {name for (name,) in db.execute("SELECT name FROM sqlite_master WHERE type = 'table'")}
    if not names:
        return
    if "meta" not in names:
        raise Damaged("this SQLite file is not a Voronka database")
    row = db.execute("SELECT value FROM meta WHERE key = 'format'").fetchone()
    if row is None:
        raise Damaged("this SQLite file does not say which format of Voronka database it is")
    if row[0] > FORMAT:
        raise Newer(f"the database has format {row[0]}, this program knows {FORMAT}: please update it")


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
    wanted = {index_name(table, paths) for table in promoted for paths in _wanted(table, promoted)}
    rows = db.execute("SELECT name FROM sqlite_master WHERE type = 'index' AND substr(name, 1, 2) = 'i_'")
    for name in {name for (name,) in rows} - wanted:
        db.execute(f"DROP INDEX {identifier(name)}")
    for table in table_names(db) & set(promoted):
        create_table(db, table, promoted)


def _wanted(table: str, promoted: Promoted) -> Iterator[tuple[str, ...]]:
    for entry in promoted.get(table, ()):
        paths = (entry,) if isinstance(entry, str) else tuple(entry)
        if not expressible(paths):
            raise ValueError(f"cannot index {table}: {paths}")
        yield paths


def _create_index(db: sqlite3.Connection, table: str, paths: Sequence[str]) -> None:
    columns = ", ".join(column(path) for path in paths)
    name, on = identifier(index_name(table, paths)), identifier(table_name(table))
    db.execute(f"CREATE INDEX IF NOT EXISTS {name} ON {on} ({columns})")
