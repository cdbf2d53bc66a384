"""Fifty people on one board of 10,000 elements, as sessions without a browser (visits.py) of one app, while nobody writes.

In a hurry, each presses again as soon as it was answered: what the server carries at most, and how long who presses then waits.
At ease, each presses five seconds after it was answered. Beside them as many on the least that Streamlit can show (bare.py).
"""

from __future__ import annotations

import statistics
from collections.abc import Iterator
from pathlib import Path

from bench import stand, visits
from bench.measure import Figure, of, quantile

SESSIONS, ELEMENTS = 50, 10_000
PACES = [("in a hurry", 0.0, 10.0), ("at ease", 5.0, 20.0)]
"""How people press: seconds between an answer and the next click, and for how long."""
CLICKS = [("Whole page", False), ("Board alone (its fragment)", True)]


def figures(folder: Path) -> Iterator[Figure]:
    """Page runs a second, and how long they take: median, p90, p95."""
    made, _ = stand.with_deals(folder / "data", ELEMENTS)
    admin = made.administrator()
    people = [made.people.add_user(admin, f"b{n}", f"B{n}", stand.PASSWORD, admin=True).id for n in range(SESSIONS)]
    cookies = [made.sessions.redeem(made.sessions.ticket(person), "bench") for person in people]
    made.db.close()
    with stand.bare(folder) as bare, stand.app(folder / "data") as url:
        for pace, rest, seconds in PACES:
            least = visits.clicking(bare, sessions=SESSIONS, seconds=seconds, rest=rest)
            for what, poke in CLICKS:
                load = visits.clicking(
                    url, "board", "process=deals", *cookies, sessions=SESSIONS, seconds=seconds, poke=poke, rest=rest
                )
                name, late = f"{what}, {SESSIONS} people {pace}", quantile(least.times, 0.95)
                yield Figure(f"{name}: runs", load.rate, beside="bare page", floor=least.rate, unit="/s")
                yield of(f"{name}: a run", load.times, "bare page", statistics.median(least.times))
                yield Figure("... the 95th percentile of them", quantile(load.times, 0.95), beside="bare page", floor=late)
