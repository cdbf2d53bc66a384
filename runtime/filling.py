"""Values that robots write: templates filled, whole values copied as they are stored, people found by what they are."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

from model.process import Process
from model.robot import Step
from runtime.template import only_name

_USER = re.compile(r"user:\d{1,15}")


def filled(step: Step, values: Mapping[str, Any], process: Process | None = None) -> dict[str, Any]:
    """The values to write. `process`: that of the element they are written to, when its fields are known."""
    return {code: _one(step, code, value, process) for code, value in values.items()}


def _one(step: Step, code: str, value: Any, process: Process | None) -> Any:
    if isinstance(value, list | tuple):
        return [each for each in (_one(step, code, one, process) for one in value) if each not in (None, "")]
    if not isinstance(value, str):
        return value
    name = only_name(value)
    if name and (found := step.value(name)) is not None:
        return found
    if _USER.fullmatch(value) or (_holds_people(code, process) and value and not value.isdigit() and not name):
        return step.person(value)
    return step.fill(value)


def _holds_people(code: str, process: Process | None) -> bool:
    field = process.field(code) if process else None
    return code == "responsible" or (field is not None and field.kind == "employee")
