"""The database: opens an engine by its address and hands out tables."""

from collections.abc import Callable
from contextlib import AbstractContextManager
from pathlib import Path
from threading import Lock

from tinydb.queries import QueryInstance

from store import moving, portable
from store.buffer import KEPT, Buffer
from store.condition import understand
from store.engine import Carrier, Carries, Engine
from store.errors import StoreError, Unknown
from store.memory import MemoryEngine
from store.names import table_name
from store.promoted import Promoted
from store.sqlite import SqliteEngine
from store.table import Table
from store.transactions import Refusal, Transactions, Watcher

SQLITE = "sqlite:///"
POSTGRES = ("postgresql://", "postgres://")

EARLY = 60
"""Rows that are sent to PostgreSQL at once: it writes them while the transaction goes on."""


def open_database(address: str, *, promoted: Promoted | None = None, make: bool = True) -> "Database":
    """Open "memory://", "sqlite:////absolute/path.db" or "postgresql://user:password@host:5432/database".

    promoted: for each table the dotted paths to index, a tuple of them for a compound index.
    make: whether a new one is made where there is none; otherwise that is Absent.
    Damaged: the file is broken or not ours. StoreError: it is newer than this program, or cannot be opened.
    """
    if address == "memory://":
        return Database(MemoryEngine())
    if address.startswith(SQLITE) and len(address) > len(SQLITE):
        return Database(SqliteEngine(Path(address.removeprefix(SQLITE)), promoted or {}, make))
    if address.startswith(POSTGRES):
        return Database(_postgres(address, promoted or {}, make), EARLY)
    kind = address.partition(":")[0]  # no more of it: there may be a password
    raise Unknown(f"unknown kind of database: {kind!r}; use memory://, sqlite:////path or postgresql://user@host/database")


def _postgres(address: str, promoted: Promoted, make: bool) -> Engine:
    try:
        from store.postgres.engine import PostgresEngine  # an extra that most do without
    except ImportError as error:
        raise StoreError(f"PostgreSQL needs one more package: pip install 'voronka[postgres]' ({error})") from error
    return PostgresEngine(address, promoted, make)


class Database:
    """Tables on one engine. Safe to use from many threads, a file also from many processes."""

    def __init__(self, engine: Engine, early: int = KEPT) -> None:
        self._engine, self._carries = Buffer(engine, early), engine if isinstance(engine, Carries) else None
        self._transactions = Transactions(self._engine)
        self._storage = portable.Whole(self._engine, self._transactions)
        self._tables: dict[str, Table] = {}
        self._lock = Lock()

    def table(self, name: str = "_default", *, cache_size: int | None = 0, persist_empty: bool = False) -> Table:
        """The table, always the same object for a name. It comes into being with the first write, or now with `persist_empty`.

        cache_size: TinyDB's, and without effect. ValueError when the name holds what cannot be printed.
        """
        table_name(name)  # a ValueError now, on every engine, rather than with the first write to a file
        with self._lock:
            if name not in self._tables:
                self._tables[name] = Table(self._engine, self._transactions, self._storage, name)
            found = self._tables[name]
        if persist_empty:
            found.persist()
        return found

    def tables(self) -> set[str]:
        """The names of the tables there are."""
        return self._engine.tables()

    def drop_table(self, name: str) -> None:
        """Remove a table with its documents; nothing happens when there is none."""
        with self.transaction():
            if name in self.tables():
                self._transactions.touch(name)
                self._engine.drop(name)

    def drop_tables(self) -> None:
        """Remove all tables."""
        with self.transaction():
            for name in self.tables():
                self.drop_table(name)

    def transaction(self) -> AbstractContextManager[None]:
        """A block that happens as a whole or not at all; an exception undoes it and goes on.

        Nested, it is a savepoint: an exception undoes the inner level only. Other writers wait meanwhile.
        """
        return self._transactions.transaction()

    @property
    def in_transaction(self) -> bool:
        """Whether this thread is inside a transaction."""
        return self._transactions.mine

    def on_commit(self, watcher: Watcher) -> Callable[[], None]:
        """Call watcher(frozenset of changed table names) after every outermost commit; the result stops that.

        It is called in the thread that committed, after others may write again; its exceptions are logged.
        """
        return self._transactions.watch(watcher)

    def refuse_with(self, refusal: Refusal) -> None:
        """Let writes that the store refuses raise refusal(StoreError) instead; a Conflict stays what it is."""
        self._transactions.refusal = refusal

    def revision(self) -> int:
        """Grows whenever anything was committed, by whatever process. Compare it within one process."""
        return self._engine.revision()

    def on_news(self, watcher: Callable[[], object]) -> Callable[[], None]:
        """Call the watcher, in a thread of the engine, soon after another process has committed; the result stops that.

        It may be called once too often: it is to look, not to count.
        """
        return self._engine.on_news(watcher)

    def carry(self, table: str, ready: QueryInstance) -> Carrier:
        """Leave a job with Procrastinate in each commit after which a document of the table is ready; what takes such jobs.

        The jobs of all processes: whoever takes one does what is ready, whoever wrote it. At most one job waits at a time.
        StoreError: not on PostgreSQL, without the package, or Procrastinate's tables cannot be made.
        """
        if self._carries is None:
            raise StoreError("jobs are carried by PostgreSQL only")
        return self._carries.carry(table, understand(ready))

    def backup(self, path: str | Path) -> None:
        """Write the last commit to a SQLite file, while others go on writing."""
        with portable.beside(Path(path)) as part:
            self._engine.backup(part)

    def move_to(self, target: "Database", origin: str, tell: Callable[[int, int], object] = lambda done, total: None) -> int:
        """Fill an empty database, of any engine, with everything; go on where an earlier try from here stopped.

        origin: what this database is called, without a password; tell(documents done, of all), as it goes. How many there are.
        Nobody can write here meanwhile. Occupied: the target holds something else. StoreError: other troubles of either.
        """
        return moving.move((self._engine, self._transactions), (target._engine, target._transactions), origin, tell)

    @property
    def incomplete(self) -> bool:
        """Whether this database is the target of a `move_to` that has not come to its end."""
        return moving.MARK in self.tables()

    def export_json(self, path: str | Path) -> None:
        """Write everything to a JSON file that plain TinyDB opens."""
        portable.export_json(self._storage, Path(path))

    def import_json(self, path: str | Path) -> None:
        """Replace everything by what a TinyDB JSON file holds, in one transaction."""
        portable.import_json(self._storage, Path(path))

    def check(self) -> list[str]:
        """What is wrong with the stored data, in words; empty when all is well."""
        return self._engine.check()

    def close(self) -> None:
        """Let go of the files, once the running transaction is through."""
        with self._transactions.alone():
            self._engine.close()
