"""The workspace's own settings: its name, language, zone, currency, mail server. One document in the table `settings`."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import asdict, dataclass, field, fields, replace
from datetime import date, time
from typing import Any
from zoneinfo import ZoneInfo, available_timezones

from tinydb.table import Document

from model.access import Actor
from model.calendar import WorkCalendar
from model.errors import BadValue, Denied, Invalid, Problem
from runtime.access import nearest
from runtime.validation import parse_text
from store import Database

LANGUAGES = ("en", "ru")
DATES_LIMIT = 1000
"""Holidays, and days worked out of turn."""


@dataclass(frozen=True, slots=True)
class WorkspaceView:
    """The settings as they stand. `set_up_at` is None until somebody has set the workspace up."""

    name: str = "Voronka"
    language: str = "en"
    zone: str = "UTC"
    currency: str = "USD"
    set_up_at: str | None = None
    smtp_host: str = ""
    smtp_port: int = 587
    smtp_user: str = ""
    smtp_password: str = field(default="", repr=False)
    smtp_from: str = ""
    smtp_tls: bool = True
    private_calls: bool = False
    """Webhooks may reach private addresses."""
    hold_outgoing: bool = False
    """Letters and calls wait in the outbox until an administrator lets them go."""
    work_days: tuple[int, ...] = ()
    """Working days of the week, 0 is Monday; none: every minute counts as working time."""
    work_opens: str = "09:00"
    work_closes: str = "18:00"
    holidays: tuple[str, ...] = ()
    """ISO dates on which nobody works; `extra_days` those on which people work all the same."""
    extra_days: tuple[str, ...] = ()

    @property
    def calendar(self) -> WorkCalendar:
        """Which time counts for waits and time norms."""
        return WorkCalendar(
            self.tz, frozenset(self.work_days), time.fromisoformat(self.work_opens), time.fromisoformat(self.work_closes),
            frozenset(map(date.fromisoformat, self.holidays)), frozenset(map(date.fromisoformat, self.extra_days)),
        )  # fmt: skip

    @property
    def tz(self) -> ZoneInfo:
        """The time zone that dates are meant in."""
        return ZoneInfo(self.zone)


class WorkspaceSettings:
    """Reads and keeps the settings; only administrators change them."""

    def __init__(self, db: Database) -> None:
        self._db, self._table = db, db.table("settings")

    def get(self) -> WorkspaceView:
        """The settings, with defaults for what was never set."""
        return self._table.get_as(1, _view) or WorkspaceView()

    def save(self, actor: Actor, **changes: Any) -> WorkspaceView:
        """Change some of the settings. Denied for all but administrators, Invalid with every problem by its key."""
        if not actor.admin:
            raise Denied("admins_only")
        checked = _checked(changes)
        with self._db.transaction():
            saved = replace(self.get(), **checked)
            if saved.work_closes <= saved.work_opens:
                raise BadValue("closes_before_opens", "work_closes", opens=saved.work_opens)
            self._table.upsert(Document(_doc(saved), doc_id=1))
        return saved


def _doc(view: WorkspaceView) -> dict[str, Any]:
    return {name: list(value) if isinstance(value, tuple) else value for name, value in asdict(view).items()}


def _view(number: int, doc: Mapping[str, Any]) -> WorkspaceView:
    known: dict[str, Any] = {f.name: doc[f.name] for f in fields(WorkspaceView) if f.name in doc}
    known |= {name: tuple(value) for name, value in known.items() if isinstance(value, list)}
    return WorkspaceView(**known)


def _checked(changes: Mapping[str, Any]) -> dict[str, Any]:
    found: dict[str, Any] = {}
    problems: list[Problem] = []
    for key, value in changes.items():
        try:
            if key not in _CHECKS:
                raise BadValue("unknown_setting", key, field=key, nearest=nearest(key, _CHECKS))
            found[key] = _CHECKS[key](value)
        except BadValue as refused:
            problems += refused.at(key).problems
    if problems:
        raise Invalid(problems)
    return found


def _name(value: Any) -> str:
    text = " ".join(parse_text(value, "name", 120).split())
    if not text:
        raise BadValue("required", field="name")
    return text


def _language(value: Any) -> str:
    if value not in LANGUAGES:
        raise BadValue("unknown_language", value=str(value)[:40])
    return str(value)


def _zone(value: Any) -> str:
    if value not in available_timezones():
        raise BadValue("unknown_zone", value=str(value)[:40], nearest=nearest(str(value)[:40], available_timezones()))
    return str(value)


def _currency(value: Any) -> str:
    code = str(value).strip().upper()
    if not re.fullmatch(r"[A-Z]{3}", code):
        raise BadValue("bad_currency", value=str(value)[:40])
    return code


def _line(value: Any) -> str:
    text = parse_text(value, "", 255)
    if "\n" in text or "\r" in text:
        raise BadValue("bad_characters")
    return text


def _secret(value: Any) -> str:
    return str(value or "")[:1000]


def _port(value: Any) -> int:
    text = str(value).strip()
    if not text.isdecimal() or not 1 <= int(text[:6]) <= 65535:
        raise BadValue("bad_port", value=text[:40])
    return int(text)


def _time(value: Any) -> str | None:
    return None if value is None else parse_text(value, "set_up_at", 40)


def _clock_time(value: Any) -> str:
    try:
        return time.fromisoformat(str(value)).strftime("%H:%M")
    except ValueError as error:
        raise BadValue("bad_time", value=str(value)[:40]) from error


def _weekdays(value: Any) -> tuple[int, ...]:
    if not all(type(day) is int and 0 <= day <= 6 for day in value):
        raise BadValue("bad_weekday")
    return tuple(sorted(set(value)))


def _date(value: Any) -> str:
    try:
        return date.fromisoformat(str(value)).isoformat()
    except ValueError as error:
        raise BadValue("not_a_date", value=str(value)[:40], example="2027-01-01") from error


def _dates(value: Any) -> tuple[str, ...]:
    found = {_date(each) for each in value}
    if len(found) > DATES_LIMIT:
        raise BadValue("too_many_values", limit=DATES_LIMIT)
    return tuple(sorted(found))


_CHECKS: dict[str, Callable[[Any], Any]] = {
    "name": _name,
    "language": _language,
    "zone": _zone,
    "currency": _currency,
    "set_up_at": _time,
    "smtp_host": _line,
    "smtp_port": _port,
    "smtp_user": _line,
    "smtp_password": _secret,
    "smtp_from": _line,
    "smtp_tls": bool,
    "private_calls": bool,
    "hold_outgoing": bool,
    "work_days": _weekdays,
    "work_opens": _clock_time,
    "work_closes": _clock_time,
    "holidays": _dates,
    "extra_days": _dates,
}
