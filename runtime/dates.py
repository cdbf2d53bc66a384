"""When a date field comes due, with a distance and a time of the day."""

from __future__ import annotations

from datetime import UTC, date, datetime, time, timedelta, tzinfo
from typing import Any

from model.clock import moment

TIME = r"^([01]\d|2[0-3]):[0-5]\d$"
"""What a time of the day looks like."""


def due_of(value: Any, minutes: float, at: str, zone: tzinfo) -> datetime | None:
    """The moment `minutes` after (or before, if negative) a stored date or time; None for an empty or broken value.

    A date without a time means `at` o'clock in the zone; of several values the first counts. Whole days keep the time of the day.
    """
    value = value[0] if isinstance(value, list) and value else value
    if not isinstance(value, str):
        return None
    try:
        start = datetime.combine(date.fromisoformat(value), time.fromisoformat(at)) if len(value) == 10 else None
        local = start or moment(value).astimezone(zone).replace(tzinfo=None)
        return (local + timedelta(minutes=minutes)).replace(tzinfo=zone).astimezone(UTC)
    except (ValueError, OverflowError):
        return None
