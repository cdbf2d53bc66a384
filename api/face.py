"""Plain pages of the server: sign-in, set-up, and what could not be done, in words. No Streamlit, no socket, no inline script.

The one door to Jinja2. The style is made of the theme that the other pages have; what is typed is escaped by the templates.
"""

from __future__ import annotations

import hashlib
import tomllib
from collections.abc import Mapping
from functools import cache
from pathlib import Path
from typing import Any

from jinja2 import Environment, FileSystemLoader, StrictUndefined
from starlette.requests import Request
from starlette.responses import FileResponse, HTMLResponse, Response
from starlette.routing import Route

from api.places import GetWorkspace
from locales import Language
from model.errors import Denied, NotAllowed, NotFound, NotStored, SignedOut, VoronkaError

HERE = Path(__file__).resolve().parent / "plain"
PAGES = HERE.parent.parent / "pages"
KEPT = "public, max-age=31536000, immutable"
HEADERS = {
    "Content-Security-Policy": (
        "default-src 'none'; style-src 'self'; script-src 'self'; font-src 'self'; img-src 'self'; form-action 'self';"
        " base-uri 'none'; frame-ancestors 'none'"
    ),
    "X-Frame-Options": "DENY",
    "Cache-Control": "no-store",
}
STATUS = ((NotFound, 404), (Denied, 403), (SignedOut, 401), (NotStored, 503))
RETRY_SECONDS = 5
"""When to try again what was refused because too much goes on."""

templates = Environment(
    loader=FileSystemLoader(HERE), autoescape=True, undefined=StrictUndefined, trim_blocks=True, lstrip_blocks=True
)


def status_of(error: VoronkaError) -> int:
    """The status of HTTP that says what an error says."""
    if isinstance(error, NotAllowed):
        return {"too_busy": 503, "too_many_attempts": 429, "bad_origin": 403}.get(error.problem.code, 409)
    return next((status for kind, status in STATUS if isinstance(error, kind)), 422)


def page(name: str, reader: Language, status: int = 200, headers: Mapping[str, str] = {}, /, **values: Any) -> Response:
    """A page by the name of its template."""
    text = templates.get_template(f"{name}.html").render(t=reader.t, lang=reader.locale, version=VERSION, **values)
    more = {"Retry-After": str(RETRY_SECONDS)} if status == 503 else {}
    return HTMLResponse(text, status, {**HEADERS, **more, **headers})


def said(reader: Language, words: str, status: int, headers: Mapping[str, str] = {}) -> Response:
    """A page that says one thing."""
    return page("said", reader, status, headers, words=words)


class Faces:
    """How the workspace looks to strangers: its name and language, asked of it when it can be, else as they were."""

    def __init__(self, get: GetWorkspace) -> None:
        self._get = get
        self._reader: Language | None = None
        self.name, self.seen = "Voronka", False

    def look(self) -> Language:
        """How strangers read. Asks the database, so never in the event loop."""
        workspace = self._get()
        self._reader, self.name, self.seen = workspace.reader(None), workspace.settings.get().name, True
        return self._reader

    @property
    def reader(self) -> Language:
        """The same as it was when last asked: asks nothing."""
        return self._reader or Language(self._get().environment.language)

    def known(self, error: Exception) -> VoronkaError | None:
        """An error of ours, or what one of the store means; None for any other."""
        return error if isinstance(error, VoronkaError) else self._get().refusal(error)

    def refused(self, error: VoronkaError) -> Response:
        """A page that says why not."""
        return said(self.reader, self.reader.explain(error), status_of(error))


@cache
def faces_of(get: GetWorkspace) -> Faces:
    """One for all who have the same workspace: what one of them has seen, the others know."""
    return Faces(get)


def _style() -> str:
    theme = tomllib.loads((PAGES / "theme.toml").read_text("utf-8"))["theme"]
    return templates.get_template("theme.css").render(theme=theme) + (HERE / "plain.css").read_text("utf-8")


STYLE, SCRIPT = _style().encode(), (HERE / "plain.js").read_bytes()
VERSION = hashlib.sha256(STYLE + SCRIPT).hexdigest()[:12]
"""In the addresses of both, so that browsers may keep them."""


def routes() -> list[Route]:
    """What the plain pages are made of."""

    async def style(request: Request) -> Response:
        return Response(STYLE, media_type="text/css", headers={"Cache-Control": KEPT})

    async def script(request: Request) -> Response:
        return Response(SCRIPT, media_type="text/javascript", headers={"Cache-Control": KEPT})

    async def icon(request: Request) -> Response:
        return FileResponse(PAGES / "icon.svg", headers={"Cache-Control": "public, max-age=86400"})

    return [Route("/plain/plain.css", style), Route("/plain/plain.js", script), Route("/plain/icon.svg", icon)]
