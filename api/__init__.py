"""The hatch: Starlette routes for the session, the live socket, files and assets."""

from __future__ import annotations

from starlette.requests import Request
from starlette.responses import JSONResponse, RedirectResponse, Response
from starlette.routing import BaseRoute, Route

from api import assets, face, files, live, session, setting_up
from api.places import GetWorkspace


def routes(get: GetWorkspace, bus: live.Bus) -> list[BaseRoute]:
    """Every route of ours; they come before Streamlit's."""

    async def health(request: Request) -> Response:
        return JSONResponse({"status": "ok", "revision": get().db.revision()})

    async def home(request: Request) -> Response:
        """Streamlit knows its start page only by the root."""
        return RedirectResponse("/")

    return [
        *session.routes(get),
        *setting_up.routes(get),
        *files.routes(get),
        *live.routes(get, bus),
        Route("/home", home, methods=["GET"]),
        Route("/health", health, methods=["GET"]),
        *assets.routes(),
        *face.routes(),
    ]
