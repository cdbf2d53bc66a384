"""The database hangs or is held by somebody: what needs it is told so in words, and nothing else waits."""

from __future__ import annotations

import http.client
import sqlite3
import time
from collections.abc import Callable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import urlencode, urlsplit

import pytest

from postgres import PostgresServer
from running import LOGIN, PASSWORD, Serve, Site, WorkspaceAt
from settings import Settings
from workspace import SESSION_COOKIE, build

FREE = ("/health", "/assets/board.js", "/plain/plain.css", "/plain/icon.svg")
"""What needs no database."""
CROWD = 45


@dataclass
class Answer:
    status: int
    headers: dict[str, str]
    text: str
    seconds: float


def ask(site: Site, path: str, token: str = "", form: dict[str, str] | None = None) -> Answer:
    """One request on a connection of its own."""
    link, begun = http.client.HTTPConnection(urlsplit(site.url).netloc, timeout=30), time.monotonic()
    told = {"Cookie": f"{SESSION_COOKIE}={token}", "Origin": site.url, "Content-Type": "application/x-www-form-urlencoded"}
    link.request("POST" if form else "GET", path, urlencode(form or {}), told)
    answer = link.getresponse()
    text = answer.read().decode()
    link.close()
    return Answer(answer.status, {k.lower(): v for k, v in answer.getheaders()}, text, time.monotonic() - begun)


def sign_in(site: Site, password: str = PASSWORD) -> Answer:
    return ask(site, "/session/sign-in", form={"username": LOGIN, "password": password, "next": "/tasks"})


@contextmanager
def crowd(*acts: Callable[[], Answer]) -> Iterator[list[Future[Answer]]]:
    """Many people, each of whom does one of these, at the same time."""
    with ThreadPoolExecutor(len(acts)) as pool:
        yield [pool.submit(act) for act in acts]


def serves_the_rest(site: Site) -> None:
    """What needs no database comes at once, again and again."""
    for _ in range(5):
        answers = [ask(site, path) for path in FREE]
        assert [a.status for a in answers] == [200] * len(FREE)
        assert max(a.seconds for a in answers) < 1


def told_in_words(answers: list[Answer]) -> None:
    """No one of them had to wait for long, or got a bare error."""
    assert {a.status for a in answers} == {503}, [a.text for a in answers if a.status != 503]
    assert all("<h1>" in a.text and "again" in a.text and "retry-after" in a.headers for a in answers)
    assert max(a.seconds for a in answers) < 10


def test_a_database_that_hangs_stops_only_what_needs_it(tmp_path: Path, serve: Serve) -> None:
    server = PostgresServer()
    workspace = build(Settings(data=tmp_path, database_url=server.url(), _env_file=None))
    workspace.set_up("Test", "en", LOGIN, "Anna Admin", PASSWORD)
    token = workspace.sessions.redeem(workspace.sessions.ticket(1), "test")
    site = serve(tmp_path, VORONKA_DATABASE_URL=workspace.environment.database_url, VORONKA_WORKER="false")
    acts: list[Callable[[], Answer]] = []
    for _ in range(CROWD):
        acts += [lambda: sign_in(site), lambda: ask(site, "/tasks", token), lambda: ask(site, "/files/1", token)]
    try:
        assert ask(site, "/health/ready").status == ask(site, "/tasks", token).status == 200
        with server.frozen(), crowd(*acts) as waiting:
            serves_the_rest(site)
            with crowd(*[lambda: ask(site, "/health/ready")] * 30) as ready:
                told = [each.result() for each in ready]
            assert {a.status for a in told} == {503} and max(a.seconds for a in told) < 3
            told_in_words([each.result() for each in waiting])
        end = time.monotonic() + 30
        while ask(site, "/health/ready").status != 200:
            assert time.monotonic() < end, site.said()
        assert sign_in(site).headers["location"] == "/tasks"
    finally:
        site.stop()
        workspace.db.close()
        server.stop()


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory, workspace_at: WorkspaceAt, serve: Serve) -> Site:
    folder = tmp_path_factory.mktemp("held")
    workspace = workspace_at(folder, demo=True)
    workspace.files.add(workspace.administrator(), 1, "note.txt", b"a note")
    return serve(folder, VORONKA_WORKER="false")


def test_a_lock_that_somebody_holds_stops_only_what_writes(site: Site, workspace_at: WorkspaceAt) -> None:
    workspace = workspace_at(site.folder)
    token = workspace.sessions.redeem(workspace.sessions.ticket(1), "test")
    ticket = workspace.sessions.ticket(1)
    acts: list[Callable[[], Answer]] = [*[lambda: sign_in(site)] * CROWD, lambda: ask(site, f"/session/enter?ticket={ticket}")]
    held = sqlite3.connect(site.folder / "voronka.db", isolation_level=None)
    held.execute("BEGIN IMMEDIATE")
    try:
        with crowd(*acts) as waiting:
            serves_the_rest(site)
            reading = [ask(site, path, token) for path in ("/files/1", "/tasks", "/health/ready")]
            assert [a.status for a in reading] == [200] * 3 and max(a.seconds for a in reading) < 1
            told_in_words([each.result() for each in waiting])
    finally:
        held.execute("ROLLBACK")
        held.close()
    end = time.monotonic() + 30
    while sign_in(site).status != 303:
        assert time.monotonic() < end, site.said()
    assert "Traceback" not in site.said()
