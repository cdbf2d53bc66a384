"""The types of fields as they are offered, and what a field of a type begins with."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from pages.parts.design.desk import Desk

ORDER = ("string", "text", "integer", "double", "money", "boolean", "date", "datetime", "enumeration", "employee", "link",
         "phone", "email", "url", "file")  # fmt: skip


def offered(kinds: Iterable[str]) -> list[str]:
    """The types in the order in which people look for them; those that nobody named come last."""
    return sorted(kinds, key=lambda kind: (ORDER.index(kind) if kind in ORDER else len(ORDER), kind))


def first_params(desk: Desk, kind: str) -> dict[str, Any]:
    """What a new field of a type begins with: sound, so that it can be published as it is."""
    if kind == "enumeration":
        return {"options": [{"code": f"option_{n}", "title": desk.t("design.field.option", n=n)} for n in (1, 2)]}
    if kind == "money":
        return {"currency": desk.user.workspace.settings.get().currency}
    if kind == "link":
        others = [row.code for row in desk.library.all() if row.code != desk.code]
        return {"process": (others or [desk.code])[0]}
    return {}
