"""One line of text."""

from __future__ import annotations

from typing import Any

from pydantic import Field as Param

from builder.fields.entered import within, words
from model.field import Control, FieldType, Reading
from model.language import Reader


class String(FieldType):
    """One line of text. Line ends become spaces."""

    kind = "string"
    icon = "label"
    control = Control.TEXT
    operators = ("contains", "not_contains", "starts", "eq", "ne", "in", "not_in", "empty", "not_empty")

    max_length: int = Param(255, ge=1, le=10_000)
    """The most characters it may have."""

    def parse(self, raw: Any, reading: Reading) -> str:
        return within(" ".join(words(raw).split()), self.max_length)

    def show(self, value: Any, reader: Reader) -> str:
        return str(value)
