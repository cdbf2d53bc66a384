"""What can be granted: actions at levels, to roles."""

from __future__ import annotations

from enum import IntEnum, StrEnum

from pydantic import Field as Param

from model.kind import Frozen


class Action(StrEnum):
    """What a role may do with a process."""

    READ = "read"
    ADD = "add"
    CHANGE = "change"
    DELETE = "delete"
    EXPORT = "export"
    IMPORT = "import"
    ROBOTS = "robots"
    SETTINGS = "settings"


STAGED = (Action.READ, Action.ADD, Action.CHANGE, Action.DELETE)
"""Actions whose level may differ per stage."""


class Level(IntEnum):
    """On whose elements. An element is its responsible person's; without one it belongs to nobody but `ALL`."""

    NONE = 0
    OWN = 1
    DEPARTMENT = 2
    DEPARTMENTS = 3
    """Own department and those below it."""
    ALL = 4


class Role(Frozen):
    """A name for a set of people; members are kept by the workspace."""

    code: str = Param(pattern=r"^[a-z][a-z0-9_]{0,39}$")
    title: str = Param(min_length=1, max_length=120)


class Grant(Frozen):
    """A role may do an action at a level; with a stage, the level that holds there instead."""

    role: str
    action: Action
    level: Level
    stage: str = ""
