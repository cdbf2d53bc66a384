"""A move from one stage to another, asked for by somebody who may be looking at an element as it was a while ago."""

from __future__ import annotations

from model.errors import Stale, VoronkaError
from model.event import Cause
from model.process import Process
from pages.parts.user import User


def move(user: User, element: int, seen: str, version: int, to: str) -> None:
    """Move what was seen on the stage `seen`, as of `version`; Stale when somebody else has moved it since."""
    service = user.workspace.elements
    now = service.get(user.actor, element)
    expect = now.version if now.stage == seen else version
    service.move(user.actor, element, to, expect=expect, cause=Cause(user=user.actor.id))


def refusal(user: User, process: Process, to: str, refused: VoronkaError) -> str:
    """Why it stays where it is, in words."""
    if isinstance(refused, Stale) and (stage := process.stage(refused.theirs.get("stage", ""))):
        return user.reader.t("move.stale", stage=stage.title)
    if any(p.code == "unknown_stage" for p in refused.problems):
        stage = process.stage(to)
        return user.reader.t("move.stage_gone", stage=stage.title if stage else to)
    return user.explain(refused)
