"""A workspace on PostgreSQL with others at work on it."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from scale_world import Crowd, opened

from workspace import Workspace

Office = Callable[..., Workspace]


@pytest.fixture
def office(tmp_path: Path, postgres_url: str) -> Iterator[Office]:
    """`office(clock, carrier)`: the workspace, opened once more; all are closed at the end."""
    made: list[Workspace] = []

    def open_one(clock: Any = None, carrier: str = "notify") -> Workspace:
        made.append(opened(tmp_path, postgres_url, clock, carrier))
        return made[-1]

    yield open_one
    for workspace in made:
        workspace.db.close()


@pytest.fixture
def crowd(tmp_path: Path, postgres_url: str) -> Iterator[Crowd]:
    """Other processes on the same workspace."""
    found = Crowd(tmp_path, postgres_url)
    yield found
    found.end()
