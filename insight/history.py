"""Where elements stand and how they came there, picked out of the store column by column."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from itertools import pairwise
from typing import Any, NamedTuple

from tinydb import where
from tinydb.queries import QueryInstance

from insight.figures import amount
from model.clock import moment
from store import Table

FEW = 10_000
"""Up to so many elements their events are asked for by element, else all of the process are read."""


class Standing(NamedTuple):
    """One element now."""

    id: int
    stage: str
    responsible: int | None
    created_at: str
    closed_at: str | None
    amount: float


Step = tuple[str, str]
"""(stamp, stage): an element came to a stage. A plain tuple: a report holds tens of thousands of them."""
Paths = Mapping[int, Sequence[Step]]


def standings(elements: Table, asked: QueryInstance, amount_path: str) -> list[Standing]:
    """The elements that meet the query; an empty `amount_path` adds up nothing."""
    paths = ["doc_id", "stage", "responsible", "created_at", "closed_at"]
    rows = elements.select([*paths, amount_path] if amount_path else paths, asked)
    return [
        Standing(number, stage, responsible, created_at, closed_at, amount(rest[0]) if rest else 0)
        for number, stage, responsible, created_at, closed_at, *rest in rows
    ]


def paths(events: Table, process: str, elements: Sequence[Standing]) -> Paths:
    """The stages that each element came to, in the order of the log.

    The log decides; where it does not say where an element began, its first move or else its present stage does.
    """
    found: dict[int, list[Step]] = {element.id: [] for element in elements}
    born = {element.id: element.created_at for element in elements}
    for element, at, change in _moves(events, process, found):
        steps = found.get(element)
        if steps is None or change is None:
            continue
        before, after = change
        if not steps and before:
            steps.append((born[element], before))
        if after and not (steps and steps[-1][1] == after):
            steps.append((at, after))
    for one in elements:
        if not found[one.id] and one.stage:
            found[one.id].append((one.created_at, one.stage))
    return found


def _moves(events: Table, process: str, elements: Mapping[int, Any]) -> list[tuple[Any, ...]]:
    # not both: with the process named, SQLite walks its index instead of looking each element up
    few = len(elements) <= FEW
    home = where("element").one_of(list(elements)) if few else where("process") == process
    asked = home & where("kind").one_of(["created", "moved"])
    return events.select(["element", "at", "changes.stage"], asked, sort=[("doc_id", False)])


def stays(steps: Sequence[Step]) -> Iterable[tuple[str, float]]:
    """(stage, days) of every stay that has ended."""
    times = [moment(at) for at, _ in steps] if len(steps) > 1 else []
    for (_, stage), (come, left) in zip(steps, pairwise(times), strict=False):
        yield stage, _days(come, left)


def days(start: str, end: str) -> float:
    """Days from stamp to stamp; never below 0, though an imported history may run backwards."""
    return _days(moment(start), moment(end))


def _days(start: datetime, end: datetime) -> float:
    return max((end - start).total_seconds() / 86_400, 0.0)
