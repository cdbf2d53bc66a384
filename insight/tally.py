"""A funnel counted: elements and their paths become the figures of a report."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping, Sequence
from itertools import pairwise

from insight.figures import Spread, median, share
from insight.history import Paths, Standing, Step, days, stays
from insight.report import Link, LostAt, PersonFigures, StageFigures
from model.process import Stage


def stage_figures(stages: Sequence[Stage], elements: Sequence[Standing], paths: Paths) -> tuple[StageFigures, ...]:
    """The figures of every stage, in the funnel's order."""
    counts: Counter[str] = Counter(e.stage for e in elements)
    sums = _sums(elements)
    reached = reach(stages, elements, paths)
    durations = _durations(paths)
    conversions = _conversions(stages, reached)
    return tuple(
        StageFigures(
            s.code, s.title, s.color, s.semantics, counts[s.code], sums.get(s.code, 0.0), reached[s.code],
            conversions.get(s.code), Spread.of(durations.get(s.code, ())),
        )
        for s in stages
    )  # fmt: skip


def _sums(elements: Iterable[Standing]) -> dict[str, float]:
    found: dict[str, float] = defaultdict(float)
    for element in elements:
        found[element.stage] += element.amount
    return {stage: round(amount, 2) for stage, amount in found.items()}


def reach(stages: Sequence[Stage], elements: Sequence[Standing], paths: Paths) -> dict[str, int]:
    """How many elements ever came to each stage or further; failures lie beside the way and count only for themselves."""
    way = [s.code for s in stages if s.semantics != "F"]
    rank = {code: i for i, code in enumerate(way)}
    failures = {s.code for s in stages} - set(way)
    furthest: Counter[int] = Counter()
    failed: Counter[str] = Counter()
    for route, count in _routes((*paths[e.id], ("", e.stage)) for e in elements).items():
        furthest[max((rank[code] for code in route if code in rank), default=0)] += count
        failed.update(dict.fromkeys(failures.intersection(route), count))
    found, passed = dict(failed), 0
    for code in reversed(way):
        passed += furthest[rank[code]]
        found[code] = passed
    return {s.code: found.get(s.code, 0) for s in stages}


def _routes(paths: Iterable[Sequence[Step]]) -> Counter[tuple[str, ...]]:
    """How many elements came by which stages: thousands of elements go a few dozen ways."""
    return Counter(tuple([stage for _, stage in steps]) for steps in paths)


def _conversions(stages: Sequence[Stage], reached: Mapping[str, int]) -> dict[str, float | None]:
    way = [s.code for s in stages if s.semantics != "F"]
    return {code: share(reached[code], reached[before]) for before, code in pairwise(way)}


def _durations(paths: Paths) -> dict[str, list[float]]:
    found: dict[str, list[float]] = defaultdict(list)
    for steps in paths.values():
        for stage, length in stays(steps):
            found[stage].append(length)
    return found


def flow(stages: Sequence[Stage], paths: Paths) -> tuple[Link, ...]:
    """Moves between the funnel's stages, the most frequent first."""
    order = {s.code: i for i, s in enumerate(stages)}
    moves: Counter[tuple[str, str]] = Counter()
    for route, count in _routes(paths.values()).items():
        for a, b in pairwise(route):
            if a in order and b in order:
                moves[a, b] += count
    return tuple(Link(a, b, n, order[b] < order[a]) for (a, b), n in sorted(moves.items(), key=lambda m: (-m[1], m[0])))


def lost_at(stages: Sequence[Stage], elements: Iterable[Standing], paths: Paths) -> tuple[LostAt, ...]:
    """Where the lost were lost from, in the funnel's order; those born lost come last."""
    titles = {s.code: s.title for s in stages if s.semantics != "F"}
    failures = {s.code for s in stages if s.semantics == "F"}
    lost = [(e, _left(paths[e.id], titles)) for e in elements if e.stage in failures]
    counts = Counter(stage for _, stage in lost)
    return tuple(
        LostAt(code, titles.get(code, ""), counts[code], round(sum(e.amount for e, stage in lost if stage == code), 2))
        for code in [*titles, ""]
        if counts[code]
    )


def _left(steps: Sequence[Step], way: Mapping[str, str]) -> str:
    return next((stage for _, stage in reversed(steps) if stage in way), "")


def people(stages: Sequence[Stage], elements: Iterable[Standing]) -> tuple[PersonFigures, ...]:
    """The figures of each responsible person, most elements first."""
    semantics = {s.code: s.semantics for s in stages}
    of: dict[int | None, list[Standing]] = defaultdict(list)
    for element in elements:
        of[element.responsible].append(element)
    rows = [_person(user, owned, semantics) for user, owned in of.items()]
    return tuple(sorted(rows, key=lambda row: (-row.count, row.user or 0)))


def _person(user: int | None, owned: Sequence[Standing], semantics: Mapping[str, str]) -> PersonFigures:
    ends = Counter(semantics.get(e.stage, "P") for e in owned)
    won = round(sum(e.amount for e in owned if semantics.get(e.stage) == "S"), 2)
    return PersonFigures(user, len(owned), ends["P"], ends["S"], ends["F"], won)


def median_won_days(stages: Sequence[Stage], elements: Iterable[Standing]) -> float | None:
    """The median of created to closed of the won, in days; those without a closing time are left out."""
    won = {s.code for s in stages if s.semantics == "S"}
    return median(days(e.created_at, e.closed_at) for e in elements if e.stage in won and e.closed_at)
