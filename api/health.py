"""For whoever looks after the app. `/health`: it lives, and asks nobody. `/health/ready`: it can work, the database answers."""

from __future__ import annotations

import asyncio
import logging

from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from api.places import GetWorkspace
from api.threads import Threads

log = logging.getLogger("voronka.api")
SECONDS = 2.5
"""How long a question may take before the answer is no: whoever asks waits for three seconds at most."""


class Ready:
    """One question to the database at a time, in a thread of its own, shared by all who ask meanwhile."""

    def __init__(self, get: GetWorkspace) -> None:
        self._get = get
        self._threads = Threads(1, 0, None)
        self._asked: asyncio.Task[int] | None = None

    async def __call__(self) -> bool:
        """Whether the database answers in time."""
        if self._asked is None or self._asked.done():
            self._asked = asyncio.create_task(self._threads.run(self._ask))
        await asyncio.wait({self._asked}, timeout=SECONDS)
        return self._asked.done() and self._asked.exception() is None

    def _ask(self) -> int:
        try:
            return self._get().db.revision()
        except Exception as error:
            log.warning("not ready: %s", error)
            raise


def routes(get: GetWorkspace) -> list[Route]:
    """Both addresses."""
    ready = Ready(get)

    async def alive(request: Request) -> Response:
        return JSONResponse({"status": "ok"})

    async def able(request: Request) -> Response:
        if await ready():
            return JSONResponse({"status": "ok"})
        return JSONResponse({"status": "no answer from the database"}, 503, {"Retry-After": "5"})

    return [Route("/health", alive, methods=["GET"]), Route("/health/ready", able, methods=["GET"])]
