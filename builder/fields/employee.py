"""A person of the workspace."""

from __future__ import annotations

from typing import Any

from builder.fields.entered import identity
from model.field import Control, FieldType, Reading
from model.language import Reader


class Employee(FieldType):
    """A person of the workspace."""

    kind = "employee"
    icon = "person"
    control = Control.PERSON
    operators = ("eq", "ne", "in", "not_in", "empty", "not_empty")

    def parse(self, raw: Any, reading: Reading) -> int:
        return identity(raw, "not_a_person")

    def show(self, value: Any, reader: Reader) -> str:
        return reader.person(value)
