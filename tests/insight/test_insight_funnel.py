"""The funnel against a log small enough to count by hand, and against a naive count of random ones."""

from __future__ import annotations

import statistics
from collections import Counter
from datetime import UTC, date, datetime, timedelta, timezone
from itertools import pairwise
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from insight_world import ADMIN, CHIEF, NOBODY, SELLER, STAGES, START, World, day, process

from insight.report import as_json
from model.access import Action, Grant, Level
from model.errors import Denied, NotFound
from model.filter import Condition
from model.process import Funnel
from store import open_database


def small(world: World) -> None:
    """Five that can be counted on one hand."""
    world.put([("new", 0), ("talk", 2), ("won", 12)], 100.5)
    world.put([("new", 0), ("talk", 4), ("won", 24)], 200.25, responsible=2)
    world.put([("new", 10), ("talk", 11), ("lost", 12)], 50)
    world.put([("new", 20), ("lost", 23)], 70, responsible=2)
    world.put([("new", 30)], 10, responsible=None)


def by_code(report: Any) -> dict[str, Any]:
    return {s.code: s for s in report.stages}


def test_counted_by_hand(world: World) -> None:
    small(world)
    report = world.insight.funnel(ADMIN, "deals")
    stages = by_code(report)
    assert [s.code for s in report.stages] == [s.code for s in STAGES]
    assert {c: (s.count, s.sum) for c, s in stages.items()} == {
        "new": (1, 10), "talk": (0, 0), "won": (2, 300.75), "lost": (2, 120), "spam": (0, 0),
    }  # fmt: skip
    assert {c: s.reached for c, s in stages.items()} == {"new": 5, "talk": 3, "won": 2, "lost": 2, "spam": 0}
    assert stages["new"].conversion is None and stages["lost"].conversion is None
    assert stages["talk"].conversion == pytest.approx(3 / 5)
    assert stages["won"].conversion == pytest.approx(2 / 3)
    assert stages["new"].times is not None and stages["new"].times.count == 4  # 2, 4, 1, 3 days; the open stay is none
    assert stages["new"].median_days == pytest.approx(2.5)
    assert stages["new"].p90_days == pytest.approx(3.7)
    assert stages["talk"].median_days == pytest.approx(10)  # 1, 10, 20
    assert stages["won"].median_days is None
    assert (report.total, report.won, report.lost, report.open) == (5, 2, 2, 1)
    assert (report.win_rate, report.sum_won, report.sum_open, report.median_won_days) == (0.5, 300.75, 10, 18)
    assert report.avg_won == pytest.approx(150.375)


def test_details_counted_by_hand(world: World) -> None:
    small(world)
    report = world.insight.funnel(ADMIN, "deals")
    assert {(x.source, x.target): x.count for x in report.flow} == {
        ("new", "talk"): 3, ("talk", "won"): 2, ("talk", "lost"): 1, ("new", "lost"): 1,
    }  # fmt: skip
    assert [(x.stage, x.count, x.sum) for x in report.lost_at] == [("new", 1, 70), ("talk", 1, 50)]
    assert {p.user: (p.count, p.open, p.won, p.lost, p.sum_won, p.win_rate) for p in report.people} == {
        1: (2, 0, 1, 1, 100.5, 0.5), 2: (2, 0, 1, 1, 200.25, 0.5), None: (1, 1, 0, 0, 0, None),
    }  # fmt: skip


def test_the_command_lines_json(world: World) -> None:
    small(world)
    found = as_json(world.insight.funnel(ADMIN, "deals", since=date(2026, 1, 1)))
    assert list(found) == ["process", "period", "stages", "win_rate", "median_won_days"]
    assert found["period"] == {"since": "2026-01-01", "until": None}
    assert found["process"] == "deals" and found["win_rate"] == 0.5 and repr(found["median_won_days"]) == "18"
    assert found["stages"][1] == {
        "code": "talk", "title": "Переговоры", "semantics": "P", "count": 0, "sum": 0, "median_days": 10, "p90_days": 18,
        "conversion": 0.6,
    }  # fmt: skip


def test_rates_have_two_decimals(world: World) -> None:
    for _ in range(2):
        world.put([("new", 0), ("won", 1)])
    world.put([("new", 0), ("lost", 1)])
    assert as_json(world.insight.funnel(ADMIN, "deals"))["win_rate"] == 0.6667


def test_nothing_at_all(world: World) -> None:
    report = world.insight.funnel(ADMIN, "deals")
    assert report.win_rate is None and report.median_won_days is None and report.avg_won is None
    assert [s.conversion for s in report.stages] == [None] * 5
    assert as_json(report)["win_rate"] is None


def test_going_back_counts_as_reached_and_as_two_stays(world: World) -> None:
    world.put([("new", 0), ("talk", 1), ("new", 3), ("talk", 7)])
    report = world.insight.funnel(ADMIN, "deals")
    stages = by_code(report)
    assert stages["new"].times.count == 2 and stages["new"].median_days == pytest.approx(2.5)
    assert [s.reached for s in report.stages] == [1, 1, 0, 0, 0]
    assert [x.back for x in report.flow if x.source == "talk"] == [True]


def test_reopened_won_reached_won_but_is_open(world: World) -> None:
    world.put([("new", 0), ("won", 4), ("talk", 5)], closed_at=None)
    report = world.insight.funnel(ADMIN, "deals")
    assert by_code(report)["won"].reached == 1 and report.won == 0 and report.open == 1
    assert by_code(report)["won"].median_days == 1


@pytest.mark.parametrize(
    ("since", "until", "by", "expected"),
    [
        (date(2026, 1, 1), date(2026, 1, 1), "created", 2),
        (date(2026, 1, 2), None, "created", 3),
        (None, date(2026, 1, 11), "created", 3),
        (datetime(2026, 1, 11, tzinfo=UTC), datetime(2026, 1, 21, tzinfo=UTC), "created", 1),
        (datetime(2026, 1, 11), datetime(2026, 1, 21, 0, 0, 1), "created", 2),
        (date(2026, 1, 13), date(2026, 1, 13), "closed", 2),
        (None, None, "closed", 4),
        (date(2027, 1, 1), None, "created", 0),
    ],
)
def test_periods(world: World, since: Any, until: Any, by: Any, expected: int) -> None:
    small(world)
    report = world.insight.funnel(ADMIN, "deals", since=since, until=until, by=by)
    assert report.total == expected == sum(s.count for s in report.stages)


def test_days_begin_in_the_askers_zone(world: World) -> None:
    world.put([("new", -0.1)])  # 21:36 in UTC on 31 December is already January in Moscow
    east = timezone(timedelta(hours=3))
    assert world.insight.funnel(ADMIN, "deals", since=date(2026, 1, 1)).total == 0
    assert world.insight.funnel(ADMIN, "deals", since=date(2026, 1, 1), zone=east).total == 1


def test_filters_and_people(world: World) -> None:
    small(world)
    dear = Condition(field="amount", op="ge", value=100)
    assert world.insight.funnel(ADMIN, "deals", filter=dear).total == 2
    assert world.insight.funnel(ADMIN, "deals", people=[2]).total == 2
    assert world.insight.funnel(ADMIN, "deals", people=[2, None]).total == 3
    assert world.insight.funnel(ADMIN, "deals", people=[]).total == 0


def test_hidden_elements_are_never_counted(world: World) -> None:
    small(world)
    world.put([("new", 0), ("spam", 1)], 999)
    report = world.insight.funnel(SELLER, "deals")
    assert report.total == 2 and report.sum_won == 100.5
    assert {p.user for p in report.people} == {1}
    assert by_code(report)["spam"].count == 0 and by_code(report)["new"].times.count == 2
    assert world.insight.funnel(CHIEF, "deals").total == 6
    with pytest.raises(Denied):
        world.insight.funnel(NOBODY, "deals")


def test_deleted_and_other_processes_are_never_counted(world: World) -> None:
    world.publish(process(code="other"))
    world.put([("new", 0)], deleted_at=day(1))
    world.put([("new", 0)], code="other")
    world.put([("new", 0)])
    assert world.insight.funnel(ADMIN, "deals").total == 1


def test_each_funnel_counts_its_own(world: World) -> None:
    two = (Funnel(code="a", title="A", stages=STAGES[:1]), Funnel(code="b", title="B", stages=STAGES[1:]))
    world.publish(process(funnels=two))
    world.put([("new", 0), ("talk", 1)])
    world.put([("new", 0)])
    assert world.insight.funnel(ADMIN, "deals").total == 1
    second = world.insight.funnel(ADMIN, "deals", "b")
    assert second.total == 1 and second.flow == () and second.stages[0].reached == 1
    with pytest.raises(NotFound) as refused:
        world.insight.funnel(ADMIN, "deals", "zzz")
    assert refused.value.problem.context["what"] == "funnel"


def test_a_list_has_no_stages(world: World) -> None:
    world.publish(process(funnels=(), amount_field=""))
    world.put([("", 0)], 5)
    report = world.insight.funnel(ADMIN, "deals")
    assert report.total == report.open == 1 and report.stages == () and report.currency == ""


def test_no_such_process(world: World) -> None:
    with pytest.raises(NotFound):
        world.insight.funnel(ADMIN, "zzz")
    with pytest.raises(NotFound):
        world.insight.passport(ADMIN, "zzz", None)  # type: ignore[arg-type]


def test_a_log_with_gaps(world: World) -> None:
    """No birth in the log, no log at all, stages that are gone, amounts that are no numbers: counted all the same."""
    moved = world.put([("new", 0), ("talk", 6)], "rubbish")
    events = world.db.table("events")
    events.remove(doc_ids=[e.doc_id for e in events.search() if e["element"] == moved and e["kind"] == "created"])
    bare = world.put([("talk", 3)], True)
    events.remove(doc_ids=[e.doc_id for e in events.search() if e["element"] == bare])
    world.put([("gone", 0), ("won", 3)])
    report = world.insight.funnel(ADMIN, "deals")
    stages = by_code(report)
    assert report.total == 3 and stages["talk"].count == 2 and stages["talk"].sum == 0
    assert stages["new"].median_days == 6
    assert [s.reached for s in report.stages][:3] == [3, 3, 1]
    assert report.flow == (report.flow[0],) and report.flow[0].count == 1


def test_counts_are_the_stores_own_groups(world: World) -> None:
    small(world)
    groups = world.db.table("elements").group(["stage"], sums=["values.amount"])
    expected = {g["key"][0]: (g["count"], round(g["sums"][0], 2)) for g in groups}
    report = world.insight.funnel(ADMIN, "deals")
    assert {s.code: (s.count, s.sum) for s in report.stages if s.count} == expected


CODES = [s.code for s in STAGES]
WAYS = st.lists(st.tuples(st.sampled_from(CODES), st.integers(0, 40)), min_size=1, max_size=6)


def _clean(way: list[tuple[str, int]]) -> list[tuple[str, float]]:
    """Days that pass, and no move from a stage to itself."""
    found: list[tuple[str, float]] = []
    for stage, passed in way:
        if not found or found[-1][0] != stage:
            found.append((stage, (found[-1][1] if found else 0) + passed))
    return found


@settings(max_examples=60, deadline=None)
@given(st.lists(st.tuples(WAYS, st.integers(0, 10**6), st.sampled_from([1, 2, None])), max_size=12), st.booleans())
def test_random_logs_against_a_naive_count(rows: list[tuple[list[tuple[str, int]], int, int | None]], seller: bool) -> None:
    world = World(open_database("memory://"))
    ways = []
    for way, cents, who in rows:
        cleaned = _clean(way)
        world.put(cleaned, cents / 100, who)
        if not seller or (who == 1 and cleaned[-1][0] != "spam"):
            ways.append((cleaned, cents / 100))
    report = world.insight.funnel(SELLER if seller else ADMIN, "deals")

    assert Counter({s.code: s.count for s in report.stages}) == Counter(way[-1][0] for way, _ in ways)
    for stage in report.stages:
        assert stage.sum == pytest.approx(sum(a for way, a in ways if way[-1][0] == stage.code), abs=0.006)
        lengths = [b[1] - a[1] for way, _ in ways for a, b in pairwise(way) if a[0] == stage.code]
        assert stage.median_days == (pytest.approx(statistics.median(lengths)) if lengths else None)
        if stage.semantics == "F":
            assert stage.reached == sum(any(s == stage.code for s, _ in way) for way, _ in ways)
    later = {"new": {"new", "talk", "won", "lost", "spam"}, "talk": {"talk", "won"}, "won": {"won"}}
    reached = {code: sum(any(s in wanted for s, _ in way) for way, _ in ways) for code, wanted in later.items()}
    assert {s.code: s.reached for s in report.stages if s.semantics != "F"} == reached
    assert sum(x.count for x in report.flow) == sum(len(way) - 1 for way, _ in ways)
    assert sum(x.count for x in report.lost_at) == report.lost
    won = [way[-1][1] - way[0][1] for way, _ in ways if way[-1][0] == "won"]
    assert report.median_won_days == (pytest.approx(statistics.median(won)) if won else None)


def test_my_day(world: World) -> None:
    world.clock.time = START + timedelta(days=10)
    slow = world.put([("new", 7)], 5)
    world.put([("new", 9)], 6)
    world.put([("talk", 0)], 7)
    world.put([("new", 0), ("won", 1)], 8)
    world.put([("new", 0)], 9, responsible=2)
    task = {"process": "deals", "element": slow, "title": "Позвонить", "responsible": 1, "done_at": None}
    tasks = world.db.table("tasks")
    tasks.insert_multiple([{**task, "due": day(9)}, {**task, "due": day(11)}, {**task, "due": None}])
    tasks.insert_multiple([{**task, "due": day(8), "done_at": day(8)}, {**task, "due": day(8), "responsible": 2}])
    found = world.insight.my_day(SELLER)
    assert [(m.process, m.count, m.sum, m.slow) for m in found.mine] == [("deals", 3, 18, 1)]
    assert [(s.element, s.stage, s.late_hours) for s in found.slow] == [(slow, "new", pytest.approx(24))]
    assert [(t.title, t.due) for t in found.overdue] == [("Позвонить", day(9))]
    assert world.insight.my_day(NOBODY).mine == ()


def test_robots(world: World) -> None:
    runs = world.db.table("runs")
    base = {"process": "deals", "graph": "main", "started_at": day(1), "finished_at": None}
    done = {"m": {"state": "failed", "port": "failed"}, "s": {"state": "done"}}
    runs.insert({**base, "state": "done", "finished_at": stamp_seconds(10), "nodes": done})
    runs.insert({**base, "state": "done", "finished_at": stamp_seconds(30), "nodes": {}})
    runs.insert({**base, "state": "failed", "finished_at": day(2), "nodes": {"m": {"state": "failed"}}})
    runs.insert({**base, "state": "waiting", "started_at": day(3), "nodes": {"s": {"state": "waiting"}}})
    runs.insert({**base, "graph": "old", "state": "stopped", "nodes": {"x": {"state": "failed"}}})
    runs.insert({**base, "process": "other", "state": "failed", "nodes": {}})
    report = world.insight.robots(CHIEF, "deals")
    assert (report.runs, report.failed) == (5, 1)
    main, old = report.graphs
    assert (main.title, main.runs, main.done, main.waiting, main.failed, main.ready) == ("Роботы сделки", 4, 2, 1, 1, 0)
    assert (main.median_seconds, main.last_run) == (20, day(3))
    assert [(f.node, f.title, f.count) for f in main.failures] == [("m", "Письмо <b>клиенту</b>", 2)]
    assert (old.graph, old.enabled, old.stopped, old.failures[0].title) == ("old", False, 1, "x")


def stamp_seconds(seconds: float) -> str:
    return day(1 + seconds / 86_400)


def test_robots_need_a_right(world: World) -> None:
    for actor in (SELLER, NOBODY):
        with pytest.raises(Denied):
            world.insight.robots(actor, "deals")
    world.publish(process(grants=(Grant(role="seller", action=Action.SETTINGS, level=Level.ALL),)))
    assert world.insight.robots(SELLER, "deals").runs == 0
