"""Where writers of all processes wait for one file: one at a time asks SQLite for its lock, and nobody is passed over for ever.

SQLite's waiters look again after ever longer pauses. Who writes one transaction after the other lets the lock go for an instant
only, and would get it again and again; here it waits behind whoever is waiting already.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import BinaryIO

try:
    import fcntl
except ImportError:  # Windows: SQLite's own waiting must do
    fcntl = None  # type: ignore[assignment]


class Anteroom:
    """A locked file beside the database. The system lets go of it when a process ends, however it ends."""

    def __init__(self, path: Path) -> None:
        self._file: BinaryIO | None = None
        with suppress(OSError):  # where no file can be made, SQLite says better what is wrong
            self._file = path.open("ab") if fcntl else None

    @contextmanager
    def entered(self) -> Iterator[None]:
        """Be the one that asks next, for the time of the block."""
        file = self._file
        if file is None:
            yield
            return
        fcntl.flock(file, fcntl.LOCK_EX)
        try:
            yield
        finally:
            fcntl.flock(file, fcntl.LOCK_UN)

    def close(self) -> None:
        """Let go of the file, which stays."""
        if self._file is not None:
            self._file.close()
            self._file = None
