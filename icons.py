"""The icons that pages can draw: the one door to the names that Streamlit knows of Material symbols; it raises for all others."""

from __future__ import annotations

from collections.abc import Set
from functools import cache

DEFAULT = "view_kanban"
"""Stands where an icon is not known: that of a new process."""


@cache
def names() -> Set[str]:
    """Every known name."""
    from streamlit.material_icon_names import ALL_MATERIAL_ICONS  # here: whoever draws and designs nothing need not load it

    return frozenset(ALL_MATERIAL_ICONS)


def known(name: str) -> str:
    """The name, or that of the default where nothing is known by it."""
    return name if name in names() else DEFAULT


def symbol(name: str) -> str:
    """An icon as Streamlit takes it; whatever is stored, it can be drawn."""
    return f":material/{known(name)}:"
