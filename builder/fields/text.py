"""Text of several lines."""

from __future__ import annotations

from typing import Any

from pydantic import Field as Param

from builder.fields.entered import within, words
from model.field import Control, FieldType, Reading
from model.language import Reader


class Text(FieldType):
    """Text of several lines; line ends stay."""

    kind = "text"
    icon = "description"
    control = Control.LONG_TEXT
    operators = ("contains", "not_contains", "starts", "empty", "not_empty")

    max_length: int = Param(50_000, ge=1, le=200_000)
    """The most characters it may have."""

    def parse(self, raw: Any, reading: Reading) -> str:
        return within(words(raw), self.max_length)

    def show(self, value: Any, reader: Reader) -> str:
        return str(value)
