"""Several ways become one."""

from __future__ import annotations

from typing import Literal

from model.robot import Robot, Step


class Join(Robot):
    """Brings several ways together. Ways that were not taken are not waited for."""

    kind = "join"
    icon = "merge"
    group = "logic"

    mode: Literal["all", "any"] = "all"
    """Wait for all the ways that were taken, or go on with the first."""

    def waits_for_all(self) -> bool:
        return self.mode == "all"

    def run(self, step: Step) -> str:
        return "done"
