"""Fitting a plan to a process that is there already, and a process to stages that are new to it."""

from __future__ import annotations

import difflib
from collections.abc import Iterable, Mapping

from builder.sheets import hints
from builder.sheets.plan import ColumnPlan, Plan, StagePlan
from model.field import Field
from model.process import Funnel, Process, Stage

NEAR = 0.8
"""How alike names must be, 0..1, to be taken for the same."""


def match(plan: Plan, process: Process) -> Plan:
    """The plan with columns and stages fitted to the process; what has no counterpart gets an empty code."""
    fitting = _pairs(
        {c.name: (hints.plain(c.code), hints.plain(c.name), hints.plain(c.title)) for c in plan.columns}, process.fields
    )
    columns = tuple(_column(c, fitting.get(c.name)) for c in plan.columns)
    stages = tuple(_stage(s, process) for s in plan.stages)
    begun = next((s.code for s, old in zip(stages, plan.stages, strict=True) if old.code and old.code == plan.start_stage), "")
    return plan.model_copy(update={"columns": columns, "stages": stages, "start_stage": begun})


def _pairs(columns: Mapping[str, tuple[str, ...]], fields: Iterable[Field]) -> dict[str, Field]:
    """A field for each column: first the same code or title, then the nearest ones that are left."""
    free = {f.code: f for f in fields}
    found: dict[str, Field] = {}
    for least in (1.0, NEAR):
        for name, words in columns.items():
            scored = [(max(_alike(w, f) for w in words if w), code) for code, f in free.items()] if name not in found else []
            best, code = max(scored, default=(0.0, ""))
            if best >= least:
                found[name] = free.pop(code)
    return found


def _alike(word: str, field: Field) -> float:
    return max(difflib.SequenceMatcher(None, word, hints.plain(other)).ratio() for other in (field.code, field.title))


def _column(column: ColumnPlan, field: Field | None) -> ColumnPlan:
    if field is None:
        return column.model_copy(update={"code": ""})
    told = {"code": field.code, "title": field.title, "kind": field.kind, "params": field.params, "multiple": field.multiple}
    return column.model_copy(update=told)


def _stage(planned: StagePlan, process: Process) -> StagePlan:
    stage = stage_of(planned.value, process)
    if stage is None:
        return planned.model_copy(update={"code": ""})
    return planned.model_copy(
        update={"code": stage.code, "title": stage.title, "semantics": stage.semantics, "color": stage.color}
    )


def stage_of(value: str, process: Process) -> Stage | None:
    """The stage of this title or code, the nearest one if it is near enough, or None."""
    named = {hints.plain(name): stage for stage in process.stages() for name in (stage.code, stage.title)}
    close = difflib.get_close_matches(hints.plain(value), list(named), 1, NEAR)
    return named[close[0]] if close else None


def extend(process: Process, plan: Plan) -> tuple[Process, Plan]:
    """Give the first funnel a stage for each stage value that has none; both fitted to each other.

    A second success becomes a stage in progress: a funnel has one.
    """
    taken = {s.code for s in process.stages()}
    new = [
        s.model_copy(update={"code": hints.code_of(s.value, taken, "stage"), "title": s.value}) for s in plan.stages if not s.code
    ]
    if not new or not process.funnels:
        return process, plan
    first = process.funnels[0]
    won = any(s.semantics == "S" for s in first.stages)
    stages = [*first.stages, *(_as_stage(s, won) for s in new)]
    ordered = tuple(sorted(stages, key=lambda s: "PSF".index(s.semantics)))
    funnel = Funnel(code=first.code, title=first.title, stages=ordered)
    codes = {s.value: s for s in new}
    fitted = tuple(codes.get(s.value, s) for s in plan.stages)
    process = process.model_copy(update={"funnels": (funnel, *process.funnels[1:])})
    return process, plan.model_copy(update={"stages": fitted})


def with_fields(process: Process, plan: Plan) -> Process:
    """The process with a field for each column of the plan that names one it does not have."""
    section = process.sections[0].code if process.sections else "main"
    new = (
        Field(code=c.code, title=c.title or c.name[:120], kind=c.kind, params=c.params, multiple=c.multiple, section=section)
        for c in plan.columns
        if c.code and process.field(c.code) is None
    )
    return process.model_copy(update={"fields": (*process.fields, *new)})


def _as_stage(planned: StagePlan, won: bool) -> Stage:
    semantics = "P" if planned.semantics == "S" and won else planned.semantics
    return Stage(code=planned.code, title=planned.title, semantics=semantics, color=planned.color)
