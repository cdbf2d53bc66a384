"""Words in Latin letters: what codes and logins are made of."""

from __future__ import annotations

import unicodedata

_CYRILLIC = dict(zip("абвгдезийклмнопрстуфыэёґў", "abvgdeziyklmnoprstufyeegu", strict=True)) | {
    "ж": "zh", "х": "kh", "ц": "ts", "ч": "ch", "ш": "sh", "щ": "shch", "ю": "yu", "я": "ya", "ъ": "", "ь": "",
    "і": "i", "ї": "yi", "є": "ye",
}  # fmt: skip


def latin(text: str) -> str:
    """Small ASCII letters: Cyrillic transliterated, accents taken off; what has no such letter is left out."""
    plain = "".join(_CYRILLIC.get(c, c) for c in text.lower())
    return unicodedata.normalize("NFKD", plain).encode("ascii", "ignore").decode().lower()
