"""What must hold for funnels and their stages, and the colours that stages take."""

from __future__ import annotations

from collections.abc import Iterator

from model.errors import Problem
from model.process import Funnel, Process, Semantics, Stage

PALETTE = (
    "#0F90FB", "#FFB365", "#52399C", "#07DAD9", "#A75EA5", "#557D46", "#B2B1FF", "#783801", "#DAC094", "#9A0255",
)  # fmt: skip
"""Ten stage colours, searched for: any two of them (and the two below) stay 19 apart in CIE Lab, seen as they are and with
protanopia, deuteranopia or tritanopia; each stands out from a white and from a dark background."""
WON_COLOR = "#0BA924"
LOST_COLOR = "#9C9494"
"""Failures are grey: red is kept for trouble."""
_RANK: dict[Semantics, int] = {"P": 0, "S": 1, "F": 2}


def in_order(stages: tuple[Stage, ...]) -> tuple[Stage, ...]:
    """The stages as a funnel has them: in progress, then success, then failures; otherwise as they stand."""
    return tuple(sorted(stages, key=lambda stage: _RANK[stage.semantics]))


def next_color(process: Process) -> str:
    """The colour of the palette that the process uses least, the first of those."""
    used = [stage.color.upper() for stage in process.stages()]
    return min(PALETTE, key=used.count)


def problems(process: Process) -> Iterator[Problem]:
    """What is wrong with funnels and stages."""
    for funnel in process.funnels:
        yield from _funnel(funnel)


def _funnel(funnel: Funnel) -> Iterator[Problem]:
    path, named = f"funnels/{funnel.code}", {"title": funnel.title}
    if not funnel.stages:
        yield Problem(path, "funnel_empty", named)
        return
    won = [s for s in funnel.stages if s.semantics == "S"]
    if not won:
        yield Problem(path, "no_success_stage", named)
    for extra in won[1:]:
        yield Problem(f"stages/{extra.code}", "second_success_stage", {**named, "stage": extra.title, "first": won[0].title})
    if not any(s.semantics == "P" for s in funnel.stages):
        yield Problem(path, "no_progress_stage", named)
    if in_order(funnel.stages) != funnel.stages:
        yield Problem(path, "stages_out_of_order", named)
