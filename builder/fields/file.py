"""An attached file."""

from __future__ import annotations

from typing import Any

from pydantic import Field as Param
from pydantic import field_validator

from builder.fields.entered import identity
from model.field import Control, FieldType, Reading
from model.language import Reader


class File(FieldType):
    """An attached file."""

    kind = "file"
    icon = "attach_file"
    control = Control.FILE
    operators = ("empty", "not_empty")
    attached = True

    max_megabytes: int = Param(25, ge=1, le=200)
    """The greatest size of one file, in megabytes."""
    extensions: tuple[str, ...] = ()
    """Endings that are taken (pdf, docx ...); none: all."""

    @field_validator("extensions")
    @classmethod
    def _bare(cls, extensions: tuple[str, ...]) -> tuple[str, ...]:
        bare = tuple(e.strip().lstrip(".").lower() for e in extensions)
        if not all(e.isalnum() and len(e) <= 10 for e in bare):
            raise ValueError("param.bad_extension")
        return bare

    def parse(self, raw: Any, reading: Reading) -> int:
        return identity(raw, "not_a_file")

    def show(self, value: Any, reader: Reader) -> str:
        return reader.file(value)
