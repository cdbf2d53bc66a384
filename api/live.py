"""The live socket: tells browsers that something was committed, nothing more. They ask for the rest by their own rights.

A commit of this process is told at once, one of another (`voronka worker`, another instance) as soon as the store hears of it.
"""

from __future__ import annotations

import asyncio
import contextlib
import threading
from collections.abc import Callable

from starlette.routing import WebSocketRoute
from starlette.websockets import WebSocket, WebSocketDisconnect

from api.line import ENDED
from api.open_pages import PERSON
from api.places import GetWorkspace
from api.threads import Threads
from model.errors import NotAllowed
from store import StoreError


class Bus:
    """Everybody who listens. `open` and `close` from the lifespan; `subscribe` and `unsubscribe` from the event loop."""

    def __init__(self, get: GetWorkspace) -> None:
        self._get = get
        self._listeners: dict[asyncio.Queue[int], asyncio.AbstractEventLoop] = {}
        self._lock = threading.Lock()  # held for a moment only: the event loop takes it, too
        self._telling = threading.Lock()  # held while the database is asked
        self._told = -1
        self._stop_watching: list[Callable[[], None]] = []

    def open(self) -> None:
        """Start listening to the store."""
        db = self._get().db
        self._stop_watching = [db.on_commit(lambda tables: self.tell()), db.on_news(self.tell)]

    def close(self) -> None:
        """Stop."""
        for stop in self._stop_watching:
            stop()

    def subscribe(self) -> asyncio.Queue[int]:
        """A queue of one place that holds the newest revision not yet sent."""
        queue: asyncio.Queue[int] = asyncio.Queue(1)
        with self._lock:
            self._listeners[queue] = asyncio.get_running_loop()
        return queue

    def unsubscribe(self, queue: asyncio.Queue[int]) -> None:
        """Listen no more."""
        with self._lock:
            self._listeners.pop(queue, None)

    def __len__(self) -> int:
        return len(self._listeners)

    def tell(self) -> None:
        """Tell everybody the revision, if it is another one than they were told."""
        with self._telling:
            if not self._listeners:
                return
            revision = self._get().db.revision()
            if revision == self._told:
                return
            self._told = revision
            with self._lock:
                listeners = list(self._listeners.items())
            for queue, loop in listeners:
                with contextlib.suppress(RuntimeError):
                    loop.call_soon_threadsafe(_put, queue, revision)


def _put(queue: asyncio.Queue[int], revision: int) -> None:
    """Only the newest counts: what was not sent yet is replaced."""
    if queue.full():
        queue.get_nowait()
    queue.put_nowait(revision)


def routes(bus: Bus) -> list[WebSocketRoute]:
    """The socket /live. The gate lets only people with a session through to it, from our own pages, and ends it with that."""
    threads = Threads(4, 200)

    async def live(socket: WebSocket) -> None:
        if PERSON not in socket.headers:
            await socket.close(ENDED)
            return
        await socket.accept()
        queue = bus.subscribe()
        pump = asyncio.create_task(_pump(socket, queue))
        try:
            with contextlib.suppress(NotAllowed, StoreError):
                await threads.run(bus.tell)
            while (await socket.receive())["type"] != "websocket.disconnect":
                pass
        finally:
            pump.cancel()
            bus.unsubscribe(queue)

    return [WebSocketRoute("/live", live)]


async def _pump(socket: WebSocket, queue: asyncio.Queue[int]) -> None:
    with contextlib.suppress(RuntimeError, OSError, WebSocketDisconnect):
        while True:
            await socket.send_json({"rev": await queue.get()})
