"""The real server, spoken to by somebody who is no browser."""

from __future__ import annotations

import http.client
import socket
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from urllib.parse import quote, urlencode, urlsplit

import pytest
from hostile_world import Hostile, seed

from running import LOGIN, PASSWORD, Serve, Site

HEADERS = ("x-content-type-options", "x-frame-options", "referrer-policy")


@dataclass
class Line:
    """A connection of its own for each request."""

    site: Site

    def ask(self, method: str, path: str, body: bytes = b"", **headers: str) -> tuple[int, dict[str, str], bytes]:
        host = urlsplit(self.site.url).netloc
        link = http.client.HTTPConnection(host, timeout=20)
        try:
            link.putrequest(method, path, skip_host="host" in headers)
            for name, value in {**headers, **({"content-length": str(len(body))} if body else {})}.items():
                link.putheader(name.replace("_", "-"), value)
            link.endheaders(body)
            answer = link.getresponse()
            told = dict(reversed([(name.lower(), value) for name, value in answer.getheaders()]))  # of several the first
            return answer.status, told, answer.read(2_000_000)
        finally:
            link.close()

    def sign_in(self, login: str = LOGIN, password: str = PASSWORD, **headers: str) -> tuple[int, dict[str, str], bytes]:
        body = urlencode({"username": login, "password": password, "next": "/health"}).encode()
        told = {"origin": self.site.url, "content_type": "application/x-www-form-urlencoded"}
        return self.ask("POST", "/session/sign-in", body, **{**told, **headers})

    def cookie(self) -> str:
        return self.sign_in()[1]["set-cookie"].partition(";")[0]


@pytest.fixture(scope="module")
def hostile(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Hostile]:
    found = seed(tmp_path_factory.mktemp("http"))
    yield found
    found.workspace.db.close()


@pytest.fixture(scope="module")
def line(hostile: Hostile, serve: Serve) -> Line:
    return Line(serve(hostile.workspace.environment.data, VORONKA_WORKER="false"))


@pytest.mark.parametrize("path", ["/", "/health", "/files/1", "/assets/board.js", "/session/enter", "/nothing", "/media/x"])
def test_every_answer_has_its_headers_and_none_a_traceback(line: Line, path: str) -> None:
    status, headers, body = line.ask("GET", path)
    assert status < 500 and not set(HEADERS) - headers.keys()
    assert b"Traceback" not in body


@pytest.mark.parametrize("method", ["PUT", "DELETE", "PATCH", "TRACE", "CONNECT", "PROPFIND", "OPTIONS", "GET", "HEAD"])
@pytest.mark.parametrize("path", ["/session/sign-out", "/session/sign-in", "/files/1"])
def test_methods_that_are_none_change_nothing(line: Line, hostile: Hostile, method: str, path: str) -> None:
    cookie = line.cookie()
    status, headers, _ = line.ask(method, path, cookie=cookie, origin=line.site.url)
    assert status < 500
    assert "set-cookie" not in headers
    assert hostile.workspace.sessions.user_of(cookie.partition("=")[2]) == hostile.admin.user


@pytest.mark.parametrize(
    "path",
    ["/assets/../voronka.db", "/assets/%2e%2e/%2e%2e/settings.py", "/assets/..%2f..%2fapp.py", "/assets//etc/passwd",
     "/assets/%00", "/files/../voronka.db", "/files/1/../../voronka.db", "/static/../../app.py", "/app/static/../voronka.db",
     "/media/../app.py", "/component/../../app.py", "/voronka.db", "/.streamlit/config.toml",
     "/assets/board.js%00.css", "/_stcore/../app.py"],
)  # fmt: skip
def test_no_path_leads_out(line: Line, path: str) -> None:
    _, _, body = line.ask("GET", path, cookie=line.cookie())
    assert b"SQLite format 3" not in body and b"import " not in body and b"root:" not in body and b"[server]" not in body


@pytest.mark.parametrize("number", ["-1", "0", "1e3", "99999999999999999999", "1;2", "%31", "0x1", "1.0", "١", "+1", "1" * 5000])
def test_odd_file_numbers(line: Line, number: str) -> None:
    status, _, body = line.ask("GET", f"/files/{quote(number, safe='%;+')}", cookie=line.cookie())
    assert status in (200, 400, 404, 414) and b"Traceback" not in body


def test_a_file_is_only_for_who_may_read(line: Line, hostile: Hostile) -> None:
    file = hostile.workspace.files.of(hostile.admin, hostile.element)[0].id
    assert line.ask("GET", f"/files/{file}")[0] == 303
    assert line.ask("GET", f"/files/{file}", cookie="voronka_session=invented")[0] == 303
    status, headers, _ = line.ask("GET", f"/files/{file}", cookie=line.cookie())
    assert status == 200 and headers["content-disposition"].startswith("attachment")
    ranged = line.ask("GET", f"/files/{file}", range="bytes=0-1,5-", cookie=line.cookie())
    assert ranged[0] in (200, 206, 416)


@pytest.mark.parametrize("origin", ["", "null", "http://evil.test", "https://127.0.0.1.evil.test", "http://127.0.0.1"])
def test_other_origins_do_not_sign_in(line: Line, origin: str) -> None:
    _, headers, _ = line.sign_in(origin=origin)
    assert "set-cookie" not in headers and "bad_origin" in headers["location"]


def test_big_and_endless_posts_are_refused(line: Line) -> None:
    for size in (20_000, 3_000_000):
        status, headers, _ = line.ask(
            "POST", "/session/sign-in", b"username=" + b"a" * size, origin=line.site.url,
            content_type="application/x-www-form-urlencoded",
        )  # fmt: skip
        assert status < 500 and "set-cookie" not in headers
    boundary = b"--x\r\ncontent-disposition: form-data; name=username; filename=a\r\n\r\n" + b"a" * 50_000 + b"\r\n--x--\r\n"
    status, headers, _ = line.ask(
        "POST", "/session/sign-in", boundary, origin=line.site.url, content_type="multipart/form-data; boundary=x"
    )
    assert status < 500 and "set-cookie" not in headers


def test_long_addresses_and_headers(line: Line) -> None:
    for path in ("/card?id=" + "9" * 8000, "/search?q=" + "%F0%9F%98%80" * 600, "/board?process=%00%ff"):
        assert line.ask("GET", path)[0] < 500
    assert line.ask("GET", "/health", cookie="voronka_session=" + "x" * 8000)[0] < 500


def test_guesses_from_many_addresses_at_once_slow_strangers_down_and_nobody_else(line: Line, hostile: Hostile) -> None:
    hostile.workspace.people.add_user(hostile.admin, "target", "Target", "a long password")
    link = line.sign_in("target", "a long password", x_forwarded_for="10.8.8.8")
    assert "set-cookie" in link[1]
    device = hostile.workspace.sessions.remember(link[1]["set-cookie"].partition("=")[2].partition(";")[0], "")
    said: list[str] = []

    def answer(password: str, address: str, **more: str) -> dict[str, str]:
        """What is said once the server is not too busy to look: few passwords are looked at at a time."""
        while (told := line.sign_in("target", password, x_forwarded_for=address, **more))[0] == 503:
            pass
        return told[1]

    def guess(n: int) -> None:
        said.append(answer(f"guess {n}", f"10.0.0.{n}")["location"])

    with ThreadPoolExecutor(12) as pool:
        list(pool.map(guess, range(36)))
    assert sum("wrong_login" in where for where in said) <= 30
    assert any("too_many_attempts" in where for where in said)
    assert "set-cookie" not in answer("a long password", "10.9.9.9")
    assert "set-cookie" in answer("a long password", "10.9.9.9", cookie=f"voronka_device={device}")


def test_forms_that_are_never_sent_whole_leave_nothing_in_the_log(line: Line) -> None:
    before = line.site.log.read_text()
    host, _, port = line.site.url.removeprefix("http://").partition(":")
    form = "Content-Type: application/x-www-form-urlencoded\r\nContent-Length: 500"
    head = f"Host: {host}:{port}\r\nOrigin: {line.site.url}\r\n{form}\r\n"
    for path in ("/session/sign-in", "/session/set-up", "/session/sign-out") * 10:
        with socket.create_connection((host, int(port))) as gone:
            gone.sendall(f"POST {path} HTTP/1.1\r\n{head}\r\nusername=a".encode())
    assert line.ask("GET", "/health")[0] == 200
    assert "set-cookie" in line.sign_in()[1]  # by now it has heard of them all
    assert line.site.log.read_text() == before
