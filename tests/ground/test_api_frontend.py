"""Streamlit's front end from memory: the same bytes, packed for who takes that; any other address is not ours."""

from __future__ import annotations

import gzip
from collections.abc import Iterator
from pathlib import Path

import pytest
import streamlit as st
from starlette.applications import Starlette
from starlette.middleware import Middleware
from starlette.responses import PlainTextResponse
from starlette.routing import Route
from starlette.testclient import TestClient

from api.frontend import Frontend

FOLDER = Path(st.__file__).parent / "static" / "static"
SCRIPTS = {"text/javascript", "application/javascript"}
ODD = ("js/unknown.js", "../index.html", "%2e%2e/index.html", "", "/etc/passwd", "js")


async def behind(request: object) -> PlainTextResponse:
    return PlainTextResponse("passed on", status_code=404)


@pytest.fixture(scope="module")
def client() -> Iterator[TestClient]:
    app = Starlette(
        routes=[Route("/{path:path}", behind, methods=["GET", "POST"])], middleware=[Middleware(Frontend, folder=FOLDER)]
    )
    with TestClient(app) as found:
        yield found


@pytest.mark.parametrize("ending", ["js/index.*.js", "css/*.css", "media/MaterialSymbols-Rounded.*.woff2"])
def test_the_same_bytes_packed_or_not(client: TestClient, ending: str) -> None:
    file = next(FOLDER.glob(ending))
    address = f"/static/{file.relative_to(FOLDER).as_posix()}"
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


def test_only_reading(client: TestClient) -> None:
    file = next((FOLDER / "css").glob("*.css"))
    assert client.post(f"/static/css/{file.name}").text == "passed on"
