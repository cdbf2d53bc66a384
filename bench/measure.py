"""What the benches share: figures, how they are taken and shown, and the floor under every durable write."""

from __future__ import annotations

import os
import statistics
import time
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

HEAD = ("what", "median", "p90", "beside it, in the same run", "ratio", "aim", "met")
WIDTHS = (66, 11, 9, 42, 7, 10, 3)
SIZES = (1_000, 10_000, 100_000)
"""Numbers of elements at which growth is looked at."""
FLAT, LOGARITHMIC = 1.5, 3.0
"""How many times a curve rises at most, from the smallest size to the largest: a logarithm 1.7 times; caches do the rest."""
Unit = Literal["s", "/s", "MB"]


@dataclass(frozen=True, slots=True)
class Figure:
    """Something measured, in seconds or megabytes (less is better) or so many a second (more is better).

    `beside` names what stood beside it in the same run, `floor` is its value in the same unit; `p90` is 0 for a single value.
    `aim` is in the same unit, `within` is an aim for the ratio; `size`: how many elements there were, where that varies.
    """

    what: str
    value: float
    p90: float = 0
    beside: str = ""
    floor: float = 0
    aim: float | None = None
    within: float | None = None
    unit: Unit = "s"
    size: int = 0

    def cells(self) -> tuple[str, ...]:
        """As a row of the table; see HEAD."""
        what = f"{self.what}, {self.size:,} elements" if self.size else self.what
        value, p90, floor, aim = (self._shown(x) if x else "" for x in (self.value, self.p90, self.floor, self.aim))
        beside = f"{self.beside} {floor}" if self.beside else ""
        ratio = f"{self.value / self.floor:.3g}" if self.floor else ""
        aim = aim or (f"{self.within:.2g} x" if self.within else "")
        return what, value, p90, beside, ratio, aim and f"{'>=' if self._more else '<='} {aim}", self._met()

    @property
    def _more(self) -> bool:
        """Whether more is better."""
        return self.unit == "/s"

    def _met(self) -> str:
        aim = self.aim if self.within is None else self.within * self.floor
        if aim is None:
            return ""
        return "yes" if (self.value >= aim if self._more else self.value <= aim) else "no"

    def _shown(self, value: float) -> str:
        if self.unit != "s":
            return f"{value:,.0f}{'/s' if self._more else ' MB'}"
        return f"{value:.2f} s" if value >= 1 else f"{value * 1000:.{max(0, 1 - int(value > 0.01) + int(value < 0.001))}f} ms"

    def worse(self, other: Figure) -> float:
        """How many times worse this is than another figure of the same unit."""
        return other.value / self.value if self._more else self.value / other.value


def growth(figures: Iterable[Figure]) -> Iterator[tuple[str, ...]]:
    """For each curve a row of the table: how many times worse the figure of the largest size is than that of the smallest."""
    curves: dict[str, dict[int, Figure]] = {}
    for figure in figures:
        if figure.size:
            curves.setdefault(figure.what, {})[figure.size] = figure
    for what, curve in curves.items():
        least, most = min(curve), max(curve)
        rise = curve[most].worse(curve[least])
        word = "flat" if rise <= FLAT else "logarithmic" if rise <= LOGARITHMIC else "**grows**"
        cells = (f"Growth: {what}", word, "", f"{most:,} elements to {least:,}", f"{rise:.3g}", f"<= {LOGARITHMIC:.2g} x")
        yield *cells, "yes" if rise <= LOGARITHMIC else "no"


def of(
    what: str, times: Sequence[float], beside: str = "", floor: float = 0,
    aim: float | None = None, within: float | None = None, size: int = 0,
) -> Figure:  # fmt: skip
    """The figure of some times, seconds."""
    return Figure(what, statistics.median(times), quantile(times, 0.9), beside, floor, aim, within, size=size)


def quantile(times: Sequence[float], share: float) -> float:
    """The least of the times that `share` of them do not exceed."""
    return sorted(times)[min(len(times) - 1, int(len(times) * share))]


def took(work: Callable[[], object]) -> float:
    """Seconds of one call."""
    started = time.perf_counter()
    work()
    return time.perf_counter() - started


def each(work: Callable[[int], object], numbers: Sequence[int], most: float = 60) -> list[float]:
    """Seconds of each call with a number; no more calls once `most` seconds are over."""
    times: list[float] = []
    for number in numbers:
        times.append(took(lambda n=number: work(n)))  # type: ignore[misc]
        if sum(times) > most:
            break
    return times


@contextmanager
def syncing(folder: Path) -> Iterator[Callable[[int], None]]:
    """A call that appends 600 bytes to a file and waits until they are on the disk: what the least durable write costs."""
    file = os.open(folder / "raw", os.O_WRONLY | os.O_CREAT | os.O_APPEND)

    def append(_: int) -> None:
        os.write(file, b"x" * 600)
        os.fdatasync(file)

    try:
        yield append
    finally:
        os.close(file)


def line(cells: Sequence[str]) -> str:
    """A row of the table, as Markdown."""
    return "| " + " | ".join(cell.ljust(width) for cell, width in zip(cells, WIDTHS, strict=True)) + " |"
