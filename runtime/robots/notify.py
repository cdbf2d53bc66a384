"""Tell a person."""

from __future__ import annotations

from typing import Annotated

from pydantic import Field as Param

from model.robot import Input, LongTemplate, Robot, Step, pick


class Notify(Robot):
    """Puts a notification into somebody's inbox."""

    kind = "notify"
    icon = "notifications"
    group = "people"
    ports = ("done", "nobody")

    whom: Annotated[str, pick(Input.PERSON)] = "responsible"
    """Who is told."""
    text: Annotated[LongTemplate, Param(min_length=1)]
    """What they are told."""

    def run(self, step: Step) -> str:
        user = step.person(self.whom)
        if user is None:
            return "nobody"
        step.notify(user, step.fill(self.text)[:2000])
        return "done"
