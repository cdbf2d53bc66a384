"""Understood conditions as SQL, for every engine. A clause that does not hold is false or NULL; only `NOT` has to care.

What a condition means stands here; how a place in a document is written in SQL, each engine's `Site` knows.
"""

from collections.abc import Callable, Sequence
from typing import Any, NamedTuple, Protocol

from store.condition import Shape, flat, holds


class Clause(NamedTuple):
    """SQL text and the values bound to its placeholders."""

    sql: str
    bound: tuple[Any, ...] = ()


class Site(Protocol):
    """A place in a document, or in an item of a list in it. Values come as the condition has them, never None."""

    def at(self, keys: Sequence[str]) -> "Site":
        """The place at the keys from here."""

    def exists(self) -> Clause:
        """There is something, be it null."""

    def null(self) -> Clause:
        """There is a null."""

    def equal(self, wanted: Any) -> Clause:
        """There is this value; 1, 1.0 and true are the same."""

    def compare(self, sign: str, wanted: Any) -> Clause:
        """The value is of the kind of the wanted one, text or number, and less (greater ...) than it."""

    def one_of(self, wanted: Sequence[Any]) -> Clause:
        """There is one of these values."""

    def holds_text(self, text: str) -> Clause:
        """The text here contains this one."""

    def full(self) -> tuple[Clause, Clause]:
        """Whether the text here has letters, and whether the object here has keys."""

    def by_kind(self, array: Clause, text: Clause, mapping: Clause) -> Clause:
        """The clause for what is here; none holds for a number, a null, or nothing."""

    def item(self) -> "Site":
        """An item of the list here."""

    def inside(self) -> "Site":
        """An item as a document of its own, empty when it is no object."""

    def any_item(self, clause: Clause) -> Clause:
        """The list here has an item of which the clause, about `item`, holds."""


FALSE, TRUE = Clause("FALSE"), Clause("TRUE")


def compile_all(shapes: Sequence[Shape], document: Site) -> Clause:
    """All the shapes as one clause about the document."""
    return _every([_compile(shape, document) for shape in shapes])


def _compile(shape: Shape, document: Site) -> Clause:
    if not shape:
        return TRUE
    op, *args = shape
    if op in ("and", "or"):
        # sorted: a frozenset has no order, and the same text every time finds the prepared statement
        clauses = [_compile(each, document) for each in flat(op, shape)]
        return _join(f" {op.upper()} ", sorted(clauses, key=lambda clause: clause.sql))
    if op == "not":
        return _not(_compile(args[0], document))
    site = document.at(args[0])
    if op in ("any", "all"):
        return _list(op, site, args[1])
    return LEAVES[op](site, *args[1:])


def _join(word: str, clauses: Sequence[Clause]) -> Clause:
    return Clause(
        "(" + word.join(clause.sql for clause in clauses) + ")",
        tuple(bound for clause in clauses for bound in clause.bound),
    )


def _not(clause: Clause) -> Clause:
    return Clause(f"({clause.sql} IS NOT TRUE)", clause.bound)


def _equal(site: Site, wanted: Any) -> Clause:
    return site.null() if wanted is None else site.equal(wanted)


def _unequal(site: Site, wanted: Any) -> Clause:
    return _join(" AND ", [site.exists(), _not(_equal(site, wanted))])


def _compare(site: Site, sign: str, wanted: Any) -> Clause:
    return FALSE if wanted is None else site.compare(sign, wanted)


def _one_of(site: Site, wanted: Any) -> Clause:
    present = [each for each in wanted if each is not None]
    found = site.one_of(present)
    return found if len(present) == len(wanted) else _join(" OR ", [found, site.null()])


def _list(op: str, site: Site, wanted: Any) -> Clause:
    if isinstance(wanted, tuple):
        return (_any_of if op == "any" else _all_of)(site, wanted)
    # an item that is no object has nothing at any path, like an empty one; so have letters and keys, over
    # which TinyDB's any and all run when they meet a text or an object
    inner = _compile(wanted._hash, site.item().inside())
    of_nothing = holds(wanted._hash)({})
    if op == "any":
        return site.by_kind(site.any_item(inner), *(site.full() if of_nothing else (FALSE, FALSE)))
    every = _not(site.any_item(_not(inner)))
    return site.by_kind(every, *((TRUE, TRUE) if of_nothing else map(_not, site.full())))


def _any_of(site: Site, wanted: tuple[Any, ...]) -> Clause:
    texts = [each for each in wanted if isinstance(each, str)]
    letters = [site.holds_text(each) for each in texts if len(each) == 1]
    keys = [site.at([each]).exists() for each in texts]
    return site.by_kind(site.any_item(_one_of(site.item(), wanted)), _either(letters), _either(keys))


def _all_of(site: Site, wanted: tuple[Any, ...]) -> Clause:
    array = _every([site.any_item(_equal(site.item(), each)) for each in wanted])
    if not all(isinstance(each, str) for each in wanted):
        return site.by_kind(array, FALSE, FALSE)
    text = _every([site.holds_text(each) for each in wanted])
    return site.by_kind(array, text, _every([site.at([each]).exists() for each in wanted]))


def _either(clauses: Sequence[Clause]) -> Clause:
    return _join(" OR ", clauses) if clauses else FALSE


def _every(clauses: Sequence[Clause]) -> Clause:
    return _join(" AND ", clauses) if clauses else TRUE


LEAVES: dict[str, Callable[..., Clause]] = {
    "==": _equal,
    "!=": _unequal,
    "exists": lambda site: site.exists(),
    "one_of": _one_of,
    "<": lambda site, wanted: _compare(site, "<", wanted),
    "<=": lambda site, wanted: _compare(site, "<=", wanted),
    ">": lambda site, wanted: _compare(site, ">", wanted),
    ">=": lambda site, wanted: _compare(site, ">=", wanted),
}
