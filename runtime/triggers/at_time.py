"""At a time of the day."""

from __future__ import annotations

from datetime import UTC, datetime, time, timedelta, tzinfo
from typing import Annotated, Literal

from pydantic import Field as Param

from model.robot import Input, Trigger, pick
from runtime.dates import TIME


class AtTime(Trigger):
    """Starts at a time of the day on chosen days of the week: for every element in work that meets the condition, or once."""

    kind = "at_time"
    icon = "alarm"
    events = ("tick",)

    time: Annotated[str, pick(Input.TIME), Param(pattern=TIME)] = "09:00"
    """The time of the day in the workspace's zone."""
    weekdays: Annotated[tuple[Annotated[int, Param(ge=0, le=6)], ...], pick(Input.WEEKDAYS)] = (0, 1, 2, 3, 4)
    """The days of the week, Monday is 0; none: every day."""
    for_each: bool = True
    """For each element in work that meets the condition; otherwise one run without an element."""
    missed: Literal["once", "skip"] = "once"
    """A start that was missed because Voronka was off: made up for once when it works again, or left out."""

    def next_tick(self, after: datetime, zone: tzinfo, last: datetime | None = None) -> datetime | None:
        local = after.astimezone(zone)
        for days in range(9):
            day = local.date() + timedelta(days=days)
            found = datetime.combine(day, time.fromisoformat(self.time), zone).astimezone(UTC)
            if found > after and (not self.weekdays or day.weekday() in self.weekdays):
                return found
        return None

    def ticks_for_each(self) -> bool:
        return self.for_each

    def makes_up(self) -> bool:
        return self.missed == "once"
