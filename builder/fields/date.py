"""A day."""

from __future__ import annotations

from typing import Any

from builder.fields.moments import FIGURES, day
from model.field import Control, FieldType, Reading
from model.language import Reader


class Date(FieldType):
    """A day of the calendar, without time."""

    kind = "date"
    icon = "event"
    control = Control.DATE
    operators = (
        "eq", "ge", "le", "gt", "lt", "last_days", "next_days", "before_today", "after_today", "ne", "empty", "not_empty",
    )  # fmt: skip

    def parse(self, raw: Any, reading: Reading) -> str:
        return day(raw, reading).isoformat()

    def show(self, value: Any, reader: Reader) -> str:
        return reader.date(value)

    def write(self, value: Any, reader: Reader) -> str:
        return reader.date(value, FIGURES[reader.locale])
