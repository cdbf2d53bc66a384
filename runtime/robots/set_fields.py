"""Change fields."""

from __future__ import annotations

from typing import Annotated, Any

from pydantic import Field as Param

from model.robot import Input, Robot, Step, pick
from runtime.filling import filled


class SetFields(Robot):
    """Writes values into the element's fields: fixed ones, or made of other fields."""

    kind = "set_fields"
    icon = "edit"
    group = "elements"

    values: Annotated[dict[str, Any], pick(Input.VALUES), Param(min_length=1)]
    """For each field its new value; an empty one clears the field. {names} stand for what other fields hold."""

    def run(self, step: Step) -> str:
        step.set(filled(step, self.values, step.process))
        return "done"
