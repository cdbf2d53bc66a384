"""What an input is for: whom it asks, what kind of value, and what is stored now."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from model.field import FieldType
from pages.parts.user import User


@dataclass(frozen=True)
class Asked:
    """What to ask for: `kind` says how, `value` is the stored one (None: empty)."""

    user: User
    kind: FieldType
    label: str
    value: Any
    key: str
    multiple: bool = False
    help: str | None = None
    hidden: bool = False
    """The label is only for those who cannot see the rest of the form."""
    width: Any = "stretch"

    @property
    def look(self) -> dict[str, Any]:
        """The options that every widget takes."""
        visibility = "collapsed" if self.hidden else "visible"
        return {"key": self.key, "help": self.help, "label_visibility": visibility, "width": self.width}

    @property
    def many(self) -> list[Any]:
        """The stored value as a list."""
        if self.value in (None, "", []):
            return []
        return list(self.value) if isinstance(self.value, list | tuple) else [self.value]

    @property
    def one(self) -> Any:
        """The stored value, or the first of several; None when it is empty."""
        return next(iter(self.many), None)

    @property
    def written(self) -> str:
        """The stored value as its reader writes it; several stand one a line."""
        return "\n".join(map(self.write, self.many))

    def write(self, value: Any) -> str:
        """One value as its reader writes it; a template and what is no such value as it stands."""
        try:
            return str(value) if isinstance(value, str) and "{" in value else self.kind.write(value, self.user.reader)
        except (ValueError, TypeError):
            return str(value)
