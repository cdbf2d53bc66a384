"""The end."""

from __future__ import annotations

from model.robot import Robot, Step


class Stop(Robot):
    """Ends the whole run, other ways included: what still waits is not waited for."""

    kind = "stop"
    icon = "stop_circle"
    group = "logic"
    ports = ()
    ends_run = True

    def outlets(self) -> tuple[str, ...]:
        return ()

    def run(self, step: Step) -> str:
        return ""
