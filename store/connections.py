"""SQLite connections to one file: how they are set up, and a few idle ones kept for readers."""

import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from queue import Empty, LifoQueue
from queue import Full as Crowded

from store import patience
from store.errors import Busy, Damaged, Full, StoreError

IDLE = 8  # readers kept open; Streamlit's script threads come and go, so none belongs to a thread
BROKEN = (sqlite3.SQLITE_CORRUPT, sqlite3.SQLITE_NOTADB)
MEANINGS: dict[int, type[StoreError]] = {sqlite3.SQLITE_FULL: Full, sqlite3.SQLITE_BUSY: Busy, sqlite3.SQLITE_LOCKED: Busy}


@contextmanager
def plain_errors() -> Iterator[None]:
    """SQLite's errors as ours, with the original as their cause."""
    try:
        yield
    except sqlite3.Error as error:
        raise plain(error) from error


def plain(error: sqlite3.Error) -> StoreError:
    """Our own error for one of SQLite's."""
    code = getattr(error, "sqlite_errorcode", 0) & 0xFF
    if code in BROKEN:
        return Damaged(f"the database file is damaged or no database: {error}")
    return MEANINGS.get(code, StoreError)(f"the database refused: {error}")


def connect(path: Path) -> sqlite3.Connection:
    """A connection usable from any thread, in autocommit mode, that syncs every commit to disk."""
    db = sqlite3.connect(path, timeout=patience.WAIT, isolation_level=None, check_same_thread=False)
    db.execute("PRAGMA synchronous = FULL")
    return db


class Readers:
    """Connections that read. Each is used by one thread at a time, and sees the last commit."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._idle: LifoQueue[sqlite3.Connection] = LifoQueue(IDLE)
        self._closed = False

    @contextmanager
    def lend(self) -> Iterator[sqlite3.Connection]:
        """A connection for the time of the block."""
        db = self._take()
        try:
            yield db
        finally:
            self._give_back(db)

    def close(self) -> None:
        """Close the idle ones now and the lent ones when they come back."""
        self._closed = True
        while True:
            try:
                self._idle.get_nowait().close()
            except Empty:
                return

    def _take(self) -> sqlite3.Connection:
        if self._closed:
            raise StoreError("the database is closed")
        try:
            return self._idle.get_nowait()
        except Empty:
            db = connect(self._path)
            db.execute("PRAGMA query_only = ON")
            return db

    def _give_back(self, db: sqlite3.Connection) -> None:
        try:
            if self._closed:
                raise Crowded
            self._idle.put_nowait(db)
        except Crowded:
            db.close()
