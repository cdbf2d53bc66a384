"""Wait a while."""

from __future__ import annotations

from datetime import timedelta
from typing import Annotated

from pydantic import Field as Param

from model.robot import Minutes, Pause, Robot, Step


class WaitFor(Robot):
    """Waits for a length of time, then goes on. The wait outlives a restart."""

    kind = "wait_for"
    icon = "timer"
    group = "logic"

    duration: Annotated[Minutes, Param(gt=0, le=5_256_000)] = 60
    """How long."""
    working: bool = False
    """Only working hours count, as the settings of the workspace say."""

    def run(self, step: Step) -> str | Pause:
        length = timedelta(minutes=self.duration)
        return (
            "done" if step.resumed else Pause(until=step.calendar.after(step.now, length) if self.working else step.now + length)
        )
