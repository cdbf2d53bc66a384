"""A link to a page."""

from __future__ import annotations

import re
from typing import Any
from urllib.parse import urlsplit

from builder.fields.entered import shown, within, words
from model.errors import BadValue
from model.field import Control, FieldType, Reading
from model.language import Reader

SCHEMES = ("http", "https", "mailto")
"""Nothing else is ever made a link: no `javascript:`, no `data:`, no `file:`."""
_SCHEME = re.compile(r"([A-Za-z][A-Za-z0-9+.-]*):(?!\d+(/|$))")
_HOST = re.compile(r"[\w-]+(\.[\w-]+)+(:\d{1,5})?([/?#].*)?")
_UNSAFE = re.compile(r"[\s<>\"'`\\{}|^]")


class Url(FieldType):
    """A link to a page or a mail address. Only http, https and mailto are taken."""

    kind = "url"
    icon = "link"
    control = Control.TEXT
    operators = ("contains", "not_contains", "starts", "eq", "empty", "not_empty")

    def parse(self, raw: Any, reading: Reading) -> str:
        text = within(words(raw), 2000)
        if not _SCHEME.match(text) and _HOST.fullmatch(text):
            text = f"https://{text}"
        if _UNSAFE.search(text) or not _sound(text):
            raise BadValue("bad_link", value=shown(raw), allowed=", ".join(SCHEMES))
        return text

    def show(self, value: Any, reader: Reader) -> str:
        return str(value)

    def href(self, value: Any) -> str:
        return str(value)


def _sound(text: str) -> bool:
    try:
        parts = urlsplit(text)
        return parts.scheme in SCHEMES and (bool(parts.hostname) or (parts.scheme == "mailto" and "@" in parts.path))
    except ValueError:
        return False
