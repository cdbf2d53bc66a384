"""Streamlit's front end from memory: the same bytes, packed for who takes that; any other address is not ours."""

from __future__ import annotations

import gzip
import re
from collections.abc import Iterator
from pathlib import Path

import pytest
import streamlit as st
from starlette.applications import Starlette
from starlette.middleware import Middleware
from starlette.requests import Request
from starlette.responses import HTMLResponse, PlainTextResponse, Response
from starlette.routing import Route
from starlette.testclient import TestClient

from api.frontend import Frontend

FOLDER = Path(st.__file__).parent / "static"
FILES = FOLDER / "static"
SCRIPTS = {"text/javascript", "application/javascript"}
ODD = ("js/unknown.js", "js/..%2f..%2findex.html", "", "/etc/passwd", "js")


async def behind(request: Request) -> Response:
    """Streamlit's way: its page for any address that is nothing else."""
    path = request.url.path
    if path.startswith("/static/") or request.method == "POST":
        return PlainTextResponse("passed on", status_code=404)
    named = {"content-disposition": "attachment"} if path == "/letter.html" else {}
    return HTMLResponse("Streamlit's own page", headers=named)


@pytest.fixture(scope="module")
def client() -> Iterator[TestClient]:
    app = Starlette(
        routes=[Route("/{path:path}", behind, methods=["GET", "POST"])],
        middleware=[Middleware(Frontend, folder=FOLDER, pages=["board"], title="Voronka")],
    )
    with TestClient(app) as found:
        yield found


@pytest.mark.parametrize("ending", ["js/index.*.js", "css/*.css", "media/MaterialSymbols-Rounded.*.woff2"])
def test_the_same_bytes_packed_or_not(client: TestClient, ending: str) -> None:
    file = next(FILES.glob(ending))
    address = f"/static/{file.relative_to(FILES).as_posix()}"
    for _ in range(2):  # from the disk, then from memory
        for accepted in ("gzip, br", "identity"):
            with client.stream("GET", address, headers={"Accept-Encoding": accepted}) as answer:
                sent = b"".join(answer.iter_raw())
            packed = answer.headers.get("content-encoding") == "gzip"
            assert packed == (accepted != "identity" and file.suffix in (".js", ".css"))
            assert (gzip.decompress(sent) if packed else sent) == file.read_bytes()
            assert len(sent) == int(answer.headers["content-length"])
            assert "immutable" in answer.headers["cache-control"] and answer.headers["vary"] == "Accept-Encoding"
            assert answer.headers["content-type"].split(";")[0] in SCRIPTS | {"text/css", "font/woff2"}


@pytest.mark.parametrize("name", ODD)
def test_other_addresses_are_passed_on(client: TestClient, name: str) -> None:
    assert client.get(f"/static/{name}").text == "passed on"


@pytest.mark.parametrize("address", ["/", "/board", "/board?process=deals"])
def test_the_page_itself(client: TestClient, address: str) -> None:
    """Every widget that it names in advance is there; the server's address is said, or deep links would look for it in vain."""
    answer = client.get(address)
    assert answer.headers["cache-control"] == "no-cache" and "<title>Voronka</title>" in answer.text
    assert "BACKEND_BASE_URL: window.location.origin" in answer.text
    named = re.findall(r'(?:href|src)="\./static/([^"]+)"', answer.text)
    assert any("BidiComponent" in name for name in named) and len(named) == len(set(named)) > 80
    assert [name for name in named if not (FILES / name).is_file()] == []


def test_an_address_that_is_no_page_leads_to_the_start(client: TestClient) -> None:
    for address in ("/nothing-here", "/board/1", "/a/b/c", "/board/"):
        answer = client.get(address, follow_redirects=False)
        assert (answer.status_code, answer.headers["location"], answer.content) == (303, "/?lost=1", b"")
    assert client.get("/letter.html").text == client.get("/component/of/others").text == "Streamlit's own page"


def test_only_reading(client: TestClient) -> None:
    file = next((FILES / "css").glob("*.css"))
    assert client.post(f"/static/css/{file.name}").text == "passed on"
