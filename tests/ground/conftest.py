"""The routes over a real workspace, without Streamlit around them: quick, and the clock can be moved."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from types import SimpleNamespace

import pytest
from httpx2 import Response
from starlette.applications import Starlette
from starlette.middleware import Middleware
from starlette.testclient import TestClient

import api
from api.headers import SecurityHeaders
from api.live import Bus
from builder.presets import preset
from running import LOGIN, PASSWORD
from settings import Settings
from workspace import build

ORIGIN = "http://voronka.test"


class MovedClock:
    """A clock that stands still until it is moved."""

    def __init__(self) -> None:
        self.time = datetime(2026, 11, 21, 12, tzinfo=UTC)

    def now(self) -> datetime:
        return self.time

    def move(self, **how: float) -> None:
        self.time += timedelta(**how)


@pytest.fixture
def hatch(tmp_path: Path) -> Iterator[SimpleNamespace]:
    """`client` (a browser's: keeps cookies, follows nothing), `workspace`, `admin`, `clock`, `bus`, `sign_in()`.

    There is a process `deals` that nobody but administrators may see, and an account `boris` / `a long password`.
    """
    clock = MovedClock()
    workspace = build(Settings(data=tmp_path, _env_file=None), clock)
    workspace.set_up("Test", "en", LOGIN, "Anna Admin", PASSWORD)
    admin = workspace.administrator()
    workspace.people.add_user(admin, "boris", "Boris", "a long password")
    secret = preset("scratch", "deals", "Deals", workspace.reader(admin).t).model_copy(update={"grants": ()})
    workspace.processes.create(admin, secret)
    workspace.processes.publish(admin, "deals")
    bus = Bus(lambda: workspace)
    app = Starlette(routes=api.routes(lambda: workspace, bus), middleware=[Middleware(SecurityHeaders)])
    bus.open()
    with TestClient(app, base_url=ORIGIN, follow_redirects=False) as client:
        found = SimpleNamespace(client=client, workspace=workspace, admin=admin, clock=clock, bus=bus)

        def post(path: str, origin: str = ORIGIN, **form: str) -> Response:
            return client.post(path, data=form, headers={"origin": origin} if origin else {})

        def sign_in(login: str = LOGIN, password: str = PASSWORD, **more: str) -> Response:
            return post("/session/sign-in", username=login, password=password, **more)

        found.post, found.sign_in = post, sign_in
        yield found
    bus.close()
    workspace.db.close()
