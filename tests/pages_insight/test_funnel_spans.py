"""The funnel page's named periods."""

from __future__ import annotations

from datetime import date

import pytest

from pages.parts.funnel_view import SPANS, span


@pytest.mark.parametrize(
    ("name", "today", "found"),
    [
        ("all", date(2026, 11, 22), (None, None)),
        ("own", date(2026, 11, 22), (None, None)),
        ("30", date(2026, 3, 1), (date(2026, 1, 30), None)),
        ("month", date(2026, 11, 22), (date(2026, 11, 1), None)),
        ("last_month", date(2026, 1, 31), (date(2025, 12, 1), date(2025, 12, 31))),
        ("last_month", date(2028, 3, 31), (date(2028, 2, 1), date(2028, 2, 29))),
        ("quarter", date(2026, 1, 1), (date(2026, 1, 1), None)),
        ("quarter", date(2026, 6, 30), (date(2026, 4, 1), None)),
        ("quarter", date(2026, 12, 31), (date(2026, 10, 1), None)),
        ("year", date(2026, 12, 31), (date(2026, 1, 1), None)),
    ],
)
def test_a_span_holds_today(name: str, today: date, found: tuple[date | None, date | None]) -> None:
    assert name in SPANS and span(name, today) == found
