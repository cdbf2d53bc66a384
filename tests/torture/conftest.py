"""Children of the torture tests, the server they call, and the sums that are told at the end of `make torture`."""

from __future__ import annotations

import multiprocessing.forkserver
import os
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from torture_world import FORGE, Receiver, Tell, new_database, placed, seed

from postgres import PostgresServer

HERE = Path(__file__).parent


@pytest.fixture(scope="session", autouse=True)
def forge() -> Iterator[None]:
    """The process that children are forked from, with everything imported."""
    before = os.environ.get("PYTHONPATH")
    os.environ["PYTHONPATH"] = os.pathsep.join([str(HERE), str(HERE.parent), str(HERE.parent.parent), before or ""])
    FORGE.set_forkserver_preload(["torture_deeds"])
    multiprocessing.forkserver.ensure_running()
    if before is None:
        del os.environ["PYTHONPATH"]
    else:
        os.environ["PYTHONPATH"] = before
    yield


@pytest.fixture(scope="session")
def receiver() -> Iterator[Receiver]:
    """The other side of the calls."""
    found = Receiver()
    yield found
    found.close()


@pytest.fixture(scope="session")
def seeded(tmp_path_factory: pytest.TempPathFactory, receiver: Receiver) -> Path:
    """A data folder to be copied: a workspace whose orders call the receiver, in a file."""
    return seed(tmp_path_factory.mktemp("seed") / "data", receiver.url)


@pytest.fixture(scope="session")
def seeded_there(tmp_path_factory: pytest.TempPathFactory, receiver: Receiver, postgres: PostgresServer) -> Path:
    """The same in PostgreSQL."""
    return seed(placed(tmp_path_factory.mktemp("seed") / "data", new_database(postgres.bare())), receiver.url)


@pytest.fixture(scope="session", params=["sqlite", "postgres"])
def sown(request: pytest.FixtureRequest) -> Path:
    """Each of the two."""
    return Path(request.getfixturevalue("seeded" if request.param == "sqlite" else "seeded_there"))


@pytest.fixture
def tell(record_property: Callable[[str, object], None]) -> Tell:
    return lambda text: record_property("torture", text)


def pytest_terminal_summary(terminalreporter: Any) -> None:
    """What was done to the product, and what became of it."""
    reports = [report for listed in terminalreporter.stats.values() for report in listed if getattr(report, "when", "") == "call"]
    lines = [(r.nodeid.split("::")[-1], text) for r in reports for name, text in r.user_properties if name == "torture"]
    if lines and os.environ.get("VORONKA_TORTURE"):
        terminalreporter.section("torture")
        for test, text in lines:
            terminalreporter.write_line(f"{test}: {text}")
