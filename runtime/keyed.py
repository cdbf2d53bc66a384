"""Rows of a table that speak of elements which are there already: found by a key, compared with what stands there."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from model.access import Actor
from model.element import Element
from model.errors import BadValue, Problem
from model.importing import ImportRow
from model.process import Process
from runtime.elements import Elements

Key = tuple[Any, ...]
SYSTEM_KEYS = ("title",)
"""System values that may be a key; of the fields all may that hold one value."""


@dataclass(frozen=True, slots=True)
class By:
    """How rows find their elements: by the values of these codes. `titles`: the table has a column of titles."""

    keys: tuple[str, ...]
    titles: bool = False


class Keyed:
    """The elements of a process by key, as far as the actor may read them. Letter case and spaces make no other key."""

    def __init__(self, elements: Elements, actor: Actor, process: Process, by: By) -> None:
        _require_keys(process, by.keys)
        self._elements, self._actor, self._by = elements, actor, by
        self._here: dict[Key, list[int]] = defaultdict(list)
        for number, *values in elements.rows(actor, process.code, ["id", *by.keys]):
            self._here[tuple(map(_plain, values))].append(number)
        self._rows: Counter[Key] = Counter()

    def count(self, rows: Iterable[ImportRow]) -> None:
        """Look through the table once: what stands there twice is nobody's key."""
        self._rows.update(map(self._key, rows))

    def find(self, row: ImportRow) -> int | Problem | None:
        """The element of a row; None when it is new; a Problem when nobody can say."""
        key = self._key(row)
        if any(part in (None, "") for part in key):
            return Problem("", "key_empty")
        if self._rows[key] > 1:
            return Problem(self._by.keys[0], "key_twice_in_table", {"n": self._rows[key]})
        here = self._here.get(key, [])
        if len(here) > 1:
            return Problem(self._by.keys[0], "key_twice_here", {"n": len(here)})
        return here[0] if here else None

    def standing(self, rows: Iterable[ImportRow]) -> dict[int, Element | Problem]:
        """What is known of some rows by their numbers: the element of each, or why it has none; nothing of those that are new."""
        found = {row.number: self.find(row) for row in rows if not row.problems}
        there = self._elements.several(self._actor, [each for each in found.values() if isinstance(each, int)])
        standing: dict[int, Element | Problem] = {}
        for number, each in found.items():
            if isinstance(each, Problem):
                standing[number] = each
            elif each is not None:
                standing[number] = there.get(each) or Problem("", "not_found", {"what": "element"})
        return standing

    def changes(self, row: ImportRow, element: Element) -> dict[str, Any]:
        """What a row says otherwise, by code. Its empty cells say nothing."""
        said: dict[str, Any] = dict(row.values)
        system: dict[str, Any] = {"responsible": row.responsible}
        system |= {"title": row.title} if self._by.titles else {}
        system |= {"stage": row.last_stage} if row.stage_named else {}
        said |= {code: value for code, value in system.items() if value}
        return {code: value for code, value in said.items() if value != element.get(code)}

    def _key(self, row: ImportRow) -> Key:
        return tuple(_plain(row.title if code == "title" else row.values.get(code)) for code in self._by.keys)


def _require_keys(process: Process, keys: Sequence[str]) -> None:
    for code in keys:
        field = process.field(code)
        if code not in SYSTEM_KEYS and (field is None or field.multiple):
            raise BadValue("bad_key", code, field=code)


def _plain(value: Any) -> Any:
    return " ".join(value.split()).casefold() if isinstance(value, str) else value


def telling(changes: Mapping[str, Any], element: Element) -> dict[str, list[Any]]:
    """Changes as [before, after] by code."""
    return {code: [element.get(code), value] for code, value in changes.items()}
