"""An element leaves a stage."""

from __future__ import annotations

from model.element import Element
from model.event import Event
from model.robot import Stages, Trigger


class StageLeft(Trigger):
    """Starts when an element leaves a stage."""

    kind = "stage_left"
    icon = "logout"
    events = ("moved",)

    stages: Stages = ()
    """The stages it leaves; none: any stage."""
    to_stages: Stages = ()
    """Only when it goes to one of these; none: to anywhere."""

    def fires(self, event: Event, element: Element | None) -> bool:
        if "stage" not in event.changes:
            return False
        before, after = event.changes["stage"]
        return (not self.stages or before in self.stages) and (not self.to_stages or after in self.to_stages)
