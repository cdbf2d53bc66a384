"""Profiles: what one pass over a sheet shows of a column."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field
from typing import Any

from builder.sheets import looks

DISTINCT = 5000
"""Different values that are counted; of a column with more only every SPARSE-th row is looked at after the sample."""
SPARSE = 17
THREE = 3
"""Figures behind a mark that may group thousands as well."""


@dataclass
class Profile:
    """Figures of one column. A value that was seen is only counted, so most cells cost one look-up."""

    name: str
    total: int = 0
    filled: int = 0
    values: Counter[Any] = field(default_factory=Counter)
    shapes: Counter[str] = field(default_factory=Counter)
    orders: Counter[str] = field(default_factory=Counter)
    marks: Counter[str] = field(default_factory=Counter)
    """Decimal marks that values prove."""
    unsure: dict[str, str] = field(default_factory=dict)
    """The first value with two readings, by its mark."""
    spaced: bool = False
    """Whether spaces group thousands."""
    longest: int = 0
    digits: int = 0
    """Most figures behind a decimal mark."""
    _shape_of: dict[Any, str] = field(default_factory=dict)

    def add(self, value: Any, count: int = 1, sampled: bool = False) -> None:
        """Take in `count` cells of this value."""
        self.total += count
        if value is None or (isinstance(value, str) and not (value := value.strip())):
            return
        self.filled += count
        known = self._shape_of.get(value)
        if known is None and (len(self._shape_of) < DISTINCT or sampled):
            known = self._look(value)
        if known:
            self.shapes[known] += count
        if value in self.values or len(self.values) < DISTINCT:
            self.values[value] += count

    def _look(self, value: Any) -> str:
        found = looks.shape(value)
        if len(self._shape_of) < DISTINCT:
            self._shape_of[value] = found
        self.longest = max(self.longest, len(str(value)))
        if found in ("date", "datetime"):
            self.orders["dotted" if looks.dotted(value) else looks.day_order(value)] += 1
        elif found in ("double", "money"):
            self._weigh(value)
        return found

    def _weigh(self, value: Any) -> None:
        """What a number shows of the marks."""
        self.marks[looks.decimal_mark(value)] += 1
        self.digits = max(self.digits, looks.decimals(value))
        self.spaced = self.spaced or looks.spaced(value)
        if mark := looks.unsure_mark(value):
            self.unsure.setdefault(mark, value)
            self.digits = max(self.digits, THREE)

    @property
    def proven(self) -> str:
        """The decimal mark that the column's own values leave; empty when they show none, or both."""
        marks = {mark for mark in ".," if self.marks[mark]} or (set(self.unsure) if self.spaced else set())
        return marks.pop() if len(marks) == 1 else ""

    @property
    def distinct(self) -> int:
        """Number of different values, at most DISTINCT."""
        return len(self.values)

    @property
    def empty(self) -> float:
        """Share of empty cells."""
        return 1 - self.filled / self.total if self.total else 1.0

    def share(self, *shapes: str) -> float:
        """Share of the looked-at filled cells that have one of these shapes."""
        looked = sum(self.shapes.values())
        return sum(self.shapes[s] for s in shapes) / looked if looked else 0.0
