"""The routes over a real workspace, without Streamlit around them: quick, and the clock can be moved."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path
from types import SimpleNamespace

import pytest
from httpx2 import Response
from starlette.applications import Starlette
from starlette.middleware import Middleware
from starlette.requests import Request
from starlette.responses import PlainTextResponse
from starlette.routing import Route
from starlette.testclient import TestClient

import api
from api.gate import Gate
from api.headers import SecurityHeaders
from api.known import Known
from api.limits import Limits
from api.live import Bus
from api.threshold import InWords, Threshold
from builder.presets import preset
from running import LOGIN, PASSWORD
from runtime.outside.passwords import Passwords
from settings import Settings
from workspace import Workspace, build

ORIGIN = "http://voronka.test"


class MovedClock:
    """A clock that stands still until it is moved."""

    def __init__(self) -> None:
        self.time = datetime(2026, 11, 21, 12, tzinfo=UTC)

    def now(self) -> datetime:
        return self.time

    def move(self, **how: float) -> None:
        self.time += timedelta(**how)


class Counted(Passwords):
    """Real hashes, cheaply made and counted; none is checked while `held` is taken."""

    def __init__(self) -> None:
        self.made = self.checking = self.most = 0
        self.held, self._lock = threading.Lock(), threading.Lock()
        super().__init__(1, 8, 1)

    def hash(self, password: str) -> str:
        self.made += 1
        return super().hash(password)

    def verify(self, stored: str, password: str) -> bool:
        with self._lock:
            self.checking += 1
            self.most = max(self.most, self.checking)
        try:
            with self.held:
                return super().verify(stored, password)
        finally:
            with self._lock:
                self.checking -= 1


def app_of(workspace: Workspace, bus: Bus, known: Known, limits: Limits | None = None) -> Starlette:
    """The routes and what stands before them; behind them a page as Streamlit would have it, and one that breaks."""

    async def page(request: Request) -> PlainTextResponse:
        return PlainTextResponse("a page for people with a session")

    async def broken(request: Request) -> PlainTextResponse:
        raise KeyError("a secret of ours")

    def get() -> Workspace:
        return workspace

    before = [
        Middleware(SecurityHeaders),
        Middleware(InWords, get=get),
        Middleware(Gate, get=get, known=known, limits=limits),
        Middleware(Threshold, get=get, pages=["board"]),
    ]
    behind = [Route("/broken", broken), Route("/", page), Route("/board", page)]
    return Starlette(routes=[*api.routes(get, bus), *behind], middleware=before)


@contextmanager
def hatch_of(workspace: Workspace, clock: MovedClock, hasher: Counted) -> Iterator[SimpleNamespace]:
    """`client` (a browser's: keeps cookies, follows nothing) of a workspace, and `post`."""
    bus, known = Bus(lambda: workspace), Known(lambda: workspace, every=0.5)
    bus.open()
    known.open()
    with TestClient(app_of(workspace, bus, known), base_url=ORIGIN, follow_redirects=False) as client:

        def post(path: str, origin: str = ORIGIN, **form: str) -> Response:
            return client.post(path, data=form, headers={"origin": origin} if origin else {})

        def limited(limits: Limits, address: str) -> TestClient:
            app = app_of(workspace, bus, known, limits)
            return TestClient(app, base_url=ORIGIN, client=(address, 1), cookies=dict(client.cookies))

        yield SimpleNamespace(client=client, workspace=workspace, clock=clock, bus=bus, post=post, hasher=hasher, limited=limited)
    known.close()
    bus.close()
    workspace.db.close()


@pytest.fixture
def empty(tmp_path: Path) -> Iterator[SimpleNamespace]:
    """The same for a workspace that nobody has set up."""
    clock, hasher = MovedClock(), Counted()
    with hatch_of(build(Settings(data=tmp_path, _env_file=None), clock, passwords=hasher), clock, hasher) as found:
        yield found


@pytest.fixture
def hatch(empty: SimpleNamespace) -> SimpleNamespace:
    """`empty`, set up; `admin`, `sign_in()`.

    There is a process `deals` that nobody but administrators may see, and an account `boris` / `a long password`.
    """
    workspace = empty.workspace
    workspace.set_up("Test", "en", LOGIN, "Anna Admin", PASSWORD)
    admin = workspace.administrator()
    workspace.people.add_user(admin, "boris", "Boris", "a long password")
    secret = preset("scratch", "deals", "Deals", workspace.reader(admin).t).model_copy(update={"grants": ()})
    workspace.processes.create(admin, secret)
    workspace.processes.publish(admin, "deals")

    def sign_in(login: str = LOGIN, password: str = PASSWORD, **more: str) -> Response:
        return empty.post("/session/sign-in", username=login, password=password, **more)

    empty.admin, empty.sign_in = admin, sign_in
    return empty
