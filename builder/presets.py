"""What a new process starts with: from scratch, all inclusive, or a list."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, Literal

from builder.stages import LOST_COLOR, PALETTE, WON_COLOR
from model.access import Action, Grant, Level, Role
from model.field import Field, Section
from model.graph import Graph, Node, Wire
from model.process import Funnel, Process, Stage

Preset = Literal["scratch", "all_inclusive", "list"]
PRESETS: tuple[Preset, ...] = ("scratch", "all_inclusive", "list")
Words = Callable[[str], str]
"""The text of a locale key."""

MANAGER = {Action.READ: Level.ALL, Action.ADD: Level.OWN, Action.CHANGE: Level.OWN, Action.EXPORT: Level.OWN}
HEAD = {
    Action.READ: Level.ALL, Action.ADD: Level.DEPARTMENTS, Action.CHANGE: Level.DEPARTMENTS, Action.DELETE: Level.DEPARTMENTS,
    Action.EXPORT: Level.DEPARTMENTS, Action.IMPORT: Level.ALL,
}  # fmt: skip
"""What the two usual roles may do. Robots and settings stay with administrators."""


def preset(name: Preset, code: str, title: str, words: Words, currency: str = "USD") -> Process:
    """Make a process of a preset. `words` gives the texts of `preset.*` keys, `currency` is that of its money fields."""
    made = {"scratch": _scratch, "all_inclusive": _all_inclusive, "list": _list}[name](words, currency)
    return Process(code=code, title=title, preset=name, roles=roles(words), **made)


def roles(words: Words) -> tuple[Role, ...]:
    """The two usual roles."""
    return tuple(Role(code=code, title=words(f"preset.role.{code}")) for code in ("manager", "head"))


def grants() -> tuple[Grant, ...]:
    """What the two usual roles may do."""
    pairs = (("manager", MANAGER), ("head", HEAD))
    return tuple(Grant(role=role, action=action, level=held) for role, levels in pairs for action, held in levels.items())


def stages(words: Words, names: tuple[str, ...], odds: tuple[int, ...] = ()) -> tuple[Stage, ...]:
    """Stages in progress of these names, then success and failure. `odds`: chances of success in percent, if wanted."""
    chances = odds or (None,) * len(names)
    going = tuple(
        Stage(code=name, title=words(f"preset.stage.{name}"), color=color, probability=chance)
        for name, color, chance in zip(names, PALETTE, chances, strict=False)
    )
    won = Stage(
        code="success", title=words("preset.stage.success"), semantics="S", color=WON_COLOR, probability=100 if odds else None
    )
    lost = Stage(code="fail", title=words("preset.stage.fail"), semantics="F", color=LOST_COLOR, probability=0 if odds else None)
    return (*going, won, lost)


def funnel(words: Words, found: tuple[Stage, ...]) -> Funnel:
    """The first funnel of a process."""
    return Funnel(code="main", title=words("preset.funnel.main"), stages=found)


def _section(words: Words, code: str) -> Section:
    return Section(code=code, title=words(f"preset.section.{code}"))


def _field(words: Words, code: str, kind: str, section: str = "main", **more: Any) -> Field:
    return Field(code=code, title=words(f"preset.field.{code}"), kind=kind, section=section, **more)


def _scratch(words: Words, currency: str) -> dict[str, Any]:
    return {
        "sections": (_section(words, "main"),),
        "funnels": (funnel(words, stages(words, ("new", "progress"))),),
        "grants": grants(),
    }


def _all_inclusive(words: Words, currency: str) -> dict[str, Any]:
    sources = [{"code": c, "title": words(f"preset.source.{c}")} for c in ("site", "call", "mail", "referral", "ads", "other")]
    found = stages(words, ("new", "preparation", "proposal", "agreement"), (10, 30, 50, 80))
    fields = (
        _field(words, "amount", "money", params={"currency": currency}, on_board=True),
        _field(words, "source", "enumeration", params={"options": sources}),
        _field(words, "begin_date", "date"),
        _field(words, "close_date", "date", on_board=True),
        _field(words, "client_name", "string", "client", on_board=True, required_at=("proposal",)),
        _field(words, "client_phone", "phone", "client"),
        _field(words, "client_email", "email", "client"),
        _field(words, "comment", "text", "more", in_list=False),
        _field(words, "files", "file", "more", multiple=True, in_list=False),
    )
    return {
        "sections": tuple(_section(words, code) for code in ("main", "client", "more")),
        "fields": fields,
        "funnels": (funnel(words, found),),
        "amount_field": "amount",
        "grants": grants(),
        "graphs": (_starter(words),),
    }


def _starter(words: Words) -> Graph:
    """When an element is won: a comment on its timeline and a notification to the responsible person."""
    said = words("preset.graph.won.text")
    return Graph(
        code="won",
        title=words("preset.graph.won"),
        nodes=(
            Node(id="won", kind="stage_entered", params={"stages": ["success"]}, x=0, y=80),
            Node(id="comment", kind="add_comment", params={"text": said}, x=280, y=80),
            Node(id="notify", kind="notify", params={"whom": "responsible", "text": said}, x=560, y=80),
        ),
        edges=(Wire(source="won", target="comment"), Wire(source="comment", target="notify")),
    )


def _list(words: Words, currency: str) -> dict[str, Any]:
    kinds = [{"code": c, "title": words(f"preset.document.{c}")} for c in ("contract", "invoice", "act", "letter", "other")]
    fields = (
        _field(words, "number", "string"),
        _field(words, "document_kind", "enumeration", params={"options": kinds}),
        _field(words, "document_date", "date"),
        _field(words, "valid_until", "date"),
        _field(words, "counterparty", "string"),
        _field(words, "files", "file", multiple=True),
        _field(words, "comment", "text", in_list=False),
    )
    return {"sections": (_section(words, "main"),), "fields": fields, "grants": grants()}
