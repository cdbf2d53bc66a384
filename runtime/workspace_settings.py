"""The workspace's own settings: its name, language, zone, currency, mail server. One document in the table `settings`."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import asdict, dataclass, field, fields, replace
from typing import Any
from zoneinfo import ZoneInfo, available_timezones

from tinydb.table import Document

from model.access import Actor
from model.errors import BadValue, Denied, Invalid, Problem
from runtime.access import nearest
from runtime.validation import parse_text
from store import Database

LANGUAGES = ("en", "ru")


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
        return _view(self._table.get(doc_id=1) or {})

    def save(self, actor: Actor, **changes: Any) -> WorkspaceView:
        """Change some of the settings. Denied for all but administrators, Invalid with every problem by its key."""
        if not actor.admin:
            raise Denied("admins_only")
        checked = _checked(changes)
        with self._db.transaction():
            saved = replace(self.get(), **checked)
            self._table.upsert(Document(asdict(saved), doc_id=1))
        return saved


def _view(doc: Mapping[str, Any]) -> WorkspaceView:
    return WorkspaceView(**{f.name: doc[f.name] for f in fields(WorkspaceView) if f.name in doc})


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
}
