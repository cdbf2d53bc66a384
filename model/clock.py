"""Time is given, never taken."""

from __future__ import annotations

from datetime import UTC, date, datetime
from functools import lru_cache
from typing import Protocol


class Clock(Protocol):
    """Who is asked for the time. Tests hand in one that they move."""

    def now(self) -> datetime:
        """The time now, aware, in UTC."""


def stamp(moment: datetime) -> str:
    """Write an aware time as the store keeps it: UTC, milliseconds, `2026-11-21T22:24:28.123Z`; sorts as text."""
    at = moment.astimezone(UTC)
    return f"{_second(at.year, at.month, at.day, at.hour, at.minute, at.second)}{at.microsecond // 1000:03}Z"


@lru_cache(100)
def _second(year: int, month: int, day: int, hour: int, minute: int, second: int) -> str:
    return f"{year:04}-{month:02}-{day:02}T{hour:02}:{minute:02}:{second:02}."


def moment(text: str) -> datetime:
    """Read what `stamp` wrote (or a plain date, taken as midnight UTC) into an aware time in UTC."""
    if len(text) == 10:
        return datetime.combine(date.fromisoformat(text), datetime.min.time(), UTC)
    return datetime.fromisoformat(text).astimezone(UTC)
