"""Move to a stage."""

from __future__ import annotations

from typing import Annotated

from pydantic import Field as Param

from model.robot import Input, Robot, Step, pick


class MoveStage(Robot):
    """Moves the element to a stage of any funnel. What that stage requires must be filled in."""

    kind = "move_stage"
    icon = "move_item"
    group = "elements"

    stage: Annotated[str, pick(Input.STAGE), Param(min_length=1)]
    """Where it is moved."""

    def run(self, step: Step) -> str:
        step.move(self.stage)
        return "done"
