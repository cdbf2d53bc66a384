"""Where the bytes of a table come from: memory or a file, opened afresh for each reading."""

from __future__ import annotations

from dataclasses import dataclass
from io import BytesIO
from pathlib import Path
from typing import BinaryIO

from model.errors import Unreadable

MAX_BYTES = 512 * 1024 * 1024
"""A file above this is refused; the pages' own limit of uploads is lower."""


@dataclass(frozen=True)
class Source:
    """A file's name and its bytes, either here (`data`) or at `path`."""

    name: str
    data: bytes = b""
    path: Path | None = None

    @classmethod
    def of(cls, name: str, data: bytes | Path | BinaryIO) -> Source:
        """Take bytes, a path or a stream (read from where it stands); Unreadable: empty_file, too_large, no_such_file."""
        if isinstance(data, Path):
            found = cls(name or data.name, path=data)
        else:
            found = cls(name, data if isinstance(data, bytes) else data.read(MAX_BYTES + 1))
        if found.size == 0:
            raise Unreadable("empty_file", name=found.name)
        if found.size > MAX_BYTES:
            raise Unreadable("too_large", name=found.name, limit=MAX_BYTES // 1024**2)
        return found

    @property
    def size(self) -> int:
        """Bytes."""
        if self.path is None:
            return len(self.data)
        try:
            return self.path.stat().st_size
        except OSError as refused:
            raise Unreadable("no_such_file", name=self.name) from refused

    def open(self) -> BinaryIO:
        """Open for reading from the start."""
        if self.path is None:
            return BytesIO(self.data)
        try:
            return self.path.open("rb")
        except OSError as refused:
            raise Unreadable("no_such_file", name=self.name) from refused

    def head(self, size: int) -> bytes:
        """The first bytes."""
        with self.open() as file:
            return file.read(size)
