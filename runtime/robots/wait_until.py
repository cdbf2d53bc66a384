"""Wait for a date of the element."""

from __future__ import annotations

from datetime import timedelta
from typing import Annotated, Literal

from pydantic import Field as Param

from model.robot import Input, Minutes, Pause, Robot, Step, pick
from runtime.dates import TIME, due_of


class WaitUntil(Robot):
    """Waits until the date in a field, or some time before or after it. If the date is changed meanwhile, the new one holds."""

    kind = "wait_until"
    icon = "calendar_month"
    group = "logic"
    ports = ("done", "no_date")

    field: Annotated[str, pick(Input.DATE_FIELD)]
    """The field with the date. If it is empty, the way goes on by "no_date"."""
    side: Literal["before", "after"] = "before"
    """Whether the distance lies before the date or after it."""
    offset: Annotated[Minutes, Param(ge=0, le=5_256_000)] = 0
    """The distance; 0: at the date itself."""
    time: Annotated[str, pick(Input.TIME), Param(pattern=TIME)] = "09:00"
    """At what time of the day, for fields that hold a date without a time."""
    working: bool = False
    """A moment outside working hours is put off until they begin."""

    def run(self, step: Step) -> str | Pause:
        shift = self.offset if self.side == "after" else -self.offset
        due = due_of(step.element.get(self.field), shift, self.time, step.zone)
        if due is None:
            return "no_date"
        due = step.calendar.after(due, timedelta(0)) if self.working else due
        return "done" if due <= step.now else Pause(until=due, event="changed")
