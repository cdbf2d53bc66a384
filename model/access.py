"""Rights: roles x actions x levels, for a process and per stage. Default deny; of several roles the highest level wins."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import NamedTuple

from model.errors import Denied
from model.filter import ALL, NONE, Condition, Filter, Group, any_of
from model.grant import STAGED as STAGED
from model.grant import Action as Action
from model.grant import Grant as Grant
from model.grant import Level as Level
from model.grant import Role as Role
from model.process import Process


@dataclass(frozen=True, slots=True)
class Actor:
    """Who acts, with all that decides over rights. `user` 0 is the system itself."""

    user: int
    name: str = ""
    admin: bool = False
    roles: frozenset[str] = frozenset()
    colleagues: frozenset[int] = field(default_factory=frozenset)
    """User ids of the own department, oneself included."""
    below: frozenset[int] = field(default_factory=frozenset)
    """User ids of the own department and those below it, oneself included."""

    @property
    def id(self) -> int | None:
        """The user id as it is written into documents."""
        return self.user or None


SYSTEM_ACTOR = Actor(0, "system", admin=True)


class Decision(NamedTuple):
    """Whether, and why: `reason` is a code for the locales (`access.reason.*`)."""

    allowed: bool
    reason: str
    level: Level = Level.NONE

    def __bool__(self) -> bool:
        return self.allowed


def level(process: Process, actor: Actor, action: Action, stage: str = "") -> Level:
    """The actor's level for an action, at a stage if one is named: highest over roles, a role's stage grant before its own."""
    if actor.admin:
        return Level.ALL
    best = Level.NONE
    for role in actor.roles:
        general = at_stage = None
        for grant in process.grants:
            if grant.role == role and grant.action == action:
                if not grant.stage:
                    general = grant.level
                elif grant.stage == stage:
                    at_stage = grant.level
        found = at_stage if at_stage is not None else general
        best = max(best, found or Level.NONE)
    return best


def covers(held: Level, actor: Actor, responsible: int | None) -> bool:
    """Whether a level reaches an element of this responsible person."""
    if held == Level.ALL:
        return True
    return responsible is not None and responsible in _people(held, actor)


def decide(process: Process, actor: Actor, action: Action, stage: str = "", responsible: int | None = None) -> Decision:
    """Decide over one element by its stage and responsible person."""
    held = level(process, actor, action, stage)
    if held == Level.NONE:
        return Decision(False, "no_grant", held)
    if not covers(held, actor, responsible):
        return Decision(False, "not_yours", held)
    return Decision(True, "admin" if actor.admin else "granted", held)


def may(process: Process, actor: Actor, action: Action) -> bool:
    """Whether the actor may do it to any element at all (what menus and buttons ask)."""
    stages = [s.code for s in process.stages()]
    return any(level(process, actor, action, s) > Level.NONE for s in ["", *stages])


def require(process: Process, actor: Actor, action: Action, stage: str = "", responsible: int | None = None) -> None:
    """Raise Denied, saying which right is missing, unless `decide` allows it."""
    decision = decide(process, actor, action, stage, responsible)
    if not decision:
        raise Denied(path=process.code, action=action.value, process=process.title, reason=decision.reason)


def require_any(process: Process, actor: Actor, action: Action) -> None:
    """Raise Denied unless the actor may do it to some element."""
    if not may(process, actor, action):
        raise Denied(path=process.code, action=action.value, process=process.title, reason="no_grant")


def exceeds(process: Process, one: Actor, other: Actor) -> bool:
    """Whether the first may do anything in the process that the other may not."""
    stages = ["", *(s.code for s in process.stages())]
    return any(level(process, one, action, s) > level(process, other, action, s) for action in Action for s in stages)


def as_filter(process: Process, actor: Actor, action: Action = Action.READ) -> Filter:
    """The same decision as a Filter: it matches exactly the elements for which `decide` says yes."""
    general = level(process, actor, action)
    if actor.admin:
        return ALL
    special = {s.code: level(process, actor, action, s.code) for s in process.stages()}
    special = {code: held for code, held in special.items() if held != general}
    if not special:
        return _reach(general, actor)
    parts: list[Filter] = [
        Group(op="all", items=(Condition(field="stage", op="in", value=codes), _reach(held, actor)))
        for held, codes in _by_level(special).items()
    ]
    elsewhere = Condition(field="stage", op="not_in", value=sorted(special))
    return any_of([*parts, Group(op="all", items=(elsewhere, _reach(general, actor)))])


def _by_level(special: dict[str, Level]) -> dict[Level, list[str]]:
    found: dict[Level, list[str]] = {}
    for code, held in sorted(special.items()):
        found.setdefault(held, []).append(code)
    return found


def _reach(held: Level, actor: Actor) -> Filter:
    if held == Level.NONE:
        return NONE
    if held == Level.ALL:
        return ALL
    return Condition(field="responsible", op="in", value=sorted(_people(held, actor)))


def _people(held: Level, actor: Actor) -> Iterable[int]:
    reached: dict[Level, Iterable[int]] = {
        Level.NONE: (),
        Level.OWN: {actor.user},
        Level.DEPARTMENT: actor.colleagues | {actor.user},
        Level.DEPARTMENTS: actor.below | actor.colleagues | {actor.user},
    }
    return reached[held]
