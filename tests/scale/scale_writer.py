"""An instance that makes orders: `python scale_writer.py NAME COUNT`, its workspace named by the environment."""

from __future__ import annotations

import sys

from model.access import Actor
from workspace import Workspace, build

TOGETHER = 5
"""Orders that share a commit."""


def write(workspace: Workspace, actor: Actor, name: str, count: int) -> None:
    """Make so many orders: `name 0`, `name 1` ..."""
    for start in range(0, count, TOGETHER):
        with workspace.db.transaction():
            for number in range(start, min(start + TOGETHER, count)):
                workspace.elements.create(actor, "orders", {"title": f"{name} {number}"})


if __name__ == "__main__":
    mine = build()
    write(mine, mine.administrator(), sys.argv[1], int(sys.argv[2]))
    mine.db.close()
