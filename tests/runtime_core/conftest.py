"""The services on memory and on SQLite."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from types import SimpleNamespace

import pytest
from core_world import address, build


@pytest.fixture(params=["memory", "sqlite"])
def place(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[SimpleNamespace]:
    """A workspace with anna and boris in sales, carl in sales' sub-department, dora elsewhere, and root, the administrator."""
    yield from build(address(request.param, tmp_path))


@pytest.fixture
def room(tmp_path: Path) -> Iterator[SimpleNamespace]:
    """The same on memory only, for what the engine does not matter to."""
    yield from build("memory://")
