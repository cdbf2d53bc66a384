"""Where documents live: TinyDB's Table and Query over memory, one SQLite file or PostgreSQL.

>>> from tinydb import where
>>> db = open_database("memory://")
>>> db.table("elements").insert({"title": "Hello", "stage": "new"})
1
>>> db.table("elements").search(where("stage") == "new")
[{'title': 'Hello', 'stage': 'new'}]
"""

from store.database import Database, open_database
from store.engine import Carrier
from store.errors import (
    Absent,
    Busy,
    Conflict,
    Damaged,
    Forbidden,
    Full,
    Newer,
    Occupied,
    StoreError,
    TooDeep,
    Unknown,
    Unreachable,
    Unsure,
)
from store.table import Table

__all__ = [
    "Absent", "Busy", "Carrier", "Conflict", "Damaged", "Database", "Forbidden", "Full", "Newer", "Occupied", "StoreError",
    "Table", "TooDeep", "Unknown", "Unreachable", "Unsure", "open_database",
]  # fmt: skip
