"""What there is to choose from in a process: its fields, its stages, its people by what they are."""

from __future__ import annotations

from collections.abc import Collection

from model.field import SYSTEM, FieldType
from model.kind import Catalog
from model.process import Process
from pages.parts.user import User

HIDDEN = ("funnel",)
"""System values that say nothing in a process with one funnel."""
PEOPLE = ("responsible", "creator", "mover", "head")


def fields(user: User, process: Process, kinds: Collection[str] = ()) -> dict[str, str]:
    """Title by code: the process's own fields first, then what every element has; `kinds`: only these field types."""
    own = {f.code: f.title for f in process.fields if not kinds or f.kind in kinds}
    hidden = HIDDEN if len(process.funnels) < 2 else ()
    staged = () if process.has_stages else ("stage", "moved_at", "closed_at")
    system = {
        code: user.reader.t(f"system.{code}")
        for code, kind in SYSTEM.items()
        if code not in hidden and code not in staged and (not kinds or kind in kinds)
    }
    return own | system


def stages(process: Process) -> dict[str, str]:
    """Title by code, with the funnel's name before it where there are several."""
    several = len(process.funnels) > 1
    return {s.code: f"{f.title}: {s.title}" if several else s.title for f in process.funnels for s in f.stages}


def people(user: User, process: Process) -> dict[str, str]:
    """Whom a robot may speak to: by relation, by an employee field, by name (`user:<id>`)."""
    t = user.reader.t
    found = {whom: t(f"forms.whom.{whom}") for whom in PEOPLE}
    found |= {f.code: t("forms.whom.field", title=f.title) for f in process.fields if f.kind == "employee"}
    return found | {f"user:{number}": name for number, name in user.workspace.people.names().items()}


def type_of(process: Process, types: Catalog[FieldType], code: str) -> tuple[FieldType | None, bool]:
    """The type behind a code and whether it holds several; (None, False) for stages, funnels and unknown codes."""
    field = process.field(code)
    if field is not None:
        return field.type(types), field.multiple
    kind = SYSTEM.get(code, "")
    return (types[kind]() if kind in types and code != "funnel" else None), False
