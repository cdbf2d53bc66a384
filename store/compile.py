"""Understood conditions as SQL. A clause that does not hold is false or NULL; only `NOT` has to care."""

from collections.abc import Callable, Sequence
from typing import Any, NamedTuple

import orjson

from store.condition import Shape
from store.names import kind, value


class Clause(NamedTuple):
    """SQL text and the values bound to its question marks."""

    sql: str
    bound: tuple[Any, ...] = ()


class Site(NamedTuple):
    """Two SQL expressions: a value (lists and objects as blobs) and its JSON type (NULL when missing)."""

    value: str
    kind: str


FALSE, TRUE = Clause("0"), Clause("1")


def compile_all(shapes: Sequence[Shape]) -> Clause:
    """All the shapes as one clause about the column `doc`."""
    return _join(" AND ", [_compile(shape, "doc", 0) for shape in shapes]) if shapes else TRUE


def _compile(shape: Shape, doc: str, depth: int) -> Clause:
    if not shape:
        return TRUE
    op, *args = shape
    if op in ("and", "or"):
        # sorted: a frozenset has no order, and the same text every time finds the prepared statement
        clauses = [_compile(each, doc, depth) for each in args[0]]
        return _join(f" {op.upper()} ", sorted(clauses, key=lambda clause: clause.sql))
    if op == "not":
        return _not(_compile(args[0], doc, depth))
    site = Site(value(args[0], doc), kind(args[0], doc))
    return LEAVES[op](site, *args[1:])


def _join(word: str, clauses: Sequence[Clause]) -> Clause:
    return Clause(
        "(" + word.join(clause.sql for clause in clauses) + ")",
        tuple(bound for clause in clauses for bound in clause.bound),
    )


def _not(clause: Clause) -> Clause:
    return Clause(f"({clause.sql} IS NOT TRUE)", clause.bound)


def _equal(site: Site, wanted: Any) -> Clause:
    return Clause(f"{site.kind} = 'null'") if wanted is None else Clause(f"{site.value} = ?", (wanted,))


def _unequal(site: Site, wanted: Any) -> Clause:
    return _join(" AND ", [_exists(site), _not(_equal(site, wanted))])


def _exists(site: Site) -> Clause:
    return Clause(f"{site.kind} IS NOT NULL")


def _compare(site: Site, sign: str, wanted: Any) -> Clause:
    """Numbers sort before '', texts from there to x'': so a comparison stays among its own kind."""
    if wanted is None:
        return FALSE
    low, high = (" >= ''", " < x''") if isinstance(wanted, str) else ("", " < ''")
    guard = low if "<" in sign else high
    sql = f"{site.value} {sign} ?" + (f" AND {site.value}{guard}" if guard else "")
    return Clause(f"({sql})", (wanted,))


def _one_of(site: Site, wanted: Any) -> Clause:
    present = [each for each in wanted if each is not None]
    found = Clause(f"{site.value} IN (SELECT value FROM json_each(?))", (orjson.dumps(present).decode(),))
    return found if len(present) == len(wanted) else _join(" OR ", [found, _equal(site, None)])


LEAVES: dict[str, Callable[..., Clause]] = {
    "==": _equal,
    "!=": _unequal,
    "exists": _exists,
    "one_of": _one_of,
    "<": lambda site, wanted: _compare(site, "<", wanted),
    "<=": lambda site, wanted: _compare(site, "<=", wanted),
    ">": lambda site, wanted: _compare(site, ">", wanted),
    ">=": lambda site, wanted: _compare(site, ">=", wanted),
}
