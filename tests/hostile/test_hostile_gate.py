"""Who has no session gets nowhere and costs nothing; who has one is slowed before they slow down others."""

from __future__ import annotations

import asyncio
import logging
import os
import select
import socket
import statistics
import threading
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager, suppress
from pathlib import Path
from urllib.parse import urlsplit

import pytest
from streamlit.proto.BackMsg_pb2 import BackMsg
from streamlit.proto.ForwardMsg_pb2 import ForwardMsg
from streamlit.web.server.starlette.starlette_app_utils import generate_xsrf_token_string
from websockets.exceptions import ConnectionClosed, InvalidStatus
from websockets.sync.client import ClientConnection, connect
from websockets.typing import Origin, Subprotocol

from bench.visits import Session
from running import Serve, Site, WorkspaceAt
from workspace import SESSION_COOKIE, Workspace

log = logging.getLogger(__name__)
TORTURE = bool(os.environ.get("VORONKA_TORTURE"))
START, END = b'--x\r\nContent-Disposition: form-data; name="f"; filename="f.bin"\r\n\r\n', b"\r\n--x--\r\n"
XSRF = generate_xsrf_token_string()
HOSTS = "voronka.example.com, *.example.org"
SENT = 64 if TORTURE else 8
"""Megabytes that a stranger would like to leave with us."""


class Stand:
    """The app with two people: Anna, who administers, and Boris."""

    def __init__(self, site: Site, workspace: Workspace) -> None:
        self.site, self.workspace = site, workspace
        self.admin = workspace.administrator()
        self.boris = workspace.people.add_user(self.admin, "boris", "Boris", "a long password").id

    def token(self, user: int | None = None) -> str:
        sessions = self.workspace.sessions
        return sessions.redeem(sessions.ticket(user or self.admin.user or 0), "test")

    def dial(self, token: str, path: str = "/_stcore/stream", origin: str = "", **headers: str) -> ClientConnection:
        told = {"Cookie": f"{SESSION_COOKIE}={token}", **headers} if token else headers
        return connect(
            self.site.url.replace("http", "ws", 1) + path, origin=Origin(origin or self.site.url), additional_headers=told,
            subprotocols=[Subprotocol("streamlit")], max_size=None, ping_interval=None, open_timeout=30,
        )  # fmt: skip

    @contextmanager
    def page(self, token: str) -> Iterator[tuple[ClientConnection, str]]:
        """An open page and Streamlit's name for it."""
        with self.dial(token) as opened:
            opened.send(_run())
            yield opened, _until(opened, "new_session").new_session.initialize.session_id

    def ask(self, method: str, path: str, body: int = 0, *, wait: float = 30, **headers: str) -> tuple[int, int]:
        """The status of the answer (0: hung up on), and how many bytes of such a body were taken before it came."""
        where = urlsplit(self.site.url)
        lines = {"Host": where.netloc, "Connection": "close", **({"Content-Length": str(body)} if body else {}), **headers}
        head = f"{method} {path} HTTP/1.1\r\n" + "".join(f"{name}: {value}\r\n" for name, value in lines.items()) + "\r\n"
        with socket.create_connection((where.hostname, where.port), timeout=wait) as link:
            link.sendall(head.encode())
            return _answer(link, body)

    def told(self, token: str) -> dict[str, str]:
        """What Streamlit's browser side says with a change."""
        return {"Origin": self.site.url, "Cookie": f"{SESSION_COOKIE}={token}; _streamlit_xsrf={XSRF}", "X-Xsrftoken": XSRF}

    def put(self, token: str, page: str, file: str, size: int, **headers: str) -> tuple[int, int]:
        """Upload a file of that size into a page."""
        with self._put(token, page, file, size, **headers) as link:
            return _answer(link, size, END)

    def half_put(self, token: str, page: str, file: str, size: int) -> socket.socket:
        """The same, stopped half way."""
        link = self._put(token, page, file, size)
        link.sendall(b"x" * (size // 2))
        return link

    def _put(self, token: str, page: str, file: str, size: int, **headers: str) -> socket.socket:
        where, length = urlsplit(self.site.url), len(START) + size + len(END)
        form = {"Content-Type": "multipart/form-data; boundary=x", "Content-Length": str(length), "Connection": "close"}
        lines = {"Host": where.netloc, **self.told(token), **form, **headers}
        told = "".join(f"{name}: {value}\r\n" for name, value in lines.items())
        link = socket.create_connection((where.hostname, where.port), timeout=60)
        link.sendall(f"PUT /_stcore/upload_file/{page}/{file} HTTP/1.1\r\n{told}\r\n".encode() + START)
        return link

    def memory(self) -> float:
        """Megabytes that the app holds, in memory and in its files that have no name."""
        process = Path(f"/proc/{self.site.process.pid}")
        rss = int((process / "statm").read_text().split()[1]) * os.sysconf("SC_PAGE_SIZE")
        return rss / 2**20


def _answer(link: socket.socket, body: int, end: bytes = b"") -> tuple[int, int]:
    sent, block = 0, b"x" * 65536
    link.setblocking(False)
    deadline = time.monotonic() + 60
    heard = b""
    while b"\r\n\r\n" not in heard and time.monotonic() < deadline:
        with suppress(BlockingIOError, ConnectionError):
            if sent < body:
                sent += link.send(block[: body - sent])
            elif end:
                end = end[link.send(end) :]
        try:
            data = link.recv(65536)
        except BlockingIOError:
            time.sleep(0.0005)
            continue
        except ConnectionError:
            break
        if not data:
            break
        heard += data
    return int(heard.split(b" ", 2)[1]) if heard.startswith(b"HTTP/") else 0, sent


def _run() -> bytes:
    told = BackMsg()
    told.rerun_script.query_string = ""
    return told.SerializeToString()


def _until(opened: ClientConnection, kind: str, seconds: float = 30) -> ForwardMsg:
    end = time.monotonic() + seconds
    while True:
        data = opened.recv(timeout=max(0.01, end - time.monotonic()))
        message = ForwardMsg.FromString(data if isinstance(data, bytes) else data.encode())
        if message.WhichOneof("type") == kind:
            return message


def _ends(opened: ClientConnection, seconds: float = 10) -> int:
    """The code that it is closed with; the test fails while it is open."""
    end = time.monotonic() + seconds
    try:
        while True:
            opened.recv(timeout=max(0.01, end - time.monotonic()))
    except ConnectionClosed as closed:
        return closed.rcvd.code if closed.rcvd else 1006


@pytest.fixture(scope="module")
def stand(tmp_path_factory: pytest.TempPathFactory, workspace_at: WorkspaceAt, serve: Serve) -> Stand:
    folder = tmp_path_factory.mktemp("gate")
    workspace = workspace_at(folder, demo=True)
    settings = {
        "VORONKA_WORKER": "false",
        "VORONKA_HOSTS": HOSTS,
        "VORONKA_UPLOAD_MEGABYTES": "16",
        "VORONKA_HELD_MEGABYTES": "40",
    }
    return Stand(serve(folder, **settings), workspace)


# strangers


@pytest.mark.parametrize("token", ["", "invented", "A" * 43])
@pytest.mark.parametrize("path", ["/_stcore/stream", "/live"])
def test_no_socket_opens_without_a_session(stand: Stand, token: str, path: str) -> None:
    with pytest.raises(InvalidStatus) as refused, stand.dial(token, path):
        pass
    assert refused.value.response.status_code == 403


@pytest.mark.parametrize(
    ("method", "path"),
    [("GET", "/_stcore/metrics"), ("GET", "/_stcore/host-config"), ("GET", "/_stcore/script-health-check"),
     ("GET", "/media/x.png"), ("GET", "/component/x/index.html"), ("GET", "/_stcore/bidi-components/x/y.js"),
     ("POST", "/_stcore/agent/interact"),
     ("PUT", "/_stcore/upload_file/page/file"), ("DELETE", "/_stcore/upload_file/page/file")],
)  # fmt: skip
def test_nothing_of_streamlit_s_answers_a_stranger(stand: Stand, method: str, path: str) -> None:
    status, _ = stand.ask(method, path, origin=stand.site.url)
    assert status == 401
    assert stand.ask("GET", "/_stcore/health")[0] == 200


def test_what_a_stranger_sends_is_not_read(stand: Stand) -> None:
    """An upload of many megabytes is answered before it is taken: no more of it leaves than fits between two machines."""
    before = stand.memory()
    with stand.page(stand.token()) as (_, page):
        for number in range(12 if TORTURE else 3):
            status, taken = stand.ask("PUT", f"/_stcore/upload_file/{page}/{number}", SENT * 2**20, origin=stand.site.url)
            assert status in (0, 401) and taken < SENT * 2**20 * 0.9
    assert stand.memory() - before < 60


# whose page it is


def test_a_file_goes_into_an_open_page_of_the_same_person_only(stand: Stand) -> None:
    mine, theirs = stand.token(), stand.token(stand.boris)
    with stand.page(mine) as (_, page):
        assert stand.put(theirs, page, "a", 1000)[0] == 404
        assert stand.put(mine, "no-such-page", "a", 1000)[0] == 404
        assert stand.put(mine, page, "a", 1000, Origin="http://evil.test")[0] == 403
        assert stand.put(mine, page, "a", 17 * 2**20)[0] == 413
        assert stand.put(mine, page, "a", 1000)[0] == 204


def test_files_of_one_person_come_a_few_at_a_time_and_hold_up_nobody_else(stand: Stand) -> None:
    mine, theirs = stand.token(), stand.token(stand.boris)
    with stand.page(mine) as (_, page), stand.page(theirs) as (_, other):
        halves = [stand.half_put(mine, page, f"half-{number}", 12 * 2**20) for number in range(3)]
        with ThreadPoolExecutor(1) as beside:
            fourth = beside.submit(stand.put, mine, page, "fourth", 12 * 2**20)
            assert stand.put(theirs, other, "theirs", 12 * 2**20)[0] == 204
            assert not fourth.done()
            halves.pop().close()
            assert fourth.result(30)[0] == 204
        for half in halves:
            half.close()


def test_open_pages_hold_so_many_files_and_no_more(stand: Stand) -> None:
    token = stand.token()
    with stand.page(token) as (_, page):
        told = [stand.put(token, page, f"file-{number}", 12 * 2**20)[0] for number in range(5)]
        assert told == [204, 204, 204, 413, 413]
        assert stand.put(stand.token(), page, "other-session", 12 * 2**20)[0] == 413
        assert stand.ask("DELETE", f"/_stcore/upload_file/{page}/file-0", **stand.told(token))[0] == 204
        assert stand.put(token, page, "file-5", 12 * 2**20)[0] == 204


@pytest.mark.parametrize("origin", ["http://evil.test", "http://127.0.0.1:1", "http://localhost:8501", "null"])
@pytest.mark.parametrize("path", ["/_stcore/stream", "/live"])
def test_a_socket_opens_from_our_own_pages_only(stand: Stand, origin: str, path: str) -> None:
    with pytest.raises(InvalidStatus) as refused, stand.dial(stand.token(), path, origin):
        pass
    assert refused.value.response.status_code == 403


def test_nobody_takes_over_a_page_of_somebody_else(stand: Stand) -> None:
    with stand.page(stand.token()) as (_, page):
        pass
    told = {"Cookie": f"{SESSION_COOKIE}={stand.token(stand.boris)}", "X-Voronka-Person": str(stand.admin.user)}
    with connect(
        stand.site.url.replace("http", "ws", 1) + "/_stcore/stream", origin=Origin(stand.site.url), additional_headers=told,
        subprotocols=[Subprotocol("streamlit"), Subprotocol("x"), Subprotocol(page)], max_size=None,
    ) as opened:  # fmt: skip
        opened.send(_run())
        assert _until(opened, "new_session").new_session.initialize.session_id != page


@pytest.mark.parametrize(
    "host", ["evil.test", "127.0.0.1.evil.test", "example.org", "notexample.org", "localhost@evil.test", "", "a b"]
)
def test_only_names_that_it_knows_lead_to_it(stand: Stand, host: str) -> None:
    link = socket.create_connection((urlsplit(stand.site.url).hostname, urlsplit(stand.site.url).port), timeout=30)
    with link:
        link.sendall(f"GET / HTTP/1.1\r\nHost: {host}\r\nConnection: close\r\n\r\n".encode())
        said = link.makefile("rb").read().decode()
    assert said.startswith("HTTP/1.1 400") and "VORONKA_HOSTS" in said and "set-cookie" not in said.lower()


@pytest.mark.parametrize(
    "host",
    ["localhost:1", "127.0.0.1", "[::1]:8501", "192.168.1.7:8501", "VORONKA.example.com.", "a.example.org:443", "a.localhost"],
)
def test_names_of_the_settings_and_addresses_lead_to_it(stand: Stand, host: str) -> None:
    assert stand.ask("GET", "/", Host=host)[0] in (200, 303)


# the end of a session


@pytest.mark.parametrize("how", ["signed out", "revoked", "blocked"])
def test_sockets_end_with_their_session(stand: Stand, how: str) -> None:
    person = stand.workspace.people.add_user(stand.admin, how.replace(" ", ""), how, "a long password").id
    token, other = stand.token(person), stand.token(stand.boris)
    with stand.dial(token) as page, stand.dial(token, "/live") as live, stand.dial(other, "/live") as theirs:
        page.send(_run())
        _until(page, "script_finished")
        if how == "signed out":
            stand.workspace.sessions.sign_out(token)
        elif how == "revoked":
            stand.workspace.sessions.revoke(stand.admin, stand.workspace.sessions.of(person)[0].id)
        else:
            stand.workspace.people.change_user(stand.admin, person, active=False)
        assert (_ends(page), _ends(live)) == (4401, 4401)
        with pytest.raises(InvalidStatus), stand.dial(token):
            pass
        with pytest.raises(TimeoutError):
            while True:
                theirs.recv(timeout=0.3)


# floods


def test_a_flood_of_one_person_does_not_slow_down_others(stand: Stand) -> None:
    """Four sockets with rerun frames as fast as they go; another person's page comes in a small multiple of its quiet time."""
    with ThreadPoolExecutor(1) as pool:  # tests with a browser leave a loop behind in this thread
        quiet, flooded = pool.submit(asyncio.run, _flooded(stand, 12 if TORTURE else 4)).result()
    told = f"a page: {quiet * 1000:.0f} ms, {flooded * 1000:.0f} ms beside a flood, {flooded / quiet:.1f} x"
    assert flooded < 8 * quiet, told
    log.info(told)


async def _flooded(stand: Stand, sockets: int) -> tuple[float, float]:
    visitor, stop = await _visitor(stand), threading.Event()
    flood = threading.Thread(target=_flood, args=(stand, sockets, stop))
    try:
        await _median(visitor)
        quiet = await _median(visitor)
        flood.start()
        await asyncio.sleep(0.5)
        return quiet, await _median(visitor)
    finally:
        stop.set()
        await visitor.socket.close()
        flood.join(30)


def _flood(stand: Stand, sockets: int, stop: threading.Event) -> None:
    """As fast as the server takes them: frames made beforehand, many at a time, and what comes back is thrown away."""
    frames = (bytes([0x82, 0x80 | len(_run()), 0, 0, 0, 0]) + _run()) * 500
    links = [_bare(stand) for _ in range(sockets)]
    left: dict[socket.socket, bytes] = {}
    while not stop.is_set():
        readable, writable, _ = select.select(links, links, [], 0.2)
        for link in writable:
            left[link] = left.get(link) or frames
            with suppress(OSError):
                left[link] = left[link][link.send(left[link], socket.MSG_DONTWAIT) :]
        for link in readable:
            if not _heard(link):  # hung up on: once more
                links[links.index(link)] = _bare(stand)
    for link in links:
        link.close()


def _heard(link: socket.socket) -> bytes:
    with suppress(OSError):
        return link.recv(2**20)
    return b""


def _bare(stand: Stand) -> socket.socket:
    """An open socket without a library around it."""
    where = urlsplit(stand.site.url)
    link = socket.create_connection((where.hostname, where.port), timeout=30)
    lines = {
        "Host": where.netloc, "Origin": stand.site.url, "Cookie": f"{SESSION_COOKIE}={stand.token(stand.boris)}",
        "Upgrade": "websocket", "Connection": "Upgrade", "Sec-WebSocket-Version": "13",
        "Sec-WebSocket-Key": "AAAAAAAAAAAAAAAAAAAAAA==", "Sec-WebSocket-Protocol": "streamlit",
    }  # fmt: skip
    link.sendall(("GET /_stcore/stream HTTP/1.1\r\n" + "".join(f"{k}: {v}\r\n" for k, v in lines.items()) + "\r\n").encode())
    assert link.recv(4096).startswith(b"HTTP/1.1 101")
    return link


async def _visitor(stand: Stand) -> Session:
    from bench.visits import _opened

    return await _opened(stand.site.url, "board", "process=deals", stand.token())


async def _median(visitor: Session, times: int = 9) -> float:
    visitor.times.clear()
    for _ in range(times):
        await visitor.run()
    return statistics.median(visitor.times)
