"""What people enter and tables hold, before a field type takes it: texts, numbers and ids."""

from __future__ import annotations

import math
import re
import unicodedata
from datetime import date, datetime
from decimal import Decimal, InvalidOperation
from typing import Any

from model.errors import BadValue
from model.field import Reading

SAFE_INTEGER = 2**53
"""Beyond this JSON readers and browsers lose digits."""
GROUPED = 10_000
"""From here on the thousands of a figure are set apart; four digits read well together, and may be a year."""

_MINUS = str.maketrans({"−": "-", "–": "-", "‒": "-"})
_SPACES = re.compile(r"(?<=\d)[\s'’](?=\d)")
_PLAIN = re.compile(r"[+-]?(\d+(\.\d*)?|\.\d+)(e[+-]?\d{1,2})?", re.IGNORECASE)
_GROUPED = re.compile(r"[+-]?\d{1,3}( \d{3})+")


def shown(raw: Any) -> str:
    """A value as an error quotes it: at most 80 characters, without characters that cannot be written."""
    text = raw if isinstance(raw, str) else repr(raw)
    return clean(text[:81])[:80] + ("…" if len(text) > 80 else "")


def clean(text: str) -> str:
    """Drop control characters and halves of surrogate pairs (UTF-8 has no place for them); line ends become `\\n`."""
    text = text.replace("\r\n", "\n").replace("\r", "\n")
    return "".join(c for c in text if c in "\n\t" or unicodedata.category(c) not in ("Cc", "Cs"))


def words(raw: Any) -> str:
    """The text of one entered value, stripped and not empty. Whole numbers lose the `.0` that spreadsheets give them."""
    if isinstance(raw, date | datetime):
        return raw.isoformat()
    if isinstance(raw, float) and math.isfinite(raw) and raw.is_integer() and abs(raw) < SAFE_INTEGER:
        raw = int(raw)
    if isinstance(raw, float) and not math.isfinite(raw):
        raise BadValue("not_finite", value=shown(raw))
    if isinstance(raw, bool) or not isinstance(raw, str | int | float | Decimal):
        raise BadValue("not_a_text", value=shown(raw))
    if isinstance(raw, int) and abs(raw) > 10**40:
        raise BadValue("not_a_text", value="9…")
    text = clean(str(raw)).strip()
    if not text:
        raise BadValue("empty_value")
    return text


def within(text: str, limit: int) -> str:
    """The text if it is at most `limit` characters long, else BadValue("too_long")."""
    if len(text) > limit:
        raise BadValue("too_long", limit=limit, length=len(text))
    return text


def number(raw: Any, reading: Reading) -> Decimal:
    """A finite number. Spaces of every width, apostrophes and the mark that is not the decimal one may group thousands."""
    if isinstance(raw, str):
        return _written(raw, reading)
    if isinstance(raw, bool) or not isinstance(raw, int | float | Decimal):
        raise BadValue("not_a_number", value=shown(raw), decimal=reading.decimal)
    if isinstance(raw, int) and abs(raw) > 10**40:
        raise BadValue("number_too_big", value="9…")
    found = Decimal(str(raw))
    if not found.is_finite():
        raise BadValue("not_finite", value=shown(raw))
    return found


def _written(raw: str, reading: Reading) -> Decimal:
    text = clean(raw).translate(_MINUS).strip()
    if not text:
        raise BadValue("empty_value")
    if text.lower().lstrip("+-") in ("nan", "inf", "infinity", "#num!", "#div/0!", "#n/a", "#value!"):
        raise BadValue("not_finite", value=shown(raw))
    plain = _ungrouped(text[:60], reading.decimal)
    if len(text) > 60 or not plain.isascii() or not _PLAIN.fullmatch(plain):
        raise BadValue("not_a_number", value=shown(raw), decimal=reading.decimal)
    try:
        return Decimal(plain)
    except InvalidOperation as refused:
        raise BadValue("not_a_number", value=shown(raw), decimal=reading.decimal) from refused


def _ungrouped(text: str, decimal: str) -> str:
    """`1 234,5` as `1234.5`; a text whose groups are not of three digits comes back as no number."""
    head, mark, tail = text.partition(decimal)
    other = "." if decimal == "," else ","
    if other in head and _SPACES.search(head):
        return ""
    spaced = _SPACES.sub(" ", head).replace(other, " ")
    if " " in spaced:
        if not _GROUPED.fullmatch(spaced):
            return ""
        spaced = spaced.replace(" ", "")
    return spaced + ("." + tail if mark else "")


def identity(raw: Any, code: str) -> int:
    """A positive id of a person, an element or a file, `#12` and `12.0` included; BadValue(code) otherwise."""
    found: int | None = None
    if isinstance(raw, int) and not isinstance(raw, bool):
        found = raw
    elif isinstance(raw, float) and raw.is_integer():
        found = int(raw)
    elif isinstance(raw, str) and re.fullmatch(r"\s*#?[0-9]{1,16}\s*", raw):
        found = int(raw.strip().lstrip("#"))
    if found is None or not 0 < found <= SAFE_INTEGER:
        raise BadValue(code, value=shown(raw) if not isinstance(raw, int) or abs(raw) < 10**40 else "9…")
    return found


def between(value: Decimal, low: float | None, high: float | None) -> Decimal:
    """The number if it is not below `low` nor above `high`, else BadValue("too_small" | "too_big")."""
    if low is not None and value < Decimal(str(low)):
        raise BadValue("too_small", value=str(value), limit=low)
    if high is not None and value > Decimal(str(high)):
        raise BadValue("too_big", value=str(value), limit=high)
    return value
