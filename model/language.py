"""How values are shown to a person. The rooms below the pages know only this protocol; `locales` gives the real one."""

from __future__ import annotations

import datetime as dt
from typing import Any, Protocol

from model.errors import Problem


class Reader(Protocol):
    """A person's language, time zone and the names of what they may see."""

    locale: str
    zone: dt.tzinfo

    def t(self, key: str, **context: Any) -> str:
        """Words for a key, placeholders filled; plural forms chosen by `n`."""

    def date(self, value: dt.date | str, pattern: str = "medium") -> str:
        """A date as this person writes it."""

    def datetime(self, value: dt.datetime | str, pattern: str = "medium") -> str:
        """A time in this person's zone."""

    def time(self, value: dt.datetime | str) -> str:
        """Hours and minutes in this person's zone."""

    def number(self, value: float, digits: int | None = None, *, least: int = 0) -> str:
        """A number with the locale's separators; below `least` its thousands stand together."""

    def money(self, value: float, currency: str) -> str:
        """An amount with its currency."""

    def duration(self, minutes: float) -> str:
        """A length of time by its two largest units: `2 days 4 hr`."""

    def say(self, problem: Problem) -> str:
        """One problem in words: what happened, why, what to do."""

    def person(self, user: int | None) -> str:
        """A user's name; an empty text for nobody."""

    def element(self, element: int | None) -> str:
        """An element's title if this person may read it; else only its number."""

    def file(self, file: int | None) -> str:
        """A file's name."""
