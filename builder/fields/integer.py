"""A whole number."""

from __future__ import annotations

from typing import Any, Self

from pydantic import Field as Param
from pydantic import model_validator

from builder.fields.entered import GROUPED, SAFE_INTEGER, between, number, shown
from model.errors import BadValue
from model.field import Control, FieldType, Reading
from model.language import Reader


class Integer(FieldType):
    """A whole number."""

    kind = "integer"
    icon = "numbers"
    control = Control.NUMBER
    operators = ("eq", "ne", "gt", "ge", "lt", "le", "in", "not_in", "empty", "not_empty")
    summable = True

    min: int | None = Param(None, ge=-SAFE_INTEGER, le=SAFE_INTEGER)
    """The least value allowed; empty: no limit."""
    max: int | None = Param(None, ge=-SAFE_INTEGER, le=SAFE_INTEGER)
    """The greatest value allowed; empty: no limit."""

    @model_validator(mode="after")
    def _in_order(self) -> Self:
        if self.min is not None and self.max is not None and self.min > self.max:
            raise ValueError("param.min_over_max")
        return self

    def parse(self, raw: Any, reading: Reading) -> int:
        found = between(number(raw, reading, 0), -SAFE_INTEGER, SAFE_INTEGER)
        if found != found.to_integral_value():
            raise BadValue("not_whole", value=shown(str(raw)))
        return int(between(found, self.min, self.max))

    def show(self, value: Any, reader: Reader) -> str:
        return reader.number(value, 0, least=GROUPED)

    def write(self, value: Any, reader: Reader) -> str:
        return self.show(value, reader)
