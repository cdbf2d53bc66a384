"""A link to an element of a process."""

from __future__ import annotations

from typing import Annotated, Any

from pydantic import Field as Param

from builder.fields.entered import identity
from model.field import CODE, Control, FieldType, Reading
from model.language import Reader


class Link(FieldType):
    """A link to an element of a process, this one included."""

    kind = "link"
    icon = "account_tree"
    control = Control.ELEMENT
    operators = ("eq", "ne", "in", "not_in", "empty", "not_empty")

    process: Annotated[str, Param(pattern=CODE.pattern, json_schema_extra={"input": "process"})]
    """The process whose elements can be chosen."""

    def parse(self, raw: Any, reading: Reading) -> int:
        return identity(raw, "not_an_element")

    def show(self, value: Any, reader: Reader) -> str:
        return reader.element(value)
