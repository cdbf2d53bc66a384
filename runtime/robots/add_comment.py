"""Write on the timeline."""

from __future__ import annotations

from typing import Annotated

from pydantic import Field as Param

from model.robot import LongTemplate, Robot, Step


class AddComment(Robot):
    """Writes a comment on the element's timeline."""

    kind = "add_comment"
    icon = "comment"
    group = "elements"

    text: Annotated[LongTemplate, Param(min_length=1)]
    """The comment."""

    def run(self, step: Step) -> str:
        step.comment(step.fill(self.text)[:20_000])
        return "done"
