"""One way for each value."""

from __future__ import annotations

from typing import Annotated, Any

from pydantic import Field as Param
from pydantic import field_validator

from model.robot import FieldCode, Input, Robot, Step, pick

OTHER = "other"
Case = Annotated[str, Param(min_length=1, max_length=120)]


class Switch(Robot):
    """Goes on by the port of the value that a field holds, or by "other"."""

    kind = "switch"
    icon = "alt_route"
    group = "logic"
    ports = (OTHER,)

    field: FieldCode
    """The field that decides."""
    cases: Annotated[tuple[Case, ...], pick(Input.CASES), Param(max_length=50)] = ()
    """The values that have a port of their own."""

    @field_validator("cases")
    @classmethod
    def _apart(cls, cases: tuple[str, ...]) -> tuple[str, ...]:
        if len(set(cases)) < len(cases) or OTHER in cases:
            raise ValueError("param.same_case")
        return cases

    def outlets(self) -> tuple[str, ...]:
        return (*self.cases, OTHER)

    def run(self, step: Step) -> str:
        value = step.element.get(self.field)
        held = {_text(each) for each in (value if isinstance(value, list) else [value])}
        return next((case for case in self.cases if case.casefold() in held), OTHER)


def _text(value: Any) -> str:
    """A stored value as a case is written: whole numbers without a dot, yes and no as true and false."""
    if isinstance(value, float) and value.is_integer():
        value = int(value)
    return str(value).casefold() if value is not None else ""
