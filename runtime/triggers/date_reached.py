"""A date field comes due."""

from __future__ import annotations

from datetime import datetime, tzinfo
from typing import Annotated, Literal

from pydantic import Field as Param

from model.element import Element
from model.robot import Input, Minutes, Trigger, pick
from runtime.dates import TIME, due_of


class DateReached(Trigger):
    """Starts when the date in a field comes, or some time before or after it. Dates that have passed already do not count."""

    kind = "date_reached"
    icon = "event"
    events = ("due",)

    field: Annotated[str, pick(Input.DATE_FIELD)]
    """The field with the date."""
    side: Literal["before", "after"] = "before"
    """Whether the distance lies before the date or after it."""
    offset: Annotated[Minutes, Param(ge=0, le=5_256_000)] = 0
    """The distance; 0: at the date itself."""
    time: Annotated[str, pick(Input.TIME), Param(pattern=TIME)] = "09:00"
    """At what time of the day, for fields that hold a date without a time."""

    def due(self, element: Element, zone: tzinfo) -> datetime | None:
        return due_of(element.get(self.field), self.offset if self.side == "after" else -self.offset, self.time, zone)
