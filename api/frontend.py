"""Streamlit's own front end from memory, packed once: a first visit asks for a hundred files, which never change."""

from __future__ import annotations

import gzip
import mimetypes
from pathlib import Path

from starlette.concurrency import run_in_threadpool
from starlette.datastructures import Headers
from starlette.responses import Response
from starlette.types import ASGIApp, Receive, Scope, Send

PLACE = "/static/"
PACKED = (".js", ".css")
HEADERS = {"Cache-Control": "public, max-age=31536000, immutable", "Vary": "Accept-Encoding"}
"""Names of these files hold a hash of their content."""


class Frontend:
    """ASGI middleware that answers for the files below a folder, as they were at the start; everything else is passed on.

    Streamlit reads each from the disk for each visit and sends it unpacked. What was asked for once stays here: some 3 MB.
    """

    def __init__(self, app: ASGIApp, folder: Path) -> None:
        self.app = app
        self._paths = {PLACE + path.relative_to(folder).as_posix(): path for path in folder.rglob("*") if path.is_file()}
        self._kept: dict[tuple[str, bool], bytes] = {}

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer, or pass on."""
        if scope["type"] == "http" and scope["method"] == "GET" and scope["path"] in self._paths:
            answer = await self._answer(scope["path"], "gzip" in Headers(scope=scope).get("accept-encoding", ""))
            await answer(scope, receive, send)
        else:
            await self.app(scope, receive, send)

    async def _answer(self, path: str, takes_gzip: bool) -> Response:
        pack = takes_gzip and path.endswith(PACKED)
        if (path, pack) not in self._kept:
            self._kept[path, pack] = await run_in_threadpool(_read, self._paths[path], pack)
        headers = {**HEADERS, "Content-Encoding": "gzip"} if pack else HEADERS
        return Response(self._kept[path, pack], headers=headers, media_type=mimetypes.guess_type(path)[0])


def _read(path: Path, pack: bool) -> bytes:
    data = path.read_bytes()
    return gzip.compress(data, mtime=0) if pack else data
