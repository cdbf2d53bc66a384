"""Counts and sums, kept until the next commit: everybody who looks at a board asks for the same ones."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from tinydb.queries import QueryInstance

from store import Database
from store.table import Table

KEPT = 200
"""How many answers are kept; those that depend on the time of day are never asked for again."""

Groups = list[dict[str, Any]]


class Counts:
    """`Table.group`, asked once for each commit, whichever process made it."""

    def __init__(self, db: Database, table: Table) -> None:
        self._db, self._table = db, table
        self._known: tuple[int, dict[tuple[str, ...], Groups]] = (-1, {})

    def group(self, by: Sequence[str], found: QueryInstance, sums: Sequence[str]) -> Groups:
        """See `Table.group`; not to be changed by the caller. Inside a transaction it always looks anew."""
        if self._db.in_transaction or not found.is_cacheable():
            return self._table.group(by, found, sums=sums)
        revision = self._db.revision()  # before the look: an answer may be newer than it says, never older
        if self._known[0] != revision or len(self._known[1]) >= KEPT:
            self._known = (revision, {})
        known = self._known[1]
        key = (repr(found), str(len(by)), *by, *sums)  # repr, because queries for 1 and for True are equal
        if key not in known:
            known[key] = self._table.group(by, found, sums=sums)
        return known[key]
