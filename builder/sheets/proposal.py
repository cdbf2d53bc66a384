"""A process proposed for a sheet: its fields, one funnel of its stages, rights for managers and their head."""

from __future__ import annotations

from collections.abc import Callable, Iterator

from builder.sheets.guessing import IN_PROGRESS, SUCCESS
from builder.sheets.plan import ColumnPlan, Plan, StagePlan
from model.access import Action, Grant, Level, Role
from model.field import Field, Section
from model.process import Funnel, Process, Stage

Words = Callable[..., str]
"""Words for a key, in the language of whoever imports (`Reader.t`)."""
ON_BOARD = ("amount", "closed")
"""Roles of the columns whose fields the cards of the board show."""
MANAGER = {
    Action.READ: Level.OWN, Action.ADD: Level.OWN, Action.CHANGE: Level.OWN, Action.ROBOTS: Level.OWN, Action.EXPORT: Level.OWN,
}  # fmt: skip


def propose(plan: Plan, code: str, title: str, words: Words) -> Process:
    """Make the draft. Without a stage column it is a list without stages; a missing success or first stage is added."""
    amount = plan.role("amount")
    return Process(
        code=code,
        title=title,
        preset="all_inclusive" if plan.stages else "list",
        sections=(Section(code="main", title=words("imports.section")),),
        fields=tuple(_fields(plan)),
        funnels=(Funnel(code="main", title=words("imports.funnel"), stages=_stages(plan, words)),) if plan.stages else (),
        amount_field=amount.code if amount else "",
        grants=tuple(_grants()),
        roles=(Role(code="manager", title=words("imports.manager")), Role(code="head", title=words("imports.head"))),
    )


def _fields(plan: Plan) -> Iterator[Field]:
    for column in plan.columns:
        if column.code:
            yield Field(
                code=column.code,
                title=column.title or column.name[:120],
                kind=column.kind,
                params=column.params,
                multiple=column.multiple,
                on_board=column.role in ON_BOARD or _first_choice(plan) == column.code,
            )


def _first_choice(plan: Plan) -> str:
    """The first column that says what sort of thing an element is."""
    kinds: ColumnPlan | None = next((c for c in plan.columns if c.code and c.kind in ("enumeration", "link")), None)
    return kinds.code if kinds else ""


def _stages(plan: Plan, words: Words) -> tuple[Stage, ...]:
    planned = [s for s in plan.stages if s.code]
    if not any(s.semantics == "P" for s in planned):
        planned.append(_added("new", words("imports.stage_new"), "P", IN_PROGRESS[0], planned))
    if not any(s.semantics == "S" for s in planned):
        planned.append(_added("success", words("imports.stage_success"), "S", SUCCESS, planned))
    ordered = sorted(planned, key=lambda s: "PSF".index(s.semantics))
    return tuple(Stage(code=s.code, title=s.title or s.value, semantics=s.semantics, color=s.color) for s in ordered)


def _added(code: str, title: str, semantics: str, color: str, others: list[StagePlan]) -> StagePlan:
    while any(s.code == code for s in others):
        code += "_1"
    return StagePlan.read({"value": title, "code": code, "title": title, "semantics": semantics, "color": color})


def _grants() -> Iterator[Grant]:
    for action, level in MANAGER.items():
        yield Grant(role="manager", action=action, level=level)
    for action in Action:
        yield Grant(role="head", action=action, level=Level.ALL)
