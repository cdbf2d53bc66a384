"""Thousands of timers on a clock that is moved about: each fires once, at the first look after its time, and never before it."""

from __future__ import annotations

import random
from collections import Counter
from datetime import UTC, date, datetime, time, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest
from torture_world import START, StillClock, Tell, chain, faults, often, opened

from model.access import SYSTEM_ACTOR
from model.clock import moment, stamp
from model.field import Field
from model.process import Process
from workspace import Workspace

ELEMENTS = often(112, 1120)
"""In each of three zones and with three timers each: 1,000 timers in all, or 10,000."""
LOOKS = often(60, 300)
ZONES = ("Europe/Berlin", "America/New_York", "Australia/Lord_Howe")
"""The last is 10:30 or 11:00 ahead of UTC: its summer time is half an hour."""
WAIT = timedelta(days=3)
HALF_PAST_TWO = "02:30"
"""In many zones this does not exist on one day of the year, and comes twice on another."""


def plans() -> Process:
    said = ("say", "add_comment", {"text": "fired"})
    return Process(
        code="plans", title="Plans", fields=(Field(code="at", title="At", kind="datetime"),
                                             Field(code="day", title="Day", kind="date")),
        graphs=(chain("exact", ("date_reached", {"field": "at"}), said),
                chain("local", ("date_reached", {"field": "day", "time": HALF_PAST_TWO}), said),
                chain("waits", ("element_created", {}), ("wait", "wait_for", {"duration": WAIT.days * 1440}), said)),
    )  # fmt: skip


def placed(folder: Path, clock: StillClock, zone: str, process: Process) -> Workspace:
    ws = opened(folder, clock)
    ws.set_up("Time", "en", "admin", "Anna Admin", "correct horse 1", zone=zone)
    ws.processes.create(ws.administrator(), process)
    ws.processes.publish(ws.administrator(), process.code)
    return ws


@pytest.mark.parametrize("zone", ZONES)
def test_every_timer_fires_once_and_none_early(zone: str, tmp_path: Path, tell: Tell) -> None:
    seed = random.randrange(10**6)
    chance, clock = random.Random(seed), StillClock()
    ws = placed(tmp_path, clock, zone, plans())
    dues: dict[tuple[str, int], datetime] = {}
    with ws.db.transaction():
        for _ in range(ELEMENTS):
            # most within half a year (both changes of the clock are in it), some more than a year ahead
            days = chance.choice((180,) * 19 + (430,))
            at = (START + timedelta(minutes=chance.randrange(10, days * 1440))).replace(second=chance.randrange(60))
            day = (START + timedelta(days=chance.randrange(2, days))).date()
            made = ws.elements.create(SYSTEM_ACTOR, "plans", {"at": stamp(at), "day": day.isoformat()})
            dues["exact", made.id] = at
            dues["local", made.id] = datetime.combine(day, time(2, 30), ZoneInfo(zone)).astimezone(UTC)
            dues["waits", made.id] = START + WAIT
    looks = [clock.time]
    ws.work()
    for number in range(LOOKS):
        clock.move(minutes=chance.expovariate(LOOKS / (185 * 1440)))
        if number % 10 == 3:
            clock.move(hours=chance.choice((-1, 1)))
        if number in (LOOKS // 3, LOOKS // 2):
            ws.db.close()
            ws = opened(tmp_path, clock)
            ws.timers.start()
        looks.append(clock.time)
        ws.work()
        touched = chance.randrange(1, ELEMENTS + 1)
        ws.elements.update(SYSTEM_ACTOR, touched, {"title": f"touched {number}"})  # plans it anew, also just after it has fired
    clock.move(days=440)  # nobody worked for months
    looks.append(clock.time)
    ws.work()
    fired = {(run["graph"], run["element"]): run for run in ws.db.table("runs").search()}
    assert Counter(run["state"] for run in ws.db.table("runs").search()) == {"done": 3 * ELEMENTS}, seed
    assert fired.keys() == dues.keys(), seed
    comments = {(e["element"], e["chain"][0].split("/")[1]): moment(e["at"])
                for e in ws.db.table("events").search() if e["kind"] == "commented"}  # fmt: skip
    for (graph, element), due in dues.items():
        first = next(look for look in looks if look >= due)
        assert abs(comments[element, graph] - first) < timedelta(milliseconds=1), (seed, graph, element)
    assert ws.db.table("timers").search() == [] or {t["due"] for t in ws.db.table("timers").search()} == {None}
    assert faults(ws) == []
    ws.db.close()
    tell(f"{zone}: {len(dues)} timers, {len(looks)} looks, 2 restarts, each fired once, none early or late")


CHANGES = {
    # zone: (the first day, what 02:30 of each day from then on is in UTC)
    "Europe/Berlin": (date(2027, 3, 27), ["27T01:30", "28T01:30", "29T00:30", "30T00:30"]),
    "America/New_York": (date(2027, 3, 13), ["13T07:30", "14T07:30", "15T06:30", "16T06:30"]),
    "Australia/Lord_Howe": (date(2027, 4, 3), ["02T15:30", "03T16:00", "04T16:00", "05T16:00"]),
    "Asia/Kolkata": (date(2027, 3, 27), ["26T21:00", "27T21:00", "28T21:00", "29T21:00"]),
}
BACK = {
    "Europe/Berlin": (date(2026, 10, 24), ["24T00:30", "25T00:30", "26T01:30", "27T01:30"]),
    "America/New_York": (date(2026, 10, 31), ["31T06:30", "01T07:30", "02T07:30", "03T07:30"]),
    "Australia/Lord_Howe": (date(2026, 10, 3), ["02T16:00", "03T15:30", "04T15:30", "05T15:30"]),
}


@pytest.mark.parametrize(("zone", "first", "wanted"), [(z, *row) for part in (CHANGES, BACK) for z, row in part.items()])
def test_a_schedule_comes_once_a_day_also_when_the_clocks_change(
    zone: str, first: date, wanted: list[str], tmp_path: Path
) -> None:
    begin = datetime.combine(first, time(), ZoneInfo(zone)).astimezone(UTC)
    clock = StillClock(begin)
    daily = chain("daily", ("at_time", {"time": HALF_PAST_TWO, "weekdays": (), "for_each": False}), ("end", "stop", {}))
    ws = placed(tmp_path, clock, zone, Process(code="plans", title="Plans", graphs=(daily,)))
    ws.timers.start()
    found = []
    while clock.time < begin + timedelta(days=4) - timedelta(hours=1):
        clock.move(minutes=15)
        before = len(ws.db.table("runs"))
        ws.work()
        found += [clock.time.strftime("%dT%H:%M")] * (len(ws.db.table("runs")) - before)
    assert found == wanted
    ws.db.close()
