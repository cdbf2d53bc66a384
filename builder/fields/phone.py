"""A phone number."""

from __future__ import annotations

import re
from typing import Any

from builder.fields.entered import shown, words
from model.errors import BadValue
from model.field import Control, FieldType, Reading
from model.language import Reader

_WRITTEN = re.compile(r"\+?[0-9\s().\-/–]+")


class Phone(FieldType):
    """A phone number, kept as digits with a leading plus if it was written with one."""

    kind = "phone"
    icon = "call"
    control = Control.TEXT
    operators = ("contains", "starts", "eq", "ne", "empty", "not_empty")

    def parse(self, raw: Any, reading: Reading) -> str:
        text = words(raw).removeprefix("tel:")
        digits = re.sub(r"[^0-9]", "", text)
        if not _WRITTEN.fullmatch(text) or not 5 <= len(digits) <= 15:
            raise BadValue("bad_phone", value=shown(raw), least=5, most=15, example="+7 900 123-45-67")
        return ("+" if text.startswith("+") else "") + digits

    def show(self, value: Any, reader: Reader) -> str:
        return str(value)

    def href(self, value: Any) -> str:
        return f"tel:{value}"
