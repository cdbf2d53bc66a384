"""Who writes into a SQLite file: the system knows which process has locked what, where it is a Linux."""

from __future__ import annotations

from contextlib import suppress
from pathlib import Path

from store.patience import Holder

WRITES = 120
"""The byte of `-shm` that SQLite locks for the one who writes in WAL mode."""


def writer_of(path: Path) -> Holder:
    """Who holds the lock, as far as it can be known."""
    with suppress(OSError, ValueError):
        inode = path.with_name(f"{path.name}-shm").stat().st_ino
        for line in Path("/proc/locks").read_text().splitlines():
            *_, kind, pid, place, first, last = line.split()
            if kind == "WRITE" and place.endswith(f":{inode}") and last != "EOF" and int(first) <= WRITES <= int(last):
                return Holder(Path(f"/proc/{pid}/comm").read_text().strip(), int(pid))
    return Holder()
