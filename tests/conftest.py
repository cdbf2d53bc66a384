"""What tests of the whole product share: `workspace_at`, `serve`, `visit` (their types stand in running.py)."""

from __future__ import annotations

import os
from collections.abc import Generator, Iterator
from itertools import count
from pathlib import Path
from typing import Any

import pytest
from hypothesis import settings
from playwright.sync_api import Browser, sync_playwright

import running
from postgres import PostgresServer
from running import Contexts, Serve, Site, Visits, WorkspaceAt
from workspace import Workspace

SITES = pytest.StashKey[list[Site]]()
# what is drawn is the same in every run of `make test`, so that it fails for a change and not by chance; `make torture` explores
settings.register_profile("same", derandomize=not os.environ.get("VORONKA_TORTURE"), deadline=None)
settings.load_profile("same")


@pytest.fixture(scope="session")
def workspace_at() -> Iterator[WorkspaceAt]:
    """Opens the workspace in a folder, set up with the administrator `admin` / `correct horse 1`; closed at the end."""
    opened: list[Workspace] = []

    def at(folder: Path, *, demo: bool = False, language: str = "en") -> Workspace:
        opened.append(running.open_workspace(folder, demo=demo, language=language))
        return opened[-1]

    yield at
    for workspace in opened:
        workspace.db.close()


def _serving(folders: pytest.TempPathFactory, config: pytest.Config) -> Iterator[Serve]:
    logs, numbers, mine = folders.mktemp("logs"), count(1), []
    sites = config.stash.setdefault(SITES, [])

    def start(folder: Path, **environment: str) -> Site:
        mine.append(running.start(folder, logs / f"server-{next(numbers)}.log", **environment))
        sites.append(mine[-1])
        return mine[-1]

    yield start
    for site in mine:
        site.stop()
        sites.remove(site)


@pytest.fixture(scope="module")
def serve(tmp_path_factory: pytest.TempPathFactory, request: pytest.FixtureRequest) -> Iterator[Serve]:
    """Starts the real app on a folder and a free port. All are stopped at the end of the module: idle ones take time, too."""
    yield from _serving(tmp_path_factory, request.config)


@pytest.fixture(scope="session")
def serve_on(tmp_path_factory: pytest.TempPathFactory, request: pytest.FixtureRequest) -> Iterator[Serve]:
    """The same for an app that several modules visit."""
    yield from _serving(tmp_path_factory, request.config)


@pytest.fixture(scope="session")
def postgres() -> Iterator[PostgresServer]:
    """A PostgreSQL server, brought up when first asked for; processes of one run share it."""
    server = PostgresServer(os.environ.get("PYTEST_XDIST_TESTRUNUID"))
    yield server
    server.stop()


@pytest.fixture
def postgres_url(postgres: PostgresServer) -> str:
    """The address of an empty database on it."""
    return postgres.url()


@pytest.fixture(scope="session")
def browser() -> Iterator[Browser]:
    """One Chromium for the whole run."""
    with sync_playwright() as playwright:
        launched = running.launch(playwright)
        yield launched
        launched.close()


@pytest.fixture(scope="session")
def contexts(browser: Browser) -> Contexts:
    """What lends its contexts."""
    return Contexts(browser)


@pytest.fixture
def visit(contexts: Contexts) -> Iterator[Visits]:
    """Opens pages as somebody; fails at the end when one showed an exception or ran into an error of our scripts."""
    visits = Visits(contexts)
    yield visits
    trouble = visits.close()
    assert not trouble, "\n".join(trouble)


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Tests that have a browser say so: they may fail once by chance (`again.py`)."""
    for item in items:
        if "browser" in getattr(item, "fixturenames", ()):
            item.add_marker("browser")


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(item: pytest.Item) -> Generator[None, Any, Any]:
    """A failed test shows what the servers said and what the pages show."""
    report = yield
    if report.failed:
        for site in item.config.stash.get(SITES, []):
            report.sections.append((f"server {site.url}", site.said()))
        visits = getattr(item, "funcargs", {}).get("visit")
        if visits is not None and report.when == "call":
            report.sections.append(("pages", visits.seen()))
    return report
