"""What must hold for funnels and their stages, and the colours that stages take."""

from __future__ import annotations

from collections.abc import Iterator

from model.errors import Problem
from model.process import Funnel, Process, Semantics, Stage

PALETTE = (
    "#3E7CB1", "#E0A030", "#2A9D8F", "#8A63B8", "#C8553D", "#6FB7D6", "#8C8C3A", "#D081B0", "#5B6C7D", "#A97142",
)  # fmt: skip
"""Ten stage colours, neighbours far apart in lightness or hue also for colour-blind people, readable on light and dark."""
WON_COLOR = "#3C9A5F"
LOST_COLOR = "#9AA3AB"
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
