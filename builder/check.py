"""Proof-reading a process: everything that is wrong, each with the place where it can be put right.

Paths: `title`, `amount_field`, `sections/<code>`, `fields/<code>` (`/default`, `/required_at`, `/<parameter>`), `funnels/<code>`,
`stages/<code>`, `roles/<code>`, `grants/<role>`, `graphs/<code>`, `graphs/<code>/nodes/<id>` (`/<parameter>`).
"""

from __future__ import annotations

import difflib
from collections import Counter
from collections.abc import Callable, Collection, Iterable, Iterator
from typing import Any

from pydantic import ValidationError

from builder import graphs, limits, stages
from model.access import STAGED, Action, Actor, level
from model.errors import Invalid, Problem, UnknownKind
from model.field import Field, FieldType, Reading
from model.kind import Catalog
from model.process import Process
from model.robot import Robot, Trigger


def problems(
    process: Process,
    types: Catalog[FieldType],
    robots: Catalog[Robot],
    triggers: Catalog[Trigger],
    *,
    processes: Collection[str] = (),
    icons: Callable[[], Collection[str]] = tuple,
    template_problems: Callable[[str, Process], Iterable[Problem]] = lambda text, process: (),
    sees: Callable[[Process, int], bool] = lambda process, user: True,
    others: Callable[[str], Process | None] = lambda code: None,
) -> list[Problem]:
    """All that is wrong, errors before warnings. `processes`: codes that links and robots may name beside this one;
    `icons`: the names of those that can be drawn, if there is anybody who draws; `sees`: whether a user may read any element of
    the process; `others`: another process by its code.
    """
    known = {process.code, *processes}
    found = [
        *_titles(process),
        *_icon(process, icons()),
        *_twice(process),
        *(p for field in process.fields for p in _field(process, field, types, known)),
        *_amount(process, types),
        *stages.problems(process),
        *_grants(process),
    ]
    desk = graphs.Desk(process, types, robots, triggers, known, template_problems, sees, others)
    excess = limits.problems(process, triggers)
    crowded = {p.path for p in excess}
    found += [p for graph in process.graphs if not crowded & {"graphs", f"graphs/{graph.code}"} for p in desk.problems(graph)]
    found += excess
    return sorted(found, key=lambda p: p.level != "error")


def _titles(process: Process) -> Iterator[Problem]:
    """Titles of nothing but spaces, and fields that cannot be told apart."""
    named: list[tuple[str, str]] = [("title", process.title)]
    for shelf in ("sections", "fields", "funnels", "roles", "graphs"):
        named += [(f"{shelf}/{thing.code}", thing.title) for thing in getattr(process, shelf)]
    named += [(f"stages/{stage.code}", stage.title) for stage in process.stages()]
    yield from (Problem(path, "blank_title") for path, title in named if not title.strip())
    count = Counter(f.title.strip().casefold() for f in process.fields)
    for field in process.fields:
        if count[field.title.strip().casefold()] > 1:
            yield Problem(f"fields/{field.code}", "same_title", {"title": field.title}, "warning")


def _icon(process: Process, known: Collection[str]) -> Iterator[Problem]:
    """An icon that no page can draw."""
    if known and process.icon and process.icon not in known:
        near = difflib.get_close_matches(process.icon, known, 1) or [Process.model_fields["icon"].default]
        yield Problem("icon", "unknown_icon", {"name": process.icon[:40], "nearest": near[0]})


def _twice(process: Process) -> Iterator[Problem]:
    """Codes that two things of a kind share."""
    shelves: dict[str, Iterable[Any]] = {
        "sections": process.sections, "fields": (*process.fields, *process.removed_fields), "funnels": process.funnels,
        "stages": process.stages(), "roles": process.roles, "graphs": process.graphs,
    }  # fmt: skip
    for shelf, things in shelves.items():
        for code, count in Counter(thing.code for thing in things).items():
            if count > 1:
                yield Problem(f"{shelf}/{code}", "duplicate_code", {"code": code})
    for (role, _, _), count in Counter((g.role, g.action, g.stage) for g in process.grants).items():
        if count > 1:
            yield Problem(f"grants/{role}", "duplicate_grant", {"role": role})


def _field(process: Process, field: Field, types: Catalog[FieldType], known: Collection[str]) -> Iterator[Problem]:
    path = f"fields/{field.code}"
    sections = {s.code for s in process.sections} or {"main"}
    if field.section not in sections:
        yield Problem(f"{path}/section", "unknown_section", {"section": field.section, "title": field.title})
    for code in field.required_at:
        if process.stage(code) is None:
            yield graphs.unknown("unknown_stage", f"{path}/required_at", code, (s.code for s in process.stages()))
    if field.kind not in types:
        yield UnknownKind.near(field.kind, types, path).problem
        return
    if field.required and types[field.kind].attached:
        yield Problem(f"{path}/required", "required_attached", {"title": field.title})
    wrong = types[field.kind].problems(field.params)
    yield from (p.at(path) for p in wrong)
    if not wrong:
        yield from _default(field, types, path)
        target = field.params.get("process")
        if field.kind == "link" and target not in known:
            yield graphs.unknown("unknown_process", f"{path}/process", str(target), known)


def _default(field: Field, types: Catalog[FieldType], path: str) -> Iterator[Problem]:
    if field.default is None or field.default in ("", []):
        return
    several = field.multiple and isinstance(field.default, list | tuple)
    try:
        kind = field.type(types)
        for value in field.default if several else [field.default]:
            kind.parse(value, Reading())
    except Invalid as refused:
        yield from (p.at(f"{path}/default") for p in refused.problems)
    except ValidationError:
        return


def _amount(process: Process, types: Catalog[FieldType]) -> Iterator[Problem]:
    if not process.amount_field:
        return
    field = process.field(process.amount_field)
    if field is None:
        yield graphs.unknown("unknown_field", "amount_field", process.amount_field, (f.code for f in process.fields))
    elif field.multiple or (field.kind in types and not types[field.kind].summable):
        yield Problem("amount_field", "amount_not_summable", {"title": field.title})


def _grants(process: Process) -> Iterator[Problem]:
    roles = {r.code for r in process.roles}
    for grant in process.grants:
        path = f"grants/{grant.role}"
        if grant.role not in roles:
            yield graphs.unknown("unknown_role", path, grant.role, roles)
        if grant.stage and process.stage(grant.stage) is None:
            yield graphs.unknown("unknown_stage", path, grant.stage, (s.code for s in process.stages()))
        if grant.stage and grant.action not in STAGED:
            yield Problem(path, "grant_not_by_stage", {"action": grant.action.value})
    yield from _hidden(process)


def _hidden(process: Process) -> Iterator[Problem]:
    """Warnings about what only administrators will see."""
    everybody = Actor(-1, roles=frozenset(g.role for g in process.grants))
    if not any(g.action == Action.READ and g.level for g in process.grants):
        yield Problem("grants", "nobody_reads", level="warning")
        return
    for stage in process.stages():
        if not level(process, everybody, Action.READ, stage.code):
            yield Problem(f"stages/{stage.code}", "stage_hidden", {"title": stage.title}, "warning")
