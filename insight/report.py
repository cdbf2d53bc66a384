"""What a report says: frozen values. Shares are 0..1, durations days or seconds as named, sums rounded to 2 decimals."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta, tzinfo
from typing import Any, Literal

from insight.figures import Spread, share
from model.clock import stamp

Moment = Literal["created", "closed"]


@dataclass(frozen=True, slots=True)
class Period:
    """From `since` (included) until `until`: a date is a whole day and included, a datetime is excluded. None: open end."""

    since: date | None = None
    until: date | None = None
    by: Moment = "created"
    """Which of an element's moments has to lie in it."""
    zone: tzinfo = UTC
    """Where days begin, and the zone of datetimes without one."""

    def bounds(self) -> tuple[str | None, str | None]:
        """The stamps [from, to) between which the moment lies."""
        return self._stamp(self.since, 0), self._stamp(self.until, 1)

    def _stamp(self, end: date | None, days: int) -> str | None:
        if end is None:
            return None
        if not isinstance(end, datetime):
            end = datetime.combine(end + timedelta(days=days), time.min, self.zone)
        return stamp(end if end.tzinfo else end.replace(tzinfo=self.zone))

    def as_json(self) -> dict[str, str | None]:
        """{"since", "until"} as ISO texts or None."""
        return {"since": self.since.isoformat() if self.since else None, "until": self.until.isoformat() if self.until else None}


@dataclass(frozen=True, slots=True)
class StageFigures:
    """One stage of a funnel."""

    code: str
    title: str
    color: str
    semantics: str
    count: int
    """Elements that stand here now."""
    sum: float
    """Their amounts."""
    reached: int
    """Elements that ever came here or further (a failure stage: that ever came here). The first stage: all of them."""
    conversion: float | None
    """Share of those who reached the stage before; None for the first and for failure stages."""
    times: Spread | None
    """Days of the finished stays; a stay that still lasts is not among them."""

    @property
    def median_days(self) -> float | None:
        """Half of the finished stays were not longer, in days."""
        return self.times.median if self.times else None

    @property
    def p90_days(self) -> float | None:
        """Nine of ten finished stays were not longer, in days."""
        return self.times.p90 if self.times else None


@dataclass(frozen=True, slots=True)
class Link:
    """Moves from one stage to another: a ribbon of the sankey. A sankey cannot draw `back` ones."""

    source: str
    target: str
    count: int
    back: bool
    """Whether the target stands earlier in the funnel."""


@dataclass(frozen=True, slots=True)
class LostAt:
    """Lost elements by the stage that they were lost from; an empty stage when they were born lost."""

    stage: str
    title: str
    count: int
    sum: float


@dataclass(frozen=True, slots=True)
class PersonFigures:
    """One responsible person's elements; user None: nobody's."""

    user: int | None
    count: int
    open: int
    won: int
    lost: int
    sum_won: float

    @property
    def win_rate(self) -> float | None:
        """Won of closed."""
        return share(self.won, self.won + self.lost)


@dataclass(frozen=True, slots=True)
class FunnelReport:
    """A funnel's figures over the elements of a period that the asker may read."""

    process: str
    title: str
    funnel: str
    funnel_title: str
    period: Period
    currency: str
    """Of the sums; empty when the process adds up a plain number or nothing."""
    made_at: str
    made_by: str
    total: int
    won: int
    lost: int
    sum_won: float
    sum_open: float
    median_won_days: float | None
    """Created to closed of the won, in days."""
    stages: tuple[StageFigures, ...]
    flow: tuple[Link, ...]
    lost_at: tuple[LostAt, ...]
    people: tuple[PersonFigures, ...]

    @property
    def open(self) -> int:
        """Neither won nor lost."""
        return self.total - self.won - self.lost

    @property
    def win_rate(self) -> float | None:
        """Won of closed."""
        return share(self.won, self.won + self.lost)

    @property
    def avg_won(self) -> float | None:
        """Average amount of the won."""
        return share(self.sum_won, self.won)


@dataclass(frozen=True, slots=True)
class NodeFailures:
    """How many runs failed at a node."""

    node: str
    title: str
    count: int


@dataclass(frozen=True, slots=True)
class GraphFigures:
    """One robot graph's runs. `ready` ones wait for the worker, `waiting` ones for time or an event."""

    graph: str
    title: str
    enabled: bool
    runs: int
    ready: int
    waiting: int
    done: int
    failed: int
    stopped: int
    median_seconds: float | None
    """Start to finish of those done."""
    last_run: str | None
    """Stamp of the latest start."""
    failures: tuple[NodeFailures, ...]


@dataclass(frozen=True, slots=True)
class RobotReport:
    """The robots of a process: the graphs of its published version, then those that only old runs know."""

    process: str
    title: str
    graphs: tuple[GraphFigures, ...]

    @property
    def runs(self) -> int:
        """Runs of all graphs."""
        return sum(g.runs for g in self.graphs)

    @property
    def failed(self) -> int:
        """Failed runs of all graphs."""
        return sum(g.failed for g in self.graphs)


def as_json(report: FunnelReport) -> dict[str, Any]:
    """What `voronka funnel --json` prints: shares (0.6315) to 4 decimals, sums and days to 2; null where there is nothing."""
    return {
        "process": report.process,
        "period": report.period.as_json(),
        "stages": [_stage_json(stage) for stage in report.stages],
        "win_rate": _round(report.win_rate, 4),
        "median_won_days": _round(report.median_won_days),
    }


def _stage_json(stage: StageFigures) -> dict[str, Any]:
    return {
        "code": stage.code,
        "title": stage.title,
        "semantics": stage.semantics,
        "count": stage.count,
        "sum": _round(stage.sum),
        "median_days": _round(stage.median_days),
        "p90_days": _round(stage.p90_days),
        "conversion": _round(stage.conversion, 4),
    }


def _round(value: float | None, digits: int = 2) -> float | int | None:
    """A whole number is written as one (57, not 57.0)."""
    if value is None:
        return None
    found = round(value, digits)
    return int(found) if found == int(found) else found
