"""Threads for what may have to wait for the database or the processor, so that nobody waits who needs neither."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from functools import partial
from typing import Any, ParamSpec, TypeVar

from anyio import CapacityLimiter, to_thread

from model.errors import NotAllowed

Given = ParamSpec("Given")
Found = TypeVar("Found")
PATIENCE = 6.0
"""Seconds after which somebody is told that it takes too long: a lock in the database may be held for a minute."""


class Threads:
    """So many things at a time, so many more that wait for their turn; whoever comes then is refused at once.

    Each purpose has its own: what hangs in one takes no thread from another, and none of those that send files.
    """

    def __init__(self, at_once: int, queue: int, seconds: float | None = PATIENCE) -> None:
        self._at_once, self._queue, self._seconds = at_once, queue, seconds
        self._turns, self._waiting = asyncio.Semaphore(at_once), 0
        self._begun: set[asyncio.Task[Any]] = set()

    async def run(self, act: Callable[Given, Found], *given: Given.args, **named: Given.kwargs) -> Found:
        """Do it in a thread. NotAllowed("too_busy"), also when it takes too long: what has begun goes on in its place."""
        if self._turns.locked() and self._waiting >= self._queue:
            raise NotAllowed("too_busy")
        try:
            async with asyncio.timeout(self._seconds):
                await self._turn()
                return await asyncio.shield(self._begin(partial(act, *given, **named)))
        except TimeoutError as error:
            raise NotAllowed("too_busy") from error

    async def _turn(self) -> None:
        self._waiting += 1
        try:
            await self._turns.acquire()
        finally:
            self._waiting -= 1

    def _begin(self, act: Callable[[], Found]) -> asyncio.Task[Found]:
        task = asyncio.create_task(to_thread.run_sync(act, limiter=CapacityLimiter(1)))  # not one of those that all others share
        self._begun.add(task)
        task.add_done_callback(self._over)
        return task

    def _over(self, task: asyncio.Task[Any]) -> None:
        self._begun.discard(task)
        self._turns.release()
        if not task.cancelled():
            task.exception()  # nobody may be left to ask for it
