"""How values are shown to a person. The rooms below the pages know only this protocol; `locales` gives the real one."""

from __future__ import annotations

from datetime import date, datetime, tzinfo
from typing import Any, Protocol


class Reader(Protocol):
    """A person's language, time zone and the names of what they may see."""

    locale: str
    zone: tzinfo

    def t(self, key: str, **context: Any) -> str:
        """Words for a key, placeholders filled; plural forms chosen by `n`."""

    def date(self, value: date | str, pattern: str = "medium") -> str:
        """A date as this person writes it."""

    def datetime(self, value: datetime | str, pattern: str = "medium") -> str:
        """A time in this person's zone."""

    def number(self, value: float, digits: int | None = None) -> str:
        """A number with the locale's separators."""

    def money(self, value: float, currency: str) -> str:
        """An amount with its currency."""

    def person(self, user: int | None) -> str:
        """A user's name; an empty text for nobody."""

    def element(self, element: int | None) -> str:
        """An element's title if this person may read it; else only its number."""

    def file(self, file: int | None) -> str:
        """A file's name."""
