"""Reads go through rights: an actor's read right, a filter and a process become one Query that hidden elements never pass."""

from __future__ import annotations

import difflib
from collections.abc import Iterable, Sequence
from typing import Any

from tinydb import where
from tinydb.queries import QueryInstance

from model import access
from model.access import Action, Actor
from model.errors import BadValue, Invalid, Problem
from model.field import SYSTEM
from model.filter import DEPTH, MOST, Asking, Filter, all_of, fields_of, measure, query
from model.process import Process

Sort = Sequence[tuple[str, bool]]
"""Pairs of (field or system code, descending)."""


def visible(
    process: Process,
    actor: Actor,
    asking: Asking,
    found: Filter,
    *,
    actions: Iterable[Action] = (Action.READ,),
    deleted: bool = False,
) -> QueryInstance:
    """The Query for the elements of a process that match, that the actor may do all `actions` to, and that are (not) deleted.

    Invalid with path "filter" when the filter names an unknown field or cannot be understood.
    """
    check(process, found)
    rights = all_of(access.as_filter(process, actor, action) for action in actions)
    multiple = {f.code for f in process.fields if f.multiple}
    try:
        wanted = query(all_of([rights, found]), asking, multiple)
    except (ValueError, TypeError) as error:
        raise BadValue("bad_filter", "filter") from error
    there: QueryInstance = where("deleted_at") == None  # noqa: E711  a Query, not a comparison
    home: QueryInstance = where("process") == process.code
    return home & (~there if deleted else there) & wanted


def check(process: Process, found: Filter) -> None:
    """Invalid when a filter names fields that the process has not, is nested too deeply or has too many conditions."""
    size = measure(found)
    if size.depth > DEPTH:
        raise BadValue("filter_too_deep", "filter", limit=DEPTH)
    if size.width > MOST:
        raise BadValue("filter_too_wide", "filter", limit=MOST)
    known = known_codes(process) - {"id"}
    unknown = sorted({code for code in fields_of(found) if code not in known})
    if unknown:
        raise Invalid(Problem("filter", "unknown_field", _named(code, known)) for code in unknown)


INTERNAL = {"id": "doc_id", "version": "version"}
"""Codes whose values do not stand where the rest do, by their place."""


def paths(process: Process, codes: Iterable[str], where_: str = "filter") -> list[str]:
    """Where the values of these codes stand in element documents; Invalid for unknown ones."""
    known = known_codes(process) | INTERNAL.keys()
    wanted = list(codes)
    unknown = [code for code in wanted if code not in known]
    if unknown:
        raise Invalid(Problem(where_, "unknown_field", _named(code, known)) for code in unknown)
    return [INTERNAL.get(code) or process.path(code) for code in wanted]


def order(process: Process, sort: Sort | None) -> list[tuple[str, bool]]:
    """The sort in the store's paths; Invalid with path "filter" for unknown fields."""
    wanted = list(sort or ())
    found = paths(process, [code for code, _ in wanted])
    return [(path, descending) for path, (_, descending) in zip(found, wanted, strict=True)]


def known_codes(process: Process) -> set[str]:
    """Everything that a filter, a sort or a column may name."""
    return set(SYSTEM) | {f.code for f in process.fields}


def nearest(code: str, known: Iterable[str]) -> str:
    """The known name that looks most like this one; an empty text when none is known."""
    close = difflib.get_close_matches(code[:80], list(known), 1, cutoff=0)
    return close[0] if close else ""


def _named(code: str, known: Iterable[str]) -> dict[str, Any]:
    return {"field": code, "nearest": nearest(code, known)}
