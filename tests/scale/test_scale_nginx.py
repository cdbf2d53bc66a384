"""deploy/nginx as it stands: for its own name only, its headers on every answer, at a pace, and no instance keeps anybody."""

from __future__ import annotations

import http.client
import signal
import socket
import ssl
import time
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from urllib.parse import urlencode, urlsplit

import pytest
from scale_world import CERTIFICATE, Nginx, until

from running import Serve, Site, WorkspaceAt
from workspace import SESSION_COOKIE, Workspace

SECONDS = 2


@dataclass
class Front:
    """nginx before two apps; `line()` is a connection to it."""

    nginx: Nginx
    apps: list[Site]
    workspace: Workspace

    @contextmanager
    def line(self, name: str = "localhost") -> Iterator[http.client.HTTPSConnection]:
        """What is encrypted for this name."""
        port = urlsplit(self.nginx.url).port
        trust = ssl.create_default_context(cafile=str(CERTIFICATE))
        trust.check_hostname = name == "localhost"
        with socket.create_connection(("127.0.0.1", port), 30) as bare, trust.wrap_socket(bare, server_hostname=name) as sock:
            link = http.client.HTTPSConnection("localhost", port, context=trust)  # nginx ends one after a thousand requests
            link.sock = sock
            yield link
            link.close()

    def token(self) -> str:
        return self.workspace.sessions.redeem(self.workspace.sessions.ticket(1), "test")


def ask(link: http.client.HTTPConnection, path: str, method: str = "GET", body: str = "", **headers: str):
    """(status, headers, text) on a connection that stays open."""
    link.request(method, path, body.encode(), headers)
    answer = link.getresponse()
    return answer.status, [(name.lower(), value) for name, value in answer.getheaders()], answer.read().decode()


@pytest.fixture(scope="module")
def front(tmp_path_factory: pytest.TempPathFactory, workspace_at: WorkspaceAt, serve: Serve) -> Iterator[Front]:
    folder = tmp_path_factory.mktemp("front")
    workspace = workspace_at(folder)
    apps = [serve(folder, VORONKA_WORKER="false") for _ in range(2)]
    ports = [int(app.url.rpartition(":")[2]) for app in apps]
    nginx = Nginx(tmp_path_factory.mktemp("nginx"), ports, {r"(proxy_read_timeout +)15s": rf"\g<1>{SECONDS}s"})
    found = Front(nginx, apps, workspace)
    end = time.monotonic() + 10
    while True:
        try:
            with found.line():
                break
        except OSError:
            assert time.monotonic() < end
            time.sleep(0.05)
    yield found
    nginx.stop()


def test_other_names_get_no_answer(front: Front) -> None:
    """Neither over HTTP, where a redirect would lead wherever the name says, nor over HTTPS by either of its two names."""
    plain = http.client.HTTPConnection(urlsplit(front.nginx.plain).netloc, timeout=10)
    status, headers, _ = ask(plain, "/board?process=deals")
    assert (status, dict(headers)["location"]) == (301, "https://localhost/board?process=deals")
    assert dict(headers)["server"] == "nginx"
    for name in ("evil.test", "127.0.0.1"):
        with pytest.raises(http.client.RemoteDisconnected):
            ask(plain, "/", Host=name)
        plain.close()
    with pytest.raises(ssl.SSLError), front.line("evil.test"):
        pass
    with front.line() as link, pytest.raises(http.client.RemoteDisconnected):
        ask(link, "/", Host="evil.test")


def test_every_answer_has_its_headers_once(front: Front) -> None:
    wanted = {"strict-transport-security", "x-content-type-options", "x-frame-options", "referrer-policy"}
    for path, method, body in (
        ("/", "GET", ""), ("/health", "GET", ""), ("/assets/board.js", "GET", ""), ("/files/x", "GET", ""),
        ("/session/sign-in", "POST", "x" * 70_000),
    ):  # fmt: skip
        with front.line() as link:
            status, headers, _ = ask(link, path, method, body)
        assert status == (413 if body else status) and status < 500
        assert {name: n for name, n in Counter(name for name, _ in headers).items() if name in wanted} == dict.fromkeys(wanted, 1)
        assert dict(headers)["server"] == "nginx"


def test_a_frozen_instance_keeps_nobody(front: Front) -> None:
    tokens = [front.token() for _ in range(8)]

    def seconds(token: str) -> float:
        begun = time.monotonic()
        with front.line() as link:
            assert ask(link, "/tasks", Cookie=f"{SESSION_COOKIE}={token}")[0] == 200
        return time.monotonic() - begun

    for token in tokens:
        seconds(token)
    until(lambda: all(map(front.nginx.served, tokens)))
    assert len({front.nginx.served(token)[-1][2] for token in tokens}) == 2, "both have people"
    front.apps[0].process.send_signal(signal.SIGSTOP)
    try:
        assert max(map(seconds, tokens)) < 2 * SECONDS
    finally:
        front.apps[0].process.send_signal(signal.SIGCONT)


def test_an_office_behind_one_address_works_and_a_flood_is_slowed(front: Front) -> None:
    form = urlencode({"username": "nobody", "password": "x"})
    with front.line() as link:

        def attempts(count: int) -> Counter[int]:
            return Counter(ask(link, "/session/sign-in", "POST", form)[0] for _ in range(count))

        def asked(path: str, count: int) -> Counter[int]:
            return Counter(ask(link, path)[0] for _ in range(count))

        assert attempts(30) == {303: 30}, "thirty who sign in at the same moment"
        assert attempts(100)[429] > 50
        assert asked("/plain/plain.css", 900) == {200: 900}, "what a first visit asks for is not counted"
        assert asked("/health", 600) == {200: 600}, "a hundred who open a page"
        assert asked("/health", 1200)[429] > 200
        assert "слишком много" in ask(link, "/session/sign-out", "POST")[2]
