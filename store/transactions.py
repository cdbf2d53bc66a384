"""One writer at a time, nested transactions as savepoints, and word to those who watch."""

import logging
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from threading import RLock, get_ident

from store.engine import Engine

Watcher = Callable[[frozenset[str]], object]
log = logging.getLogger(__name__)


class Transactions:
    """The transactions of one engine, shared by all threads."""

    def __init__(self, engine: Engine) -> None:
        self._engine = engine
        self._lock = RLock()
        self._levels: list[set[str]] = []  # the tables changed on each level, the outermost first
        self._owner: int | None = None
        self._watchers: dict[object, Watcher] = {}

    @property
    def mine(self) -> bool:
        """Whether this thread is inside a transaction."""
        return self._owner == get_ident()

    @contextmanager
    def transaction(self) -> Iterator[None]:
        """All or nothing; an exception undoes this level only, and goes on."""
        with self._lock:
            self._enter()
            try:
                yield
            except BaseException:
                self._undo()
                raise
            changed = self._keep()
        if changed:
            self._tell(frozenset(changed))

    @contextmanager
    def alone(self) -> Iterator[None]:
        """Nobody else is in a transaction during the block."""
        with self._lock:
            yield

    def touch(self, table: str) -> None:
        """Note that the running transaction changes the table."""
        self._levels[-1].add(table)

    def watch(self, watcher: Watcher) -> Callable[[], None]:
        """Call the watcher with the changed tables after every commit, until the result is called."""
        token = object()
        self._watchers[token] = watcher

        def detach() -> None:
            self._watchers.pop(token, None)

        return detach

    def _enter(self) -> None:
        if self._levels:
            self._engine.savepoint(len(self._levels))
        else:
            self._engine.begin()
            self._owner = get_ident()
        self._levels.append(set())

    def _undo(self) -> None:
        self._levels.pop()
        if self._levels:
            self._engine.back_to(len(self._levels))
        else:
            self._owner = None
            self._engine.rollback()

    def _keep(self) -> set[str]:
        """Commit the level; the tables changed, once the outermost is through."""
        changed = self._levels.pop()
        if self._levels:
            self._engine.release(len(self._levels))
            self._levels[-1] |= changed
            return set()
        self._owner = None
        try:
            self._engine.commit()
        except BaseException:
            self._engine.rollback()
            raise
        return changed

    def _tell(self, changed: frozenset[str]) -> None:
        for watcher in list(self._watchers.values()):
            try:
                watcher(changed)
            except Exception:
                # what was committed is committed: a watcher's trouble must not look like a failed write
                log.exception("A watcher of the store failed")
