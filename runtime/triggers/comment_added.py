"""A comment on the timeline."""

from __future__ import annotations

from model.element import Element
from model.event import Event
from model.robot import Trigger


class CommentAdded(Trigger):
    """Starts when somebody writes a comment."""

    kind = "comment_added"
    icon = "comment"
    events = ("commented",)

    contains: str = ""
    """Only when the comment holds these words, letter case aside; empty: any comment."""

    def fires(self, event: Event, element: Element | None) -> bool:
        return self.contains.strip().casefold() in str(event.data.get("text", "")).casefold()
