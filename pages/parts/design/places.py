"""Where in the designer a problem or a change is at home."""

from __future__ import annotations

from dataclasses import dataclass, replace

from builder.changes import Change
from locales import Language
from model.errors import Problem
from model.process import Process


@dataclass(frozen=True, slots=True)
class Place:
    """A tab, what is chosen on it, and for robots the node."""

    tab: str
    item: str = ""
    node: str = ""


TAB_OF = {"funnels": "stages", "stages": "stages", "roles": "access", "grants": "access", "graphs": "robots"}


def place_of(found: Problem | Change) -> Place:
    """The place of a path such as `fields/amount`, `stages/won` or `graphs/main/nodes/n1/subject`."""
    head, _, rest = found.path.partition("/")
    parts = rest.split("/")
    if head == "graphs":
        return Place("robots", parts[0], parts[2] if len(parts) > 2 and parts[1] == "nodes" else "")
    if head == "fields":
        return Place("fields", parts[0])
    if head in ("stages", "funnels"):
        return Place("stages", parts[0])
    return Place(TAB_OF.get(head, "fields"))


def name_of(found: Problem, process: Process, reader: Language) -> str:
    """A problem's place in words: `Robots › When won › Send mail`."""
    place = place_of(found)
    parts = [reader.t(f"design.tab.{place.tab}")]
    if place.tab == "fields" and (field := process.field(place.item)):
        parts.append(field.title)
    elif place.tab == "stages" and (thing := process.stage(place.item) or process.funnel(place.item)):
        parts.append(thing.title)
    elif place.tab == "robots" and (graph := process.graph(place.item)):
        parts.append(graph.title)
        if node := graph.node(place.node):
            parts.append(node.title or kind_title(node.kind, reader))
    return " › ".join(parts)


def kind_title(kind: str, reader: Language) -> str:
    """What a robot or a trigger is called."""
    shelf = "trigger" if reader.has(f"trigger.{kind}.title") else "robot"
    return reader.t(f"{shelf}.{kind}.title")


def named(title: str, reader: Language) -> str:
    """A robot that nobody gave a name goes by its kind's code: here is its name."""
    is_kind = any(reader.has(f"{shelf}.{title}.title") for shelf in ("trigger", "robot"))
    return kind_title(title, reader) if is_kind else title


def say(found: Problem, process: Process, reader: Language) -> str:
    """A problem in words: of a setting, with what it is called; robots by their names."""
    context = {k: named(v, reader) if isinstance(v, str) else v for k, v in found.context.items()}
    words = reader.say(replace(found, context=context))
    setting = _setting(found, process, reader)
    return f"{setting}: {words}" if setting else words


def _setting(found: Problem, process: Process, reader: Language) -> str:
    """What the setting is called that a problem is about; empty when it is about the whole thing."""
    place, parts = place_of(found), found.path.split("/")
    graph, field = process.graph(place.item), process.field(place.item)
    keys: tuple[str, ...] = ()
    if place.node and len(parts) > 4 and graph and (node := graph.node(place.node)):
        keys = tuple(f"{shelf}.{node.kind}.param.{parts[4]}" for shelf in ("trigger", "robot"))
    elif place.tab == "fields" and len(parts) > 2 and field:
        keys = (f"design.field.{parts[2]}", f"field.{field.kind}.param.{parts[2]}")
    return next((reader.t(key) for key in keys if reader.has(key)), "")
