"""What the benches share: figures, how they are taken and shown, and the floor under every durable write."""

from __future__ import annotations

import os
import statistics
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

HEAD = ("what", "median", "p90", "beside it, in the same run", "ratio", "aim", "met")
WIDTHS = (58, 9, 9, 42, 7, 9, 3)


@dataclass(frozen=True, slots=True)
class Figure:
    """Something measured: seconds (less is better), or with `rate` so many a second (more is better).

    `beside` names what stood beside it in the same run, `floor` is its value in the same unit; `p90` is 0 for a single value.
    """

    what: str
    value: float
    p90: float = 0
    beside: str = ""
    floor: float = 0
    aim: float | None = None
    rate: bool = False

    def cells(self) -> tuple[str, ...]:
        """As a row of the table; see HEAD."""
        told = [self._shown(x) if x else "" for x in (self.value, self.p90, self.floor, self.aim)]
        value, p90, floor, aim = told
        beside = f"{self.beside} {floor}" if self.beside else ""
        ratio = f"{self.value / self.floor:.3g}" if self.floor else ""
        return self.what, value, p90, beside, ratio, aim and f"{'>=' if self.rate else '<='} {aim}", self._met()

    def _met(self) -> str:
        if self.aim is None:
            return ""
        return "yes" if (self.value >= self.aim if self.rate else self.value <= self.aim) else "no"

    def _shown(self, value: float) -> str:
        if self.rate:
            return f"{value:,.0f}/s"
        return f"{value:.2f} s" if value >= 1 else f"{value * 1000:.{max(0, 1 - int(value > 0.01) + int(value < 0.001))}f} ms"


def of(what: str, times: Sequence[float], beside: str = "", floor: float = 0, aim: float | None = None) -> Figure:
    """The figure of some times, seconds."""
    return Figure(what, statistics.median(times), quantile(times, 0.9), beside, floor, aim)


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
