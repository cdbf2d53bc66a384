"""File fields in a form: what stays, what was chosen on the person's disk, and how both become the field's value."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from model.event import Cause
from pages.parts.user import User


@dataclass(frozen=True)
class Uploads:
    """A file field as entered: ids of files that stay, and (name, bytes) of new ones."""

    kept: tuple[int, ...]
    sent: tuple[tuple[str, bytes], ...]
    multiple: bool


def store_uploads(user: User, element: int, entered: Mapping[str, Any]) -> dict[str, Any]:
    """The values with new files attached to the element and named by their ids. Denied, Invalid: a file that is too big."""
    cause = Cause(user=user.actor.id)
    found = dict(entered)
    for code, value in entered.items():
        if isinstance(value, Uploads):
            new = [user.workspace.files.add(user.actor, element, n, data, cause=cause, fill=False) for n, data in value.sent]
            kept = [id for id in value.kept if id not in {row.older for row in new}]
            found[code] = [*kept, *(row.id for row in new)] if value.multiple else new[0].id
    return found
