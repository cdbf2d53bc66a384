"""The newest rows of a table that a reader may see, however many lie between them that they may not."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any, TypeVar

from store import Table

T = TypeVar("T")


def newest(table: Table, found: Any, limit: int, seen: Callable[[Sequence[Any]], list[T]]) -> list[T]:
    """At most `limit` of what `seen` makes of the matching rows, the newest first; it leaves out what is hidden."""
    shown: list[T] = []
    offset, chunk = 0, max(2 * limit, 50)
    while len(shown) < limit:
        docs = table.search(found, sort=[("doc_id", True)], limit=chunk, offset=offset)
        shown += seen(docs)
        offset += chunk
        if len(docs) < chunk:
            break
    return shown[:limit]
