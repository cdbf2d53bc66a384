"""The clock: the only place that takes the time, and the ticks of the worker."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime

import schedule


class SystemClock:
    """The time of this machine."""

    def now(self) -> datetime:
        """The time now, aware, in UTC."""
        return datetime.now(UTC)


class Ticker:
    """Jobs at fixed intervals, on a scheduler of our own (`schedule`'s global one belongs to nobody)."""

    def __init__(self) -> None:
        self._scheduler = schedule.Scheduler()
        self._longest = 0

    def every(self, seconds: int, job: Callable[[], object]) -> None:
        """Run a job every so many seconds, the first time after that long."""
        self._scheduler.every(seconds).seconds.do(job)
        self._longest = max(self._longest, seconds)

    def run_due(self) -> None:
        """Run the jobs that are due; called by the worker whenever it looks.

        `schedule` goes by the machine's local time: when that is put back (summer time ends), all run at once and begin anew
        instead of resting for an hour.
        """
        if (self._scheduler.idle_seconds or 0) > self._longest:
            self._scheduler.run_all()
        self._scheduler.run_pending()
