"""Numbers as people write them. What can be read in two ways is never guessed: it is asked about.

Thousands are grouped by spaces of every width, apostrophes, points or commas; the decimal mark is a point or a comma. Most texts
leave one reading: `1250,50`, `1.250,50`, `1 250.5`. Only a lone mark before three figures (`1,250`) leaves two.
"""

from __future__ import annotations

import re
from decimal import Decimal
from typing import NamedTuple

_MINUS = str.maketrans("−–‒﹣－", "-----")
_SPACE = re.compile(r"(?<=[0-9])[\s'’\u2060](?=[0-9])")
_SHAPE = re.compile(r"([+-]?)\s*([0-9., ]*[0-9][0-9., ]*)(e[+-]?[0-9]{1,2})?", re.IGNORECASE)
_GROUPS = re.compile(r"[1-9][0-9]{0,2}([ .,])[0-9]{3}(\1[0-9]{3})*")
LONGEST = 60
"""Characters of a number."""


class Readings(NamedTuple):
    """What a text may mean: as a whole number with grouped thousands, and as one with decimals behind `mark`."""

    whole: Decimal | None = None
    part: Decimal | None = None
    mark: str = ""


def readings(text: str) -> Readings:
    """Every meaning that a text can have as a number; none for what is no number."""
    found = _SHAPE.fullmatch(_SPACE.sub(" ", text.translate(_MINUS).strip())) if len(text) <= LONGEST else None
    if found is None:
        return Readings()
    sign, body, power = found[1], found[2], found[3] or ""
    whole, (part, mark) = _whole(body), _part(body)
    return Readings(_number(sign, whole, power), _number(sign, part, power), mark)


def _number(sign: str, figures: str, power: str) -> Decimal | None:
    return Decimal(f"{sign}{figures}{power}") if figures else None


def _whole(body: str) -> str:
    """The figures of a number without decimals; empty when it is none."""
    if body.isdigit():
        return body
    grouped = _GROUPS.fullmatch(body)
    return body.replace(grouped[1], "") if grouped else ""


def _part(body: str) -> tuple[str, str]:
    """The figures of a number with one decimal mark, and that mark; empty when it is none."""
    for mark in ".,":
        head, found, tail = body.rpartition(mark)
        whole = _whole(head) if mark not in head else ""
        if found and (tail.isdigit() or not tail) and (whole or not head):
            return f"{whole or 0}.{tail or 0}", mark
    return "", ""
