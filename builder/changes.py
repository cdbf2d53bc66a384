"""What differs between two processes, for people: `change.<kind>` in the locales says it in words."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any, TypeVar

from model.graph import Graph, Node
from model.kind import Frozen
from model.language import Reader
from model.process import Process

F = TypeVar("F", bound=Frozen)


@dataclass(frozen=True, slots=True)
class Change:
    """One difference. `title` names the thing it happened to, as people know it; `path` is that of a Problem."""

    kind: str
    path: str
    before: Any = None
    after: Any = None
    title: str = ""
    title_key: str = ""
    """The title of a robot that nobody named is that of its kind: a key of the locales."""

    def say(self, reader: Reader) -> str:
        """The difference in words."""
        title = self.title or (reader.t(self.title_key) if self.title_key else "")
        return reader.t(f"change.{self.kind}", title=title, before=self.before, after=self.after)


Shelf = Callable[[str], str]
"""A node's kind -> "trigger" or "robot"."""


def changes(before: Process, after: Process, shelf: Shelf = lambda kind: "robot") -> list[Change]:
    """Everything that differs, in the order of the designer's tabs; empty when the processes are equal."""
    parts = (_process, _sections, _fields, _stages, _rights)
    return [*(change for part in parts for change in part(before, after)), *_graphs(before, after, shelf)]


def _process(before: Process, after: Process) -> Iterator[Change]:
    kinds = {"title": "process_renamed", "element_title": "element_renamed", "description": "description_changed",
             "icon": "look_changed", "color": "look_changed", "amount_field": "amount_changed"}  # fmt: skip
    for name, kind in kinds.items():
        old, new = getattr(before, name), getattr(after, name)
        if old != new:
            yield Change(kind, name, old, new, after.title)


def _pairs(
    before: Iterable[F], after: Iterable[F], code: Callable[[F], str] = lambda thing: str(vars(thing)["code"])
) -> Iterator[tuple[F | None, F | None]]:
    """(old, new) of each code, those that went last."""
    old = {code(thing): thing for thing in before}
    new = {code(thing): thing for thing in after}
    for name, thing in new.items():
        yield old.get(name), thing
    for name, thing in old.items():
        if name not in new:
            yield thing, None


def _order(before: Iterable[str], after: Iterable[str]) -> bool:
    """Whether the codes that both have stand in another order."""
    old, new = list(before), list(after)
    return [c for c in old if c in new] != [c for c in new if c in old]


def _came_or_went(kind: str, path: str, old: Any, new: Any) -> Iterator[Change]:
    if old is None:
        yield Change(f"{kind}_added", path, None, new.title, new.title)
    if new is None:
        yield Change(f"{kind}_removed", path, old.title, None, old.title)


def _differ(names: Mapping[str, str], path: str, old: Any, new: Any) -> Iterator[Change]:
    """One change for each kind of difference between two things; `names` gives the kind for an attribute."""
    seen: set[str] = set()
    for name, kind in names.items():
        mine, theirs = getattr(old, name), getattr(new, name)
        if mine != theirs and kind not in seen:
            seen.add(kind)
            yield Change(kind, path, mine, theirs, new.title)


def _sections(before: Process, after: Process) -> Iterator[Change]:
    for old, new in _pairs(before.sections, after.sections):
        path = f"sections/{_code(old, new)}"
        yield from _came_or_went("section", path, old, new)
        if old and new:
            yield from _differ({"title": "section_renamed"}, path, old, new)
    if _order((s.code for s in before.sections), (s.code for s in after.sections)):
        yield Change("sections_reordered", "sections")


def _code(old: Any, new: Any) -> str:
    return str((new or old).code)


_FIELD = {
    "title": "field_renamed", "kind": "field_kind", "params": "field_params", "section": "field_section",
    "multiple": "field_multiple", "required": "field_required", "required_at": "field_required_at", "default": "field_default",
    "help": "field_changed", "on_board": "field_changed", "in_list": "field_changed",
}  # fmt: skip


def _fields(before: Process, after: Process) -> Iterator[Change]:
    kept = {f.code for f in before.removed_fields}
    for old, new in _pairs(before.fields, after.fields):
        path = f"fields/{_code(old, new)}"
        if old is None and new is not None and new.code in kept:
            yield Change("field_restored", path, None, new.title, new.title)
        else:
            yield from _came_or_went("field", path, old, new)
        if old and new:
            yield from _differ(_FIELD, path, old, new)
    if _order((f.code for f in before.fields), (f.code for f in after.fields)):
        yield Change("fields_reordered", "fields")


_STAGE = {
    "title": "stage_renamed", "semantics": "stage_semantics", "color": "stage_color", "probability": "stage_probability",
    "norm_hours": "stage_norm",
}  # fmt: skip


def _stages(before: Process, after: Process) -> Iterator[Change]:
    for old, new in _pairs(before.funnels, after.funnels):
        path = f"funnels/{_code(old, new)}"
        yield from _came_or_went("funnel", path, old, new)
        if old and new:
            yield from _differ({"title": "funnel_renamed"}, path, old, new)
            if _order((s.code for s in old.stages), (s.code for s in new.stages)):
                yield Change("stages_reordered", path, title=new.title)
    for was, now in _pairs(before.stages(), after.stages()):
        path = f"stages/{_code(was, now)}"
        yield from _came_or_went("stage", path, was, now)
        if was and now:
            yield from _differ(_STAGE, path, was, now)
            home, there = before.funnel_of(was.code), after.funnel_of(now.code)
            if home and there and home.code != there.code:
                yield Change("stage_funnel", path, home.title, there.title, now.title)


def _rights(before: Process, after: Process) -> Iterator[Change]:
    for old, new in _pairs(before.roles, after.roles):
        path = f"roles/{_code(old, new)}"
        yield from _came_or_went("role", path, old, new)
        if old and new:
            yield from _differ({"title": "role_renamed"}, path, old, new)
    titles = {r.code: r.title for r in (*before.roles, *after.roles)}
    for role in dict.fromkeys(g.role for g in (*after.grants, *before.grants)):
        mine, theirs = ({(g.action, g.stage, g.level) for g in p.grants if g.role == role} for p in (before, after))
        if mine != theirs:
            yield Change("grants_changed", f"grants/{role}", len(mine), len(theirs), titles.get(role, role))


def _graphs(before: Process, after: Process, shelf: Shelf) -> Iterator[Change]:
    for old, new in _pairs(before.graphs, after.graphs):
        path = f"graphs/{_code(old, new)}"
        yield from _came_or_went("graph", path, old, new)
        if old and new:
            yield from _differ({"title": "graph_renamed"}, path, old, new)
            if old.enabled != new.enabled:
                yield Change("graph_enabled" if new.enabled else "graph_disabled", path, title=new.title)
            if (old.mode, old.stop_on_leave) != (new.mode, new.stop_on_leave):
                yield Change("graph_settings", path, title=new.title)
            yield from _nodes(path, old, new, shelf)


def _nodes(path: str, old: Graph, new: Graph, shelf: Shelf) -> Iterator[Change]:
    """Robots that came, went or changed, and wires; a node that was only moved about is no change worth telling."""
    for was, now in _pairs(old.nodes, new.nodes, lambda node: node.id):
        kind = "node_added" if was is None else "node_removed" if now is None else "node_changed"
        node = now or was
        if node is None or (was and now and _resting(was) == _resting(now)):
            continue
        key = f"{shelf(node.kind)}.{node.kind}.title"
        yield Change(kind, f"{path}/nodes/{node.id}", was and was.title, now and now.title, node.title, key)
    if set(old.edges) != set(new.edges):
        yield Change("wires_changed", path, len(old.edges), len(new.edges), new.title)


def _resting(node: Node) -> Node:
    return node.model_copy(update={"x": 0, "y": 0})
