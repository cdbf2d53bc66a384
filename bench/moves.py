"""A stage move through the elements service of a whole workspace, beside one raw fdatasync; the two take turns."""

from __future__ import annotations

import statistics
from collections.abc import Iterator
from pathlib import Path

from bench import stand
from bench.measure import SIZES, Figure, of, syncing, took
from builder.presets import preset
from model.access import Actor
from workspace import Workspace

COUNT, MORE = 200, 20


def figures(folder: Path) -> Iterator[Figure]:
    """Moves of new deals among so many, while no robot listens and while one does, whose run each move then writes too."""
    for size in SIZES:
        made, actor = stand.with_deals(folder / str(size), size)
        yield _moves("Stage move by the service", size, folder, made, actor)
        stand.publish(made, actor, stand.GRAPH)
        yield _moves("Stage move that starts robots", size, folder, made, actor)
        if size == SIZES[-1]:
            for number in range(MORE):
                made.processes.create(actor, preset("all_inclusive", f"more{number}", f"More {number}", made.reader(actor).t))
                made.processes.publish(actor, f"more{number}")
            yield _moves(f"Stage move that starts robots, beside {MORE} more processes", 0, folder, made, actor)
        made.db.close()


def _moves(what: str, size: int, folder: Path, made: Workspace, actor: Actor) -> Figure:
    moves, syncs = [], []
    with syncing(folder) as sync:
        for number in stand.new(made, actor, COUNT):
            moves.append(took(lambda: made.elements.move(actor, number, "engaging")))  # noqa: B023  called at once
            syncs.append(took(lambda: sync(0)))
    return of(what, moves, "fdatasync of 600 bytes", statistics.median(syncs), within=4, size=size)
