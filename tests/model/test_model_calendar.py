"""Working time is counted minute by minute by hand, and the calendar must agree, over holidays and changes of the clock."""

from __future__ import annotations

from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from model.calendar import WorkCalendar

BERLIN, MOSCOW = ZoneInfo("Europe/Berlin"), ZoneInfo("Europe/Moscow")
OFFICE = WorkCalendar(
    MOSCOW, frozenset(range(5)), time(9), time(18), frozenset({date(2027, 1, 1)}), frozenset({date(2027, 1, 9)})
)
QUARTER = timedelta(minutes=15)


def at(text: str, zone: ZoneInfo = MOSCOW) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=zone).astimezone(UTC)


@pytest.mark.parametrize(
    ("start", "hours", "end"),
    [
        ("2026-11-20T10:00", 2, "2026-11-20T12:00"),  # a Friday
        ("2026-11-20T17:00", 2, "2026-11-23T10:00"),  # the rest on Monday
        ("2026-11-20T17:00", 1, "2026-11-20T18:00"),  # to the last minute
        ("2026-11-21T12:00", 1, "2026-11-23T10:00"),  # begun on a Saturday
        ("2026-11-20T07:00", 0, "2026-11-20T09:00"),  # nothing: the next worked moment
        ("2026-11-20T18:00", 0, "2026-11-23T09:00"),
        ("2026-12-31T17:00", 2, "2027-01-04T10:00"),  # over a holiday
        ("2027-01-08T17:00", 2, "2027-01-09T10:00"),  # a Saturday that is worked
    ],
)
def test_working_time(start: str, hours: float, end: str) -> None:
    assert OFFICE.after(at(start), timedelta(hours=hours)) == at(end)


def test_norms_in_days_are_working_days() -> None:
    assert OFFICE.deadline(at("2026-11-20T12:00"), 48) == at("2026-11-24T12:00")
    assert OFFICE.deadline(at("2026-11-20T12:00"), 5) == at("2026-11-20T17:00")


def test_without_days_every_minute_counts() -> None:
    always = WorkCalendar(MOSCOW)
    start = at("2026-11-21T03:00")
    assert always.after(start, timedelta(hours=5)) == start + timedelta(hours=5)
    assert always.deadline(start, 48) == start + timedelta(days=2)


def test_a_night_shift_over_a_change_of_the_clock_has_the_hours_it_has() -> None:
    night = WorkCalendar(BERLIN, frozenset(range(7)), time(0), time(6))
    assert night.after(at("2027-03-28T00:00", BERLIN), timedelta(hours=5)) == at("2027-03-28T06:00", BERLIN)
    assert night.after(at("2026-10-25T00:00", BERLIN), timedelta(hours=7)) == at("2026-10-25T06:00", BERLIN)


@settings(max_examples=150, deadline=None)
@given(
    st.sets(st.integers(0, 6), min_size=1), st.integers(0, 22), st.integers(1, 23), st.sets(st.integers(0, 12)),
    st.datetimes(datetime(2027, 3, 20), datetime(2027, 3, 30)), st.integers(0, 60), st.sampled_from([BERLIN, MOSCOW]),
)  # fmt: skip
def test_it_agrees_with_counting(
    days: set[int], opens: int, longer: int, off: set[int], begin: datetime, quarters: int, zone: ZoneInfo
) -> None:
    holidays = frozenset(date(2027, 3, 20) + timedelta(days=n) for n in off)
    calendar = WorkCalendar(zone, frozenset(days), time(opens), time(min(opens + longer, 23)), holidays)
    start = begin.replace(minute=0, second=0, microsecond=0, tzinfo=zone).astimezone(UTC)
    end = calendar.after(start, quarters * QUARTER)
    worked, now = 0, start
    while now < end:
        worked += _is_worked(calendar, now, zone)
        now += QUARTER
    assert worked == quarters and (end == start or not quarters or _is_worked(calendar, end - QUARTER, zone))


def _is_worked(calendar: WorkCalendar, now: datetime, zone: ZoneInfo) -> bool:
    local = now.astimezone(zone)
    is_day = local.weekday() in calendar.weekdays and local.date() not in calendar.holidays
    return is_day and calendar.opens <= local.time() < calendar.closes
