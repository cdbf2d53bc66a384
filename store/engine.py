"""What an engine must do. Rows are (doc_id, JSON text); the tables above them speak TinyDB."""

import math
from collections.abc import Callable, Iterable, Sequence
from pathlib import Path
from threading import Event
from typing import Any, Protocol, runtime_checkable

from store.condition import Condition
from store.document import Row
from store.path import Window
from store.patience import Holder
from store.scan import Group

Carrier = Callable[[Event, Callable[[], object]], None]
"""Takes jobs until the event is set, and calls the function for each."""


class Engine(Protocol):
    """Keeps rows. Writing methods are called between `begin` and `commit` of the same thread only.

    One thread writes at a time (`Transactions` sees to that); any thread may read at any time, and sees the
    last commit, the writing thread also what it has not committed yet.
    """

    def begin(self, until: float = math.inf) -> None:
        """Start the transaction of this thread; waits for other processes until then (see patience), Busy if too long."""

    def writer(self) -> Holder:
        """Who of other processes writes just now, as far as it can be known."""

    def commit(self) -> None:
        """Make everything since `begin` durable."""

    def rollback(self) -> None:
        """Forget everything since `begin`."""

    def savepoint(self, level: int) -> None:
        """Remember this point of the transaction."""

    def release(self, level: int) -> None:
        """Keep what was written since the savepoint; it now belongs to the level above."""

    def back_to(self, level: int) -> None:
        """Forget what was written since the savepoint."""

    def tables(self) -> set[str]:
        """The names of the tables."""

    def last_id(self, table: str) -> int:
        """The greatest id ever given in this table, 0 when there is no such table."""

    def advance(self, table: str, last: int) -> None:
        """Make the table, if need be, and see that the next id is greater than `last`."""

    def put(self, table: str, rows: Iterable[Row]) -> None:
        """Write rows, new or known; the table is made if need be."""

    def delete(self, table: str, ids: Sequence[int]) -> None:
        """Remove rows."""

    def clear(self, table: str) -> None:
        """Remove all rows; the table stays and goes on counting its ids."""

    def drop(self, table: str) -> None:
        """Remove the table."""

    def fetch(self, table: str, ids: Sequence[int]) -> list[Row]:
        """The rows with these ids that exist, in the order of id."""

    def find(self, table: str, condition: Condition, window: Window) -> list[Row]:
        """The rows that meet the condition."""

    def select(self, table: str, paths: Sequence[str], condition: Condition, window: Window) -> list[tuple[Any, ...]]:
        """The values at the paths of the rows that meet the condition."""

    def count(self, table: str, condition: Condition) -> int:
        """How many rows meet the condition."""

    def group(self, table: str, by: Sequence[str], condition: Condition, sums: Sequence[str]) -> list[Group]:
        """Counts and sums for each distinct tuple of values."""

    def revision(self) -> int:
        """Grows with every commit, whoever made it."""

    def on_news(self, watcher: Callable[[], object]) -> Callable[[], None]:
        """Call the watcher soon after other processes have committed; the result stops that."""

    def backup(self, path: Path) -> None:
        """Write the last commit to a SQLite file that does not exist yet."""

    def check(self) -> list[str]:
        """What is wrong with the stored data, in words; empty when all is well."""

    def close(self) -> None:
        """Let go of files and connections."""


@runtime_checkable
class Carries(Protocol):
    """An engine that can hand work to other processes as jobs, too."""

    def carry(self, table: str, ready: Condition) -> Carrier:
        """From now on, a commit after which a row meets the condition leaves a job, unless one waits; what takes the jobs."""
