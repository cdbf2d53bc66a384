"""A mail address."""

from __future__ import annotations

import re
from typing import Any

from builder.fields.entered import shown, words
from model.errors import BadValue
from model.field import Control, FieldType, Reading
from model.language import Reader

_ADDRESS = re.compile(r"[\w.!#$%&'*+/=?^`{|}~-]{1,64}@([^\W_]([\w-]{0,61}[^\W_])?\.)+[^\W_]([\w-]{0,61}[^\W_])")


class Email(FieldType):
    """A mail address; the domain is kept in small letters."""

    kind = "email"
    icon = "mail"
    control = Control.TEXT
    operators = ("contains", "not_contains", "starts", "eq", "ne", "empty", "not_empty")

    def parse(self, raw: Any, reading: Reading) -> str:
        text = words(raw).removeprefix("mailto:")
        name, _, domain = text.rpartition("@")
        if len(text) > 254 or not _ADDRESS.fullmatch(text) or ".." in text or name.startswith(".") or name.endswith("."):
            raise BadValue("bad_email", value=shown(raw), example="name@example.com")
        return f"{name}@{domain.lower()}"

    def show(self, value: Any, reader: Reader) -> str:
        return str(value)

    def href(self, value: Any) -> str:
        return f"mailto:{value}"
