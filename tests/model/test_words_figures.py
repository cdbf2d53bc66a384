"""How figures are written, again and again."""

from __future__ import annotations

import pytest

from locales import Language


@pytest.mark.parametrize(
    ("locale", "number", "money"), [("en", "1,234.5", "$1,234.50"), ("ru", "1\u00a0234,5", "1\u00a0234,50\u00a0$")]
)
def test_figures_are_written_alike_every_time_and_by_each_locale(locale: str, number: str, money: str) -> None:
    reader = Language(locale)
    for _ in range(2):
        assert (reader.number(1234.5), reader.money(1234.5, "USD")) == (number, money)


def test_four_digits_stand_together_where_they_may_be_a_year() -> None:
    reader = Language("ru")
    assert [reader.number(each, 0, least=10_000) for each in (2003, -9999, 10_000)] == ["2003", "-9999", "10\u00a0000"]
    assert [reader.number(each, least=10_000) for each in (5.0, 2003.25, 12_345.5)] == ["5", "2003,25", "12\u00a0345,5"]


def test_minus_nought_is_nought_whichever_came_first() -> None:
    reader = Language("en")
    assert [reader.number(each, 2) for each in (-0.0, 0.0, 0)] == ["0.00"] * 3
    assert [reader.money(each, "EUR") for each in (-0.0, 0.0)] == ["€0"] * 2


def test_a_figure_that_is_none_is_still_written() -> None:
    assert Language("en").number(float("nan")) == Language("en").number(float("nan"))
