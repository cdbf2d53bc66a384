"""Filters: conditions joined by AND and OR, as users build them. A filter becomes one TinyDB Query, which the store
compiles to SQL and which also answers for a single document: boards, rights and robots' conditions are the same thing."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from functools import lru_cache
from operator import and_, or_
from typing import Annotated, Any, Literal, NamedTuple, get_args

from pydantic import Field as Param
from tinydb import Query, where
from tinydb.queries import QueryInstance

from model.clock import stamp
from model.field import SYSTEM
from model.kind import Frozen

Operator = Literal[
    "eq", "ne", "gt", "ge", "lt", "le", "contains", "not_contains", "starts", "in", "not_in", "empty", "not_empty",
    "last_days", "next_days", "before_today", "after_today",
]  # fmt: skip
OPERATORS: tuple[str, ...] = get_args(Operator)


class Condition(Frozen):
    """field - operator - value. `value` "@me" is the one who asks."""

    field: str
    op: Operator = "eq"
    value: Any = None


class Group(Frozen):
    """Filters joined: `all` is AND (true when empty), `any` is OR (false when empty), `none` is NOT any."""

    op: Literal["all", "any", "none"] = "all"
    items: tuple[Filter, ...] = ()


Filter = Annotated[Condition | Group, Param(union_mode="smart")]
Group.model_rebuild()

ALL = Group(op="all")
"""Matches everything."""
NONE = Group(op="any")
"""Matches nothing."""
DEPTH = 8
"""How deep groups may be nested."""
WIDTH = 200
"""How many conditions and groups a filter that is kept (of a robot, a trigger) may have."""
MOST = 1_000
"""How many a filter may have with which somebody asks."""


@dataclass(frozen=True, slots=True)
class Asking:
    """Who asks and when: what "@me" and the relative dates mean."""

    me: int | None = None
    now: datetime | None = None
    """Aware, in the asker's zone: its date is "today"."""


def all_of(filters: Iterable[Filter]) -> Filter:
    """AND, flattened as far as it is plain."""
    items = tuple(f for f in filters if f != ALL)
    return items[0] if len(items) == 1 else Group(op="all", items=items)


def any_of(filters: Iterable[Filter]) -> Filter:
    """OR, flattened as far as it is plain."""
    items = tuple(f for f in filters if f != NONE)
    return items[0] if len(items) == 1 else Group(op="any", items=items)


class Measure(NamedTuple):
    """How big a filter is."""

    depth: int
    """Levels of groups and conditions, counted no further than it takes to refuse."""
    width: int
    """Conditions and groups on them."""


def measure(found: Filter) -> Measure:
    """How deep and how wide a filter is; a loop, because it may be anything."""
    depth, width, level = 0, 0, [found]
    while level and depth <= DEPTH:
        width += len(level)
        level = [item for each in level if isinstance(each, Group) for item in each.items]
        depth += 1
    return Measure(depth, width)


def fields_of(found: Filter) -> set[str]:
    """The fields that a filter speaks of."""
    if isinstance(found, Condition):
        return {found.field}
    return {f for item in found.items for f in fields_of(item)}


def query(found: Filter, asking: Asking | None = None, multiple: Collection[str] = ()) -> QueryInstance:
    """Make the Query over element documents. `multiple`: codes of the fields that hold lists, looked into value by value."""
    asking = asking or Asking()
    if isinstance(found, Group):
        return _join(found.op, [query(item, asking, multiple) for item in found.items])
    path = found.field if found.field in SYSTEM else f"values.{found.field}"
    return _condition(path, found, _value(found.value, asking), asking, found.field in multiple)


def _join(op: str, parts: Sequence[QueryInstance]) -> QueryInstance:
    if not parts:
        everything: QueryInstance = where("version").exists()
        return everything if op != "any" else ~everything
    level, both = list(parts), and_ if op == "all" else or_
    while len(level) > 1:  # in pairs: a Query calls those that it is made of, and a thousand one inside the other break the stack
        pairs = [level[at : at + 2] for at in range(0, len(level), 2)]
        level = [both(*pair) if len(pair) == 2 else pair[0] for pair in pairs]
    return ~level[0] if op == "none" else level[0]


def _value(value: Any, asking: Asking) -> Any:
    if value == "@me":
        return asking.me
    if isinstance(value, list | tuple):
        return [_value(v, asking) for v in value]
    if isinstance(value, datetime):
        return stamp(value)
    return value.isoformat() if isinstance(value, date) else value


@lru_cache(1000)
def at(path: str) -> Query:
    """The Query of a dotted path; its comparisons never raise, whatever a document holds there."""
    found: Query = _Guarded()
    for part in path.split("."):
        found = found[part]
    return found


class _Guarded(Query):
    """TinyDB's Query whose order comparisons are False between unlike types instead of raising TypeError."""

    def __getattr__(self, item: str) -> Query:
        return _guard(super().__getattr__(item))

    def __getitem__(self, item: str) -> Query:
        return _guard(super().__getitem__(item))

    def _order(self, sign: str, rhs: Any, compare: Callable[[Any], bool]) -> QueryInstance:
        def test(value: Any) -> bool:
            try:
                return compare(value)
            except TypeError:
                return False

        return self._generate_test(test, (sign, self._path, rhs))

    def __lt__(self, rhs: Any) -> QueryInstance:
        return self._order("<", rhs, lambda v: v < rhs)

    def __le__(self, rhs: Any) -> QueryInstance:
        return self._order("<=", rhs, lambda v: v <= rhs)

    def __gt__(self, rhs: Any) -> QueryInstance:
        return self._order(">", rhs, lambda v: v > rhs)

    def __ge__(self, rhs: Any) -> QueryInstance:
        return self._order(">=", rhs, lambda v: v >= rhs)


def _guard(found: Query) -> Query:
    found.__class__ = _Guarded
    return found


@lru_cache(1000)
def _filled(path: str) -> QueryInstance:
    return at(path).exists() & ~at(path).one_of([None, ""])


def _contains(value: Any, wanted: Any) -> bool:
    """Case-blind substring in a text, membership in a list."""
    if isinstance(value, list):
        return any(_contains(v, wanted) if isinstance(v, str) else v == wanted for v in value)
    return str(wanted).casefold() in str(value).casefold() if value is not None else False


def _starts(value: Any, wanted: Any) -> bool:
    return str(value).casefold().startswith(str(wanted).casefold()) if value is not None else False


def _equal(path: str, value: Any, several: bool) -> QueryInstance:
    if value is None or value == "":
        return ~_filled(path)
    return at(path).any([value]) if several else at(path) == value


def _test(path: str, test: Any, wanted: Any) -> QueryInstance:
    return at(path).test(test, wanted)


def _among(path: str, value: Any, several: bool) -> QueryInstance:
    values = value if isinstance(value, list) else [value]
    found = at(path).any(values) if several else at(path).one_of(values)
    return found | ~_filled(path) if None in values else found


_PLAIN: Mapping[str, Callable[[str, Any, bool], QueryInstance]] = {
    "eq": _equal,
    "ne": lambda path, value, several: ~_equal(path, value, several),
    "gt": lambda path, value, _: at(path) > value,
    "ge": lambda path, value, _: at(path) >= value,
    "lt": lambda path, value, _: at(path) < value,
    "le": lambda path, value, _: at(path) <= value,
    "contains": lambda path, value, _: _test(path, _contains, value),
    "not_contains": lambda path, value, _: ~_test(path, _contains, value),
    "starts": lambda path, value, _: _test(path, _starts, value),
    "in": _among,
    "not_in": lambda path, value, several: ~_among(path, value, several),
    "empty": lambda path, value, _: ~_filled(path),
    "not_empty": lambda path, value, _: _filled(path),
}
"""What an operator makes of a path, a value, and whether the path holds lists."""


def _condition(path: str, found: Condition, value: Any, asking: Asking, several: bool) -> QueryInstance:
    plain = _PLAIN.get(found.op)
    return plain(path, value, several) if plain else _days(path, found.op, value, asking)


def _whole(value: Any) -> int:
    """Days as entered; what is no number is none."""
    try:
        return min(abs(int(value)), 36_500)
    except (TypeError, ValueError, OverflowError):
        return 0


def _days(path: str, op: str, value: Any, asking: Asking) -> QueryInstance:
    """Relative dates. Dates sort as text; a time is compared by the stamps of the day's ends."""
    if asking.now is None:
        raise ValueError("a relative date needs the time of asking")
    today = asking.now.date()
    days = timedelta(days=_whole(value))
    one = timedelta(days=1)
    first, last = {
        "last_days": (today - days, today),
        "next_days": (today, today + days),
        "before_today": (date.min, today - one),
        "after_today": (today + one, date.max),
    }[op]
    spot: Any = at(path)
    found: QueryInstance = (spot >= first.isoformat()) & (spot <= f"{last.isoformat()}T99")
    return found
