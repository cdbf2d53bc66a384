"""The few sums that every report makes."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Spread:
    """How durations are spread, in the unit they came in: what a box plot draws."""

    count: int
    least: float
    q1: float
    median: float
    q3: float
    p90: float
    most: float

    @classmethod
    def of(cls, values: Iterable[float]) -> Spread | None:
        """The spread of the values, or None when there are none."""
        found = sorted(values)
        if not found:
            return None
        q1, median, q3, p90 = (quantile(found, share) for share in (0.25, 0.5, 0.75, 0.9))
        return cls(len(found), found[0], q1, median, q3, p90, found[-1])


def quantile(ordered: Sequence[float], share: float) -> float:
    """The value that `share` (0..1) of the ordered, non-empty values do not exceed, interpolated between neighbours."""
    place = (len(ordered) - 1) * share
    low = int(place)
    high = min(low + 1, len(ordered) - 1)
    return ordered[low] + (ordered[high] - ordered[low]) * (place - low)


def median(values: Iterable[float]) -> float | None:
    """The middle value, or None when there are none."""
    found = Spread.of(values)
    return found.median if found else None


def share(part: float, whole: float) -> float | None:
    """Part of whole, 0..1; None of nothing."""
    return part / whole if whole else None


def amount(value: object) -> float:
    """What a stored value adds to a sum: nothing unless it is a number, as the store's own sums have it."""
    return value if isinstance(value, int | float) and not isinstance(value, bool) else 0
