"""What can go wrong in the store, each with a sentence a person can read.

StoreError
├── Damaged     the file is broken, or is not ours
├── Occupied    a database that was to be filled holds something already
├── Newer       the file has a format of a later program
├── Full        there is no room left on the disk
├── Busy        another program holds the database and does not let go
└── Conflict    somebody else changed the document first
"""

from typing import Any


class StoreError(Exception):
    """The store could not do what was asked."""


class Damaged(StoreError):
    """The stored data cannot be read, or is not a Voronka database."""


class Occupied(StoreError):
    """A database that was to be filled holds something already."""


class Newer(StoreError):
    """The stored data were written by a later version of this program."""


class Full(StoreError):
    """There is no room left on the disk; nothing was written."""


class Busy(StoreError):
    """Another program holds the database for longer than we wait; nothing was written."""


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
