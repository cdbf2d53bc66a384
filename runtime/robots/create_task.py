"""Give a task."""

from __future__ import annotations

from datetime import timedelta
from typing import Annotated

from pydantic import Field as Param

from model.robot import Input, LongTemplate, Minutes, Robot, Step, Template, pick


class CreateTask(Robot):
    """Gives somebody a task on the element."""

    kind = "create_task"
    icon = "assignment"
    group = "people"

    title: Annotated[Template, Param(min_length=1)]
    """What is to be done."""
    responsible: Annotated[str, pick(Input.PERSON, sees=True)] = "responsible"
    """Who does it."""
    due: Annotated[Minutes, Param(ge=0, le=5_256_000)] = 0
    """How long they have from now on; 0: without a date."""
    text: LongTemplate = ""
    """What else they should know."""

    def run(self, step: Step) -> str:
        due = step.now + timedelta(minutes=self.due) if self.due else None
        step.task(step.fill(self.title)[:255], step.person(self.responsible), due, step.fill(self.text))
        return "done"
