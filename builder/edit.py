"""What the designer does to a draft: pure functions from a sound process to a sound process.

NotFound when the thing is not there, NotAllowed when a rule forbids it, Invalid (path: the attribute) when a value does not fit.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable, Mapping, Sequence
from typing import Any, TypeVar

from pydantic import ValidationError

from builder.stages import in_order
from model.access import Action, Grant, Level, Role
from model.errors import Invalid, NotAllowed, NotFound, Problem
from model.field import SYSTEM, Field, Section
from model.graph import Graph
from model.kind import Frozen
from model.latin import latin
from model.process import Funnel, Process, Stage

F = TypeVar("F", bound=Frozen)


def code_for(title: str, taken: Collection[str] = (), fallback: str = "item") -> str:
    """A code made of a title: transliterated, at most 40 characters, different from those taken and from system codes."""
    base = re.sub(r"[^a-z0-9]+", "_", latin(title)).strip("_")[:36].rstrip("_")
    base = base if base[:1].isalpha() else f"{fallback}_{base}".strip("_")[:36].rstrip("_")
    used = {*taken, *SYSTEM}
    return next(c for c in (base, *(f"{base[:36]}_{n}" for n in range(2, len(used) + 3))) if c not in used)


def change(process: Process, **changes: Any) -> Process:
    """Change the process's own words and looks: title, element_title, description, icon, color, amount_field."""
    own = {"title", "element_title", "description", "icon", "color", "amount_field"}
    if not changes.keys() <= own:
        raise NotAllowed("not_changeable", next(iter(changes.keys() - own)))
    amount = changes.get("amount_field")
    if amount:
        _there(process.fields, amount, "no_such_field")
    return _with(process, **changes)


# --- fields and sections -----------------------------------------------------------------------------------------------


def add_field(process: Process, field: Field, before: str = "") -> Process:
    """Add a field, before another one or as the last. NotAllowed("code_taken") also when a removed field has its code."""
    if field.code in {f.code for f in (*process.fields, *process.removed_fields)}:
        raise NotAllowed("code_taken", f"fields/{field.code}", name=field.code)
    fields = list(process.fields)
    at = next((n for n, f in enumerate(fields) if f.code == before), len(fields))
    fields.insert(at, _fitting(process, field))
    return _with(process, fields=tuple(fields))


def change_field(process: Process, code: str, /, **changes: Any) -> Process:
    """Change a field's attributes, all but its code."""
    if changes.get("code", code) != code:
        raise NotAllowed("not_changeable", "code")
    field = _fitting(process, _made(_there(process.fields, code, "no_such_field"), **changes))
    return _with(process, fields=_swapped(process.fields, field))


def move_fields(process: Process, layout: Mapping[str, Sequence[str]]) -> Process:
    """Arrange the card: {section: codes in order}. Fields that are not named stay where they were, behind those that are."""
    for section in layout:
        _there(process.sections, section, "no_such_section")
    place = {code: (section, n) for section, codes in layout.items() for n, code in enumerate(codes)}
    moved = [
        field.model_copy(update={"section": place[field.code][0]}) if field.code in place else field for field in process.fields
    ]
    homes = {s.code: n for n, s in enumerate(process.sections)}
    last = len(moved)
    moved.sort(key=lambda f: (homes.get(f.section, last), place.get(f.code, ("", last))[1]))
    return _with(process, fields=tuple(moved))


def remove_field(process: Process, code: str) -> Process:
    """Take a field off; `restore_field` puts it back, its data stays."""
    field = _there(process.fields, code, "no_such_field")
    amount = "" if process.amount_field == code else process.amount_field
    return _with(
        process, fields=_without(process.fields, code), removed_fields=(*process.removed_fields, field), amount_field=amount
    )


def restore_field(process: Process, code: str) -> Process:
    """Put a removed field back as the last one."""
    field = _there(process.removed_fields, code, "no_such_field")
    return add_field(_with(process, removed_fields=_without(process.removed_fields, code)), field)


def add_section(process: Process, title: str, code: str = "") -> Process:
    """Add a section as the last one; its code is made of the title unless given."""
    taken = {s.code for s in process.sections}
    section = _new(Section, code=code or code_for(title, taken, "section"), title=title)
    _free(taken, section.code, "sections")
    first = not process.sections
    fields = tuple(f.model_copy(update={"section": section.code}) for f in process.fields) if first else process.fields
    return _with(process, sections=(*process.sections, section), fields=fields)


def change_section(process: Process, code: str, title: str) -> Process:
    """Rename a section."""
    return _with(
        process, sections=_swapped(process.sections, _made(_there(process.sections, code, "no_such_section"), title=title))
    )


def order_sections(process: Process, codes: Sequence[str]) -> Process:
    """Put the sections in this order; those not named stay behind."""
    return _with(process, sections=_ordered(process.sections, codes))


def remove_section(process: Process, code: str) -> Process:
    """Remove a section; its fields go to the first of the others. NotAllowed("last_section")."""
    _there(process.sections, code, "no_such_section")
    if len(process.sections) == 1:
        raise NotAllowed("last_section", f"sections/{code}")
    slim = _with(process, sections=_without(process.sections, code))
    return _with(slim, fields=tuple(_fitting(slim, f) for f in slim.fields))


# --- funnels and stages ------------------------------------------------------------------------------------------------


def add_funnel(process: Process, title: str, stages: Iterable[Stage], code: str = "") -> Process:
    """Add a funnel; stages whose codes are taken get new ones. NotAllowed unless one is success and one in progress."""
    taken = {s.code for s in process.stages()}
    fresh: list[Stage] = []
    for stage in stages:
        name = stage.code if stage.code not in taken else code_for(f"{stage.code} {code or title}", taken, "stage")
        taken.add(name)
        fresh.append(stage.model_copy(update={"code": name}))
    funnels = {f.code for f in process.funnels}
    funnel = _new(Funnel, code=code or code_for(title, funnels, "funnel"), title=title, stages=in_order(tuple(fresh)))
    _free(funnels, funnel.code, "funnels")
    return _with(process, funnels=(*process.funnels, _sound(funnel)))


def only_funnel(process: Process, title: str, stages: Iterable[Stage], code: str = "") -> Process:
    """Put one funnel in the place of all. NotAllowed as `add_funnel`."""
    made = add_funnel(_with(process, funnels=()), title, stages, code)
    return _without_stages(made, {s.code for s in process.stages()} - {s.code for s in made.stages()})


def change_funnel(process: Process, code: str, title: str) -> Process:
    """Rename a funnel."""
    return _with(process, funnels=_swapped(process.funnels, _made(_there(process.funnels, code, "no_such_funnel"), title=title)))


def order_funnels(process: Process, codes: Sequence[str]) -> Process:
    """Put the funnels in this order; those not named stay behind."""
    return _with(process, funnels=_ordered(process.funnels, codes))


def remove_funnel(process: Process, code: str) -> Process:
    """Remove a funnel with its stages."""
    funnel = _there(process.funnels, code, "no_such_funnel")
    return _without_stages(_with(process, funnels=_without(process.funnels, code)), {s.code for s in funnel.stages})


def add_stage(process: Process, funnel: str, stage: Stage, before: str = "") -> Process:
    """Add a stage, before another one or as the last of its semantics. NotAllowed: code_taken, second_success_stage."""
    home = _there(process.funnels, funnel, "no_such_funnel")
    _free({s.code for s in process.stages()}, stage.code, "stages")
    stages = list(home.stages)
    stages.insert(next((n for n, s in enumerate(stages) if s.code == before), len(stages)), stage)
    return _with(process, funnels=_swapped(process.funnels, _staged(home, stages)))


def change_stage(process: Process, code: str, /, **changes: Any) -> Process:
    """Change a stage, all but its code. A stage made the success one puts the former one in progress."""
    home = process.funnel_of(code)
    if home is None:
        raise NotFound("no_such_stage", code, name=code)
    if changes.get("code", code) != code:
        raise NotAllowed("not_changeable", "code")
    old = _there(home.stages, code, "no_such_stage")
    stage = _made(old, **changes)
    stages = list(_swapped(home.stages, stage))
    if stage.semantics == "S" and old.semantics != "S":
        stages = [s.model_copy(update={"semantics": "P"}) if s.semantics == "S" and s.code != code else s for s in stages]
    return _with(process, funnels=_swapped(process.funnels, _staged(home, stages)))


def order_stages(process: Process, funnel: str, codes: Sequence[str]) -> Process:
    """Put the stages in this order, as far as in progress - success - failure allows; those not named stay behind."""
    home = _there(process.funnels, funnel, "no_such_funnel")
    return _with(process, funnels=_swapped(process.funnels, _staged(home, _ordered(home.stages, codes))))


def remove_stage(process: Process, code: str) -> Process:
    """Remove a stage and what is said of it in rights and required fields. NotAllowed: no_success_stage, no_progress_stage."""
    home = process.funnel_of(code)
    if home is None:
        raise NotFound("no_such_stage", code, name=code)
    slim = _with(process, funnels=_swapped(process.funnels, _staged(home, _without(home.stages, code))))
    return _without_stages(slim, {code})


# --- rights ------------------------------------------------------------------------------------------------------------


def set_grant(process: Process, role: Role, action: Action, held: Level | None, stage: str = "") -> Process:
    """Let a role do an action at a level, everywhere or at a stage; None takes that grant away. The role comes along."""
    if stage and process.stage(stage) is None:
        raise NotFound("no_such_stage", stage, name=stage)
    others = tuple(g for g in process.grants if (g.role, g.action, g.stage) != (role.code, action, stage))
    mine = () if held is None else (_new(Grant, role=role.code, action=action, level=held, stage=stage),)
    known = any(r.code == role.code for r in process.roles)
    return _with(process, grants=(*others, *mine), roles=process.roles if known else (*process.roles, role))


def remove_role(process: Process, code: str) -> Process:
    """Take a role's rights away."""
    return _with(process, roles=_without(process.roles, code), grants=tuple(g for g in process.grants if g.role != code))


# --- robots ------------------------------------------------------------------------------------------------------------


def add_graph(process: Process, title: str, code: str = "") -> Process:
    """Add an empty graph as the last one."""
    taken = {g.code for g in process.graphs}
    graph = _new(Graph, code=code or code_for(title, taken, "graph"), title=title)
    _free(taken, graph.code, "graphs")
    return _with(process, graphs=(*process.graphs, graph))


def set_graph(process: Process, graph: Graph) -> Process:
    """Put a graph in the place of the one with its code, or behind the others."""
    if process.graph(graph.code) is None:
        return _with(process, graphs=(*process.graphs, graph))
    return _with(process, graphs=_swapped(process.graphs, graph))


def remove_graph(process: Process, code: str) -> Process:
    """Remove a graph."""
    _there(process.graphs, code, "no_such_graph")
    return _with(process, graphs=_without(process.graphs, code))


# --- inside ------------------------------------------------------------------------------------------------------------


def _with(process: Process, **changes: Any) -> Process:
    return _made(process, **changes)


def _made(thing: F, /, **changes: Any) -> F:
    """The thing with other attributes, checked; Invalid with the attribute as path."""
    return _new(type(thing), **{**dict(thing), **changes})


def _new(kind: type[F], /, **values: Any) -> F:
    try:
        return kind(**values)
    except ValidationError as refused:
        raise Invalid(_problem(error) for error in refused.errors(include_url=False)) from refused


def _problem(error: Any) -> Problem:
    """One of pydantic's findings; a validator of ours names its own code."""
    context = error.get("ctx") or {}
    own = str(context.get("error", ""))
    code = own if own.startswith("param.") else f"param.{error['type']}"
    return Problem("/".join(map(str, error["loc"])), code, {k: str(v) for k, v in context.items() if k != "error"})


def _there(things: Iterable[F], code: str, otherwise: str) -> F:
    for thing in things:
        if vars(thing)["code"] == code:
            return thing
    raise NotFound(otherwise, code, name=code)


def _free(taken: Collection[str], code: str, shelf: str) -> None:
    if code in taken:
        raise NotAllowed("code_taken", f"{shelf}/{code}", name=code)


def _swapped(things: Iterable[F], new: F) -> tuple[F, ...]:
    return tuple(new if vars(t)["code"] == vars(new)["code"] else t for t in things)


def _without(things: Iterable[F], code: str) -> tuple[F, ...]:
    return tuple(t for t in things if vars(t)["code"] != code)


def _ordered(things: Sequence[F], codes: Sequence[str]) -> tuple[F, ...]:
    place = {code: n for n, code in enumerate(codes)}
    return tuple(sorted(things, key=lambda t: place.get(vars(t)["code"], len(place))))


def _fitting(process: Process, field: Field) -> Field:
    """The field in a section and required at stages that the process has."""
    sections = [s.code for s in process.sections] or ["main"]
    stages = {s.code for s in process.stages()}
    section = field.section if field.section in sections else sections[0]
    return field.model_copy(update={"section": section, "required_at": tuple(s for s in field.required_at if s in stages)})


def _staged(funnel: Funnel, stages: Iterable[Stage]) -> Funnel:
    return _sound(funnel.model_copy(update={"stages": in_order(tuple(stages))}))


def _sound(funnel: Funnel) -> Funnel:
    """The funnel if it has one success stage and one in progress at least, else NotAllowed."""
    found = [s.semantics for s in funnel.stages]
    path, named = f"funnels/{funnel.code}", {"title": funnel.title}
    if found.count("S") > 1:
        won = [s for s in funnel.stages if s.semantics == "S"]
        raise NotAllowed("second_success_stage", path, **named, stage=won[1].title, first=won[0].title)
    if "S" not in found:
        raise NotAllowed("no_success_stage", path, **named)
    if "P" not in found:
        raise NotAllowed("no_progress_stage", path, **named)
    return funnel


def _without_stages(process: Process, gone: Collection[str]) -> Process:
    """Forget stages in rights and required fields."""
    fields = tuple(_fitting(process, f) for f in process.fields)
    return _with(process, fields=fields, grants=tuple(g for g in process.grants if g.stage not in gone))
