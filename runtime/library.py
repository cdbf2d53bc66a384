"""Where published processes come from. The builder keeps them; wiring hands them in as this protocol."""

from __future__ import annotations

from collections.abc import Collection
from typing import Protocol

from model.process import Version


class Library(Protocol):
    """The published processes of the workspace."""

    def published(self, code: str) -> Version | None:
        """The version in force, or None when there is no such process or it was never published."""

    def version(self, code: str, number: int) -> Version:
        """An older version; NotFound when there is none."""

    def codes(self) -> Collection[str]:
        """Codes of the processes that have a version in force."""
