"""Work that goes on beside the pages: reading a file, importing, undoing. One for each person; it outlives reruns and reloads."""

from __future__ import annotations

import logging
import threading
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any, Literal

from model.errors import VoronkaError
from workspace import Workspace

log = logging.getLogger("voronka.pages")
Kind = Literal["reading", "importing", "undoing"]


class Stopped(Exception):
    """Somebody pressed Cancel."""


@dataclass
class Work:
    """A thread that does something long. `total` 0: nobody knows how much there is; `result` once it has ended well."""

    kind: Kind
    name: str
    begun: datetime
    process: str = ""
    done: int = 0
    total: int = 0
    result: Any = None
    error: Exception | None = None
    _stop: threading.Event = field(default_factory=threading.Event, repr=False)
    _thread: threading.Thread | None = field(default=None, repr=False)

    def start(self, run: Callable[[Work], Any]) -> None:
        """Run it on a thread of its own."""

        def target() -> None:
            try:
                self.result = run(self)
            except (VoronkaError, Stopped) as refused:
                self.error = refused
            except Exception as error:
                log.exception("%s of %r failed", self.kind, self.name)
                self.error = error

        self._thread = threading.Thread(target=target, name=f"voronka-{self.kind}", daemon=True)
        self._thread.start()

    def tell(self, done: int, total: int) -> None:
        """How far it is."""
        self.done, self.total = done, total

    def stop(self) -> None:
        """Ask it to end early."""
        self._stop.set()

    def stopping(self) -> bool:
        """Whether it was asked to end early."""
        return self._stop.is_set()

    def wait(self, seconds: float) -> bool:
        """Wait for its end; whether it has come."""
        if self._thread is not None:
            self._thread.join(seconds)
        return self.ended

    @property
    def ended(self) -> bool:
        """Whether it is over, well or not."""
        return self._thread is not None and not self._thread.is_alive()

    def left(self, now: datetime) -> timedelta | None:
        """How long it will still take, if that can be told."""
        if not (self.total and self.done):
            return None
        return (now - self.begun) * ((self.total - self.done) / self.done)


_works: dict[tuple[int, int], Work] = {}


def current(workspace: Workspace, user: int) -> Work | None:
    """What this person has under way, or has not looked at since it ended."""
    return _works.get((id(workspace.db), user))


def begin(workspace: Workspace, user: int, kind: Kind, name: str, run: Callable[[Work], Any], process: str = "") -> Work:
    """Start the work of a person; what they had before is asked to stop."""
    before = current(workspace, user)
    if before is not None:
        before.stop()
    work = Work(kind, name, workspace.clock.now(), process)
    _works[id(workspace.db), user] = work
    work.start(run)
    return work


def forget(workspace: Workspace, user: int) -> None:
    """Its end has been seen."""
    _works.pop((id(workspace.db), user), None)
