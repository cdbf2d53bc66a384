"""The benches do their work at a small size, and say how a curve grows; what they measure is no matter here."""

from __future__ import annotations

import importlib
from pathlib import Path

import pytest

from bench.measure import Figure, growth

SMALL = {"moves": {"COUNT": 3, "MORE": 2}, "robots": {"COUNT": 3, "ROUNDS": 1, "FEW": 2, "SLEEPERS": 5}}


@pytest.mark.parametrize("name", SMALL)
def test_each_curve_has_a_figure_for_each_size(name: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    bench = importlib.import_module(f"bench.{name}")
    for constant, value in {"SIZES": (100, 200), **SMALL[name]}.items():
        monkeypatch.setattr(bench, constant, value)
    found = list(bench.figures(tmp_path))
    sizes = {figure.what: {other.size for other in found if other.what == figure.what} for figure in found if figure.size}
    assert sizes and all(each == {100, 200} for each in sizes.values())
    assert all(figure.value > 0 for figure in found)


@pytest.mark.parametrize(
    ("last", "unit", "word"), [(1.4, "s", "flat"), (2.0, "s", "logarithmic"), (9.0, "s", "**grows**"), (0.1, "/s", "**grows**")]
)
def test_a_curve_is_told_by_its_ends(last: float, unit: str, word: str) -> None:
    figures = [Figure("move", value, unit=unit, size=size) for size, value in ((1_000, 1.0), (10_000, 5.0), (100_000, last))]
    ((what, told, *_, met),) = growth(figures)
    assert (what, told, met) == ("Growth: move", word, "no" if word == "**grows**" else "yes")


def test_an_aim_is_met_in_the_direction_of_its_unit() -> None:
    assert Figure("move", 0.03, beside="sync", floor=0.01, within=4).cells()[-2:] == ("<= 4 x", "yes")
    assert Figure("move", 0.05, beside="sync", floor=0.01, within=4).cells()[-2:] == ("<= 4 x", "no")
    assert Figure("runs", 900, unit="/s", aim=1000).cells()[-2:] == (">= 1,000/s", "no")
    assert Figure("runs", 70, beside="before", floor=100, unit="/s", within=1 / 1.5).cells()[-2:] == (">= 0.67 x", "yes")
