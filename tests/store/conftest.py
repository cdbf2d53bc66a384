"""Every test that takes `db` runs on each engine, on real files."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from store import Database, Table, open_database

PROMOTED = {"elements": ["process", "stage", ("process", "stage"), "n.deep"]}


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "voronka.db"


@pytest.fixture(params=["memory", "sqlite"])
def db(request: pytest.FixtureRequest, path: Path) -> Iterator[Database]:
    address = "memory://" if request.param == "memory" else f"sqlite:///{path}"
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
