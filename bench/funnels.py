"""How long a funnel takes beside a plain SQL GROUP BY over the same file."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from datetime import date
from pathlib import Path

from bench import stand
from bench.measure import Figure, each, of
from model.access import Actor
from wiring import DATABASE
from workspace import Workspace

GROUP_BY = (
    "SELECT json_extract(doc, '$.stage'), count(*), sum(json_extract(doc, '$.values.close_value')) FROM t_elements"
    " WHERE json_extract(doc, '$.process') = 'deals' AND json_extract(doc, '$.deleted_at') IS NULL GROUP BY 1"
)


def figures(folder: Path) -> Iterator[Figure]:
    """The funnel of all, of a month and of a person: of 8,800 deals, then of eleven times as many."""
    made, actor = stand.with_deals(folder / "data")
    yield from _funnels("8,800", folder, made, actor)
    stand.multiply(made, 96_800)
    yield from _funnels("96,800", folder, made, actor)
    made.db.close()


def _funnels(size: str, folder: Path, made: Workspace, actor: Actor) -> Iterator[Figure]:
    plain = sqlite3.connect(folder / "data" / DATABASE)
    floor = min(each(lambda _: plain.execute(GROUP_BY).fetchall(), range(5)))
    plain.close()
    person = max(user.id for user in made.people.users())
    asked = {
        "all": {},
        "a month": {"since": date(2017, 3, 1), "until": date(2017, 3, 31)},
        "a person": {"people": [person]},
    }  # fmt: skip
    for name, narrowed in asked.items():
        times = each(lambda _, kept=narrowed: made.insight.funnel(actor, "deals", **kept), range(5))  # type: ignore[misc]
        yield of(f"Funnel of {size} deals: {name}", times, "GROUP BY in SQL, of all", floor)
