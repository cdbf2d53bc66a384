"""Templates: texts with `{names}` in them, filled by one regular expression. User text is never code.

    {title} {client.phone} {amount|money} {close_date|date:dd.MM.yyyy} {share|number:2} {name|upper} {name|default:nobody}
    {{title}}   stands for {title} itself

A name is looked up, never evaluated; one that nobody knows stays visible. Braces around anything else are plain text, so that
JSON can be written as it is.
"""

from __future__ import annotations

import difflib
import json
import re
from collections.abc import Callable, Collection, Iterable
from datetime import datetime
from typing import Any, NamedTuple
from urllib.parse import quote

from model.clock import moment
from model.errors import Problem
from model.language import Reader

LIMIT = 100_000
"""Longest text that a template can become, in characters."""

_NAME = r"[^\W\d]\w{0,59}(?:\.[^\W\d]\w{0,59})?"
_PART = re.compile(r"\{\{([^{}]*)\}\}|\{(" + _NAME + r")((?:\|[^{}|]{0,100}){0,5})\}")

_DEEP = re.compile(r"(?<!\{)\{([^\W\d]\w{0,59}(?:\.[^\W\d]\w{0,59}){2,9})(?:\|[^{}|]{0,100}){0,5}\}")
"""A name that goes further than one hop."""


class Found(NamedTuple):
    """What a name stands for: the stored value, and the text that a person reads."""

    value: Any
    text: str
    currency: str = ""


Lookup = Callable[[str], Found | None]


def fill(text: str, lookup: Lookup, reader: Reader) -> str:
    """Put what `lookup` finds in the place of each name; at most LIMIT characters. Never raises for what users write."""
    parts: list[str] = []
    size = at = 0
    for match in _PART.finditer(text):
        piece = text[at : match.start()] + _one(match, lookup, reader)
        parts.append(piece)
        at, size = match.end(), size + len(piece)
        if size >= LIMIT:
            break
    else:
        parts.append(text[at:])
    return "".join(parts)[:LIMIT]


def names(text: str) -> list[str]:
    """The names that a template speaks of, in order, each once."""
    return list(dict.fromkeys(m[2] for m in _PART.finditer(text) if m[2]))


def only_name(text: str) -> str:
    """The name when a template is nothing but one plain `{name}`, else an empty text."""
    match = _PART.fullmatch(text.strip())
    return match[2] if match and match[2] and not match[3] else ""


def unknown(text: str, known: Iterable[str], unsure: Collection[str] = ()) -> list[Problem]:
    """A problem for each name that nobody knows, with the nearest known one; and for each unknown format.

    A way that begins with a person or a link and leads nowhere is an error: it would be written out letter by letter.
    unsure: names from which it cannot be said where they lead.
    """
    offered = set(known)
    first = {name.partition(".")[0] for name in offered if "." in name}
    problems = [
        Problem("", "unknown_name", {"name": name, "nearest": _nearest(name, offered)}, _level(name, first - {*unsure}))
        for name in names(text)
        if name not in offered
    ]
    problems += [
        Problem("", "path_too_deep", {"name": way, "nearest": _nearest(way, offered)}, _level(way, first))
        for way in dict.fromkeys(m[1] for m in _DEEP.finditer(text))
    ]
    formats = {step.split(":", 1)[0].strip() for m in _PART.finditer(text) if m[2] for step in m[3].split("|")[1:]}
    strange = sorted(formats - set(FORMATS) - {"default"})
    return problems + [
        Problem("", "unknown_text_format", {"name": f, "nearest": _nearest(f, FORMATS)}, "warning") for f in strange
    ]


def _level(name: str, first: Collection[str]) -> str:
    return "error" if "." in name and name.partition(".")[0] in first else "warning"


def _nearest(name: str, known: Iterable[str]) -> str:
    close = difflib.get_close_matches(name, list(known), 1)
    return close[0] if close else ""


def _one(match: re.Match[str], lookup: Lookup, reader: Reader) -> str:
    if match[2] is None:
        return "{" + match[1] + "}"
    found = lookup(match[2])
    if found is None:
        return match[0]
    text = found.text
    for step in match[3].split("|")[1:]:
        name, _, argument = step.strip().partition(":")
        text = _format(name.strip(), argument, text, found, reader)
    return text


def _format(name: str, argument: str, text: str, found: Found, reader: Reader) -> str:
    if name == "default":
        return text or argument
    change = FORMATS.get(name)
    if change is None or (not text and name != "json"):
        return text
    try:
        return change(text, found, argument, reader)
    except Exception:  # a pattern that Babel cannot read, a word where a number should be: the plain text is the answer
        return text


def _date(text: str, found: Found, pattern: str, reader: Reader) -> str:
    value = str(found.value)
    if len(value) == 10:
        return reader.date(value, pattern or "medium")
    if any(letter in pattern for letter in "Hhms"):
        return reader.datetime(value, pattern)
    return reader.date(moment(value).astimezone(reader.zone).date(), pattern or "medium")


def _time(text: str, found: Found, pattern: str, reader: Reader) -> str:
    return reader.datetime(str(found.value), pattern or "medium")


def _money(text: str, found: Found, currency: str, reader: Reader) -> str:
    wanted = currency.strip().upper() or found.currency
    return reader.money(float(found.value), wanted) if wanted else reader.number(float(found.value), 2)


def _number(text: str, found: Found, digits: str, reader: Reader) -> str:
    return reader.number(float(found.value), min(int(digits), 10) if digits.strip() else None)


def _json(text: str, found: Found, argument: str, reader: Reader) -> str:
    return json.dumps(found.value, ensure_ascii=False)


FORMATS: dict[str, Callable[[str, Found, str, Reader], str]] = {
    "upper": lambda text, *_: text.upper(),
    "lower": lambda text, *_: text.lower(),
    "date": _date,
    "datetime": _time,
    "money": _money,
    "number": _number,
    "json": _json,
    "url": lambda text, *_: quote(text, safe=""),
}
"""What may stand behind a `|`, beside `default:`."""


def today_of(now: datetime, reader: Reader) -> Found:
    """What `{today}` stands for."""
    day = now.astimezone(reader.zone).date().isoformat()
    return Found(day, reader.date(day))
