"""Processes: what an analyst designs and publishes."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, Literal

from pydantic import Field as Param

from model.field import CODE, SYSTEM, Field, Section
from model.grant import Grant, Role
from model.graph import Graph
from model.kind import Frozen

Semantics = Literal["P", "S", "F"]
"""A stage is in progress, success or failure."""


class Stage(Frozen):
    """A place an element can stand at. Its code is unique in the process."""

    code: str = Param(pattern=CODE.pattern)
    title: str = Param(min_length=1, max_length=120)
    semantics: Semantics = "P"
    color: str = Param("#5B8DB8", pattern=r"^#[0-9A-Fa-f]{6}$")
    probability: int | None = Param(None, ge=0, le=100)
    """Chance of success in percent, for forecasts."""
    norm_hours: float | None = Param(None, gt=0, le=24 * 3660)
    """An element that stays longer is marked as slow."""


class Funnel(Frozen):
    """An ordered list of stages: all in progress, then the one success, then the failures."""

    code: str = Param(pattern=CODE.pattern)
    title: str = Param(min_length=1, max_length=120)
    stages: tuple[Stage, ...] = ()


class Process(Frozen):
    """A smart process: fields, card, funnels with stages, rights, robot graphs. A draft and a version have this form."""

    code: str = Param(pattern=CODE.pattern)
    title: str = Param(min_length=1, max_length=120)
    element_title: str = ""
    """What one element is called («Deal»); empty: the word of the locale."""
    description: str = Param("", max_length=2000)
    icon: str = "view_kanban"
    color: str = Param("#0F6E74", pattern=r"^#[0-9A-Fa-f]{6}$")
    preset: Literal["scratch", "all_inclusive", "list"] = "scratch"
    sections: tuple[Section, ...] = ()
    fields: tuple[Field, ...] = ()
    removed_fields: tuple[Field, ...] = ()
    """Fields taken off the card: their data stays and they can be put back."""
    funnels: tuple[Funnel, ...] = ()
    """Empty: a list without stages."""
    amount_field: str = ""
    """Code of the field that boards and funnels add up."""
    grants: tuple[Grant, ...] = ()
    roles: tuple[Role, ...] = ()
    """Roles that the grants speak of, by code; a package brings them along."""
    graphs: tuple[Graph, ...] = ()

    @property
    def has_stages(self) -> bool:
        """Whether elements stand on stages (and there is a board)."""
        return bool(self.funnels)

    def stages(self) -> Iterator[Stage]:
        """Every stage of every funnel, in order."""
        for funnel in self.funnels:
            yield from funnel.stages

    def stage(self, code: str) -> Stage | None:
        """The stage of this code, or None."""
        return next((s for s in self.stages() if s.code == code), None)

    def funnel_of(self, stage: str) -> Funnel | None:
        """The funnel that a stage belongs to."""
        return next((f for f in self.funnels if any(s.code == stage for s in f.stages)), None)

    def funnel(self, code: str) -> Funnel | None:
        """The funnel of this code, or None."""
        return next((f for f in self.funnels if f.code == code), None)

    def field(self, code: str) -> Field | None:
        """The field of this code, or None."""
        return next((f for f in self.fields if f.code == code), None)

    def graph(self, code: str) -> Graph | None:
        """The robot graph of this code, or None."""
        return next((g for g in self.graphs if g.code == code), None)

    def path(self, code: str) -> str:
        """Where a field's value stands in an element's document."""
        return code if code in SYSTEM else f"values.{code}"


class Version(Frozen):
    """A published process: numbered, frozen. Runs keep the version that started them."""

    process: Process
    number: int
    published_at: str
    published_by: int
    note: str = ""
    owners: dict[str, int] = {}
    """Graph -> the user whom its robots act as, where that is not who published this version."""

    def acts_as(self, graph: str) -> int:
        """The user whom the robots of a graph act as: who last published a change of it. 0: the system."""
        return self.owners.get(graph, self.published_by)


def as_process(data: dict[str, Any]) -> Process:
    """Read a stored draft or version."""
    return Process.read(data)
