"""How long whoever wants to write waits, in the queue of this process and for other processes together, and who is in the way."""

from __future__ import annotations

import math
import time
from dataclasses import dataclass

WAIT: float = 60
"""Seconds until whoever waits to write is refused."""
STALLED: float = 30
"""Seconds that whoever writes may leave PostgreSQL without a word; then those who wait end its session."""
LEAST = 0.05
"""Seconds that are waited at least, however long the queue was."""


@dataclass(frozen=True, slots=True)
class Holder:
    """Who writes, as far as it can be known: its name, its process or session (0: unknown), for how many seconds by now."""

    name: str = ""
    pid: int = 0
    seconds: float = 0

    def __str__(self) -> str:
        since = f", for {self.seconds:.0f} s" if self.seconds else ""
        return f"{self.name or 'somebody'}{f' ({self.pid})' if self.pid else ''}{since}"


def deadline() -> float:
    """When one who begins to wait now is refused, on the monotonic clock."""
    return time.monotonic() + WAIT


def left(until: float) -> float:
    """The seconds that are left, of those that one waits; infinity for one who waits for ever."""
    return until if math.isinf(until) else max(until - time.monotonic(), LEAST)
