"""Threads for what may have to wait for the database or the processor, so that nobody waits who needs neither."""

from __future__ import annotations

from collections.abc import Callable
from typing import ParamSpec, TypeVar

from anyio import CapacityLimiter, to_thread

from model.errors import NotAllowed

Given = ParamSpec("Given")
Found = TypeVar("Found")


class Threads:
    """So many things at a time, so many more that wait for their turn; whoever comes then is refused at once.

    Each purpose has its own: what hangs in one takes no thread from another, and none of those that send files.
    """

    def __init__(self, at_once: int, queue: int) -> None:
        self._at_once, self._most, self._inside = at_once, at_once + queue, 0
        self._limiter: CapacityLimiter | None = None

    async def run(self, act: Callable[Given, Found], *given: Given.args, **named: Given.kwargs) -> Found:
        """Do it in a thread. NotAllowed("too_busy")."""
        if self._inside >= self._most:
            raise NotAllowed("too_busy")
        if self._limiter is None:
            self._limiter = CapacityLimiter(self._at_once)
        self._inside += 1
        try:
            return await to_thread.run_sync(lambda: act(*given, **named), limiter=self._limiter)
        finally:
            self._inside -= 1
