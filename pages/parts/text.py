"""User text in places where Streamlit reads Markdown: captions, headings, labels of buttons."""

from __future__ import annotations

import re

_MARKS = re.compile(r"([\\`*_{}\[\]()#+\-.!|<>~:$@^=])")


def plain(text: object) -> str:
    """The text with every mark of Markdown and Streamlit's directives escaped, on one line."""
    return _MARKS.sub(r"\\\1", " ".join(str(text).split()))
