"""Plans: what a sheet's columns mean. Guessed first, changed by a person with `model_copy`, then followed to the letter."""

from __future__ import annotations

from datetime import UTC, tzinfo
from typing import Any, Literal

from pydantic import Field as Param

from builder.sheets.hints import code_of
from model.field import CODE, SYSTEM, Reading
from model.kind import Frozen
from model.process import Semantics

Role = Literal["", "title", "stage", "responsible", "amount", "created", "closed"]
"""What a column says of an element beside its fields. `amount` names the field that boards add up."""
PUT_ASIDE = ("title", "stage", "responsible")
"""Roles whose column becomes a system value and no field."""

NUMBERS = ("integer", "double", "money")
"""Field types to whose values the decimal mark matters."""


class ColumnPlan(Frozen):
    """One column: `name` in the file, the field it goes to (`code`, `title`, `kind`, `params`), its role."""

    name: str
    code: str = Param("", pattern=rf"^$|{CODE.pattern}")
    """Code of the field; empty: the column is not taken over as a field."""
    title: str = ""
    kind: str = "string"
    params: dict[str, Any] = {}
    role: Role = ""
    multiple: bool = False
    separator: str = ""
    """What stands between the values of one cell, for a multiple field."""
    decimal: Literal["", ".", ","] = ""
    """The decimal mark that its own values prove; empty: the plan's."""
    unsure: str = ""
    """A value with two readings, `1,250`; empty: there is none."""
    empty: float = 0.0
    """Share of empty cells, 0..1."""
    distinct: int = 0
    """Number of different values, as far as they were counted."""
    examples: tuple[str, ...] = ()


class StagePlan(Frozen):
    """One value of the stage column and the stage it means; an empty code: none yet."""

    value: str
    code: str = Param("", pattern=rf"^$|{CODE.pattern}")
    title: str = ""
    semantics: Semantics = "P"
    color: str = "#5B8DB8"
    count: int = 0
    """Rows that stand there."""


class Plan(Frozen):
    """How to read a sheet: one ColumnPlan for each column in order, how dates and numbers are written, the stages."""

    columns: tuple[ColumnPlan, ...]
    day_first: bool = True
    decimal: Literal[".", ","] = "."
    assumed: bool = False
    """Whether nothing in the file proves the decimal mark."""
    stages: tuple[StagePlan, ...] = ()
    start_stage: str = ""
    """Code of the stage at which closed elements stood before; empty: the first of the funnel."""
    default_stage: str = ""
    """Code of the stage for rows without one; empty: the first of the funnel."""
    unknown_stage: Literal["error", "first"] = "error"
    """A row whose stage is unknown: a problem, or put on the default stage."""
    unknown_person: Literal["error", "empty", "create"] = "create"
    """A row whose responsible person is unknown: a problem, left without one, or a new user who cannot sign in yet."""
    unknown_link: Literal["error", "empty"] = "error"
    """A link whose element is unknown: a problem, or left empty."""

    def role(self, role: Role) -> ColumnPlan | None:
        """The column that has this role, or None."""
        return next((c for c in self.columns if c.role == role), None)

    def column(self, name: str) -> ColumnPlan | None:
        """The column of this name, or None."""
        return next((c for c in self.columns if c.name == name), None)

    @property
    def unsure(self) -> str:
        """A number that will be stored and has two readings, where nothing says which is meant; empty: there is none."""
        open_ = (c.unsure for c in self.columns if c.code and c.kind in NUMBERS and not c.decimal)
        return next(filter(None, open_), "") if self.assumed else ""

    def settled(self, decimal: Literal[".", ","]) -> Plan:
        """The plan with the decimal mark told; a column whose values prove one keeps its own."""
        return self.model_copy(update={"decimal": decimal, "assumed": False})

    def reading(self, zone: tzinfo = UTC, column: ColumnPlan | None = None) -> Reading:
        """How field types read its values, or those of a column."""
        own = column.decimal if column else ""
        return Reading(day_first=self.day_first, decimal=own or self.decimal, zone=zone)

    def change(self, name: str, **changes: Any) -> Plan:
        """The plan with one column changed. A role is taken from the column that had it; a column that becomes a system
        value gives up its field, one that no longer is gets its field back."""
        role = changes.get("role")
        columns = []
        for column in self.columns:
            if column.name == name:
                column = column.model_copy(update=changes)
            elif role and column.role == role:
                column = column.model_copy(update={"role": ""})
            columns.append(column)
        return self.model_copy(update={"columns": tuple(columns) if role is None else _coded(columns)})


def _coded(columns: list[ColumnPlan]) -> tuple[ColumnPlan, ...]:
    """Give every column with values a field code, and none to those whose role is a system value, unless they link as well."""
    taken = set(SYSTEM) | {c.code for c in columns if c.code}
    found = []
    for place, column in enumerate(columns, 1):
        if column.role in PUT_ASIDE and column.kind != "link":
            column = column.model_copy(update={"code": ""})
        elif not column.code and column.empty < 1:
            column = column.model_copy(update={"code": code_of(column.name, taken, f"column_{place}")})
        found.append(column)
    return tuple(found)
