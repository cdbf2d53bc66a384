"""Time is given, never taken."""

from __future__ import annotations

from datetime import UTC, date, datetime
from typing import Protocol


class Clock(Protocol):
    """Who is asked for the time. Tests hand in one that they move."""

    def now(self) -> datetime:
        """The time now, aware, in UTC."""


def stamp(moment: datetime) -> str:
    """Write an aware time as the store keeps it: UTC, milliseconds, `2026-11-21T22:24:28.123Z`; sorts as text."""
    return moment.astimezone(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")


def moment(text: str) -> datetime:
    """Read what `stamp` wrote (or a plain date, taken as midnight UTC) into an aware time in UTC."""
    if len(text) == 10:
        return datetime.combine(date.fromisoformat(text), datetime.min.time(), UTC)
    return datetime.fromisoformat(text).astimezone(UTC)
