"""Whose turn it is: a counter for each robot that serves several in turn. Rows of `rotations`: {process, graph, node, next}.

It is counted in the transaction of what the robot does, and so undone with it; in a store one transaction writes at a time, so
that no two workers get the same number.
"""

from __future__ import annotations

from tinydb import where

from store import Database


class Rotation:
    """Counts turns."""

    def __init__(self, db: Database) -> None:
        self._table = db.table("rotations")

    def next(self, process: str, graph: str, node: str) -> int:
        """The number of this turn: 0, then 1, and so on. Inside the caller's transaction."""
        place = {"process": process, "graph": graph, "node": node}
        row = self._table.get((where("process") == process) & (where("graph") == graph) & (where("node") == node))
        if row is None:
            self._table.insert(place | {"next": 1})
            return 0
        self._table.update({"next": row["next"] + 1}, doc_ids=[row.doc_id])
        return int(row["next"])
