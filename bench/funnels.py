"""How long a funnel takes beside a plain SQL GROUP BY over the same file, in the same run. `python -m bench.funnels [sizes]`."""

from __future__ import annotations

import random
import sqlite3
import sys
import tempfile
import time
from collections.abc import Callable
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any

sys.path.insert(0, str(Path(__file__).parents[1]))

from tinydb import where

from insight.funnel import Insight
from model.access import Actor
from model.clock import stamp
from model.element import Element
from model.event import Event
from model.filter import Filter, query
from model.process import Funnel, Process, Stage, Version
from runtime.outside.pdf import Paper
from runtime.tables import PROMOTED
from store import Database, open_database

START = datetime(2026, 1, 1, tzinfo=UTC)
STAGES = tuple(
    Stage(code=code, title=code.title(), semantics=kind)  # type: ignore[arg-type]
    for code, kind in [("prospecting", "P"), ("engaging", "P"), ("won", "S"), ("lost", "F")]
)
DEALS = Process(code="deals", title="Deals", funnels=(Funnel(code="main", title="Main", stages=STAGES),), amount_field="amount")
GROUP_BY = (
    "SELECT json_extract(doc, '$.stage'), count(*), sum(json_extract(doc, '$.values.amount')) FROM t_elements"
    " WHERE json_extract(doc, '$.process') = 'deals' AND json_extract(doc, '$.deleted_at') IS NULL GROUP BY 1"
)


class Clock:
    """The bench's time."""

    def now(self) -> datetime:
        """A year on."""
        return START + timedelta(days=365)


class Shelf:
    """One published process."""

    def published(self, code: str) -> Version | None:
        """It."""
        return Version(process=DEALS, number=1, published_at=stamp(START), published_by=1)

    def codes(self) -> list[str]:
        """Its code."""
        return ["deals"]


def fill(db: Database, count: int) -> None:
    """Elements like the CRM sales data: most are closed, two events or so each."""
    chance = random.Random(7)
    elements, events = [], []
    for number in range(1, count + 1):
        way = ["prospecting", "engaging", chance.choice(["won", "won", "lost"])][: chance.choice([1, 2, 3, 3, 3, 3])]
        born = START + timedelta(days=chance.randrange(300))
        times = [stamp(born + timedelta(days=i * chance.randrange(1, 60))) for i in range(len(way))]
        closed = times[-1] if len(way) == 3 else None
        elements.append(
            Element(
                number, "deals", f"Deal {number}", "main", way[-1], chance.randrange(1, 36), times[0], moved_at=times[-1],
                closed_at=closed, values={"amount": round(chance.random() * 9_000, 2), "account": f"Account {number % 85}"},
            ).doc()
        )  # fmt: skip
        befores = [None, *way]
        for i, stage in enumerate(way):
            changes = {"stage": [befores[i], stage]}
            events.append(Event("moved" if i else "created", "deals", number, times[i], changes=changes).doc())
    with db.transaction():
        db.table("elements").insert_multiple(elements)
        db.table("events").insert_multiple(events)


def best(work: Callable[[], Any], rounds: int = 3) -> float:
    """The least of some rounds, seconds."""
    found = []
    for _ in range(rounds):
        started = time.perf_counter()
        work()
        found.append(time.perf_counter() - started)
    return min(found)


def readable(actor: Actor, process: str, found: Filter) -> Any:
    """Everything that is not deleted."""
    return query(found) & (where("deleted_at") == None)  # noqa: E711  a Query, not a comparison


def measure(count: int, folder: str) -> None:
    """Fill a file and print one line."""
    path = Path(folder) / f"{count}.db"
    db = open_database(f"sqlite:///{path}", promoted=PROMOTED)
    fill(db, count)
    insight = Insight(db, Shelf(), Clock(), readable, Paper)
    admin = Actor(1, admin=True)
    plain = sqlite3.connect(path)
    sql = best(lambda: plain.execute(GROUP_BY).fetchall())
    whole = best(lambda: insight.funnel(admin, "deals"))
    month = best(lambda: insight.funnel(admin, "deals", since=date(2026, 3, 1), until=date(2026, 3, 31)))
    one = best(lambda: insight.funnel(admin, "deals", people=[5]))
    print(
        f"{count:>7,} elements, {len(db.table('events')):>7,} events: GROUP BY {sql * 1000:6.0f} ms"
        f" | funnel {whole * 1000:6.0f} ms = {whole / sql:4.1f}x | month {month * 1000:6.0f} ms | person {one * 1000:6.0f} ms"
    )
    plain.close()
    db.close()


if __name__ == "__main__":
    with tempfile.TemporaryDirectory() as scratch:
        for size in [int(text) for text in sys.argv[1:]] or [10_000, 100_000]:
            measure(size, scratch)
