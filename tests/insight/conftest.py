"""Fixtures of the room; the world itself is in insight_world.py."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest
from insight_world import World

from locales import Language
from store import open_database


@pytest.fixture(params=["memory", "sqlite"])
def world(request: pytest.FixtureRequest, tmp_path: Any) -> Iterator[World]:
    address = "memory://" if request.param == "memory" else f"sqlite:///{tmp_path / 'w.db'}"
    db = open_database(address)
    yield World(db)
    db.close()


@pytest.fixture(params=["en", "ru"])
def reader(request: pytest.FixtureRequest) -> Language:
    names = {1: "Иванова Анна", 2: "Петров Пётр"}
    return Language(request.param, person=lambda user: names.get(user, ""))
