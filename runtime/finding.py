"""Finding elements by words and by links. Whoever asks hands in the Queries of what the reader may see."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any

from tinydb.queries import QueryInstance

from model.element import Element
from model.field import Control
from runtime.validation import Validator, many
from store import Table


def ranked(table: Table, places: Iterable[tuple[Validator, QueryInstance]], text: str, limit: int) -> list[int]:
    """Ids of the elements that hold the words, best first, at most `limit`; nothing for an empty text."""
    wanted = " ".join(text.split()).casefold()
    if not wanted:
        return []
    number = wanted.removeprefix("#")
    found: list[tuple[int, int]] = []
    for rules, seen in places:
        codes = rules.texts()
        for doc_id, *values in table.select(["doc_id", "title", *(f"values.{code}" for code in codes)], seen):
            rank = 0 if number == str(doc_id) else _rank(wanted, values)
            if rank is not None:
                found.append((rank, -doc_id))
    return [-negative for _, negative in sorted(found)[:limit]]


def _rank(wanted: str, values: Sequence[Any]) -> int | None:
    """1 the title begins so, 2 the title holds it, 3 another text holds it, None not found."""
    title = str(values[0]).casefold()
    if title.startswith(wanted):
        return 1
    if wanted in title:
        return 2
    return 3 if any(wanted in str(text).casefold() for value in values[1:] for text in many(value)) else None


def link_ids(rules: Validator, element: Element) -> set[int]:
    """Ids of the elements that this one's link fields hold."""
    links = [rule.code for rule in rules.rules.values() if rule.type.control is Control.ELEMENT]
    return {number for code in links for number in many(element.get(code))}
