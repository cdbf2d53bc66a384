"""TinyDB's conditions, read from their structural hash.

A TinyDB condition is a closure, but its `_hash` is a tuple that says what it does:
`(where("a") == 1) & ~where("b").exists()` is `("and", {("==", ("a",), 1), ("not", ("exists", ("b",)))})`.
What the hash tells without doubt is *understood*: an engine may compile it, and `holds` checks it in Python
with the same answer. Everything else (`test`, `map`, `matches` whose flags the hash forgets, `fragment` whose
path it forgets, values where a list and a tuple look the same) is asked of the condition itself, document by
document.
"""

import operator
import re
from collections.abc import Callable
from dataclasses import dataclass
from math import isfinite
from typing import Any, NamedTuple

from tinydb.queries import QueryInstance

from store.document import Doc, fits
from store.errors import TooDeep
from store.path import MISSING, follow, is_plain

_UNSTORABLE = re.compile("[\x00\ud800-\udfff]")
Shape = tuple[Any, ...]
Check = Callable[[Any], bool]

COMPARISONS: dict[str, Callable[[Any, Any], Any]] = {
    "==": operator.eq,
    "!=": operator.ne,
    "<": operator.lt,
    "<=": operator.le,
    ">": operator.gt,
    ">=": operator.ge,
}


class Size(NamedTuple):
    """How much SQL a condition makes."""

    depth: int
    leaves: int

    def fits(self) -> bool:
        """Whether SQLite takes it: its parser allows for about 100 open brackets, and 1000 levels."""
        return self.depth <= 10 and self.leaves <= 300


@dataclass(frozen=True)
class Condition:
    """All `shapes` must hold, and `rest` too when there is one."""

    shapes: tuple[Shape, ...] = ()
    rest: Check | None = None

    def check(self) -> Check:
        """The whole condition as one function of a document."""
        checks = [holds(shape) for shape in self.shapes]
        if self.rest is not None:
            checks.append(self.rest)
        return lambda document: all(check(document) for check in checks)


def understand(cond: Callable[[Any], bool] | None) -> Condition:
    """Split a condition into what its hash tells and what only it can answer itself."""
    if cond is None:
        return Condition()
    shape = cond._hash if isinstance(cond, QueryInstance) else None
    if shape is None:
        return Condition(rest=_quiet(cond))
    pieces = flat("and", shape)
    clear = [piece for piece in pieces if _understood(piece)]
    known = tuple(piece for piece in clear if _size(piece).fits())
    if len(clear) < len(pieces):
        return Condition(known, _quiet(cond))
    big = [holds(piece) for piece in clear if piece not in known]  # the condition itself calls as deep as it is wide
    return Condition(known, (lambda document: all(check(document) for check in big)) if big else None)


def holds(shape: Shape) -> Check:
    """An understood shape as a function of a document (or of an element of a list)."""
    if not shape:
        return lambda _: True
    op, *args = shape
    if op == "not":
        inner = holds(args[0])
        return lambda value: not inner(value)
    if op in ("and", "or"):
        checks = [holds(each) for each in flat(op, shape)]
        join = all if op == "and" else any
        return lambda value: join(check(value) for check in checks)
    return _leaf(args[0], _value_test(op, args[1:]))


def _leaf(keys: tuple[str, ...], test: Check) -> Check:
    quiet = _quiet(test)

    def check(document: Any) -> bool:
        value = follow(document, keys)
        return value is not MISSING and quiet(value)

    return check


def _value_test(op: str, args: list[Any]) -> Check:
    if op == "exists":
        return lambda _: True
    wanted = args[0]
    if op == "one_of":
        return lambda value: value in wanted
    if op in ("any", "all"):
        return _list_test(op, wanted)
    compare = COMPARISONS[op]
    return lambda value: bool(compare(value, wanted))


def _list_test(op: str, wanted: Any) -> Check:
    """TinyDB's any/all; like TinyDB's they walk the characters of a text and the keys of an object, too."""
    join = any if op == "any" else all
    if isinstance(wanted, QueryInstance):
        inner = holds(wanted._hash or ())
        return lambda value: join(inner(item) for item in value)
    if op == "any":
        return lambda value: any(item in wanted for item in value)
    # iter() so that a number, which has no items at all, is no match even when nothing is wanted
    return lambda value: bool(iter(value)) and all(item in value for item in wanted)


def _quiet(test: Callable[[Any], bool]) -> Check:
    """A comparison between types that do not compare is no match, not an error."""

    def check(value: Doc) -> bool:
        try:
            return bool(test(value))
        except TypeError:
            return False
        except RecursionError as error:
            raise TooDeep("the condition is nested deeper than it can be asked") from error

    return check


def flat(op: str, shape: Shape) -> list[Shape]:
    """The pieces of a & b & c or a | b | c, which TinyDB nests; a loop, because they may be hundreds."""
    pieces, found = [shape], []
    while pieces:
        piece = pieces.pop()
        if piece and piece[0] == op:
            pieces.extend(piece[1])
        else:
            found.append(piece)
    return found


def _size(shape: Shape) -> Size:
    """How deep an understood shape is nested, and how many leaves it has."""
    op, *args = shape or ("exists", ())
    if op in ("and", "or"):
        inner = [_size(each) for each in flat(op, shape)]
    elif op == "not":
        inner = [_size(args[0])]
    elif op in ("any", "all") and isinstance(args[1], QueryInstance):
        depth, leaves = _size(args[1]._hash or ())
        return Size(2 + depth, leaves)
    else:
        return Size(1, 1)
    return Size(1 + max(size.depth for size in inner), sum(size.leaves for size in inner))


def _understood(shape: Any) -> bool:
    if shape == ():
        return True
    if not isinstance(shape, tuple):
        return False
    op, *args = shape
    if op in ("and", "or"):
        return all(_understood(each) for each in flat(op, shape))
    if op == "not":
        return _understood(args[0])
    return op in VALUES and _plain(args[0]) and VALUES[op](*args[1:])


def _plain(keys: Any) -> bool:
    return all(isinstance(key, str) and is_plain(key) for key in keys)


def _scalar(value: Any) -> bool:
    """Whether an engine can hold the value next to a stored one and compare the two exactly."""
    if isinstance(value, str):
        return not _UNSTORABLE.search(value)
    if isinstance(value, float):
        # beyond this SQLite reads a decimal of a document not always to the last bit
        return isfinite(value) and (value == 0 or 1e-15 < abs(value) < 1e15)
    return value is None or (isinstance(value, int) and fits(value))


def _scalars(values: Any) -> bool:
    return isinstance(values, tuple) and all(map(_scalar, values))


def _members(values: Any) -> bool:
    return _scalars(tuple(values) if isinstance(values, frozenset) else values)


def _wanted(wanted: Any) -> bool:
    if isinstance(wanted, QueryInstance):
        return wanted._hash is not None and _understood(wanted._hash)
    return _scalars(wanted) and all(is_plain(item) for item in wanted if isinstance(item, str))


VALUES: dict[str, Callable[..., bool]] = {
    **dict.fromkeys(COMPARISONS, _scalar),
    "exists": lambda: True,
    "one_of": _members,
    "any": _wanted,
    "all": _wanted,
}
