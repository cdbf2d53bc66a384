"""A lock that is fair: who has waited longest comes next. With Python's own, a busy thread gets it again and again."""

from __future__ import annotations

from collections import deque
from threading import Lock, get_ident
from types import TracebackType

_HANDED_ON = -1


class Turns:
    """Held by one thread at a time, which may take it several times over."""

    def __init__(self) -> None:
        self._gate = Lock()  # held for a moment only, to look at the rest
        self._owner: int | None = None
        self._depth = 0
        self._waiting: deque[Lock] = deque()

    def __enter__(self) -> None:
        if self._owner != get_ident():
            turn = self._ask()
            if turn is not None:
                self._wait(turn)
            self._owner = get_ident()
        self._depth += 1

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None) -> None:
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

    def _wait(self, turn: Lock) -> None:
        try:
            turn.acquire()
        except BaseException:  # Ctrl+C: whoever waits behind must not wait for ever
            with self._gate:
                still_waiting = turn in self._waiting
                if still_waiting:
                    self._waiting.remove(turn)
            if not still_waiting:
                self._hand_on()
            raise

    def _hand_on(self) -> None:
        with self._gate:
            self._owner = _HANDED_ON if self._waiting else None
            if self._waiting:
                self._waiting.popleft().release()
