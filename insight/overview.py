"""My day: what waits for one person."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from tinydb import where
from tinydb.queries import QueryInstance

from insight.figures import amount
from model.access import Actor
from model.calendar import WorkCalendar
from model.clock import moment, stamp
from model.filter import ALL, Filter
from model.process import Process
from store import Database


@dataclass(frozen=True, slots=True)
class Mine:
    """My open elements of one process; `sum` of their amounts, `slow` of them are longer on their stage than its norm."""

    process: str
    title: str
    count: int
    sum: float
    slow: int


@dataclass(frozen=True, slots=True)
class Slow:
    """An element of mine that stays on its stage longer than the norm; `late_hours` beyond it."""

    element: int
    title: str
    process: str
    stage: str
    since: str
    late_hours: float


@dataclass(frozen=True, slots=True)
class Overdue:
    """A task of mine whose time has passed."""

    task: int
    title: str
    element: int | None
    process: str
    due: str


@dataclass(frozen=True, slots=True)
class Day:
    """What waits: processes in their own order, the latest first among the slow and the overdue."""

    mine: tuple[Mine, ...]
    slow: tuple[Slow, ...]
    overdue: tuple[Overdue, ...]


def my_day(
    db: Database, designs: Iterable[Process], actor: Actor, readable: Callable[[Actor, str, Filter], QueryInstance],
    now: datetime, calendar: WorkCalendar,
) -> Day:  # fmt: skip
    """Collect it; processes in which nothing waits are left out. The calendar says which time counts for the stages' norms."""
    mine, slow = [], []
    seen: dict[str, QueryInstance] = {}
    for design in designs:
        seen[design.code] = readable(actor, design.code, ALL)
        rows = _open(db, design, seen[design.code] & (where("responsible") == actor.user))
        late = _slow(design, rows, now, calendar)
        slow += late
        if rows:
            mine.append(Mine(design.code, design.title, len(rows), round(sum(amount(r[4]) for r in rows), 2), len(late)))
    return Day(tuple(mine), tuple(sorted(slow, key=lambda s: -s.late_hours)), _overdue(db, seen, actor, now))


def _open(db: Database, design: Process, asked: QueryInstance) -> list[tuple[int, str, str, str, object]]:
    """(id, title, stage, moved_at, amount) of elements on stages in progress; of a list, of all elements."""
    asked &= where("process") == design.code
    if design.has_stages:
        asked &= where("stage").one_of([s.code for s in design.stages() if s.semantics == "P"])
    amount_path = design.path(design.amount_field) if design.amount_field else "values"
    rows = db.table("elements").select(["doc_id", "title", "stage", "moved_at", amount_path], asked)
    return [(row[0], row[1], row[2], row[3], row[4]) for row in rows]


def _slow(
    design: Process, rows: Sequence[tuple[int, str, str, str, object]], now: datetime, calendar: WorkCalendar
) -> list[Slow]:
    norms = {s.code: s.norm_hours for s in design.stages() if s.norm_hours}
    found = []
    for element, title, stage, since, _ in rows:
        if stage in norms and since and (late := now - calendar.deadline(moment(since), norms[stage])) > timedelta(0):
            found.append(Slow(element, title, design.code, stage, since, late.total_seconds() / 3600))
    return found


def _overdue(db: Database, seen: Mapping[str, QueryInstance], actor: Actor, now: datetime) -> tuple[Overdue, ...]:
    """Those on elements that the actor may read: what the elements of a process must meet is in `seen`."""
    asked = (where("responsible") == actor.user) & (where("due") < stamp(now)) & ~(where("done_at") > "")
    rows = db.table("tasks").select(["doc_id", "title", "element", "process", "due"], asked, sort=[("due", False)])
    found = [Overdue(*row) for row in rows]
    docs = db.table("elements").get(doc_ids=list({each.element for each in found if each.element is not None}))
    there = {doc.doc_id for doc in docs if doc["process"] in seen and seen[doc["process"]](doc)}
    return tuple(each for each in found if each.element in there)
