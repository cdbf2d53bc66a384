"""Rows on their way from a table into elements: what the builder reads, the runtime writes."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from model.errors import Problem


@dataclass(frozen=True, slots=True)
class ImportRow:
    """One row of a table as an element to be, or why it cannot be one (`problems`, paths are codes of fields)."""

    number: int
    """The row as a spreadsheet counts it."""
    cells: Sequence[Any]
    """As they stand in the file."""
    title: str = ""
    values: Mapping[str, Any] = field(default_factory=dict)
    """Fields by code, in stored form."""
    stage: str = ""
    """Where it was created; it ends on the last of `moved`."""
    stage_named: bool = False
    """Whether the table says the stage, and not only the plan what stands for none."""
    responsible: int | None = None
    people: Mapping[str, str] = field(default_factory=dict)
    """Names of people that are to become users, by the code that will hold them (`responsible` or a field's)."""
    created_at: str = ""
    closed_at: str | None = None
    moved: tuple[tuple[str, str], ...] = ()
    problems: tuple[Problem, ...] = ()

    @property
    def last_stage(self) -> str:
        """Where it ends."""
        return self.moved[-1][0] if self.moved else self.stage
