"""Word of what other processes commit: a thread that hears of it, and those who want to be told."""

import logging
import threading
from collections.abc import Callable

Hear = Callable[[threading.Event, Callable[[], None]], None]
"""hear(ended, tell): calls tell after each commit of somebody else, until the event is set."""
log = logging.getLogger(__name__)


class News:
    """Hears from the first watcher on."""

    def __init__(self, hear: Hear) -> None:
        self._hear = hear
        self._watchers: dict[object, Callable[[], object]] = {}
        self._ended = threading.Event()
        self._lock = threading.Lock()
        self._thread: threading.Thread | None = None

    def watch(self, watcher: Callable[[], object]) -> Callable[[], None]:
        """Call it after each commit of somebody else, and after a time of not hearing; the result stops that."""
        token = object()
        with self._lock:
            self._watchers[token] = watcher
            if self._thread is None:
                self._thread = threading.Thread(
                    target=self._hear, args=(self._ended, self._tell), name="voronka-news", daemon=True
                )
                self._thread.start()

        def detach() -> None:
            self._watchers.pop(token, None)

        return detach

    def close(self) -> None:
        """Hear no more."""
        self._ended.set()
        if self._thread is not None and self._thread is not threading.current_thread():
            self._thread.join()

    def _tell(self) -> None:
        for watcher in list(self._watchers.values()):
            try:
                watcher()
            except Exception:
                log.exception("A watcher of the store failed")
