"""What the names of a template stand for: the element's values, one hop further along links and people, and today."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import datetime
from typing import Any

from pydantic import ValidationError

from model.element import Element
from model.errors import Problem, VoronkaError
from model.field import SYSTEM, Field, FieldType
from model.kind import Catalog
from model.language import Reader
from model.process import Process
from runtime.library import Library
from runtime.template import Found, today_of, unknown

PERSON = ("name", "email")
"""What can be asked of a person: `{responsible.email}`."""
MORE = ("today", "process")

Linked = Callable[[int], tuple[Element, Process] | None]
"""An element and its process by id, if it may be read."""


class Names:
    """Looks names up for one element. `person` gives a user's name and e-mail, `linked` the elements that links lead to."""

    def __init__(
        self,
        element: Element | None,
        process: Process,
        types: Catalog[FieldType],
        reader: Reader,
        now: datetime,
        person: Callable[[int], Mapping[str, str]],
        linked: Linked,
    ) -> None:
        self._element, self._process, self._types, self._reader = element, process, types, reader
        self._now, self._person, self._linked = now, person, linked

    def __call__(self, name: str) -> Found | None:
        """What a name stands for; None when nobody knows it."""
        first, _, rest = name.partition(".")
        if not rest:
            return self._plain(first) or self._more(first)
        return self._hop(first, rest)

    def _more(self, name: str) -> Found | None:
        if name == "today":
            return today_of(self._now, self._reader)
        return Found(self._process.code, self._process.title) if name == "process" else None

    def _plain(self, name: str) -> Found | None:
        return value_of(self._element, self._process, name, self._types, self._reader) if self._element else None

    def _hop(self, first: str, rest: str) -> Found | None:
        if self._element is None:
            return None
        target = target_of(self._process, first)
        value = self._element.get(first)
        value = value[0] if isinstance(value, list) and value else value
        if target == "person" and rest in PERSON:
            text = self._person(int(value)).get(rest, "") if value else ""
            return Found(text, text)
        if target != "link":
            return None
        there = self._linked(int(value)) if value else None
        return value_of(there[0], there[1], rest, self._types, self._reader) if there else Found(None, "")


def target_of(process: Process, code: str) -> str:
    """What a value points at: "person", "link" or nothing."""
    field = None if code in SYSTEM else process.field(code)
    kind = field.kind if field else SYSTEM.get(code, "")
    return {"employee": "person", "link": "link"}.get(kind, "")


def value_of(element: Element, process: Process, code: str, types: Catalog[FieldType], reader: Reader) -> Found | None:
    """The value of a field or a system value with the text that shows it; None when there is no such code."""
    field = None if code in SYSTEM else process.field(code)
    if field is None and code not in SYSTEM:
        return None
    value = element.get(code)
    if value is None or value == "" or value == []:
        return Found(None, "")
    if field is None:
        return Found(value, _system(value, code, process, reader))
    try:
        kind = field.type(types)
        text = ", ".join(kind.show(each, reader) for each in (value if isinstance(value, list) else [value]))
    except (VoronkaError, ValidationError, ValueError, TypeError):
        return Found(value, str(value))
    return Found(value, text, str(getattr(kind, "currency", "")))


def _system(value: Any, code: str, process: Process, reader: Reader) -> str:
    if code == "stage":
        stage = process.stage(value)
        return stage.title if stage else str(value)
    if code == "funnel":
        funnel = process.funnel(value)
        return funnel.title if funnel else str(value)
    if SYSTEM[code] == "employee":
        return reader.person(value)
    return reader.datetime(value) if SYSTEM[code] == "datetime" else str(value)


def known_names(process: Process, library: Library) -> set[str]:
    """Every name that a template of this process may use."""
    found = {*SYSTEM, *MORE, *(f.code for f in process.fields)}
    for code in [*SYSTEM, *(f.code for f in process.fields)]:
        if target_of(process, code) == "person":
            found |= {f"{code}.{part}" for part in PERSON}
    for field in process.fields:
        found |= {f"{field.code}.{code}" for code in _linked_codes(field, process, library)}
    return found


def _linked_codes(field: Field, process: Process, library: Library) -> set[str]:
    if field.kind != "link":
        return set()
    target = _target(field, process, library)
    return {*SYSTEM, *(f.code for f in target.fields)} if target else set(SYSTEM)


def _target(field: Field, process: Process, library: Library) -> Process | None:
    """The process that a link leads to; None as long as it was never published."""
    wanted = field.params.get("process", "")
    version = library.published(wanted) if wanted != process.code else None
    return process if wanted == process.code else version.process if version else None


def problems(text: str, process: Process, library: Library) -> list[Problem]:
    """What is wrong with a template of this process: unknown names and formats, each with the nearest known one."""
    unsure = [f.code for f in process.fields if f.kind == "link" and _target(f, process, library) is None]
    return unknown(text, known_names(process, library), unsure)
