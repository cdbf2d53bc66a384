"""Yes or no."""

from __future__ import annotations

from model.filter import ALL
from model.robot import Robot, Step, When


class Choice(Robot):
    """Goes on by "yes" when the element meets the condition, else by "no"."""

    kind = "condition"
    icon = "fork_right"
    group = "logic"
    ports = ("yes", "no")

    condition: When = ALL
    """What the element is asked."""

    def run(self, step: Step) -> str:
        return "yes" if step.matches(self.condition) else "no"
