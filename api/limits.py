"""How much of the server one person and one address may take at a time: plenty for people, little for a flood."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from runtime.attempts import place as place

MEGABYTE = 1024 * 1024


@dataclass(frozen=True, slots=True)
class Pace:
    """So many a second, after a first number that may come at once."""

    rate: float
    burst: float


OPENING, FRAMES, ALL_FRAMES = Pace(5, 100), Pace(20, 100), Pace(60, 400)
BYTES = Pace(2 * MEGABYTE, 32 * MEGABYTE)


@dataclass(frozen=True, slots=True)
class Limits:
    """The limits, as docs/operating.md tells them: of a person, whatever the number of their sessions, unless said."""

    sockets: int = 100
    """Open at a time."""
    sockets_of_address: int = 2000
    """The same from one address: a whole office may be behind it."""
    opening: Pace = OPENING
    """Sockets that are opened; what comes faster waits."""
    frames: Pace = FRAMES
    """Frames on one socket; what comes faster is not read yet."""
    all_frames: Pace = ALL_FRAMES
    """Frames on all sockets of a person."""
    bytes: Pace = BYTES
    """Bytes on all sockets of a person."""
    frame: int = 8 * MEGABYTE
    """The largest frame."""
    uploads: int = 3
    """Files on their way at a time; the next ones wait unread."""
    uploads_of_address: int = 30
    waiting: int = 60
    """Files that wait; more are refused."""
    stalled: float = 60
    """Seconds that a file on its way may bring nothing."""


class Bucket:
    """Counts what is taken and says how long to wait for it. The clock is a monotonic one, in seconds."""

    def __init__(self, pace: Pace, clock: Callable[[], float]) -> None:
        self._pace, self._clock = pace, clock
        self._left, self._at = pace.burst, clock()

    def take(self, amount: float = 1) -> float:
        """Take it, also where there is too little; the seconds until that is made up for."""
        now = self._clock()
        self._left = min(self._pace.burst, self._left + (now - self._at) * self._pace.rate) - amount
        self._at = now
        return max(0.0, -self._left / self._pace.rate)
