"""Understood conditions as SQL. A clause that does not hold is false or NULL; only `NOT` has to care."""

from collections.abc import Callable, Sequence
from typing import Any, NamedTuple

import orjson

from store.condition import Shape, flat, holds
from store.names import json_path, kind, value


class Clause(NamedTuple):
    """SQL text and the values bound to its question marks."""

    sql: str
    bound: tuple[Any, ...] = ()


class Site(NamedTuple):
    """Two SQL expressions: a value (lists and objects as blobs) and its JSON type (NULL when missing)."""

    value: str
    kind: str


class Items(NamedTuple):
    """The items of the list at the keys of a document; the depth keeps lists in lists apart."""

    keys: tuple[str, ...]
    doc: str
    depth: int

    @property
    def name(self) -> str:
        """The SQL alias of one item."""
        return f"e{self.depth}"

    @property
    def site(self) -> Site:
        """One item as a value."""
        name = self.name
        found = f"iif({name}.type IN ('array', 'object'), CAST({name}.value AS BLOB), {name}.value)"
        return Site(found, f"{name}.type")

    def exists(self, clause: Clause) -> Clause:
        """Whether there is an item of which the clause holds."""
        source = f"json_each({self.doc}, {json_path(self.keys)}) AS {self.name}"
        return Clause(f"EXISTS (SELECT 1 FROM {source} WHERE {clause.sql})", clause.bound)


FALSE, TRUE = Clause("0"), Clause("1")


def compile_all(shapes: Sequence[Shape]) -> Clause:
    """All the shapes as one clause about the column `doc`."""
    return _every([_compile(shape, "doc", 0) for shape in shapes])


def _compile(shape: Shape, doc: str, depth: int) -> Clause:
    if not shape:
        return TRUE
    op, *args = shape
    if op in ("and", "or"):
        # sorted: a frozenset has no order, and the same text every time finds the prepared statement
        clauses = [_compile(each, doc, depth) for each in flat(op, shape)]
        return _join(f" {op.upper()} ", sorted(clauses, key=lambda clause: clause.sql))
    if op == "not":
        return _not(_compile(args[0], doc, depth))
    site = Site(value(args[0], doc), kind(args[0], doc))
    if op in ("any", "all"):
        return _list(op, site, Items(args[0], doc, depth), args[1])
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


def _list(op: str, site: Site, items: Items, wanted: Any) -> Clause:
    if isinstance(wanted, tuple):
        return (_any_of if op == "any" else _all_of)(site, items, wanted)
    # an item that is no object has nothing at any path, like an empty one; so have letters and keys, over
    # which TinyDB's any and all run when they meet a text or an object
    element = f"CASE {items.name}.type WHEN 'object' THEN {items.name}.value ELSE '{{}}' END"
    inner = _compile(wanted._hash, element, items.depth + 1)
    of_nothing = holds(wanted._hash)({})
    if op == "any":
        return _by_kind(site, items.exists(inner), *(_full(site) if of_nothing else (FALSE, FALSE)))
    every = _not(items.exists(_not(inner)))
    return _by_kind(site, every, *((TRUE, TRUE) if of_nothing else map(_not, _full(site))))


def _full(site: Site) -> tuple[Clause, Clause]:
    """Whether a text has letters, and whether an object has keys."""
    return Clause(f"{site.value} <> ''"), Clause(f"{site.value} <> CAST('{{}}' AS BLOB)")


def _any_of(site: Site, items: Items, wanted: tuple[Any, ...]) -> Clause:
    texts = [each for each in wanted if isinstance(each, str)]
    letters = [_holds_text(site, each) for each in texts if len(each) == 1]
    keys = [_has_key(items, each) for each in texts]
    array = items.exists(_one_of(items.site, wanted))
    return _by_kind(site, array, _either(letters), _either(keys))


def _all_of(site: Site, items: Items, wanted: tuple[Any, ...]) -> Clause:
    array = _every([items.exists(_equal(items.site, each)) for each in wanted])
    if not all(isinstance(each, str) for each in wanted):
        return _by_kind(site, array, FALSE, FALSE)
    text = _every([_holds_text(site, each) for each in wanted])
    return _by_kind(site, array, text, _every([_has_key(items, each) for each in wanted]))


def _by_kind(site: Site, array: Clause, text: Clause, mapping: Clause) -> Clause:
    sql = f"CASE {site.kind} WHEN 'array' THEN {array.sql} WHEN 'text' THEN {text.sql}"
    return Clause(f"({sql} WHEN 'object' THEN {mapping.sql} END)", array.bound + text.bound + mapping.bound)


def _holds_text(site: Site, text: str) -> Clause:
    return Clause(f"instr({site.value}, ?) > 0", (text,))


def _has_key(items: Items, key: str) -> Clause:
    return Clause(f"{kind((*items.keys, key), items.doc)} IS NOT NULL")


def _either(clauses: Sequence[Clause]) -> Clause:
    return _join(" OR ", clauses) if clauses else FALSE


def _every(clauses: Sequence[Clause]) -> Clause:
    return _join(" AND ", clauses) if clauses else TRUE


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
