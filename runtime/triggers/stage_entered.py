"""An element comes to a stage."""

from __future__ import annotations

from model.element import Element
from model.event import Event
from model.robot import Stages, Trigger


class StageEntered(Trigger):
    """Starts when an element comes to a stage: by a move, or by being created there."""

    kind = "stage_entered"
    icon = "login"
    events = ("moved", "created")

    stages: Stages = ()
    """The stages it comes to; none: any stage."""
    from_stages: Stages = ()
    """Only when it comes from one of these; none: from anywhere, new elements included."""

    def fires(self, event: Event, element: Element | None) -> bool:
        if "stage" not in event.changes:
            return False
        before, after = event.changes["stage"]
        return (not self.stages or after in self.stages) and (not self.from_stages or before in self.from_stages)
