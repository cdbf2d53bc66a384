"""Counts what is unpacked from a zip while it is read: its directory may say anything."""

from __future__ import annotations

import zipfile
from typing import IO, Any

from model.errors import Unreadable

MAX_TEXT = 1024**2
"""Bytes without a tag: Excel itself puts 32,767 letters into a cell."""


class Meter:
    """What has been read since the last `renew`: bytes, tags, bytes without a tag. Unreadable("unpacks") beyond the limits."""

    def __init__(self, name: str, most: int, tags: int) -> None:
        self._name = name
        self.renew(most, tags)

    def renew(self, most: int, tags: int) -> None:
        """Begin to count the next piece."""
        self._most, self._tags, self._text = most, tags, 0

    def count(self, data: bytes) -> bytes:
        """These bytes have been unpacked."""
        tag = data.rfind(b"<")
        self._text = len(data) - tag if tag >= 0 else self._text + len(data)
        self._most, self._tags = self._most - len(data), self._tags - data.count(b"<")
        if min(self._most, self._tags) < 0 or self._text > MAX_TEXT:
            raise Unreadable("unpacks", name=self._name)
        return data


class _Part:
    """A member of a zip that is read through a meter."""

    def __init__(self, part: IO[bytes], meter: Meter) -> None:
        self._part, self._meter = part, meter

    def read(self, size: int = 64 * 1024) -> bytes:
        """The next bytes; never all of them at once."""
        return self._meter.count(self._part.read(size))

    def close(self) -> None:
        """Let go of it."""
        self._part.close()

    def __enter__(self) -> _Part:
        return self

    def __exit__(self, *error: object) -> None:
        self.close()


class Metered(zipfile.ZipFile):
    """A zip of XML whose members are counted while they are read."""

    def __init__(self, file: IO[bytes], meter: Meter) -> None:
        super().__init__(file)
        self._meter = meter

    def open(self, name: Any, *args: Any, **more: Any) -> Any:
        """See ZipFile."""
        return _Part(super().open(name, *args, **more), self._meter)

    def read(self, name: Any, pwd: bytes | None = None) -> bytes:
        """See ZipFile."""
        with self.open(name, pwd=pwd) as part:
            return b"".join(iter(lambda: part.read(), b""))
