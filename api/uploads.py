"""Files on their way in: to an open page of the same person, a few at a time, and no more than memory is meant for."""

from __future__ import annotations

import asyncio
from collections import Counter, defaultdict
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass

from starlette.datastructures import Headers
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from api.limits import MEGABYTE, Limits, place
from api.open_pages import held, let_go
from model.errors import NotAllowed

AROUND = MEGABYTE
"""What a form may add to its file."""
OF_ALL = 4
"""How often what one person's pages may hold those of all may hold together."""


class Uploads:
    """Passes bodies on, counted. NotAllowed when there is no room, or too many wait; then nothing has been read."""

    def __init__(self, limits: Limits, megabytes: int, held_megabytes: int) -> None:
        self._limits, self._megabytes = limits, megabytes
        self._most = megabytes * MEGABYTE + AROUND
        self._held = max(held_megabytes * MEGABYTE, self._most)
        self._turns = defaultdict[str, asyncio.Semaphore](lambda: asyncio.Semaphore(limits.uploads))
        self._turns_of_address = defaultdict[str, asyncio.Semaphore](lambda: asyncio.Semaphore(limits.uploads_of_address))
        self._waiting, self._coming = Counter[str](), Counter[str]()

    async def __call__(self, app: ASGIApp, scope: Scope, receive: Receive, send: Send, person: str) -> None:
        """Pass one on when it is its turn."""
        size = self._size(scope)
        async with self._turn(person, place((scope.get("client") or ("",))[0])), self._room(person, size):
            body = _Body(receive, send, size, self._limits.stalled)
            try:
                await app(scope, body.receive, body.send)
            except Exception:
                if not body.cut:
                    raise
        if body.cut and not body.answered:
            raise NotAllowed("upload_cut", limit=self._megabytes)

    def _size(self, scope: Scope) -> int:
        """What it says it has; whoever does not say is given room for the largest."""
        told = Headers(scope=scope).get("content-length", "")
        size = int(told) if told.isascii() and told.isdigit() and len(told) < 16 else self._most
        if size > self._most:
            raise NotAllowed("upload_too_big", limit=self._megabytes)
        return size

    @asynccontextmanager
    async def _turn(self, person: str, address: str) -> AsyncIterator[None]:
        if self._waiting[person] >= self._limits.waiting:
            raise NotAllowed("uploads_at_once")
        self._waiting[person] += 1
        try:
            async with self._turns[person], self._turns_of_address[address]:
                yield
        finally:
            self._waiting[person] -= 1

    @asynccontextmanager
    async def _room(self, person: str, size: int) -> AsyncIterator[None]:
        if not self._fits(person, size):
            let_go(person)
        if not self._fits(person, size):
            raise NotAllowed("uploads_held", limit=self._held // MEGABYTE)
        if sum(held().values()) + self._coming.total() + size > OF_ALL * self._held:
            raise NotAllowed("uploads_held_by_all")
        self._coming[person] += size
        try:
            yield
        finally:
            self._coming[person] -= size

    def _fits(self, person: str, size: int) -> bool:
        return held().get(person, 0) + self._coming[person] + size <= self._held


@dataclass(eq=False)
class _Body:
    """The body of one request, cut off where it is longer than it may be, or stops coming."""

    from_browser: Receive
    to_browser: Send
    left: int
    patience: float
    cut: bool = False
    answered: bool = False

    async def receive(self) -> Message:
        try:
            async with asyncio.timeout(self.patience):
                message = await self.from_browser()
        except TimeoutError:
            message = {"type": "http.disconnect"}
        self.left -= len(message.get("body", b""))
        self.cut = self.cut or self.left < 0 or message["type"] == "http.disconnect"
        return {"type": "http.disconnect"} if self.cut else message

    async def send(self, message: Message) -> None:
        self.answered = self.answered or not self.cut
        if not self.cut or self.answered:
            await self.to_browser(message)
