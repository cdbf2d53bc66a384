"""Where writers of all processes wait for one file: one at a time asks SQLite for its lock, and nobody is passed over for ever.

SQLite's waiters look again after ever longer pauses. Who writes one transaction after the other lets the lock go for an instant
only, and would get it again and again; here it waits behind whoever is waiting already.
"""

from __future__ import annotations

import math
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from threading import Event, Lock, Thread
from typing import BinaryIO

from store import patience
from store.errors import Busy

try:
    import fcntl
except ImportError:  # Windows: SQLite's own waiting must do
    fcntl = None  # type: ignore[assignment]


class Anteroom:
    """A locked file beside the database. The system lets go of it when a process ends, however it ends."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._file: BinaryIO | None = None
        with suppress(OSError):  # where no file can be made, SQLite says better what is wrong
            self._file = path.open("ab") if fcntl else None

    @contextmanager
    def entered(self, until: float = math.inf) -> Iterator[None]:
        """Be the one that asks next, for the time of the block; Busy if that has not come until then."""
        if self._file is None:
            yield
            return
        file = self._file if self._free(self._file) else self._waited(until)
        try:
            yield
        finally:
            fcntl.flock(file, fcntl.LOCK_UN)
            if file is not self._file:
                file.close()

    def _free(self, file: BinaryIO) -> bool:
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            return False
        return True

    def _waited(self, until: float) -> BinaryIO:
        """The file, opened once more and locked. The system keeps an order of those who wait, but no time: a thread waits."""
        file, came, decided = self._path.open("ab"), Event(), Lock()

        def wait() -> None:
            fcntl.flock(file, fcntl.LOCK_EX)
            if decided.acquire(blocking=False):
                came.set()
            else:
                file.close()

        Thread(target=wait, name="voronka-turn", daemon=True).start()
        seconds = patience.left(until)
        if not came.wait(None if math.isinf(seconds) else seconds) and decided.acquire(blocking=False):
            raise Busy("the database refused: database is locked")
        return file

    def close(self) -> None:
        """Let go of the file, which stays."""
        if self._file is not None:
            self._file.close()
            self._file = None
