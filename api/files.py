"""Files of elements, to be saved and never shown: what people attach must not run in our pages."""

from __future__ import annotations

import re
from pathlib import Path
from urllib.parse import quote

from starlette.requests import Request
from starlette.responses import FileResponse, RedirectResponse, Response
from starlette.routing import Route

from api.face import faces_of
from api.places import GetWorkspace
from api.threads import Threads
from model.errors import SignedOut, VoronkaError
from runtime.files import FileRow
from workspace import SESSION_COOKIE, Workspace

NUMBER = re.compile(r"[0-9]{1,15}")
"""What the number of a file looks like; all else is no file."""


def _find(workspace: Workspace, token: str, number: int) -> tuple[FileRow, Path]:
    user = workspace.sessions.user_of(token)
    if user is None:
        raise SignedOut()
    return workspace.files.locate(workspace.actor(user), number)


def _headers(row: FileRow) -> dict[str, str]:
    return {
        "Content-Disposition": f"attachment; filename*=UTF-8''{quote(row.name, safe='')}",
        "X-Content-Type-Options": "nosniff",
        "Content-Security-Policy": "sandbox; default-src 'none'",
        "Cache-Control": "private, no-store",
    }


def routes(get: GetWorkspace) -> list[Route]:
    """GET /files/{id}: 404 for all that may not be opened, so that nothing shows which numbers exist. Sent piece by piece."""
    threads, faces = Threads(8, 100), faces_of(get)

    async def download(request: Request) -> Response:
        try:
            asked = request.path_params["id"]
            number = int(asked) if NUMBER.fullmatch(asked) else 0
            row, path = await threads.run(_find, get(), request.cookies.get(SESSION_COOKIE, ""), number)
        except SignedOut:
            return RedirectResponse("/", 303)
        except VoronkaError as refused:
            return faces.refused(refused)
        return FileResponse(path, headers=_headers(row), media_type=row.type)

    return [Route("/files/{id}", download, methods=["GET"])]
