"""User text in places where Streamlit reads Markdown: captions, headings, labels of buttons."""

from __future__ import annotations

import re

_MARKS = re.compile(r"([\\`*_{}\[\]()#+\-.!|<>~:$@^=&])")
_SIGNS = re.compile(r":(?=material[/_]|streamlit:)|(?<!\S)(?:[<>~](?=[-=])|-(?=[->]))")
"""What Streamlit turns into icons and arrows after Markdown has been read, so that a backslash does not help."""
JOINER = "\u2060"
"""Has no width: it keeps the two sides of such a sign apart."""


_NUMBER = re.compile(r"[0-9]{1,15}")


def number(text: str) -> int | None:
    """The whole number that an address or a search holds; None for all else, also for what only looks like digits."""
    return int(text) if _NUMBER.fullmatch(text) else None


def plain(text: object) -> str:
    """The text with every mark of Markdown and Streamlit's directives escaped, on one line."""
    return _MARKS.sub(r"\\\1", _SIGNS.sub(rf"\g<0>{JOINER}", " ".join(str(text).split())))
