"""Create another element."""

from __future__ import annotations

from typing import Annotated, Any

from pydantic import Field as Param

from model.robot import Input, Robot, Step, pick
from runtime.filling import filled


class CreateElement(Robot):
    """Creates an element of this or another process and links it back to this one."""

    kind = "create_element"
    icon = "note_add"
    group = "elements"

    process: Annotated[str, pick(Input.PROCESS), Param(min_length=1)]
    """The process of the new element."""
    values: Annotated[dict[str, Any], pick(Input.VALUES)] = {}
    """Its fields. {names} stand for what the fields of this element hold."""
    link_field: Annotated[str, pick(Input.FIELD)] = ""
    """The field of the new element that links to this one; empty: no link."""

    def run(self, step: Step) -> str:
        step.create(self.process, filled(step, self.values), self.link_field)
        return "done"
