"""The working calendar of a workspace: which days and hours count when robots wait and when stages have a time norm."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta, tzinfo

DAY = timedelta(days=1)


@dataclass(frozen=True, slots=True)
class WorkCalendar:
    """Working days of the week (0 is Monday) with their hours, in a zone; no days: every minute counts."""

    zone: tzinfo
    weekdays: frozenset[int] = frozenset()
    opens: time = time(9)
    closes: time = time(18)
    """Later than `opens`."""
    holidays: frozenset[date] = frozenset()
    extra: frozenset[date] = frozenset()
    """Days that are worked although they are none of the week's; they go before holidays."""

    def after(self, start: datetime, length: timedelta) -> datetime:
        """The moment when so much working time has passed since `start` (aware); with no length, the first that is worked."""
        if not self.weekdays:
            return start + length
        left = length
        for opens, closes in self._windows(start):
            begin = max(start, opens)
            if begin < closes and left <= closes - begin:
                return begin + left
            left -= max(closes - begin, timedelta(0))
        raise OverflowError("no working day is left")

    def deadline(self, start: datetime, hours: float) -> datetime:
        """When a time norm is over. Whole days (24, 48, ... hours) are working days, anything else is working hours."""
        if not self.weekdays or hours % 24:
            return self.after(start, timedelta(hours=hours))
        midnight = datetime.combine(date.min, time())
        length = datetime.combine(midnight, self.closes) - datetime.combine(midnight, self.opens)
        return self.after(start, length * int(hours // 24))

    def _windows(self, start: datetime) -> Iterator[tuple[datetime, datetime]]:
        """Working hours of the days from that of `start` on."""
        day = start.astimezone(self.zone).date()
        while day < date.max:
            if day in self.extra or (day.weekday() in self.weekdays and day not in self.holidays):
                opens, closes = (datetime.combine(day, at, self.zone).astimezone(UTC) for at in (self.opens, self.closes))
                yield opens, closes
            day += DAY
