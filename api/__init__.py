"""The hatch: Starlette routes for the session, the live socket, files and assets."""

from __future__ import annotations

from starlette.requests import Request
from starlette.responses import RedirectResponse, Response
from starlette.routing import BaseRoute, Route

from api import assets, face, files, health, live, session, setting_up
from api.places import GetWorkspace


def routes(get: GetWorkspace, bus: live.Bus) -> list[BaseRoute]:
    """Every route of ours; they come before Streamlit's."""

    async def home(request: Request) -> Response:
        """Streamlit knows its start page only by the root."""
        return RedirectResponse("/")

    return [
        *session.routes(get),
        *setting_up.routes(get),
        *files.routes(get),
        *live.routes(bus),
        Route("/home", home, methods=["GET"]),
        *health.routes(get),
        *assets.routes(),
        *face.routes(),
    ]
