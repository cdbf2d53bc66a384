"""The worlds of the robots' tests."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from engine_world import World


@pytest.fixture
def world(tmp_path: Path) -> Iterator[World]:
    """A workspace in memory."""
    made = World(tmp_path)
    yield made
    made.ws.db.close()


@pytest.fixture
def on_disk(tmp_path: Path) -> Iterator[World]:
    """A workspace in a SQLite file, which can be closed and opened again."""
    made = World(tmp_path, None)
    yield made
    made.ws.db.close()
