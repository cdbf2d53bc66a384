"""Where documents live: TinyDB's Table and Query over memory, one SQLite file or PostgreSQL.

>>> from tinydb import where
>>> db = open_database("memory://")
>>> db.table("elements").insert({"title": "Hello", "stage": "new"})
1
>>> db.table("elements").search(where("stage") == "new")
[{'title': 'Hello', 'stage': 'new'}]
"""

from store.database import Database, open_database
from store.errors import Busy, Conflict, Damaged, Full, Newer, Occupied, StoreError
from store.table import Table

__all__ = ["Busy", "Conflict", "Damaged", "Database", "Full", "Newer", "Occupied", "StoreError", "Table", "open_database"]
