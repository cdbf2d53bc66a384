"""Yes or no."""

from __future__ import annotations

from typing import Any

from builder.fields.entered import shown, words
from model.errors import BadValue
from model.field import Control, FieldType, Reading
from model.language import Reader

_YES = frozenset(["true", "yes", "y", "on", "1", "+", "да", "д", "истина", "вкл", "x", "х", "✓", "✔"])
_NO = frozenset(["false", "no", "n", "off", "0", "-", "нет", "н", "ложь", "выкл", "✗", "✘"])


class Boolean(FieldType):
    """Yes or no."""

    kind = "boolean"
    icon = "toggle_on"
    control = Control.CHECKBOX
    operators = ("eq", "ne", "empty", "not_empty")

    def parse(self, raw: Any, reading: Reading) -> bool:
        if isinstance(raw, bool):
            return raw
        word = words(raw).casefold()
        if word in _YES or word in _NO:
            return word in _YES
        raise BadValue("not_yes_or_no", value=shown(raw))

    def show(self, value: Any, reader: Reader) -> str:
        return reader.t("field.boolean.yes" if value else "field.boolean.no")
