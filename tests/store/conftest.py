"""Every test that takes `db` runs on each engine, on real files."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from store import Database, Table, open_database

PROMOTED = {"elements": ["process", "stage", ("process", "stage"), "n.deep"]}


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "voronka.db"


@pytest.fixture(params=["memory", "sqlite", "postgres"])
def address(request: pytest.FixtureRequest, path: Path) -> str:
    """An empty database of each engine."""
    if request.param == "postgres":
        return str(request.getfixturevalue("postgres_url"))
    return "memory://" if request.param == "memory" else f"sqlite:///{path}"


@pytest.fixture
def db(address: str) -> Iterator[Database]:
    database = open_database(address, promoted=PROMOTED)
    yield database
    database.close()


@pytest.fixture
def file_db(path: Path) -> Iterator[Database]:
    database = open_database(f"sqlite:///{path}", promoted=PROMOTED)
    yield database
    database.close()


@pytest.fixture
def table(db: Database) -> Table:
    return db.table("elements")
