"""A new element."""

from __future__ import annotations

from model.robot import Trigger


class ElementCreated(Trigger):
    """Starts when an element is created."""

    kind = "element_created"
    icon = "add_circle"
    events = ("created",)
