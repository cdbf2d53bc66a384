"""A line: an open socket of somebody. What it sends is let through at a pace, and it ends with its session."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass, field

from starlette.types import ASGIApp, Message, Receive, Scope, Send

ENDED, TOO_BIG, NOT_BYTES = 4401, 1009, 1003
"""Codes that a socket is closed with: its session is over; a frame is too big, or a text where bytes are spoken."""
GRACE = 5.0
"""Seconds for which a socket that has been closed may take the news; then it is hung up on."""


@dataclass(eq=False)
class Line:
    """`run` serves it; `end`, from the event loop, closes it. `pace`: the seconds to wait before so many bytes go on."""

    scope: Scope
    from_browser: Receive
    to_browser: Send
    pace: Callable[[int], float]
    largest: int
    bytes_only: bool
    _ended: bool = False
    _greeted: bool = False
    _serving: asyncio.Task[None] | None = None
    _closing: asyncio.Task[None] | None = field(default=None)

    async def run(self, app: ASGIApp) -> None:
        """Serve it until either side has closed it."""
        self._serving = asyncio.current_task()
        try:
            await app(self.scope, self._receive, self._send)
        except asyncio.CancelledError:
            if self._closing is None or not self._closing.done():
                raise  # the server stops
        finally:
            self._serving = None

    def end(self, code: int = ENDED) -> None:
        """Close it. What it sends is not read any more."""
        if not self._ended:
            self._ended = True
            self._closing = asyncio.create_task(self._close(code))

    async def _close(self, code: int) -> None:
        with suppress(Exception):  # the browser has gone by itself
            async with asyncio.timeout(GRACE):
                await self.to_browser({"type": "websocket.close", "code": code})
        for _ in range(10):
            if self._serving is None:
                return
            await asyncio.sleep(GRACE / 10)
        if self._serving is not None:
            asyncio.get_running_loop().call_soon(self._serving.cancel)

    async def _receive(self) -> Message:
        if not self._greeted:  # the gate has heard it
            self._greeted = True
            return {"type": "websocket.connect"}
        message = await self.from_browser()
        if message["type"] == "websocket.receive":
            await self._let_through(message)
        return {"type": "websocket.disconnect", "code": 1005} if self._ended else message

    async def _let_through(self, message: Message) -> None:
        """Wait as long as this is too much: nothing more is read meanwhile, so that whoever sends it has to wait, too."""
        data = message.get("bytes")
        size = len(data if data is not None else message.get("text") or "")
        if size > self.largest or (data is None and self.bytes_only):
            self.end(TOO_BIG if size > self.largest else NOT_BYTES)
        if not self._ended:
            await asyncio.sleep(self.pace(size))

    async def _send(self, message: Message) -> None:
        if not self._ended:
            await self.to_browser(message)
