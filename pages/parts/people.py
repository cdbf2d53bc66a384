"""How people look: initials on a colour that stays theirs."""

from __future__ import annotations

from model.language import Reader
from pages.parts.components import Who

COLORS = ("#3B6FB6", "#8A5A9E", "#0F7B6C", "#A65A2A", "#5C6B7A", "#B0436E", "#5B7F2B", "#8C6D1F")


def avatar(user: int | None, reader: Reader) -> Who | None:
    """{name, initials, color} of a person; None for nobody."""
    name = reader.person(user) if user else ""
    if not user or not name:
        return None
    initials = "".join(word[0] for word in name.split()[:2]).upper()
    return {"name": name, "initials": initials, "color": COLORS[user % len(COLORS)]}
