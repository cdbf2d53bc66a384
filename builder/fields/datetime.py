"""A day and a time."""

from __future__ import annotations

from typing import Any

from builder.fields.moments import FIGURES, moment
from model.clock import stamp
from model.field import Control, FieldType, Reading
from model.language import Reader


class DateTime(FieldType):
    """A moment: kept in UTC, shown in each person's time zone."""

    kind = "datetime"
    icon = "schedule"
    control = Control.DATETIME
    operators = ("ge", "le", "gt", "lt", "last_days", "next_days", "before_today", "after_today", "eq", "empty", "not_empty")

    def parse(self, raw: Any, reading: Reading) -> str:
        return stamp(moment(raw, reading))

    def show(self, value: Any, reader: Reader) -> str:
        return reader.datetime(value)

    def write(self, value: Any, reader: Reader) -> str:
        return reader.datetime(value, f"{FIGURES[reader.locale]} HH:mm")
