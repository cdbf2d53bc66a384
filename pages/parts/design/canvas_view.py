"""What the canvas shows of a graph: each robot with its name, what it does in words, its ways out and what is wrong with it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from pydantic import ValidationError

from model.errors import Problem
from model.graph import Graph, Node
from model.process import Process
from pages.parts.components import GraphNode, PaletteGroup, PaletteItem, Port
from pages.parts.design.drawing import tone
from pages.parts.design.places import Place, kind_title, place_of, say
from pages.parts.user import User
from runtime.describe import port_text, summary

GROUPS = ("logic", "elements", "people", "messages", "documents")
TRIGGER = "trigger"


@dataclass(frozen=True)
class View:
    """A graph of a process as one person looks at it."""

    user: User
    process: Process
    graph: Graph
    problems: Sequence[Problem] = ()


def nodes(view: View) -> list[GraphNode]:
    """The graph's nodes in its order."""
    return [_node(view, node) for node in view.graph.nodes]


def _node(view: View, node: Node) -> GraphNode:
    ws, reader = view.user.workspace, view.user.reader
    kind = ws.triggers.get(node.kind) or ws.robots.get(node.kind)
    here = Place("robots", view.graph.code, node.id)
    wrong = [say(p, view.process, reader) for p in view.problems if place_of(p) == here]
    said = summary(node, view.process, reader, ws.robots, ws.triggers, ws.types, lambda code: _other(view, code))
    return {
        "id": node.id,
        "kind": node.kind,
        "label": node.title or kind_title(node.kind, reader),
        "summary": said or reader.t("design.node.to_set_up"),
        "icon": kind.icon if kind else "help",
        "group": TRIGGER if node.kind in ws.triggers else getattr(kind, "group", GROUPS[0]),
        "x": node.x,
        "y": node.y,
        "input": node.kind not in ws.triggers,
        "ports": ports(view, node),
        "problems": list(dict.fromkeys(wrong)),
        "state": None,
    }


def _other(view: View, code: str) -> Process | None:
    version = view.user.workspace.processes.published(code)
    return version.process if version else None


def outlets(user: User, node: Node) -> tuple[str, ...]:
    """The ways out of a node; those of its kind as long as its settings are wrong."""
    ws = user.workspace
    if node.kind in ws.triggers:
        return ws.triggers[node.kind].ports
    if node.kind not in ws.robots:
        return ("done",)
    try:
        return node.ways(ws.robots.load(node.kind, node.params).outlets())
    except ValidationError:
        return node.ways(ws.robots[node.kind].ports)


def ports(view: View, node: Node) -> list[Port]:
    """The ways out with their names; a single one needs none."""
    names = outlets(view.user, node)
    ws, reader = view.user.workspace, view.user.reader
    if len(names) == 1 and names[0] == "done":
        return [{"id": "done", "label": "", "tone": "plain"}]
    words = {name: port_text(node, name, view.process, reader, ws.robots, ws.types) for name in names}
    return [{"id": name, "label": words[name], "tone": tone(name)} for name in names]


def palette(user: User) -> list[PaletteItem]:
    """Everything that can be put on the canvas: triggers first, then by group."""
    ws = user.workspace
    starts = [_item(user, kind, "trigger", trigger.icon, TRIGGER, trigger.ports) for kind, trigger in ws.triggers.items()]
    works = [_item(user, kind, "robot", robot.icon, robot.group, robot.ports) for kind, robot in ws.robots.items()]
    return [*starts, *works]


def _item(user: User, kind: str, shelf: str, icon: str, group: str, names: Sequence[str]) -> PaletteItem:
    t = user.reader.t
    alone = tuple(names) == ("done",)
    ways: list[Port] = [{"id": name, "label": "" if alone else t(f"port.{name}"), "tone": tone(name)} for name in names]
    return {
        "kind": kind, "label": t(f"{shelf}.{kind}.title"), "help": t(f"{shelf}.{kind}.help"), "icon": icon, "group": group,
        "input": shelf == "robot", "ports": ways,
    }  # fmt: skip


def groups(user: User) -> list[PaletteGroup]:
    """The palette's headings in order."""
    t = user.reader.t
    named = [*GROUPS, *sorted({r.group for r in user.workspace.robots.values()} - set(GROUPS))]
    others: list[PaletteGroup] = [
        {"id": g, "label": t(f"robot.group.{g}"), "tone": "logic" if g == "logic" else "robot"} for g in named
    ]
    return [{"id": TRIGGER, "label": t("design.palette.triggers"), "tone": "trigger"}, *others]
