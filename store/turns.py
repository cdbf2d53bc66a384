"""A lock that is fair: who has waited longest comes next. With Python's own, a busy thread gets it again and again."""

from __future__ import annotations

import math
import os
import time
from collections import deque
from threading import Lock, get_ident
from types import TracebackType

from store import patience
from store.errors import Busy
from store.patience import Holder

_HANDED_ON = -1


class Turns:
    """Held by one thread at a time, which may take it several times over."""

    def __init__(self) -> None:
        self._gate = Lock()  # held for a moment only, to look at the rest
        self._owner: int | None = None
        self._depth = 0
        self._since = 0.0
        self._waiting: deque[Lock] = deque()

    def __enter__(self) -> None:
        self.take(math.inf)

    def take(self, until: float) -> None:
        """Wait for one's turn, Busy if it has not come until then."""
        if self._owner != get_ident():
            turn = self._ask()
            if turn is not None:
                self._wait(turn, until)
            self._owner, self._since = get_ident(), time.monotonic()
        self._depth += 1

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None) -> None:
        self.leave()

    def leave(self) -> None:
        """Let the next one come, if it was taken no more than once."""
        self._depth -= 1
        if not self._depth:
            self._hand_on()

    def _ask(self) -> Lock | None:
        """What to wait for, None if it is ours at once."""
        with self._gate:
            if self._owner is None:
                self._owner = _HANDED_ON
                return None
            turn = Lock()
            turn.acquire()
            self._waiting.append(turn)
            return turn

    def _wait(self, turn: Lock, until: float) -> None:
        seconds = patience.left(until)
        try:
            came = turn.acquire(timeout=-1 if math.isinf(seconds) else seconds) or not self._given_up(turn)
        except BaseException:  # Ctrl+C: whoever waits behind must not wait for ever
            if not self._given_up(turn):
                self._hand_on()
            raise
        if not came:
            raise Busy("another change has been under way in this program for too long", self._holder(), here=True)

    def _given_up(self, turn: Lock) -> bool:
        """Wait no longer; False when the turn has come meanwhile."""
        with self._gate:
            if turn in self._waiting:
                self._waiting.remove(turn)
                return True
            return False

    def _holder(self) -> Holder:
        return Holder("this program", os.getpid(), time.monotonic() - self._since)

    def _hand_on(self) -> None:
        with self._gate:
            self._owner = _HANDED_ON if self._waiting else None
            if self._waiting:
                self._waiting.popleft().release()
