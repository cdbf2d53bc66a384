"""What people enter and tables hold, before a field type takes it: texts, numbers and ids."""

from __future__ import annotations

import math
import re
import unicodedata
from datetime import date, datetime
from decimal import Decimal
from typing import Any

from locales.figures import readings
from model.errors import BadValue
from model.field import Reading

SAFE_INTEGER = 2**53
"""Beyond this JSON readers and browsers lose digits."""
GROUPED = 10_000
"""From here on the thousands of a figure are set apart; four digits read well together, and may be a year."""

THREE = 3
"""Figures of a group of thousands: as many decimals may be meant as one."""


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


def number(raw: Any, reading: Reading, digits: int = 6) -> Decimal:
    """A finite number. BadValue("two_readings") for a text that may mean two, to be kept with so many `digits`."""
    if isinstance(raw, str):
        return _written(raw, reading, digits)
    if isinstance(raw, bool) or not isinstance(raw, int | float | Decimal):
        raise BadValue("not_a_number", value=shown(raw), decimal=reading.decimal)
    if isinstance(raw, int) and abs(raw) > 10**40:
        raise BadValue("number_too_big", value="9…")
    found = Decimal(str(raw))
    if not found.is_finite():
        raise BadValue("not_finite", value=shown(raw))
    return found


def _written(raw: str, reading: Reading, digits: int) -> Decimal:
    text = clean(raw).strip()
    if not text:
        raise BadValue("empty_value")
    if text.lower().lstrip("+-") in ("nan", "inf", "infinity", "#num!", "#div/0!", "#n/a", "#value!"):
        raise BadValue("not_finite", value=shown(raw))
    whole, part, mark = readings(text)
    if whole is not None and part is not None:
        return _chosen(raw, whole, part, mark, reading, digits)
    found = part if whole is None else whole
    if found is None:
        raise BadValue("not_a_number", value=shown(raw), decimal=reading.decimal)
    return found


def _chosen(raw: str, whole: Decimal, part: Decimal, mark: str, reading: Reading, digits: int) -> Decimal:
    """Which of two readings is meant: what the source's marks say, as far as they do."""
    if mark == reading.decimal and (digits >= THREE or not reading.asks):
        return part
    if mark != reading.decimal and (mark == reading.group or not reading.asks):
        return whole
    rounded = float(part.quantize(Decimal(1).scaleb(-digits)))
    raise BadValue("two_readings" if digits else "not_whole_or", value=shown(raw), whole=int(whole), part=rounded)


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
        raise BadValue("too_small", value=_figure(value), limit=low)
    if high is not None and value > Decimal(str(high)):
        raise BadValue("too_big", value=_figure(value), limit=high)
    return value


def _figure(value: Decimal) -> int | float:
    """As an error tells it: a number, so that each reader sees it written their way."""
    return int(value) if value == value.to_integral_value() and abs(value) <= SAFE_INTEGER else float(value)
