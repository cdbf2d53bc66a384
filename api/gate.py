"""The gate before everything: sockets, uploads and Streamlit's own addresses are for people with a session, at a pace."""

from __future__ import annotations

import asyncio
import time
from collections import Counter, defaultdict
from collections.abc import Callable
from dataclasses import dataclass

from starlette.requests import HTTPConnection
from starlette.responses import PlainTextResponse
from starlette.types import ASGIApp, Receive, Scope, Send

from api.face import status_of
from api.known import Known
from api.limits import Bucket, Limits, place
from api.line import ENDED, Line
from api.open_pages import PERSON, owner
from api.origin import same_origin
from api.places import GetWorkspace
from api.uploads import Uploads
from locales import Language
from model.errors import Denied, NotAllowed, NotFound, SignedOut, VoronkaError
from store import StoreError
from workspace import SESSION_COOKIE

STREAM, UPLOADS = "/_stcore/stream", "/_stcore/upload_file/"
INNER = ("/_stcore/", "/media/", "/component/", "/app/static/", "/auth/", "/oauth2callback")
"""Addresses of Streamlit's. Its page and the files that is made of are not among them: they are the same for everybody."""
OPEN = ("/_stcore/health",)
UNUSED = ("/_stcore/agent/", "/_stcore/script-health-check", "/auth/", "/oauth2callback")
"""What we do not use and nobody else shall."""
READING = ("GET", "HEAD", "OPTIONS")
TOO_MANY = 4429


@dataclass(eq=False)
class Taken:
    """What somebody has of the server just now."""

    opening: Bucket
    frames: Bucket
    bytes: Bucket
    sockets: int = 0


class Gate:
    """ASGI middleware. Whoever has no session is turned away before anything they send is read, and costs next to nothing."""

    def __init__(
        self, app: ASGIApp, get: GetWorkspace, known: Known, limits: Limits | None = None,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:  # fmt: skip
        self.app, self._get, self._known, self._clock = app, get, known, clock
        self._limits = limits or Limits()
        self._taken = defaultdict[int, Taken](self._nothing)
        self._sockets = Counter[str]()
        self._uploads: Uploads | None = None

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Turn away, or pass on."""
        if scope["type"] == "websocket":
            await self._socket(scope, receive, send)
        elif scope["type"] == "http" and _is_inner(_path(scope)):
            await self._request(scope, receive, send)
        else:
            await self.app(scope, receive, send)

    async def _request(self, scope: Scope, receive: Receive, send: Send) -> None:
        try:
            _, person = await self._admitted(scope, changing=scope["method"] not in READING)
            await self._inner(_told(scope, person), receive, send, str(person))
        except VoronkaError as refused:
            if refused.problem.code == "too_busy":
                raise
            words = Language(self._get().environment.language).explain(refused)
            status = 413 if isinstance(refused, NotAllowed) else status_of(refused)
            await PlainTextResponse(words, status, {"Connection": "close"})(scope, receive, send)

    async def _inner(self, scope: Scope, receive: Receive, send: Send, person: str) -> None:
        path = _path(scope)
        if path.startswith(UNUSED):
            raise NotFound(what="page")
        if path.startswith(UPLOADS) and scope["method"] not in READING:
            if owner(path.removeprefix(UPLOADS).partition("/")[0]) != person:
                raise NotFound(what="page")
            if scope["method"] == "PUT":
                return await self._into()(self.app, scope, receive, send, person)
        await self.app(scope, receive, send)

    def _into(self) -> Uploads:
        if self._uploads is None:
            settings = self._get().environment
            self._uploads = Uploads(self._limits, settings.upload_megabytes, settings.held_megabytes)
        return self._uploads

    async def _socket(self, scope: Scope, receive: Receive, send: Send) -> None:
        await receive()  # that it would like to connect
        try:
            token, person = await self._admitted(scope, changing=True)
        except (VoronkaError, StoreError):
            return await send({"type": "websocket.close", "code": ENDED})
        taken, address = self._taken[person], place((scope.get("client") or ("",))[0])
        if taken.sockets >= self._limits.sockets or self._sockets[address] >= self._limits.sockets_of_address:
            return await send({"type": "websocket.close", "code": TOO_MANY})
        taken.sockets += 1
        self._sockets[address] += 1
        try:
            await asyncio.sleep(taken.opening.take())
            await self._serve(
                Line(_told(scope, person), receive, send, self._pace(taken), self._limits.frame, _path(scope) == STREAM), token
            )
        finally:
            taken.sockets -= 1
            self._sockets[address] -= 1
            if not self._sockets[address]:
                del self._sockets[address]

    async def _serve(self, line: Line, token: str) -> None:
        unwatch = self._known.watch(token, line.end)
        try:
            await line.run(self.app)
        finally:
            unwatch()

    async def _admitted(self, scope: Scope, changing: bool) -> tuple[str, int]:
        """The session's token and whose it is. SignedOut, Denied."""
        connection = HTTPConnection(scope)
        if changing and not same_origin(connection):
            raise Denied("bad_origin")
        token = connection.cookies.get(SESSION_COOKIE, "")
        person = await self._known.person(token)
        if person is None:
            raise SignedOut()
        return token, person

    def _nothing(self) -> Taken:
        opening, frames, size = (
            Bucket(pace, self._clock) for pace in (self._limits.opening, self._limits.all_frames, self._limits.bytes)
        )
        return Taken(opening, frames, size)

    def _pace(self, taken: Taken) -> Callable[[int], float]:
        frames = Bucket(self._limits.frames, self._clock)
        return lambda size: max(frames.take(), taken.frames.take(), taken.bytes.take(size))


def _path(scope: Scope) -> str:
    return str(scope["path"]).removeprefix(scope.get("root_path", ""))


def _is_inner(path: str) -> bool:
    return path.startswith(INNER) and path not in OPEN


def _told(scope: Scope, person: int) -> Scope:
    """With who it is, in the place of whatever the browser says of that."""
    headers = [(name, value) for name, value in scope["headers"] if name.lower() != PERSON.encode()]
    return {**scope, "headers": [*headers, (PERSON.encode(), str(person).encode())]}
