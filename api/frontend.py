"""Streamlit's own front end from memory, packed once: a first visit asks for a hundred files, which never change."""

from __future__ import annotations

import gzip
import mimetypes
import re
from collections.abc import Collection, Iterable
from pathlib import Path

from starlette.concurrency import run_in_threadpool
from starlette.datastructures import Headers
from starlette.responses import RedirectResponse, Response
from starlette.types import ASGIApp, Message, Receive, Scope, Send

PLACE = "/static/"
PACKED = (".js", ".css")
KEPT = {"Cache-Control": "public, max-age=31536000, immutable", "Vary": "Accept-Encoding"}
"""For files: their names hold a hash of their content."""
LOST = "/?lost=1"
"""Where an address leads that is no page's: the start page, which says so."""
INNER = ("/_stcore/", "/component/", "/media/", "/app/static/")
"""Places of Streamlit's where a file may well be a page."""
SOON = ("BidiComponent", "ButtonGroup", "Html", "PageLink", "Selectbox", "TextInput")
"""Widgets that nearly every page shows. Streamlit's browser side would ask for each when it first meets one."""
ADDRESS = "<script>window.__streamlit = {BACKEND_BASE_URL: window.location.origin}</script>"
"""Said in the page, as those who host Streamlit do: it would look for its server below the page's own address first."""
IMPORTED = re.compile(r"""(?:from|import)\s*["']\./([\w.~-]+\.js)["']""")


class Frontend:
    """ASGI middleware that answers for Streamlit's page and the files it is made of, as they were at the start.

    `folder` is Streamlit's `static`, `pages` the names of our pages, `title` what stands in the tab until a page says its own.
    What was asked for once stays in memory: some 3 MB. Everything else is passed on; an address that is no page's leads to the
    start page.
    """

    def __init__(self, app: ASGIApp, folder: Path, pages: Collection[str], title: str) -> None:
        self.app = app
        files = folder / "static"
        self._paths = {PLACE + path.relative_to(files).as_posix(): path for path in files.rglob("*") if path.is_file()}
        self._kept: dict[tuple[str, bool], bytes] = {}
        self._pages = {"/", *(f"/{name}" for name in pages)}
        self._page = _page((folder / "index.html").read_text("utf-8"), title, _closure(files / "js", SOON)).encode()

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer, or pass on."""
        if scope["type"] != "http" or scope["method"] != "GET":
            await self.app(scope, receive, send)
        elif scope["path"] in self._paths:
            answer = await self._file(scope["path"], "gzip" in Headers(scope=scope).get("accept-encoding", ""))
            await answer(scope, receive, send)
        elif scope["path"] in self._pages:
            await Response(self._page, headers={"Cache-Control": "no-cache"}, media_type="text/html")(scope, receive, send)
        else:
            await self._pass_on(scope, receive, send)

    async def _file(self, path: str, takes_gzip: bool) -> Response:
        pack = takes_gzip and path.endswith(PACKED)
        if (path, pack) not in self._kept:
            self._kept[path, pack] = await run_in_threadpool(_read, self._paths[path], pack)
        headers = {**KEPT, "Content-Encoding": "gzip"} if pack else KEPT
        return Response(self._kept[path, pack], headers=headers, media_type=mimetypes.guess_type(path)[0])

    async def _pass_on(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Streamlit answers for any address with its page, then tells people in English that there is none."""
        lost, inner = False, scope["path"].startswith(INNER)

        async def unless_lost(message: Message) -> None:
            nonlocal lost
            lost = lost or (message["type"] == "http.response.start" and not inner and _is_page(message))
            if not lost:
                await send(message)

        await self.app(scope, receive, unless_lost)
        if lost:
            await RedirectResponse(LOST, 303)(scope, receive, send)


def _is_page(start: Message) -> bool:
    headers = Headers(raw=start["headers"])
    shown = headers.get("content-type", "").startswith("text/html") and "content-disposition" not in headers
    return bool(start["status"] == 200 and shown)


def _page(html: str, title: str, soon: Iterable[str]) -> str:
    """Streamlit's page with our title, its server's address, and what the browser should fetch meanwhile."""
    links = "".join(f'<link rel="modulepreload" crossorigin href=".{PLACE}js/{name}">' for name in soon if name not in html)
    html = re.sub(r"<title>.*?</title>", lambda _: f"<title>{title}</title>{ADDRESS}", html, count=1)
    return html.replace("</head>", f"{links}</head>", 1)


def _closure(folder: Path, names: Iterable[str]) -> list[str]:
    """The files of these widgets and all that they import."""
    found: dict[str, None] = {}
    ahead = [path.name for name in names for path in sorted(folder.glob(f"{name}.*.js"))]
    while ahead:
        if (name := ahead.pop()) not in found and (folder / name).is_file():
            found[name] = None
            ahead += IMPORTED.findall((folder / name).read_text("utf-8"))
    return list(found)


def _read(path: Path, pack: bool) -> bytes:
    data = path.read_bytes()
    return gzip.compress(data, mtime=0) if pack else data
