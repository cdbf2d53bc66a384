"""A button on the card."""

from __future__ import annotations

from model.robot import Trigger


class ByHand(Trigger):
    """Starts when somebody presses the button on the element's card, or when another graph starts this one."""

    kind = "by_hand"
    icon = "touch_app"
    events = ("started",)
