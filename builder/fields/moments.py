"""Reading dates and times as people and spreadsheets write them."""

from __future__ import annotations

import re
from calendar import monthrange
from datetime import UTC, date, datetime, time, timedelta, timezone
from typing import Any

from builder.fields.entered import clean, shown
from model.errors import BadValue
from model.field import Reading

_CLOCK = re.compile(
    r"(?P<hour>\d{1,2}):(?P<minute>\d{2})(:(?P<second>\d{2})([.,](?P<part>\d{1,9}))?)?\s*(?P<half>[ap]\.?m\.?)?"
    r"\s*(?P<zone>z|utc|gmt|[+-]\d{2}(:?\d{2}){0,2})?",
    re.IGNORECASE,
)
_YEAR_FIRST = re.compile(r"(?P<year>\d{4})[-./](?P<month>\d{1,2})[-./](?P<day>\d{1,2})")
_NUMBERS = re.compile(r"(?P<one>\d{1,2})(?P<mark>[-./])(?P<two>\d{1,2})(?P=mark)(?P<year>\d{4}|\d{2})")
_COMPACT = re.compile(r"(?P<year>(19|20)\d{2})(?P<month>\d{2})(?P<day>\d{2})")
_DAY_NAMED = re.compile(r"(?P<day>\d{1,2})[\s-]+(?P<name>[^\W\d_]{3,})\.?[\s,-]+(?P<year>\d{4})")
_NAMED_DAY = re.compile(r"(?P<name>[^\W\d_]{3,})\.?\s+(?P<day>\d{1,2})(st|nd|rd|th)?,?\s+(?P<year>\d{4})")
_JOINT = re.compile(r"^(T|\s*(года|г)?\b\.?[\s,]*((в|at)\s+)?)", re.IGNORECASE)
_MONTHS = (
    "jan янв", "feb фев", "mar мар", "apr апр", "may мая май", "jun июн", "jul июл", "aug авг", "sep сен",
    "oct окт", "nov ноя", "dec дек",
)  # fmt: skip
_BY_NAME = {name: number for number, names in enumerate(_MONTHS, 1) for name in names.split()}

FIGURES = {"en": "MM/dd/yyyy", "ru": "dd.MM.yyyy"}
"""How an input writes a day in each language, for Babel."""


def day(raw: Any, reading: Reading) -> date:
    """The day of an entered value; a time beside it is dropped. BadValue: empty_value, not_a_date, no_such_day, no_such_month."""
    if isinstance(raw, datetime):
        return _local(raw, reading).date()
    if isinstance(raw, date):
        return raw
    found, rest = _split(raw, "not_a_date", reading)
    if not rest:
        return found
    at = _clock(rest, raw, "not_a_date")
    if at.tzinfo is None or at.tzinfo is not UTC:
        # A source that writes its own offset means the day it wrote; only UTC stamps are somebody's machine time.
        return found
    return _local(_joined(found, at, raw, reading), reading).date()


def moment(raw: Any, reading: Reading) -> datetime:
    """The aware time (UTC) of an entered value; a day alone is its midnight in the zone. BadValue as `day`, not_a_time."""
    if isinstance(raw, datetime):
        return _universal(raw, raw, reading)
    if isinstance(raw, date):
        return _joined(raw, time(), raw, reading)
    found, rest = _split(raw, "not_a_time", reading)
    return _joined(found, _clock(rest, raw, "not_a_time") if rest else time(), raw, reading)


def _local(at: datetime, reading: Reading) -> datetime:
    try:
        return at.astimezone(reading.zone) if at.tzinfo else at
    except (OverflowError, ValueError) as refused:
        raise BadValue("no_such_day", value=shown(str(at))) from refused


def _joined(found: date, at: time, raw: Any, reading: Reading) -> datetime:
    return _universal(datetime.combine(found, at), raw, reading)


def _universal(at: datetime, raw: Any, reading: Reading) -> datetime:
    """To UTC and whole milliseconds, which is what the store keeps."""
    aware = at if at.tzinfo else at.replace(tzinfo=reading.zone)
    try:
        found = aware.astimezone(UTC)
    except (OverflowError, ValueError) as refused:
        raise BadValue("no_such_day", value=shown(str(raw))) from refused
    return found.replace(microsecond=found.microsecond // 1000 * 1000)


def _split(raw: Any, code: str, reading: Reading) -> tuple[date, str]:
    """The day at the start of a text and what stands behind it."""
    if not isinstance(raw, str):
        raise BadValue(code, value=shown(raw), example=_example(reading))
    text = clean(raw[:81]).strip()
    if not text:
        raise BadValue("empty_value")
    for pattern in (_YEAR_FIRST, _NUMBERS, _DAY_NAMED, _NAMED_DAY, _COMPACT):
        found = pattern.match(text) if len(text) <= 80 and text.isprintable() else None
        if found and not text[found.end() :][:1].isdigit():
            return _date(found.groupdict(), text, reading, code), _rest(text[found.end() :])
    raise BadValue(code, value=shown(raw), example=_example(reading))


def _rest(text: str) -> str:
    """What follows the day, without the joints that people and ISO put there (`T`, a comma, «г.», «в»)."""
    return _JOINT.sub("", text).strip()


def _date(parts: dict[str, str], text: str, reading: Reading, code: str) -> date:
    year = int(parts["year"]) if len(parts["year"]) == 4 else _century(int(parts["year"]))
    if "one" in parts:
        pair = (int(parts["one"]), int(parts["two"]))
        on, month = pair if reading.day_first else pair[::-1]
    else:
        on = int(parts["day"])
        month = int(parts["month"]) if "month" in parts else _BY_NAME.get(parts["name"][:3].lower(), 0)
        if "name" in parts and not month:
            raise BadValue(code, value=shown(text), example=_example(reading))
    if not 1 <= month <= 12:
        raise BadValue("no_such_month", value=shown(text), month=month, example=_example(reading))
    last = monthrange(year, month)[1] if year else 0
    if not 1 <= on <= last:
        raise BadValue("no_such_day", value=shown(text), day=on, last=last, example=_example(reading))
    return date(year, month, on)


def _century(short: int) -> int:
    """Two digits as POSIX reads them: 69-99 are the last century."""
    return short + (1900 if short >= 69 else 2000)


def _example(reading: Reading) -> str:
    return "31.12.2026" if reading.day_first else "12/31/2026"


def _clock(text: str, raw: Any, code: str) -> time:
    found = _CLOCK.fullmatch(text)
    if not found:
        raise BadValue(code, value=shown(raw), example="31.12.2026 18:30")
    hour, minute, second = (int(found[p] or 0) for p in ("hour", "minute", "second"))
    if found["half"]:
        hour = hour % 12 + (12 if found["half"][0].lower() == "p" else 0) if 1 <= hour <= 12 else 99
    if hour > 23 or minute > 59 or second > 59:
        raise BadValue("no_such_time", value=shown(raw))
    part = int((found["part"] or "0")[:6].ljust(6, "0"))
    return time(hour, minute, second, part, _zone(found["zone"], raw))


def _zone(text: str | None, raw: Any) -> timezone | None:
    if not text:
        return None
    if text.lower() in ("z", "utc", "gmt"):
        return UTC
    digits = [int(d) for d in re.findall(r"\d{2}", text)]
    shift = timedelta(hours=digits[0], minutes=digits[1] if len(digits) > 1 else 0)
    if shift >= timedelta(hours=24) or (len(digits) > 1 and digits[1] > 59):
        raise BadValue("no_such_time", value=shown(raw))
    return timezone(-shift if text[0] == "-" else shift)
