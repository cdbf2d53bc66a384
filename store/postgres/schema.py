"""The PostgreSQL database's own tables: what format it has, which tables there are, and what is promoted.

Everything stands in the first schema of the search path, so that one database can hold several workspaces:

    meta    key, value: the format, and the revision
    tables  a line for each table there ever was; its rows are in t<number>_<name>: id, doc, body (see keys), promoted columns
"""

import hashlib
import re
from collections.abc import Callable, Sequence
from typing import NamedTuple

import orjson

from store.errors import Absent, Damaged, Newer, StoreError
from store.names import identifier
from store.path import DOC_ID
from store.postgres.connections import Connection
from store.postgres.sites import Columns, promotion
from store.promoted import Promoted, wanted

LOCK = "SELECT pg_advisory_xact_lock(1448432468, hashtext(current_schema()))"
"""One writer at a time in each workspace: services read, decide and write, and need that nobody writes meanwhile."""

HOLDER = """
    SELECT coalesce(nullif(application_name, ''), usename, ''), pid, extract(epoch FROM clock_timestamp() - xact_start),
        CASE WHEN wait_event_type = 'Client' AND greatest(query_start, state_change) < clock_timestamp() - %s * interval '1 s'
            THEN pg_terminate_backend(pid, 5000) ELSE FALSE END
    FROM pg_locks JOIN pg_stat_activity USING (pid)
    WHERE locktype = 'advisory' AND granted AND classid = 1448432468
        AND objid = (hashtext(current_schema())::bigint & 4294967295)::oid
        AND database = (SELECT oid FROM pg_database WHERE datname = current_database())
"""
"""Who holds it: name, session, seconds; and whether it was ended, since it had left PostgreSQL without a word for so long.
`idle_in_transaction_session_timeout` does not see that within a pipeline."""

TABLES = "SELECT name, number, last, live, columns FROM tables"


class Known(NamedTuple):
    """A table: its number, the greatest id ever given, and whether it is there (a dropped one stays, without rows).

    columns: its promoted ones; it may have been made by a program that promotes others than this one.
    """

    number: int
    last: int = 0
    live: bool = True
    columns: Sequence[str] = ()

    def relation(self, name: str) -> str:
        """The name of the table in PostgreSQL, quoted. It has 63 bytes at most, so a number keeps names apart."""
        return identifier(f"t{self.number}_" + re.sub(r"[^a-z0-9_]", "", name.lower())[:40])


def _first(db: Connection) -> None:
    db.execute(
        "CREATE TABLE tables (number integer GENERATED ALWAYS AS IDENTITY, name text PRIMARY KEY, last bigint NOT NULL DEFAULT 0,"
        " live boolean NOT NULL DEFAULT TRUE, columns text[] NOT NULL DEFAULT '{}')"
    )
    db.execute("INSERT INTO meta VALUES ('revision', 1)")


STEPS: Sequence[Callable[[Connection], None]] = (_first,)
"""What leads from each format to the next. Steps are added, never changed: databases of every format are about."""


def prepare(db: Connection, promoted: Promoted, make: bool = True) -> None:
    """Make a new database ours, or see that this one is; bring it to the present format; index what is promoted."""
    (schema,) = db.execute("SELECT current_schema()").fetchone() or (None,)
    if schema is None:
        raise StoreError(
            "the PostgreSQL database has no schema to use; make it, let its user in (GRANT USAGE, CREATE ON SCHEMA name TO user),"
            " or name one by ?options=-csearch_path%3Dname"
        )
    (encoding,) = db.execute("SHOW server_encoding").fetchone() or ("",)
    if encoding != "UTF8":
        raise StoreError(f"the PostgreSQL database has the encoding {encoding}; make one with UTF8: createdb --encoding=UTF8")
    if not make and not _tables(db):
        raise Absent(f"there is nothing in the schema {schema}")
    while not _step(db):
        pass
    with db.transaction():
        db.execute(LOCK)
        match_indexes(db, promoted)


def _step(db: Connection) -> bool:
    """Take one step with the record of it, both or none; True when there is none left."""
    with db.transaction():
        db.execute(LOCK)
        found = _format(db)
        if found > len(STEPS):
            raise Newer(f"the database has format {found}, this program knows {len(STEPS)}: please update it")
        if found == len(STEPS):
            return True
        if found == 0:
            db.execute("CREATE TABLE meta (key text PRIMARY KEY, value bigint NOT NULL)")
        STEPS[found](db)
        db.execute("INSERT INTO meta VALUES ('format', %s) ON CONFLICT (key) DO UPDATE SET value = excluded.value", (found + 1,))
        return False


def _tables(db: Connection) -> set[str]:
    rows = db.execute("SELECT tablename FROM pg_tables WHERE schemaname = current_schema()").fetchall()
    return {name for (name,) in rows}


def _format(db: Connection) -> int:
    """The format of the database, 0 when it is empty; Damaged when it is not ours."""
    names = _tables(db)
    if not names:
        return 0
    if not {"meta", "tables"} <= names:
        raise Damaged("this PostgreSQL database holds something else than a Voronka workspace; give it one of its own")
    row = db.execute("SELECT value FROM meta WHERE key = 'format'").fetchone()
    if row is None:
        raise Damaged("this PostgreSQL database does not say which format of Voronka database it is")
    return int(row[0])


def tables(db: Connection) -> dict[str, Known]:
    """All tables by name, dropped ones too."""
    return {name: Known(*rest) for name, *rest in db.execute(TABLES).fetchall()}


def create_table(db: Connection, name: str, promoted: Promoted) -> Known:
    """Make the table with its columns and indexes."""
    row = db.execute("INSERT INTO tables (name) VALUES (%s) RETURNING number", (name,)).fetchone()
    assert row is not None
    known = Known(row[0])
    db.execute(f"CREATE TABLE {known.relation(name)} (id bigint PRIMARY KEY, doc json NOT NULL, body jsonb NOT NULL)")
    return _promote(db, name, known, promoted)


def match_indexes(db: Connection, promoted: Promoted) -> None:
    """Promoted paths get a column and an index; an index that is not wanted goes. Columns stay: older programs may read them."""
    there = tables(db)
    kept = {_index(there[name], paths) for name in promoted if name in there for paths in wanted(name, promoted)}
    rows = db.execute("SELECT indexname FROM pg_indexes WHERE schemaname = current_schema() AND indexname ~ '^i[0-9]+_'")
    for index in {index for (index,) in rows.fetchall()} - kept:
        db.execute(f"DROP INDEX {identifier(index)}")
    for name in promoted:
        list(wanted(name, promoted))  # a ValueError now, not with the first row
        if name in there:
            _promote(db, name, there[name], promoted)


def columns(name: str, promoted: Promoted) -> Columns:
    """The columns of the promoted paths of a table."""
    return {path: _column(path) for paths in wanted(name, promoted) for path in paths if path != DOC_ID}


def _promote(db: Connection, name: str, known: Known, promoted: Promoted) -> Known:
    on = known.relation(name)
    lacking = {path: column for path, column in columns(name, promoted).items() if column not in known.columns}
    if lacking:
        added = [
            f'ADD COLUMN {column} text COLLATE "C" GENERATED ALWAYS AS ({promotion(path)}) STORED'
            for path, column in lacking.items()
        ]
        db.execute(f"ALTER TABLE {on} {', '.join(added)}")
        known = known._replace(columns=[*known.columns, *lacking.values()])
        db.execute("UPDATE tables SET columns = %s::text[] WHERE name = %s", (known.columns, name))
    for paths in wanted(name, promoted):
        terms = ", ".join([*(_column(path) for path in paths if path != DOC_ID), "id"])  # counts need no more than the index
        db.execute(f"CREATE INDEX IF NOT EXISTS {identifier(_index(known, paths))} ON {on} ({terms})")
    return known


def _column(path: str) -> str:
    """Its name tells the path to people and, by its end, apart from all others; and changes when what it holds does."""
    mark = hashlib.sha256(promotion(path).encode()).hexdigest()[:8]
    return f"p_{re.sub(r'[^a-z0-9_]', '', path.lower())[:30]}_{mark}"


def _index(known: Known, paths: Sequence[str]) -> str:
    mark = hashlib.sha256(orjson.dumps(["id last", *(promotion(path) for path in paths if path != DOC_ID)])).hexdigest()[:8]
    return f"i{known.number}_{mark}"
