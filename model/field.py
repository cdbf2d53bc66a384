"""Fields: the typed values of an element."""

from __future__ import annotations

import re
from abc import abstractmethod
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, tzinfo
from enum import StrEnum
from typing import Any, ClassVar

from pydantic import Field as Param
from pydantic import field_validator

from model.kind import Catalog, Frozen, Kind
from model.language import Reader

CODE = re.compile(r"^[a-z][a-z0-9_]{0,39}$")
"""What a code looks like: it is a path in documents, a word in templates and a column in exports."""

SYSTEM: Mapping[str, str] = {
    "id": "integer", "title": "string", "funnel": "string", "stage": "stage", "responsible": "employee",
    "created_at": "datetime", "created_by": "employee", "updated_at": "datetime", "moved_at": "datetime",
    "closed_at": "datetime",
}  # fmt: skip
"""Values that every element has, with the field type that shows them. A field may not take one of these codes."""


class Control(StrEnum):
    """The closed set of inputs that pages can draw. A new field type picks one; a new control is rare."""

    TEXT = "text"
    LONG_TEXT = "long_text"
    NUMBER = "number"
    CHECKBOX = "checkbox"
    DATE = "date"
    DATETIME = "datetime"
    CHOICE = "choice"
    PERSON = "person"
    ELEMENT = "element"
    FILE = "file"


@dataclass(frozen=True, slots=True)
class Reading:
    """How a source writes its values: `31.12.2026` or `12/31/2026`, `1 234,5` or `1,234.5`."""

    day_first: bool = True
    """Whether 03/04/2026 is the 3rd of April."""
    decimal: str = "."
    """The decimal mark; the other one of `.` and `,` groups thousands."""
    group: str = ""
    """The one of `.` and `,` that groups thousands, for a source that `asks`; empty: neither does as a rule."""
    asks: bool = False
    """Whether a text with two readings is refused. A table's marks are settled for all of it; people write as they please."""
    zone: tzinfo = UTC
    """The time zone of times without one."""


class FieldType(Kind):
    """A kind of value. A subclass gives `control`, `operators`, `parse` (entered -> stored) and `show` (stored -> read)."""

    control: ClassVar[Control]
    operators: ClassVar[tuple[str, ...]] = ("eq", "ne", "in", "not_in", "empty", "not_empty")
    """The operators of `model.filter` that make sense for it."""
    summable: ClassVar[bool] = False
    """Whether a board may add it up."""
    attached: ClassVar[bool] = False
    """Whether its values hang on an element that is there already: none can be given when it is created."""

    @abstractmethod
    def parse(self, raw: Any, reading: Reading) -> Any:
        """Make the stored (JSON) value of one entered value, never None; BadValue says what would be right."""

    @abstractmethod
    def show(self, value: Any, reader: Reader) -> str:
        """Make plain text of one stored value."""

    def write(self, value: Any, reader: Reader) -> str:
        """Make the text of one stored value that `parse` reads back with this reader's `reading`: what an input holds."""
        return str(value)

    def href(self, value: Any) -> str:
        """Where a press on one stored value leads (http, https, mailto, tel); empty: nowhere."""
        return ""


class Field(Frozen):
    """A field of a process. `kind` and `params` name its FieldType; its type cannot change once there is data."""

    code: str
    title: str = Param(min_length=1, max_length=120)
    kind: str = "string"
    params: dict[str, Any] = {}
    section: str = "main"
    """Code of the section on the card."""
    multiple: bool = False
    required: bool = False
    required_at: tuple[str, ...] = ()
    """Codes of the stages that an element cannot be moved to while this is empty."""
    default: Any = None
    help: str = Param("", max_length=1000)
    on_board: bool = False
    """Shown on the board's cards."""
    in_list: bool = True
    """Shown as a column of the list."""

    @field_validator("code")
    @classmethod
    def _well_formed(cls, code: str) -> str:
        if not CODE.match(code) or code in SYSTEM:
            raise ValueError("param.bad_code")
        return code

    def type(self, types: Catalog[FieldType]) -> FieldType:
        """The configured field type; UnknownKind or ValidationError when the field is not sound."""
        return types.load(self.kind, self.params)


class Section(Frozen):
    """A titled group of fields on the card."""

    code: str = Param(pattern=CODE.pattern)
    title: str = Param(min_length=1, max_length=120)
