"""Wait until something happens."""

from __future__ import annotations

from datetime import timedelta
from typing import Annotated, Literal

from pydantic import Field as Param

from model.clock import moment, stamp
from model.event import Event
from model.robot import FieldCode, Minutes, Pause, Robot, Stages, Step


class WaitEvent(Robot):
    """Waits until something happens to the element: a move, a change, a comment, a task done, a file. Or until the time is up."""

    kind = "wait_event"
    icon = "hourglass_empty"
    group = "logic"
    ports = ("happened", "timeout")

    event: Literal["moved", "changed", "commented", "task_done", "file_added"] = "moved"
    """What is waited for."""
    stages: Stages = ()
    """For a move: only to one of these stages; none: to any."""
    field: FieldCode = ""
    """For a change: only of this field; empty: of any."""
    timeout: Annotated[Minutes, Param(ge=0, le=5_256_000)] = 0
    """How long at most; 0: without a limit."""
    working: bool = False
    """Only working hours count for that."""

    def run(self, step: Step) -> str | Pause:
        if step.resumed == "time":
            return "timeout"
        if isinstance(step.resumed, Event) and self._is_it(step.resumed):
            return "happened"
        if self.timeout and "until" not in step.memory:
            length = timedelta(minutes=self.timeout)
            step.memory["until"] = stamp(step.calendar.after(step.now, length) if self.working else step.now + length)
        until = step.memory.get("until")
        return Pause(until=moment(until) if until else None, event=self.event)

    def _is_it(self, event: Event) -> bool:
        if self.event == "moved":
            return not self.stages or event.changes.get("stage", [None, None])[1] in self.stages
        if self.event != "changed":
            return True
        return self.field in event.changes if self.field else bool(event.changes.keys() - {"stage", "funnel"})
