"""Files that belong together: a column whose values are the titles of another file becomes a link to its elements."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from collections.abc import Set as AbstractSet

from builder.sheets import hints
from builder.sheets.guessing import MOST, values
from builder.sheets.plan import ColumnPlan, Plan
from builder.sheets.sheet import Sheet
from model.field import SYSTEM

Titles = Mapping[str, AbstractSet[str]]
"""Titles of elements by the code of their process, as `squashed` writes them."""


def squashed(title: str) -> str:
    """A title as links compare it: letter case and spaces do not matter, `GTXPro` is `GTX Pro`."""
    return "".join(title.casefold().split())


def titles(sheet: Sheet, plan: Plan) -> frozenset[str]:
    """The titles of a sheet's rows, without those that several rows have: nobody could tell which one is meant."""
    column, counts = plan.role("title"), Counter[str]()
    for text, count in (values(sheet, column.name) if column else {}).items():
        counts[squashed(text)] += count
    return frozenset(title for title, count in counts.items() if count == 1)


def link(sheet: Sheet, plan: Plan, targets: Titles) -> Plan:
    """The plan with a link for each column of words that are titles of one of these processes.

    The column of the responsible person keeps its role: its link stands in a field beside it.
    """
    taken = set(SYSTEM) | {c.code for c in plan.columns}
    return plan.model_copy(update={"columns": tuple(_linked(sheet, c, targets, taken) for c in plan.columns)})


def _linked(sheet: Sheet, column: ColumnPlan, targets: Titles, taken: set[str]) -> ColumnPlan:
    if column.role not in ("", "responsible") or column.kind not in ("string", "enumeration"):
        return column
    target = next((code for code, known in targets.items() if _are_titles(sheet, column, known)), "")
    if not target:
        return column
    code = column.code or hints.code_of(column.name, taken, "link")
    return column.model_copy(update={"code": code, "kind": "link", "params": {"process": target}})


def _are_titles(sheet: Sheet, column: ColumnPlan, known: AbstractSet[str]) -> bool:
    if not any(squashed(example) in known for example in column.examples):
        return False
    counted = values(sheet, column.name)
    return sum(n for text, n in counted.items() if squashed(text) in known) >= MOST * counted.total()


def ordered(plans: Mapping[str, Plan]) -> list[tuple[str, Plan]]:
    """(code, plan) of each, those first that others link to. Of a circle of links one is left as words."""
    left, found = dict(plans), list[tuple[str, Plan]]()
    while left:
        code = next((code for code, plan in left.items() if not _waits_for(plan, left)), next(iter(left)))
        plan = left.pop(code)
        found.append((code, _unlinked(plan, _waits_for(plan, left))))
    return found


def _waits_for(plan: Plan, others: Mapping[str, Plan]) -> Sequence[ColumnPlan]:
    return [c for c in plan.columns if c.kind == "link" and c.params.get("process") in others]


def _unlinked(plan: Plan, columns: Sequence[ColumnPlan]) -> Plan:
    for column in columns:
        plan = plan.change(column.name, kind="string", params={})
    return plan
