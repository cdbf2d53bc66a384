"""Again and again."""

from __future__ import annotations

from datetime import datetime, timedelta, tzinfo
from typing import Annotated

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

    def next_tick(self, after: datetime, zone: tzinfo) -> datetime | None:
        return after + timedelta(minutes=self.interval)
