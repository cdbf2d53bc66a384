"""One value: an input for each control, giving the stored form, so that what was not touched compares as equal."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from datetime import date, datetime, time
from typing import Any

import streamlit as st
from pydantic import ValidationError

from model.clock import moment, stamp
from model.errors import VoronkaError
from model.field import Control, Field
from pages.parts import frame
from pages.parts.forms.asked import Asked
from pages.parts.forms.typed import typed_input
from pages.parts.forms.uploads import Uploads
from pages.parts.text import number, plain
from pages.parts.user import User

OFFERED = 1000
"""How many elements a link's list offers; others are found by their number or title."""
EARLIEST, LATEST = date(1600, 1, 1), date(2399, 12, 31)
"""How far the calendar goes: its list of years has all of them in it. Days beyond are typed."""
DATE_FORMATS = {"ru": "DD.MM.YYYY", "en": "MM/DD/YYYY"}


def field_input(user: User, field: Field, value: Any, key: str) -> Any:
    """Draw the input of a field; gives its value in stored form (None when empty), or `Uploads` when files were chosen."""
    label = plain(field.title) + (" \\*" if field.required else "")
    try:
        kind = field.type(user.workspace.types)
    except (ValidationError, VoronkaError):
        return _text(Asked(user, user.workspace.types["string"](), label, value, key, help=field.help or None))
    return value_input(Asked(user, kind, label, value, key, field.multiple, plain(field.help) if field.help else None))


def value_input(asked: Asked) -> Any:
    """Draw the input that the kind's control names; the value in stored form, None when empty."""
    return _CONTROLS[asked.kind.control](asked)


def choose(asked: Asked, titles: Mapping[Any, str]) -> Any:
    """One or several of what has a title. What is stored but no longer offered stays choosable."""
    options = dict(titles) | {v: str(v) for v in asked.many if v not in titles}
    t = asked.user.reader.t
    if asked.multiple:
        chosen = st.multiselect(
            asked.label, list(options), default=asked.many, format_func=lambda v: options.get(v, str(v)),
            placeholder=t("forms.choose_several"), **asked.look,
        )  # fmt: skip
        return list(chosen) or None
    return st.selectbox(
        asked.label, list(options), index=list(options).index(asked.one) if asked.one in options else None,
        format_func=lambda v: options.get(v, str(v)), placeholder=t("forms.choose"), **asked.look,
    )  # fmt: skip


def _text(asked: Asked) -> Any:
    if asked.multiple:
        return _lines(asked)
    text = st.text_input(asked.label, value=str(asked.one or ""), **asked.look)
    return text if text.strip() else None


def _long_text(asked: Asked) -> Any:
    if asked.multiple:
        return _lines(asked)
    text = st.text_area(asked.label, value=str(asked.one or ""), height=120, **asked.look)
    return text if text.strip() else None


def _lines(asked: Asked) -> list[str] | None:
    """Several texts: one a line."""
    hint = asked.user.reader.t("forms.one_a_line")
    text = st.text_area(asked.label, value="\n".join(map(str, asked.many)), height=96, placeholder=hint, **asked.look)
    lines = [line.strip() for line in text.splitlines() if line.strip()]
    return (list(asked.many) if lines == [str(v) for v in asked.many] else lines) or None


def _checkbox(asked: Asked) -> Any:
    ticked = st.checkbox(asked.label, value=bool(asked.one), key=asked.key, help=asked.help, width=asked.width)
    return ticked or (None if asked.one is None else False)


def _in_calendar(value: str | None) -> bool:
    """Whether the calendar that is opened by a press goes so far; other days are typed."""
    try:
        return not value or EARLIEST < date.fromisoformat(value[:10]) < LATEST
    except ValueError:  # a template, in what a robot compares with
        return False


def _date(asked: Asked) -> Any:
    if asked.multiple or not _in_calendar(asked.one):
        return typed_input(asked)
    day = st.date_input(
        asked.label, value=date.fromisoformat(asked.one) if asked.one else None, min_value=EARLIEST,
        max_value=LATEST, format=DATE_FORMATS[asked.user.reader.locale], **asked.look,
    )  # fmt: skip
    return day.isoformat() if isinstance(day, date) else None


def _datetime(asked: Asked) -> Any:
    if asked.multiple or not _in_calendar(asked.one):
        return typed_input(asked)
    zone = asked.user.reader.zone
    shown = moment(asked.one).astimezone(zone).replace(tzinfo=None, second=0, microsecond=0) if asked.one else None
    chosen = st.datetime_input(
        asked.label, value=shown, min_value=datetime.combine(EARLIEST, time()),
        max_value=datetime.combine(LATEST, time()), format=DATE_FORMATS[asked.user.reader.locale], **asked.look,
    )  # fmt: skip
    if chosen is None:
        return None
    return asked.one if chosen == shown else stamp(chosen.replace(tzinfo=zone))


def _choice(asked: Asked) -> Any:
    options: Sequence[Any] = getattr(asked.kind, "options", ())
    return choose(asked, {option.code: option.title for option in options})


def _person(asked: Asked) -> Any:
    return choose(asked, asked.user.workspace.people.names())


def _element(asked: Asked) -> Any:
    """A list of what may be seen there; anything else by `#number` or its whole title."""
    process = getattr(asked.kind, "process", "")
    reader = asked.user.reader
    titles: dict[Any, str] = _titles(asked.user, process) | {v: reader.element(v) for v in asked.many}
    options = list(titles)
    more = {"format_func": lambda v: titles.get(v, str(v)), "accept_new_options": len(titles) >= OFFERED, **asked.look}
    if asked.multiple:
        hint = reader.t("forms.choose_several")
        chosen: Any = st.multiselect(asked.label, options, default=asked.many, placeholder=hint, **more)
        return [_numbered(asked, process, v) for v in chosen] or None
    index = options.index(asked.one) if asked.one in titles else None
    chosen = st.selectbox(asked.label, options, index=index, placeholder=reader.t("forms.choose"), **more)
    return _numbered(asked, process, chosen)


def _titles(user: User, process: str) -> dict[Any, str]:
    try:
        rows = user.workspace.elements.rows(user.actor, process, ["id", "title"], sort=[("title", False)], limit=OFFERED)
    except VoronkaError:
        return {}
    return {number: str(title) for number, title in rows}


def _numbered(asked: Asked, process: str, entered: Any) -> Any:
    """The id behind `#12` or a typed title; what nobody has is left to the field to refuse."""
    if not isinstance(entered, str):
        return entered
    if (id := number(entered.strip().lstrip("#"))) is not None:
        return id
    found = asked.user.workspace.elements.search(asked.user.actor, entered, limit=20)
    same = [e.id for e in found if e.process == process and e.title.casefold() == entered.strip().casefold()]
    return same[0] if len(same) == 1 else entered


def _file(asked: Asked) -> Any:
    reader = asked.user.reader
    kept = asked.many
    if kept:
        names = {v: reader.file(v) for v in kept}
        kept = st.multiselect(asked.label, list(names), default=kept, format_func=names.__getitem__, **asked.look)
    sent = frame.uploader(
        reader, reader.t("forms.add_file") if asked.many else asked.label, f"{asked.key}:sent",
        kinds=getattr(asked.kind, "extensions", ()), accept_multiple_files=asked.multiple, help=asked.help,
    )  # fmt: skip
    new = sent if isinstance(sent, list) else [sent] if sent else []
    if new:
        return Uploads(tuple(kept), tuple((file.name, file.getvalue()) for file in new), asked.multiple)
    return (list(kept) if asked.multiple else next(iter(kept), None)) or None


_CONTROLS: dict[Control, Callable[[Asked], Any]] = {
    Control.TEXT: _text, Control.LONG_TEXT: _long_text, Control.NUMBER: typed_input, Control.CHECKBOX: _checkbox,
    Control.DATE: _date, Control.DATETIME: _datetime, Control.CHOICE: _choice, Control.PERSON: _person,
    Control.ELEMENT: _element, Control.FILE: _file,
}  # fmt: skip
