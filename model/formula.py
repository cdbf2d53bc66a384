"""Texts that a spreadsheet would run as a formula: exports put an apostrophe before them, and readings take it off again."""

from __future__ import annotations

import unicodedata

SIGNS = frozenset("=+-@")
_BLANK = frozenset(["Zs", "Zl", "Zp", "Cc", "Cf"])
"""Spaces, controls, and what has no width (byte order marks, joiners): some spreadsheets pass over them."""


def is_formula(text: str) -> bool:
    """Whether it begins like one: with a sign of any width (`＝` as well), behind blanks of any kind, or with a tab or return."""
    first = next((c for c in text if unicodedata.category(c) not in _BLANK), "")
    return text.startswith(("\t", "\r")) or (bool(first) and unicodedata.normalize("NFKC", first)[0] in SIGNS)


def guarded(text: str) -> str:
    """The text as a spreadsheet shows it and does not run it."""
    return f"'{text}" if is_formula(text) else text


def unguarded(text: str) -> str:
    """What `guarded` was given."""
    return text[1:] if text.startswith("'") and is_formula(text[1:]) else text
