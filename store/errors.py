"""What can go wrong in the store, each with a sentence a person can read.

StoreError
├── Damaged     the file is broken, or is not ours
├── Absent      there is no database yet, and none was to be made
├── Occupied    a database that was to be filled holds something already
├── Newer       the file has a format of a later program
├── Full        there is no room left on the disk
├── Busy        another program holds the database and does not let go
├── Unknown     an address that names no database
├── Unreachable there is no connection to the server to be had, or it was lost
├── Unsure      the connection was lost during a commit: whether it was written is not known
├── Forbidden   the server knows the user, but does not let them do it
└── Conflict    somebody else changed the document first

TooDeep, a ValueError: it is the question that is at fault, and the store is well.
"""

from __future__ import annotations

from typing import Any

from store.patience import Holder


class StoreError(Exception):
    """The store could not do what was asked."""


class Damaged(StoreError):
    """The stored data cannot be read, or is not a Voronka database."""


class Absent(StoreError):
    """There is no database at this address yet; none was to be made, and none was."""


class Occupied(StoreError):
    """A database that was to be filled holds something already."""


class Newer(StoreError):
    """The stored data were written by a later version of this program."""


class Full(StoreError):
    """There is no room left on the disk; nothing was written."""


class Busy(StoreError):
    """Somebody else has been writing for longer than we wait; nothing was written.

    holder: who; here: whether that is another thread of this process.
    """

    def __init__(self, text: str, holder: Holder | None = None, here: bool = False) -> None:
        super().__init__(text)
        self.holder, self.here = holder or Holder(), here


class Unknown(StoreError):
    """The address names no database that can be opened."""


class Unreachable(StoreError):
    """There is no connection to be had, or it was lost; nothing was written. It is tried anew with the next transaction.

    place: where to, without the password; why: what the driver says.
    """

    def __init__(self, place: str, why: str) -> None:
        super().__init__(f"PostgreSQL at {place} cannot be reached: {why}")
        self.why = why


class Unsure(StoreError):
    """The connection was lost while it committed: whether the change was written is not known."""


class Forbidden(StoreError):
    """The user may not do that in this schema; nothing was written. place, why: as in Unreachable."""

    def __init__(self, place: str, why: str, user: str, schema: str) -> None:
        super().__init__(f"the user of {place} may not do that: {why}")
        self.why, self.user, self.schema = why, user, schema


class TooDeep(ValueError):
    """A condition is nested too deep to be asked; nothing was read."""


class Conflict(StoreError):
    """The document's "version" was not the expected one; nothing was written.

    table, doc_id: which document; expected, found: the two versions (found is None when there is none).
    """

    def __init__(self, table: str, doc_id: int, expected: int, found: Any) -> None:
        super().__init__(f"{table}/{doc_id}: expected version {expected}, found {found}")
        self.table = table
        self.doc_id = doc_id
        self.expected = expected
        self.found = found
