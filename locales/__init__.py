"""English and Russian: words by key, plurals, dates, numbers and money. The one door to Babel.

Words stand in `<locale>/*.json` as flat {"key": text} or {"key": {"one": ..., "other": ...}}; all files of a locale are one
dictionary. A key that a locale lacks is looked up in English; one that nobody has is shown as a readable word, never as the key.
"""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Callable, Iterable, Mapping
from dataclasses import replace
from functools import cache, lru_cache
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError, available_timezones

import orjson
from babel import Locale, UnknownLocaleError
from babel.dates import format_date, format_datetime, format_time, format_timedelta, get_timezone_location
from babel.numbers import (
    format_currency,
    format_decimal,
    get_currency_name,
    get_currency_symbol,
    get_decimal_symbol,
    get_group_symbol,
)
from babel.units import format_unit

from model.clock import moment
from model.errors import Problem, VoronkaError
from model.field import Reading

HOME = Path(__file__).parent
ENGLISH = "en"
NAMES = {"en": "English", "ru": "Русский"}

Words = str | Mapping[str, str]
Named = Callable[[int], str]

PLACEHOLDER = re.compile(r"\{(\w+)\}")
RAW = frozenset({"id", "number", "port", "code", "status", "nonce"})
"""Placeholders whose numbers are names, not amounts: shown without separators."""


def languages() -> dict[str, str]:
    """Code -> the language's name in that language."""
    return dict(NAMES)


def known(locale: str) -> str:
    """This locale if there are words for it, else English."""
    return locale if locale in NAMES else ENGLISH


@cache
def words(locale: str) -> Mapping[str, Words]:
    """Every word of a locale by key, all its files taken together."""
    found: dict[str, Words] = {}
    for path in sorted((HOME / locale).glob("*.json")):
        found |= orjson.loads(path.read_bytes())
    return found


@cache
def _locale(code: str) -> Locale:
    try:
        return Locale.parse(code)
    except (ValueError, UnknownLocaleError):
        return Locale.parse(ENGLISH)


@cache
def reading_of(locale: str) -> Reading:
    """How people of this language write what they enter."""
    babel = _locale(known(locale))
    decimal, group = get_decimal_symbol(babel), get_group_symbol(babel)
    day_first = format_date(dt.date(2000, 12, 31), "short", babel).startswith("31")
    return Reading(day_first, decimal, group if group in ".," else "", asks=True)


def zone_of(name: str) -> dt.tzinfo:
    """The time zone of this name; UTC when there is none."""
    try:
        return ZoneInfo(name or "UTC")
    except (ZoneInfoNotFoundError, ValueError, OSError):
        return ZoneInfo("UTC")


def zones() -> list[str]:
    """Names of time zones that people choose from, sorted: one per place, no abbreviations."""
    areas = ("Africa/", "America/", "Asia/", "Atlantic/", "Australia/", "Europe/", "Indian/", "Pacific/")
    return ["UTC", *sorted(z for z in available_timezones() if z.startswith(areas))]


CURRENCIES = (
    "USD", "EUR", "RUB", "KZT", "BYN", "UZS", "AMD", "GEL", "GBP", "CHF", "PLN", "TRY", "AED", "CNY", "INR", "JPY", "BRL", "CAD",
    "AUD",
)  # fmt: skip
"""Currencies offered by name; any ISO 4217 code may be stored."""


def _humanised(key: str) -> str:
    """What is shown when nobody has words for a key: its last part, readable."""
    return key.rsplit(".", 1)[-1].replace("_", " ").strip().capitalize()


# Boards and lists write the same figures on every run, and Babel takes 15 microseconds for one.
@lru_cache(maxsize=8192)
def _number(value: float, pattern: str, locale: Locale) -> str:
    return str(format_decimal(value, format=pattern, locale=locale))


@lru_cache(maxsize=8192)
def _money(value: float, code: str, pattern: str, locale: Locale) -> str:
    return str(format_currency(value, code, pattern, locale, currency_digits=False))


class Language:
    """How one person reads: implements `model.language.Reader`.

    `person`, `element` and `file` turn an id into a name that this person may see; without them numbers are shown.
    """

    def __init__(
        self,
        locale: str = ENGLISH,
        zone: str = "UTC",
        currency: str = "USD",
        *,
        person: Named | None = None,
        element: Named | None = None,
        file: Named | None = None,
    ) -> None:
        self.locale = known(locale)
        self.zone: dt.tzinfo = zone_of(zone)
        self.currency = currency or "USD"
        self._babel = _locale(self.locale)
        self._person, self._element, self._file = person, element, file

    def has(self, key: str) -> bool:
        """Whether there are words for this key in the person's language or in English."""
        return key in words(self.locale) or key in words(ENGLISH)

    def t(self, key: str, **context: Any) -> str:
        """Words for a key, `{placeholders}` filled; of plural forms the one for `n`. Numbers are written as the locale does."""
        found = words(self.locale).get(key, words(ENGLISH).get(key))
        if found is None:
            return _humanised(key)
        if not isinstance(found, str):
            found = self._plural(found, context.get("n", 0))
        return PLACEHOLDER.sub(lambda m: self._fill(m[1], context, m[0]), found)

    def _plural(self, forms: Mapping[str, str], n: Any) -> str:
        form = self._babel.plural_form(abs(n) if isinstance(n, int | float) else 0)
        return forms.get(form, forms.get("other", ""))

    def _fill(self, name: str, context: Mapping[str, Any], otherwise: str) -> str:
        value = context.get(name, otherwise)
        if isinstance(value, int | float) and not isinstance(value, bool) and name not in RAW:
            return self.number(value)
        return ", ".join(map(str, value)) if isinstance(value, list | tuple | set | frozenset) else str(value)

    @property
    def reading(self) -> Reading:
        """How this person writes what they enter."""
        return replace(reading_of(self.locale), zone=self.zone)

    def date(self, value: dt.date | str, pattern: str = "medium") -> str:
        """A date as this person writes it; `pattern` is short, medium, long, full or one of Babel's own."""
        return str(format_date(_as_date(value, self.zone), pattern, self._babel))

    def datetime(self, value: dt.datetime | str, pattern: str = "medium") -> str:
        """A time in this person's zone; `medium` leaves the seconds out."""
        local = _as_moment(value).astimezone(self.zone)
        if pattern == "medium":
            return f"{format_date(local, 'medium', self._babel)}, {format_time(local, 'short', locale=self._babel)}"
        return str(format_datetime(local, pattern, locale=self._babel))

    def time(self, value: dt.datetime | str) -> str:
        """Hours and minutes in this person's zone."""
        return str(format_time(_as_moment(value).astimezone(self.zone), "short", locale=self._babel))

    def number(self, value: float, digits: int | None = None, *, least: int = 0) -> str:
        """A number with the locale's separators; `digits` fixes the decimals, otherwise as many as there are (up to 6).

        Below `least` the thousands stand together: 2003 is a year as often as not.
        """
        whole = "0" if abs(value or 0) < least else "#,##0"
        pattern = f"{whole}.######" if digits is None else whole + ("." + "0" * digits if digits else "")
        return _number(value or 0, pattern, self._babel)  # or 0: minus nought is equal to nought, and not to be told from it

    def percent(self, share: float, digits: int = 0) -> str:
        """A share (0.6315) as per cent, with a space before the sign where the locale wants one."""
        gap = "\u00a0" if self.locale == "ru" else ""
        return f"{self.number(share * 100, digits)}{gap}%"

    def money(self, value: float, currency: str = "") -> str:
        """An amount with its currency (the workspace's when none is named); whole amounts without cents."""
        code = currency or self.currency
        pattern = str(self._babel.currency_formats["standard"].pattern)
        if float(value).is_integer():
            pattern = pattern.replace(".00", "")
        return _money(value or 0, code, pattern, self._babel)

    def currency_name(self, code: str) -> str:
        """`USD` as `US Dollar, $`."""
        sign = get_currency_symbol(code, self._babel)
        name = get_currency_name(code, locale=self._babel)
        return f"{name}, {code}" if sign == code else f"{name}, {sign}"

    def zone_name(self, name: str) -> str:
        """`Europe/Moscow` as a person reads it: the city, then the zone's own name."""
        if name == "UTC":
            return name
        return f"{get_timezone_location(zone_of(name), locale=self._babel, return_city=True)} · {name}"

    def duration(self, minutes: float) -> str:
        """A length of time by its two largest units: `2 days 4 hr`."""
        whole = max(0, round(minutes))
        days, rest = divmod(whole, 24 * 60)
        hours, left = divmod(rest, 60)
        shown = [self._unit(n, unit) for n, unit in ((days, "day"), (hours, "hour"), (left, "minute")) if n]
        return " ".join(shown[:2]) or self._unit(0, "minute")

    def _unit(self, n: int, unit: str) -> str:
        return str(format_unit(n, f"duration-{unit}", "long" if unit == "day" else "short", locale=self._babel))

    def relative(self, value: dt.datetime | str, now: dt.datetime) -> str:
        """How long ago, or in how long: `3 minutes ago`."""
        apart = _as_moment(value) - now
        if abs(apart) < dt.timedelta(seconds=45):
            return self.t("common.just_now")
        return str(format_timedelta(apart, add_direction=True, locale=self._babel, threshold=0.9))

    def person(self, user: int | None) -> str:
        """A user's name; an empty text for nobody."""
        if not user:
            return ""
        return self._person(user) if self._person else f"#{user}"

    def element(self, element: int | None) -> str:
        """An element's title if this person may read it; else its number."""
        if not element:
            return ""
        return self._element(element) if self._element else f"#{element}"

    def file(self, file: int | None) -> str:
        """A file's name; else its number."""
        if not file:
            return ""
        return self._file(file) if self._file else f"#{file}"

    def say(self, problem: Problem) -> str:
        """One problem in words: what happened, why, what to do. A code without words gets a general sentence, never itself."""
        context = {k: self._word(k, v) for k, v in problem.context.items()} | {"path": problem.path}
        key = f"error.{problem.code}"
        if context.get("nearest") == "" and self.has(f"{key}.alone"):
            key = f"{key}.alone"
        elif not self.has(key):
            key = "error.param.other" if problem.code.startswith("param.") else "error.unknown"
        return self.t(key, **context)

    def _word(self, name: str, value: Any) -> Any:
        """Codes inside a problem (`action`, `reason`, `level` of rights) become words too."""
        key = f"access.{name}.{value}"
        return self.t(key) if isinstance(value, str) and self.has(key) else value

    def explain(self, error: BaseException) -> str:
        """An error in words. What is not one of ours is only called unexpected: its text is for the log."""
        if not isinstance(error, VoronkaError):
            return self.t("error.unexpected")
        return self.list_of(self.say(p) for p in error.problems)

    def list_of(self, sentences: Iterable[str]) -> str:
        """Sentences joined, each said once."""
        return " ".join(dict.fromkeys(sentences))


def _as_moment(value: dt.datetime | str) -> dt.datetime:
    return moment(value) if isinstance(value, str) else value


def _as_date(value: dt.date | str, zone: dt.tzinfo) -> dt.date:
    if isinstance(value, str):
        return dt.date.fromisoformat(value) if len(value) == 10 else moment(value).astimezone(zone).date()
    return value.astimezone(zone).date() if isinstance(value, dt.datetime) else value
