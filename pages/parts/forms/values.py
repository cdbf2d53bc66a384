"""One value: an input for each control, giving the stored form, so that what was not touched compares as equal."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time
from typing import Any

import streamlit as st
from pydantic import ValidationError

from model.clock import moment, stamp
from model.errors import VoronkaError
from model.field import Control, Field, FieldType
from pages.parts import frame
from pages.parts.forms.uploads import Uploads
from pages.parts.text import number, plain
from pages.parts.user import User

OFFERED = 1000
"""How many elements a link's list offers; others are found by their number or title."""
EARLIEST, LATEST = date(1900, 1, 1), date(2199, 12, 31)
DATE_FORMATS = {"ru": "DD.MM.YYYY", "en": "MM/DD/YYYY"}


@dataclass(frozen=True)
class Asked:
    """What to ask for: `kind` says how, `value` is the stored one (None: empty)."""

    user: User
    kind: FieldType
    label: str
    value: Any
    key: str
    multiple: bool = False
    help: str | None = None
    hidden: bool = False
    """The label is only for those who cannot see the rest of the form."""
    width: Any = "stretch"

    @property
    def look(self) -> dict[str, Any]:
        """The options that every widget takes."""
        visibility = "collapsed" if self.hidden else "visible"
        return {"key": self.key, "help": self.help, "label_visibility": visibility, "width": self.width}

    @property
    def many(self) -> list[Any]:
        """The stored value as a list."""
        if self.value in (None, "", []):
            return []
        return list(self.value) if isinstance(self.value, list | tuple) else [self.value]

    @property
    def one(self) -> Any:
        """The stored value, or the first of several; None when it is empty."""
        return next(iter(self.many), None)


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
    """Several texts or numbers: one a line."""
    hint = asked.user.reader.t("forms.one_a_line")
    text = st.text_area(asked.label, value="\n".join(map(str, asked.many)), height=96, placeholder=hint, **asked.look)
    lines = [line.strip() for line in text.splitlines() if line.strip()]
    return (list(asked.many) if lines == [str(v) for v in asked.many] else lines) or None


def _number(asked: Asked) -> Any:
    if asked.multiple:
        return _lines(asked)
    whole = asked.kind.kind == "integer"
    value = None if asked.one is None else (int(asked.one) if whole else float(asked.one))
    return st.number_input(
        asked.label, value=value, step=1 if whole else 0.01, format="%d" if whole else "%.2f", **asked.look
    )  # fmt: skip


def _checkbox(asked: Asked) -> Any:
    ticked = st.checkbox(asked.label, value=bool(asked.one), key=asked.key, help=asked.help, width=asked.width)
    return ticked or (None if asked.one is None else False)


def _date(asked: Asked) -> Any:
    if asked.multiple:
        return _lines(asked)
    day = st.date_input(
        asked.label, value=date.fromisoformat(asked.one) if asked.one else None, min_value=EARLIEST,
        max_value=LATEST, format=DATE_FORMATS[asked.user.reader.locale], **asked.look,
    )  # fmt: skip
    return day.isoformat() if isinstance(day, date) else None


def _datetime(asked: Asked) -> Any:
    if asked.multiple:
        return _lines(asked)
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
    Control.TEXT: _text, Control.LONG_TEXT: _long_text, Control.NUMBER: _number, Control.CHECKBOX: _checkbox,
    Control.DATE: _date, Control.DATETIME: _datetime, Control.CHOICE: _choice, Control.PERSON: _person,
    Control.ELEMENT: _element, Control.FILE: _file,
}  # fmt: skip
