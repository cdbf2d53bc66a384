"""A process proposed for a sheet: its fields, one funnel of its stages, rights for managers and their head."""

from __future__ import annotations

from collections.abc import Iterator

from builder import presets
from builder.presets import Words
from builder.sheets.plan import Plan, StagePlan
from builder.stages import PALETTE, WON_COLOR
from model.field import Field, Section
from model.process import Process, Semantics, Stage

ON_BOARD = ("amount", "closed")
"""Roles of the columns whose fields the cards of the board show."""


def propose(plan: Plan, code: str, title: str, words: Words) -> Process:
    """Make the draft. Without a stage column it is a list without stages; a missing success or first stage is added."""
    amount = plan.role("amount")
    return Process(
        code=code,
        title=title,
        preset="scratch" if plan.stages else "list",
        sections=(Section(code="main", title=words("preset.section.main")),),
        fields=tuple(_fields(plan)),
        funnels=(presets.funnel(words, _stages(plan, words)),) if plan.stages else (),
        amount_field=amount.code if amount else "",
        grants=presets.grants(),
        roles=presets.roles(words),
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
    return next((c.code for c in plan.columns if c.code and c.kind in ("enumeration", "link")), "")


def _stages(plan: Plan, words: Words) -> tuple[Stage, ...]:
    planned = [s for s in plan.stages if s.code]
    if not any(s.semantics == "P" for s in planned):
        planned.append(_added("new", words("preset.stage.new"), "P", PALETTE[0], planned))
    if not any(s.semantics == "S" for s in planned):
        planned.append(_added("success", words("preset.stage.success"), "S", WON_COLOR, planned))
    ordered = sorted(planned, key=lambda s: "PSF".index(s.semantics))
    return tuple(Stage(code=s.code, title=s.title or s.value, semantics=s.semantics, color=s.color) for s in ordered)


def _added(code: str, title: str, semantics: Semantics, color: str, others: list[StagePlan]) -> StagePlan:
    while any(s.code == code for s in others):
        code += "_1"
    return StagePlan(value=title, code=code, title=title, semantics=semantics, color=color)
