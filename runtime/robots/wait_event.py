"""Wait until something happens."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from typing import Annotated, Literal

from pydantic import Field as Param

from model.clock import moment, stamp
from model.event import Event
from model.robot import FieldCode, Input, Minutes, Pause, Robot, Stages, Step, pick


class WaitEvent(Robot):
    """Waits until something has happened to the element since the run began: a move, a change, a comment, a task done, a file."""

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
    task: Annotated[str, pick(Input.NODE, kinds=["create_task"])] = ""
    """For a task: only that of this robot; none: that of the nearest one before, else any that the run gave."""
    timeout: Annotated[Minutes, Param(ge=0, le=5_256_000)] = 0
    """How long at most; 0: without a limit."""
    working: bool = False
    """Only working hours count for that."""

    def run(self, step: Step) -> str | Pause:
        if step.resumed == "time":
            return "timeout"
        if step.ticked(self.task) if self.event == "task_done" else step.happened(*self._what()):
            return "happened"
        if self.timeout and "until" not in step.memory:
            length = timedelta(minutes=self.timeout)
            step.memory["until"] = stamp(step.calendar.after(step.now, length) if self.working else step.now + length)
        until = step.memory.get("until")
        return Pause(until=moment(until) if until else None, event=self.event)

    def _what(self) -> tuple[tuple[str, ...], Callable[[Event], bool], str]:
        """Kinds of event (a move may change fields, too), which of them are meant, and what they are about."""
        if self.event == "changed":
            return ("changed", "moved"), self._changes, self.field
        return (self.event,), self._moves if self.event == "moved" else lambda event: True, ""

    def _moves(self, event: Event) -> bool:
        return not self.stages or event.changes.get("stage", [None, None])[1] in self.stages

    def _changes(self, event: Event) -> bool:
        return self.field in event.changes if self.field else bool(event.changes.keys() - {"stage", "funnel"})
