"""Who has no session meets the sign-in page, or set-up before that, at whatever page they ask for. No error is without words."""

from __future__ import annotations

import logging
import secrets
from collections.abc import Collection

from starlette.requests import Request
from starlette.responses import Response
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from api.face import faces_of, said
from api.places import GetWorkspace
from api.session import sign_in_page
from api.setting_up import set_up_page
from api.threads import Threads
from model.errors import NotStored
from workspace import SESSION_COOKIE, Workspace

log = logging.getLogger("voronka.api")


class Threshold:
    """ASGI middleware before the pages, whose names are `pages`. The address stays: signing in leads to where one wanted."""

    def __init__(self, app: ASGIApp, get: GetWorkspace, pages: Collection[str]) -> None:
        self.app, self._get = app, get
        self._pages = {"/", *(f"/{name}" for name in pages)}
        self._faces, self._threads = faces_of(get), Threads(8, 100)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer, or let in."""
        answer = None
        if scope["type"] == "http" and scope["method"] == "GET" and scope["path"] in self._pages:
            answer = await self._threads.run(self._met, Request(scope))
        await (answer or self.app)(scope, receive, send)

    def _met(self, request: Request) -> Response | None:
        """None for who has a session in force."""
        workspace = self._get()
        has = _has_session(workspace, request.cookies.get(SESSION_COOKIE, ""))
        if has and self._faces.seen:
            return None
        reader = self._faces.look()
        if has:
            return None
        if workspace.is_set_up:
            return sign_in_page(request, reader, self._faces.name)
        return set_up_page(request.query_params.get("language", reader.locale))


def _has_session(workspace: Workspace, token: str) -> bool:
    return bool(token) and workspace.sessions.user_of(token) is not None


class InWords:
    """ASGI middleware: what was raised is answered in words; what is none of our errors is logged with a number."""

    def __init__(self, app: ASGIApp, get: GetWorkspace) -> None:
        self.app, self._faces = app, faces_of(get)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass everything on."""
        begun = False

        async def watched(message: Message) -> None:
            nonlocal begun
            begun = True
            await send(message)

        try:
            await self.app(scope, receive, watched)
        except Exception as error:
            if begun or scope["type"] != "http":
                raise
            await self._told(error, scope["path"])(scope, receive, send)

    def _told(self, error: Exception, path: str) -> Response:
        known = self._faces.known(error)
        if known is not None:
            if isinstance(known, NotStored):
                log.warning("%s: %s", path, error)
            return self._faces.refused(known)
        number = secrets.token_hex(4)
        log.error("%s failed, id %s", path, number, exc_info=error)
        return said(self._faces.reader, self._faces.reader.t("error.unexpected_id", code=number), 500)
