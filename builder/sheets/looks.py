"""What a cell looks like: its shape, not whether it is right. `31.02.2026` is a date with a mistake, not a text."""

from __future__ import annotations

import re
from datetime import date, datetime
from typing import Any, Literal

from locales.figures import Readings, readings

_CLOCK = r"[T ]\s*\d{1,2}:\d{2}(:\d{2}([.,]\d+)?)?\s*([ap]m)?\s*(z|[+-]\d{2}:?\d{2})?"
_DAY = r"(\d{4}[-./]\d{1,2}[-./]\d{1,2}|\d{1,2}([-./])\d{1,2}\2(\d{4}|\d{2}))"
_DATE = re.compile(_DAY)
_DATETIME = re.compile(_DAY + _CLOCK, re.IGNORECASE)
_INTEGER = re.compile(r"[+-]?(0|[1-9]\d{0,14})")
_NUMBER = re.compile(
    r"[+-]?(\d{1,3}([ \u00a0\u202f',.]\d{3})+|0|[1-9]\d{0,14})([.,]\d+)?(e[+-]?\d{1,2})?|nan|[+-]?inf", re.IGNORECASE
)
_SIGN = r"[$€£¥₽₴₸]|USD|EUR|GBP|RUB|руб\.?|р\."
_MONEY = re.compile(rf"[-(]?\s*({_SIGN})\s*-?[\d\s.,']+\)?|-?[\d\s\u00a0.,']*\d\s*({_SIGN})", re.IGNORECASE)
_EMAIL = re.compile(r"[^@\s]+@[^@\s]+\.[^@\s.]{2,}")
_URL = re.compile(r"(https?://|www\.)\S+", re.IGNORECASE)
_PHONE = re.compile(r"\+\d[\d\s().-]{5,18}\d|(8|\(\d{3,4}\))[\s(-][\d\s().-]{6,16}\d|\d{3}-\d{3}-\d{4}")
_DIGITS = re.compile(r"[\d\s().+-]{5,20}")
_WORDS = frozenset({"yes", "no", "true", "false", "да", "нет", "истина", "ложь"})
_SHAPES = (
    ("date", _DATE), ("datetime", _DATETIME), ("integer", _INTEGER), ("double", _NUMBER), ("money", _MONEY), ("email", _EMAIL),
    ("url", _URL), ("phone", _PHONE),
)  # fmt: skip
_CURRENCIES = (
    ("$", "USD"), ("€", "EUR"), ("£", "GBP"), ("¥", "JPY"), ("₽", "RUB"), ("РУБ", "RUB"), ("₴", "UAH"), ("₸", "KZT"),
    ("USD", "USD"), ("EUR", "EUR"), ("GBP", "GBP"), ("RUB", "RUB"),
)  # fmt: skip
LONG = 255
"""Characters above which a value is a text of several lines."""


def shape(value: Any) -> str:
    """The kind a filled cell looks like; `string` when it looks like nothing else, `digits` for what may be a phone."""
    if not isinstance(value, str):
        return _typed(value)
    text = value.strip()
    if len(text) > LONG or "\n" in text:
        return "text"
    for kind, pattern in _SHAPES:
        if pattern.fullmatch(text):
            return kind
    if text.casefold() in _WORDS:
        return "boolean"
    return "digits" if _DIGITS.fullmatch(text) else "string"


def _typed(value: Any) -> str:
    if isinstance(value, bool):
        return "boolean"
    if isinstance(value, int | float):
        return "integer" if float(value).is_integer() else "double"
    if isinstance(value, datetime):
        return "datetime"
    return "date" if isinstance(value, date) else "string"


def day_order(value: Any) -> str:
    """What a date proves: `day` (20/10/2016), `month` (10/20/2016), else an empty text."""
    if not isinstance(value, str):
        return ""
    found = re.match(r"\s*(\d{1,2})([-./])(\d{1,2})\2(\d{4}|\d{2})(?!\d)", value)
    if not found:
        return ""
    first, second = int(found[1]), int(found[3])
    if first > 12 >= second:
        return "day"
    return "month" if second > 12 >= first else ""


def decimal_mark(value: Any) -> str:
    """The decimal mark that a number proves: `,` in 1,5 and 1.234,50; `.` in 1.5 and 1,234,567; else an empty text."""
    found = _readings(value)
    if found.whole is None:
        return found.mark
    grouped = re.search("[.,]", value) if found.part is None else None
    return other_mark(grouped[0]) if grouped else ""


def unsure_mark(value: Any) -> str:
    """The mark of a number with two readings, `,` in 1,250; an empty text for one that has one."""
    found = _readings(value)
    return found.mark if found.whole is not None and found.part is not None else ""


def meanings(value: str) -> tuple[int, float]:
    """What a number with two readings may mean: with grouped thousands, and with decimals."""
    found = _readings(value)
    return int(found.whole or 0), float(found.part or 0)


def spaced(value: Any) -> bool:
    """Whether spaces or apostrophes group its thousands: then neither mark does."""
    return isinstance(value, str) and re.search(r"\d[\s'’]\d{3}(?!\d)", value) is not None and _figures(value)


def other_mark(mark: str) -> Literal[".", ","]:
    """The one of the two marks that it is not."""
    return "," if mark == "." else "."


def _readings(value: Any) -> Readings:
    """The meanings of a number, whatever sign or currency stands about its figures."""
    if not isinstance(value, str) or not _figures(value):
        return Readings()
    figures = re.search(r"\d(?:[\d\s.,'’]*\d)?", value)
    return readings(figures[0]) if figures else Readings()


def _figures(value: str) -> bool:
    return _NUMBER.fullmatch(value.strip()) is not None or _MONEY.fullmatch(value.strip()) is not None


def dotted(value: Any) -> bool:
    """Whether it is a date with dots, which nobody writes month first."""
    return isinstance(value, str) and re.match(r"\s*\d{1,2}\.\d{1,2}\.\d{2,4}\b", value) is not None


def decimals(value: Any) -> int:
    """Figures behind the decimal mark, as far as one is proved."""
    if isinstance(value, float):
        return len(repr(value).partition(".")[2]) if "e" not in repr(value) else 6
    mark = decimal_mark(value)
    return len(re.match(r"\d*", value.rpartition(mark)[2])[0]) if mark else 0  # type: ignore[index]  # \d* always matches


def currency(value: Any) -> str:
    """The ISO code of the currency sign in a text, or an empty text."""
    if not isinstance(value, str):
        return ""
    return next((code for sign, code in _CURRENCIES if sign in value.upper()), "")
