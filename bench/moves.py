"""A stage move through the elements service of a whole workspace, beside one raw fdatasync; the two take turns."""

from __future__ import annotations

import statistics
from collections.abc import Iterator
from pathlib import Path

from bench import stand
from bench.measure import Figure, of, syncing, took
from model.access import Actor
from model.filter import Condition
from workspace import Workspace

COUNT = 200
PROSPECTS = Condition(field="stage", op="eq", value="prospecting")


def figures(folder: Path) -> Iterator[Figure]:
    """Moves of deals among 8,800, while no robot listens and while one does, whose run each move then writes too."""
    made, actor = stand.with_deals(folder / "data")
    yield _moves("Stage move by the service, 8,800 deals", folder, made, actor)
    stand.publish(made, actor, stand.GRAPH)
    yield _moves("Stage move that starts robots: their run written too", folder, made, actor)
    made.db.close()


def _moves(what: str, folder: Path, made: Workspace, actor: Actor) -> Figure:
    moves, syncs = [], []
    with syncing(folder) as sync:
        for (number,) in made.elements.rows(actor, "deals", ["id"], PROSPECTS, limit=COUNT):
            moves.append(took(lambda: made.elements.move(actor, number, "engaging")))  # noqa: B023  called at once
            syncs.append(took(lambda: sync(0)))
    return of(what, moves, "fdatasync of 600 bytes", statistics.median(syncs))
