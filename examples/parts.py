"""What the shipped packages are put together from."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterable, Mapping, Sequence
from datetime import UTC, date, datetime, time, timedelta
from typing import Any, TypeVar

from builder.sketch import Nodes, sketch
from builder.stages import LOST_COLOR, PALETTE, WON_COLOR
from model.access import Action, Grant, Level, Role
from model.clock import stamp
from model.field import Field
from model.graph import Graph
from model.process import Funnel, Stage

Say = Callable[[str, str], str]
"""Gives the English or the Russian of a pair."""
T = TypeVar("T")
HOUR, DAY = 60, 24 * 60
"""In minutes, as robots count."""
EDITING = (Action.READ, Action.ADD, Action.CHANGE)


def saying(language: str) -> Say:
    """The words of one language."""
    return lambda english, russian: russian if language == "ru" else english


def chance(*key: object) -> float:
    """A number in [0, 1) that only the key decides: the same on every machine, every time."""
    return int.from_bytes(hashlib.sha256("/".join(map(str, key)).encode()).digest()[:6]) / 2**48


def pick(things: Sequence[T], *key: object) -> T:
    """One of the things, decided by the key."""
    return things[int(chance(*key) * len(things))]


def moment(day: date, *key: object) -> str:
    """A stamp within the working hours of a day."""
    return stamp(datetime.combine(day, time(9), UTC) + timedelta(minutes=int(chance("minute", *key) * 9 * HOUR)))


def enumeration(*options: tuple[str, str]) -> dict[str, Any]:
    """Parameters of a list field: (code, title) each."""
    return {"options": [{"code": code, "title": title} for code, title in options]}


def field(code: str, title: str, kind: str = "string", params: Mapping[str, Any] | None = None, **more: Any) -> Field:
    """A field; on the main section unless told otherwise."""
    return Field(code=code, title=title, kind=kind, params=dict(params or {}), **more)


def funnel(code: str, title: str, *stages: tuple[str, str, int | None, float | None]) -> Funnel:
    """A funnel of (code, title, chance in percent, time norm in days); 100 is the success, 0 a failure."""
    found = []
    for number, (name, called, odds, norm) in enumerate(stages):
        semantics = {100: "S", 0: "F"}.get(-1 if odds is None else odds, "P")
        color = {"S": WON_COLOR, "F": LOST_COLOR}.get(semantics, PALETTE[number % len(PALETTE)])
        norm_hours = norm * 24 if norm else None
        found.append(Stage(code=name, title=called, semantics=semantics, color=color, probability=odds, norm_hours=norm_hours))
    return Funnel(code=code, title=title, stages=tuple(found))


def grants(role: Role, levels: Mapping[Level, Iterable[Action]], stage: str = "") -> list[Grant]:
    """What a role may do: {level: actions}."""
    return [Grant(role=role.code, action=a, level=held, stage=stage) for held, actions in levels.items() for a in actions]


def graph(code: str, title: str, wires: str, nodes: Nodes) -> Graph:
    """A robot graph; see `builder.sketch`."""
    return sketch(title, wires, nodes, code)


def when(code: str, op: str, value: Any = None) -> dict[str, Any]:
    """A condition of one field."""
    return {"field": code, "op": op, "value": value}
