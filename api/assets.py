"""The built front end and its fonts. A file asked for by its hash (`?v=`) never changes, so browsers may keep it."""

from __future__ import annotations

from pathlib import Path

from starlette.responses import Response
from starlette.routing import Mount
from starlette.staticfiles import StaticFiles
from starlette.types import Scope

FOLDER = Path(__file__).resolve().parent.parent / "pages" / "assets"


class Assets(StaticFiles):
    """Static files with caching: a year by hash or for fonts, otherwise asked again each time (ETag)."""

    async def get_response(self, path: str, scope: Scope) -> Response:
        response = await super().get_response(path, scope)
        kept = b"v=" in scope.get("query_string", b"") or path.endswith(".woff2")
        response.headers["Cache-Control"] = "public, max-age=31536000, immutable" if kept else "no-cache"
        response.headers["X-Content-Type-Options"] = "nosniff"
        return response


def routes() -> list[Mount]:
    """The mount /assets."""
    return [Mount("/assets", Assets(directory=FOLDER))]
