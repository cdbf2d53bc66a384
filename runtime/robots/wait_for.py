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

    def run(self, step: Step) -> str | Pause:
        return "done" if step.resumed else Pause(until=step.now + timedelta(minutes=self.duration))
