"""Again and again."""

from __future__ import annotations

from datetime import datetime, timedelta, tzinfo
from typing import Annotated, Literal

from pydantic import Field as Param

from model.robot import Minutes, Trigger


class Every(Trigger):
    """Starts again and again at a fixed interval: for every element in work that meets the condition, or once."""

    kind = "every"
    icon = "event_repeat"
    events = ("tick",)

    interval: Annotated[Minutes, Param(ge=1, le=525_600)] = 60
    """The time between two starts."""
    for_each: bool = True
    """For each element in work that meets the condition; otherwise one run without an element."""
    missed: Literal["once", "skip"] = "once"
    """A start that was missed because Voronka was off: made up for once when it works again, or left out."""

    def next_tick(self, after: datetime, zone: tzinfo, last: datetime | None = None) -> datetime | None:
        step = timedelta(minutes=self.interval)
        return after + step if last is None or last > after else last + step * ((after - last) // step + 1)

    def ticks_for_each(self) -> bool:
        return self.for_each

    def makes_up(self) -> bool:
        return self.missed == "once"
