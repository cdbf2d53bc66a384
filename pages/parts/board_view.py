"""What the board component is given: columns with count and sum, and the cards of each, as this person may see them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from model.access import Action, Actor, Level, covers, level
from model.calendar import WorkCalendar
from model.clock import moment
from model.field import Field, FieldType
from model.filter import Condition, Filter, all_of
from model.language import Reader
from model.process import Funnel, Process, Stage
from pages.parts.components import BoardCard, BoardColumn, Line, Mark
from pages.parts.people import avatar
from workspace import Workspace

PAGE = 40
"""Cards of a column that are sent at first; scrolling asks for more."""
SYSTEM_CODES = ("id", "title", "responsible", "version", "moved_at")


@dataclass(frozen=True)
class View:
    """Whose board: everything that the cards depend on."""

    workspace: Workspace
    actor: Actor
    reader: Reader
    process: Process
    funnel: Funnel
    filter: Filter
    now: datetime
    limits: Mapping[str, int]
    """Cards to send per stage, where more than PAGE were asked for."""
    calendar: WorkCalendar
    """Which time counts for the stages' norms."""


def columns(view: View) -> list[BoardColumn]:
    """One per stage: title, colour, count, sum, and what this person may do there."""
    totals = view.workspace.elements.totals(view.actor, view.process.code, view.filter)
    return [_column(view, stage, totals.get(stage.code)) for stage in view.funnel.stages]


def _column(view: View, stage: Stage, total: Any) -> BoardColumn:
    count = total.count if total else 0
    return {
        "id": stage.code,
        "title": stage.title,
        "color": stage.color,
        "semantics": stage.semantics,
        "count": count,
        "sum": amount(view, total.sum) if total and view.process.amount_field else "",
        "can_add": level(view.process, view.actor, Action.ADD, stage.code) > Level.NONE,
        "can_drop": level(view.process, view.actor, Action.CHANGE, stage.code) > Level.NONE,
        "more": max(0, count - view.limits.get(stage.code, PAGE)),
    }


def amount(view: View, value: float) -> str:
    """A sum in the currency of the process's amount field."""
    field = view.process.field(view.process.amount_field)
    if field is None:
        return view.reader.number(value)
    return field.type(view.workspace.types).show(value, view.reader)


def cards(view: View) -> list[BoardCard]:
    """The newest cards of every column, in the order they came to it."""
    shown = [f for f in view.process.fields if f.on_board]
    found: list[BoardCard] = []
    for stage in view.funnel.stages:
        found.extend(_stage_cards(view, stage, shown))
    overdue = view.workspace.tasks.overdue(view.actor, [card["id"] for card in found])
    for card in found:
        if card["id"] in overdue:
            card["marks"].insert(0, {"kind": "overdue", "text": view.reader.t("board.overdue")})
    return found


def _stage_cards(view: View, stage: Stage, shown: Sequence[Field]) -> list[BoardCard]:
    types = [field.type(view.workspace.types) for field in shown]
    rows = view.workspace.elements.rows(
        view.actor,
        view.process.code,
        [*SYSTEM_CODES, *(f.code for f in shown)],
        all_of([view.filter, Condition(field="stage", op="eq", value=stage.code)]),
        sort=[("moved_at", True)],
        limit=view.limits.get(stage.code, PAGE),
    )
    held = level(view.process, view.actor, Action.CHANGE, stage.code)
    return [_card(view, stage, row, shown, types, covers(held, view.actor, row[2])) for row in rows]


def _card(
    view: View, stage: Stage, row: tuple[Any, ...], shown: Sequence[Field], types: Sequence[FieldType], can_move: bool
) -> BoardCard:
    number, title, responsible, version, moved_at, *values = row
    lines: list[Line] = [
        {"label": field.title, "text": show(kind, value, view.reader)}
        for field, kind, value in zip(shown, types, values, strict=True)
        if value not in (None, "", [])
    ]
    return {
        "id": number,
        "col": stage.code,
        "title": title,
        "lines": lines[:3],
        "who": avatar(responsible, view.reader),
        "marks": _marks(view, stage, moved_at),
        "version": version,
        "can_move": can_move,
    }


def show(kind: FieldType, value: Any, reader: Reader) -> str:
    """Text of a stored value; several are joined by commas."""
    if isinstance(value, list):
        return ", ".join(kind.show(v, reader) for v in value)
    return kind.show(value, reader)


def _marks(view: View, stage: Stage, moved_at: str | None) -> list[Mark]:
    if not stage.norm_hours or not moved_at or view.now <= view.calendar.deadline(moment(moved_at), stage.norm_hours):
        return []
    days = (view.now - moment(moved_at)).days
    return [{"kind": "slow", "text": view.reader.t("board.slow", n=days)}]
