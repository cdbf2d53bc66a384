"""A number with decimals."""

from __future__ import annotations

from decimal import ROUND_HALF_EVEN, Decimal
from typing import Any, Self

from pydantic import Field as Param
from pydantic import model_validator

from builder.fields.entered import GROUPED, between, number
from model.field import Control, FieldType, Reading
from model.language import Reader

LIMIT = 10**15


class Double(FieldType):
    """A number with decimals."""

    kind = "double"
    icon = "calculate"
    control = Control.NUMBER
    operators = ("eq", "ne", "gt", "ge", "lt", "le", "in", "not_in", "empty", "not_empty")
    summable = True

    digits: int = Param(2, ge=0, le=6)
    """Digits behind the decimal mark; more are rounded half to even."""
    min: float | None = Param(None, ge=-LIMIT, le=LIMIT, allow_inf_nan=False)
    """The least value allowed; empty: no limit."""
    max: float | None = Param(None, ge=-LIMIT, le=LIMIT, allow_inf_nan=False)
    """The greatest value allowed; empty: no limit."""

    @model_validator(mode="after")
    def _in_order(self) -> Self:
        if self.min is not None and self.max is not None and self.min > self.max:
            raise ValueError("param.min_over_max")
        return self

    def parse(self, raw: Any, reading: Reading) -> float:
        found = between(number(raw, reading, self.digits), -LIMIT, LIMIT)
        rounded = found.quantize(Decimal(1).scaleb(-self.digits), ROUND_HALF_EVEN)
        return float(between(rounded, self.min, self.max)) + 0.0

    def show(self, value: Any, reader: Reader) -> str:
        return reader.number(value, least=GROUPED)

    def write(self, value: Any, reader: Reader) -> str:
        return self.show(value, reader)
