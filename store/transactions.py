"""One writer at a time, nested transactions as savepoints, and word to those who watch."""

import logging
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager, nullcontext
from threading import get_ident
from types import TracebackType

from store import patience
from store.engine import Engine
from store.errors import Busy, Conflict, StoreError
from store.turns import Turns

Watcher = Callable[[frozenset[str]], object]
Refusal = Callable[[StoreError], Exception]
log = logging.getLogger(__name__)
_AS_IT_IS = nullcontext()


class Transactions:
    """The transactions of one engine, shared by all threads."""

    def __init__(self, engine: Engine) -> None:
        self._engine = engine
        self._lock = Turns()
        self._levels: list[set[str]] = []  # the tables changed on each level, the outermost first
        self._saved: list[int] = []  # the levels that have a savepoint; one may stand for those above it, too
        self._covered = 0  # how many levels a savepoint stands for, and so may be written in
        self._owner: int | None = None
        self._watchers: dict[object, Watcher] = {}
        self.refusal: Refusal | None = None
        """What the outermost level raises in the place of a StoreError, so that those above need not know the store's errors."""

    @property
    def mine(self) -> bool:
        """Whether this thread is inside a transaction."""
        return self._owner == get_ident()

    def transaction(self) -> AbstractContextManager[None]:
        """All or nothing; an exception undoes this level only, and goes on."""
        return _Level(self) if self._owner == get_ident() else self._outermost()

    def joined(self) -> AbstractContextManager[None]:
        """Part of the running transaction, or else one of its own: for what happens as a whole anyhow."""
        return _AS_IT_IS if self._owner == get_ident() else self._outermost()

    @contextmanager
    def alone(self) -> Iterator[None]:
        """Nobody else is in a transaction during the block."""
        with self._lock:
            yield

    def touch(self, table: str) -> None:
        """To be called before the running transaction changes the table.

        Savepoints are set here, not at the beginning of a level: most levels only read, and those that begin to write at the
        same moment share one.
        """
        if self._covered < len(self._levels):
            self._engine.savepoint(self._covered)
            self._saved.append(self._covered)
            self._covered = len(self._levels)
        self._levels[-1].add(table)

    def watch(self, watcher: Watcher) -> Callable[[], None]:
        """Call the watcher with the changed tables after every commit, until the result is called."""
        token = object()
        self._watchers[token] = watcher

        def detach() -> None:
            self._watchers.pop(token, None)

        return detach

    @contextmanager
    def _outermost(self) -> Iterator[None]:
        try:
            until = patience.deadline()
            with self._turn(until):
                self._engine.begin(until)
                self._owner, self._covered = get_ident(), 1
                self._levels.append(set())
                try:
                    yield
                except BaseException:
                    self._undo()
                    raise
                changed = self._keep()
        except StoreError as error:
            if self.refusal is None or isinstance(error, Conflict):
                raise
            raise self.refusal(error) from error
        if changed:
            self._tell(frozenset(changed))

    @contextmanager
    def _turn(self, until: float) -> Iterator[None]:
        """The turn of this thread; Busy names who is in the way of those who come before it, if they only wait, too."""
        try:
            self._lock.take(until)
        except Busy as error:
            if self._owner is None:
                raise Busy(str(error), self._engine.writer()) from None
            raise
        try:
            yield
        finally:
            self._lock.leave()

    def _undo(self) -> None:
        """Forget the level."""
        self._levels.pop()
        if not self._levels:
            self._end()
            self._engine.rollback()
        elif self._covered > len(self._levels):  # something was written on this level, and on none that shares its savepoint
            self._covered = self._saved.pop()
            self._engine.back_to(self._covered)

    def _keep(self) -> set[str]:
        """Commit the level; the tables changed on it."""
        changed = self._levels.pop()
        level = len(self._levels)
        if level:
            if self._covered > level:  # something was written on this level
                self._covered = level
                self._levels[-1] |= changed
                if self._saved[-1:] == [level]:
                    self._engine.release(self._saved.pop())
            return changed
        self._end()
        try:
            self._engine.commit()
        except BaseException:
            self._engine.rollback()
            raise
        return changed

    def _end(self) -> None:
        self._owner = None
        self._saved.clear()

    def _tell(self, changed: frozenset[str]) -> None:
        for watcher in list(self._watchers.values()):
            try:
                watcher(changed)
            except Exception:
                # what was committed is committed: a watcher's trouble must not look like a failed write
                log.exception("A watcher of the store failed")


class _Level:
    """A level within a running transaction. Not a generator: there are a dozen of them in each run of a robot."""

    __slots__ = ("_of",)

    def __init__(self, of: Transactions) -> None:
        self._of = of

    def __enter__(self) -> None:
        self._of._levels.append(set())

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None) -> None:
        if kind is None:
            self._of._keep()
        else:
            self._of._undo()
