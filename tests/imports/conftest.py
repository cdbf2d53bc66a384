"""Fixtures of the room; the world itself is in imports_world.py."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from imports_world import CRM, Place, book

from locales import Language
from runtime.tables import PROMOTED
from store import open_database


@pytest.fixture
def english() -> Language:
    return Language("en")


@pytest.fixture
def place() -> Iterator[Place]:
    db = open_database("memory://", promoted=PROMOTED)
    yield Place(db)
    db.close()


@pytest.fixture
def on_disk(tmp_path: Path) -> Iterator[Place]:
    db = open_database(f"sqlite:///{tmp_path / 'test.db'}", promoted=PROMOTED)
    yield Place(db)
    db.close()


@pytest.fixture
def crm() -> Path:
    return CRM


@pytest.fixture
def workbook() -> Callable[..., bytes]:
    """Bytes of an XLSX with these rows on its first worksheet, and more worksheets by name."""

    def make(rows: list[list[Any]], **others: list[list[Any]]) -> bytes:
        return book(rows, others)

    return make
