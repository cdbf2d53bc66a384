"""A field gets another value."""

from __future__ import annotations

from typing import Annotated, Any

from model.element import Element
from model.event import Event
from model.robot import FieldCode, Input, Trigger, pick

Scalar = Annotated[str | int | float | bool | None, pick(Input.VALUE)]


class FieldChanged(Trigger):
    """Starts when a field gets another value, by hand or by a robot."""

    kind = "field_changed"
    icon = "edit_note"
    events = ("changed", "moved")

    field: FieldCode
    """The field to watch."""
    from_value: Scalar = None
    """Only when it held this before; empty: whatever it held."""
    to_value: Scalar = None
    """Only when it holds this now; empty: whatever it holds."""

    def fires(self, event: Event, element: Element | None) -> bool:
        if self.field not in event.changes:
            return False
        before, after = event.changes[self.field]
        return _is(before, self.from_value) and _is(after, self.to_value)


def _is(value: Any, wanted: Any) -> bool:
    """Whether a stored value is the wanted one; of a list, one of its values."""
    if wanted is None or wanted == "":
        return True
    if isinstance(value, list):
        return any(_is(each, wanted) for each in value)
    if isinstance(value, bool) or isinstance(wanted, bool):
        return str(value).lower() == str(wanted).lower()
    return bool(value == wanted) or (value is not None and str(value) == str(wanted))
