"""Voronka in a notebook: `Workspace.open("data").as_user("anna")` shows and does what Anna may see and do, and no more.

Everything goes through the same services as the pages: rights are checked there (Denied, NotFound), values too (Invalid), and
what was done stands in the history under her name. Results draw themselves; text that users wrote is shown, never obeyed.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from html import escape
from typing import TYPE_CHECKING, Any, TypeVar

import pandas as pd
from pydantic import TypeAdapter, ValidationError

from builder import edit
from builder.changes import Change
from builder.presets import Preset, preset
from builder.processes import Row
from builder.sketch import Nodes, sketch
from insight.drawing import graph_svg
from insight.report import FunnelReport
from locales import Language
from model.access import Action, Actor, Level, Role, require_any
from model.element import Element
from model.errors import BadValue, NotAllowed, NotFound, Problem
from model.event import Event
from model.field import SYSTEM, Field
from model.filter import ALL, Condition, Filter, Group
from model.graph import Graph, Node
from model.process import Process, Stage
from model.run import Run
from runtime.describe import summary

if TYPE_CHECKING:
    from services import Services

R = TypeVar("R")
Cells = Sequence[tuple[str, ...]]
SHOWN = ("title", "stage", "responsible", "created_at", "closed_at")
"""System values that a table of elements begins with."""
_FILTER: TypeAdapter[Filter] = TypeAdapter(Filter)


def table(head: Sequence[str], rows: Iterable[Sequence[str]]) -> str:
    """An HTML table of plain texts."""
    first = "".join(f"<th>{escape(cell)}</th>" for cell in head)
    body = "".join("<tr>" + "".join(f"<td>{escape(cell)}</td>" for cell in row) + "</tr>" for row in rows)
    return f"<table><thead><tr>{first}</tr></thead><tbody>{body}</tbody></table>"


class Listing(list[R]):
    """A list that shows itself as a table: `cells` gives the texts of one thing under `head`."""

    def __init__(self, things: Iterable[R], head: Sequence[str], cells: Callable[[R], Sequence[str]]) -> None:
        super().__init__(things)
        self._head, self._cells = head, cells

    def __repr__(self) -> str:
        return "\n".join("  ".join(self._cells(thing)) for thing in self) or "[]"

    def _repr_html_(self) -> str:
        return table(self._head, map(self._cells, self))


@dataclass(frozen=True)
class Drawing:
    """A robot graph that draws itself."""

    graph: Graph
    svg: str

    def _repr_svg_(self) -> str:
        return self.svg

    def __repr__(self) -> str:
        wires = ", ".join(f"{w.source}.{w.port}>{w.target}" for w in self.graph.edges)
        return f"{self.graph.title}: {wires}"


@dataclass(frozen=True)
class FunnelFace:
    """A funnel's figures: `report` as they are, `frame` one row for each stage."""

    report: FunnelReport
    reader: Language

    @cached_property
    def frame(self) -> pd.DataFrame:
        """Indexed by stage code: title, count, sum, reached, conversion (0..1), median_days, p90_days."""
        names = ("title", "count", "sum", "reached", "conversion", "median_days", "p90_days")
        rows = [[getattr(stage, name) for name in names] for stage in self.report.stages]
        return pd.DataFrame(rows, columns=list(names), index=pd.Index([s.code for s in self.report.stages], name="stage"))

    def __repr__(self) -> str:
        return f"{self.report.title}\n{self.frame}"

    def _repr_html_(self) -> str:
        report, t = self.report, self.reader.t
        most = max((s.count for s in report.stages), default=0) or 1
        rows = "".join(
            f"<tr><td>{escape(s.title)}</td><td><div style='background:{escape(s.color)};height:1em;"
            f"width:{max(2, round(160 * s.count / most))}px'></div></td><td>{s.count}</td><td>{escape(self._money(s.sum))}</td>"
            f"<td>{escape(self._share(s.conversion))}</td><td>{escape(self._days(s.median_days))}</td></tr>"
            for s in report.stages
        )
        head = "".join(
            f"<th>{escape(t(f'notebook.{key}'))}</th>" for key in ("stage", "bar", "count", "sum", "conversion", "median")
        )
        return f"<b>{escape(report.title)}</b><table><thead><tr>{head}</tr></thead><tbody>{rows}</tbody></table>"

    def _money(self, value: float) -> str:
        return self.reader.money(value, self.report.currency) if self.report.currency else self.reader.number(value)

    def _share(self, value: float | None) -> str:
        return "" if value is None else self.reader.percent(value, 1)

    def _days(self, value: float | None) -> str:
        return "" if value is None else self.reader.number(value, 1)


class Member:
    """What one person may see and do in a workspace."""

    def __init__(self, workspace: Services, login: str) -> None:
        user = workspace.people.by_login(login)
        if user is None:
            raise NotFound(path=login[:80], what="user")
        self._workspace, self._user = workspace, user.id

    @property
    def actor(self) -> Actor:
        """Who acts, with the rights as they stand now; SignedOut once the account is closed."""
        return self._workspace.actor(self._user)

    @property
    def reader(self) -> Language:
        """How they read: language, zone, names that they may see."""
        return self._workspace.reader(self.actor)

    def __repr__(self) -> str:
        return f"{self.actor.name} @ {self._workspace.settings.get().name}"

    # seeing

    @property
    def processes(self) -> Listing[Row]:
        """The processes that concern them."""
        t = self.reader.t
        rows = self._workspace.processes.all(actor=self.actor)
        head = [t(f"notebook.{key}") for key in ("code", "process", "version")]
        return Listing(rows, head, lambda row: (row.code, row.title, str(row.published or t("notebook.draft"))))

    def process(self, code: str) -> Process:
        """A published process; NotFound, Denied (read)."""
        return self._readable(code)

    def elements(
        self, code: str, filter: Filter | Mapping[str, Any] = ALL, *, shown: bool = False, limit: int | None = None
    ) -> pd.DataFrame:
        """The matching elements that they may read, indexed by id.

        filter: one of `model.filter`, or its JSON form `{"field": "amount", "op": "ge", "value": 1000}`.
        Columns are codes: numbers, dates and yes/no keep their type, people, links and options are shown by name.
        With `shown`, columns are titles and every value is the text of the card. NotFound, Denied; Invalid for a wrong filter.
        """
        process = self._readable(code)
        found = self._workspace.elements.find(self.actor, code, _filter(filter), limit=limit)
        return _Frame(self._workspace, process, self.reader).of(found, shown)

    def element(self, id: int) -> Element:
        """One element as it is stored; NotFound."""
        return self._workspace.elements.get(self.actor, id)

    def history(self, id: int) -> pd.DataFrame:
        """What happened to an element, oldest first: at, who, what, changes {code: [before, after]}. NotFound."""
        reader = self.reader
        events = reversed(self._workspace.elements.history(self.actor, id))
        rows = [(_local(e.at, reader), _who(e, reader), e.kind, dict(e.changes)) for e in events]
        return pd.DataFrame(rows, columns=["at", "who", "what", "changes"])

    def funnel(self, code: str, funnel: str = "", filter: Filter | Mapping[str, Any] = ALL, **period: Any) -> FunnelFace:
        """The figures of a funnel over what they may read; `since`, `until`, `by` as in `Insight.funnel`. NotFound, Denied."""
        reader = self.reader
        report = self._workspace.insight.funnel(self.actor, code, funnel, _filter(filter), zone=reader.zone, **period)
        return FunnelFace(report, reader)

    def graph(self, code: str, name: str) -> Drawing:
        """A robot graph of the published process, drawn. NotFound; Denied unless they look after its robots or settings."""
        process = self._published(code)
        if not self._workspace.processes.may(self.actor, code, Action.ROBOTS):
            require_any(process, self.actor, Action.ROBOTS)
        return self._drawn(process, name)

    def runs(self, code: str, element: int | None = None, limit: int = 100) -> pd.DataFrame:
        """What the robots did, newest first: graph, element, state, started_at, robots (titles in the order they worked)."""
        process, reader = self._readable(code), self.reader
        found = self._workspace.engine.runs(self.actor, code, element, limit=limit)
        rows = [
            (run.graph, run.element, run.state, _local(run.started_at, reader), ", ".join(_worked(process, run))) for run in found
        ]
        index = pd.Index([run.id for run in found], name="run")
        return pd.DataFrame(rows, columns=["graph", "element", "state", "started_at", "robots"], index=index)

    # doing

    def create(self, process: str, **values: Any) -> Element:
        """Make an element: fields by code, and title, stage, funnel, responsible. NotFound, Denied, Invalid."""
        return self._workspace.elements.create(self.actor, process, values)

    def update(self, id: int, **values: Any) -> Element:
        """Change an element's fields. NotFound, Denied, Invalid."""
        return self._workspace.elements.update(self.actor, id, values)

    def move(self, id: int, stage: str, **values: Any) -> Element:
        """Move to a stage, filling in what it requires. NotFound, Denied, Invalid."""
        return self._workspace.elements.move(self.actor, id, stage, values=values)

    def comment(self, id: int, text: str) -> None:
        """Write on the timeline. NotFound, Invalid."""
        self._workspace.elements.comment(self.actor, id, text)

    def delete(self, id: int) -> None:
        """Put into the bin. NotFound, Denied."""
        self._workspace.elements.delete(self.actor, id)

    def start(self, id: int, graph: str) -> None:
        """Start a graph by hand for an element. NotFound, Denied, NotAllowed."""
        self._workspace.engine.start(self.actor, id, graph)

    # designing

    def design(self, code: str) -> Design:
        """The draft of a process, to be changed. NotFound; Denied without the right to its settings or robots."""
        if code not in {row.code for row in self._workspace.processes.all(actor=self.actor)}:
            raise NotFound("no_such_process", code, process=code)
        if not self._workspace.processes.may(self.actor, code, Action.ROBOTS):
            require_any(self._published(code), self.actor, Action.SETTINGS)
        return Design(self, self._workspace, code)

    def new_process(self, title: str, code: str = "", name: Preset = "scratch") -> Design:
        """Start a draft: scratch, all_inclusive or list. Denied unless an administrator; NotAllowed("code_taken")."""
        taken = {row.code for archived in (False, True) for row in self._workspace.processes.all(archived)}
        code = code or edit.code_for(title, taken, "process")
        made = preset(name, code, title, self.reader.t, self._workspace.settings.get().currency)
        self._workspace.processes.create(self.actor, made)
        return Design(self, self._workspace, code)

    # inside

    def _published(self, code: str) -> Process:
        version = self._workspace.processes.published(code)
        if version is None:
            raise NotFound("no_such_process", code, process=code)
        return version.process

    def _readable(self, code: str) -> Process:
        process = self._published(code)
        require_any(process, self.actor, Action.READ)
        return process

    def _drawn(self, process: Process, name: str) -> Drawing:
        graph = process.graph(name)
        if graph is None:
            raise NotFound("no_such_graph", name, name=name)
        reader, ws = self.reader, self._workspace

        def describe(node: Node, process: Process) -> str:
            shelf = "trigger" if node.kind in ws.triggers else "robot"
            told = summary(node, process, reader, ws.robots, ws.triggers, ws.types)
            return node.title or told or reader.t(f"{shelf}.{node.kind}.title")

        return Drawing(graph, graph_svg(graph, process, describe))


class Design:
    """A draft: every change is saved at once and can be undone; `publish` puts it in force. All that the designer does."""

    def __init__(self, member: Member, workspace: Services, code: str) -> None:
        self._member, self._workspace, self.code = member, workspace, code

    @property
    def process(self) -> Process:
        """The draft as it stands."""
        return self._workspace.processes.draft(self.code)

    def __repr__(self) -> str:
        process = self.process
        return f"{process.title} ({self.code}): {len(process.fields)} fields, {len(list(process.stages()))} stages"

    def _repr_html_(self) -> str:
        process, t = self.process, self._member.reader.t
        stages = ((s.title, s.code, t(f"insight.semantics.{s.semantics}")) for s in process.stages())
        fields = ((f.title, f.code, t(f"field.{f.kind}.title")) for f in process.fields)
        head = [t(f"notebook.{key}") for key in ("name", "code", "kind")]
        return f"<b>{escape(process.title)}</b>{table(head, stages)}{table(head, fields)}"

    @property
    def problems(self) -> Listing[Problem]:
        """All that is wrong, in words."""
        reader = self._member.reader
        head = [reader.t(f"notebook.{key}") for key in ("place", "problem")]
        return Listing(self._workspace.processes.problems(self.process), head, lambda p: (p.path, reader.say(p)))

    @property
    def changes(self) -> Listing[Change]:
        """What differs from the published version, in words."""
        reader = self._member.reader
        return Listing(self._workspace.processes.changes(self.code), [reader.t("notebook.change")], lambda c: (c.say(reader),))

    def graph(self, name: str) -> Drawing:
        """A robot graph of the draft, drawn. NotFound."""
        return self._member._drawn(self.process, name)

    def change(self, **words: Any) -> Design:
        """Change title, element_title, description, icon, color or amount_field."""
        return self._save(edit.change(self.process, **words))

    def add_section(self, title: str, code: str = "") -> Design:
        """Add a section to the card."""
        return self._save(edit.add_section(self.process, title, code))

    def add_field(
        self, title: str, kind: str = "string", code: str = "", params: Mapping[str, Any] | None = None, **more: Any
    ) -> Design:
        """Add a field; `more`: section, multiple, required, required_at, default, help, on_board, in_list."""
        process = self.process
        taken = {f.code for f in (*process.fields, *process.removed_fields)}
        made = Field(code=code or edit.code_for(title, taken, "field"), title=title, kind=kind, params=dict(params or {}), **more)
        return self._save(edit.add_field(process, made))

    def change_field(self, code: str, /, **changes: Any) -> Design:
        """Change a field's attributes, all but its code."""
        return self._save(edit.change_field(self.process, code, **changes))

    def move_fields(self, layout: Mapping[str, Sequence[str]]) -> Design:
        """Arrange the card: {section: codes in order}."""
        return self._save(edit.move_fields(self.process, layout))

    def remove_field(self, code: str) -> Design:
        """Take a field off; its data stays."""
        return self._save(edit.remove_field(self.process, code))

    def restore_field(self, code: str) -> Design:
        """Put a removed field back as the last one."""
        return self._save(edit.restore_field(self.process, code))

    def change_section(self, code: str, title: str) -> Design:
        """Rename a section."""
        return self._save(edit.change_section(self.process, code, title))

    def order_sections(self, codes: Sequence[str]) -> Design:
        """Put the sections in this order; those not named stay behind."""
        return self._save(edit.order_sections(self.process, codes))

    def remove_section(self, code: str) -> Design:
        """Remove a section; its fields go to the first of the others. NotAllowed for the last one."""
        return self._save(edit.remove_section(self.process, code))

    def add_funnel(self, title: str, stages: Sequence[Stage], code: str = "") -> Design:
        """Add a funnel; stages whose codes are taken get new ones."""
        return self._save(edit.add_funnel(self.process, title, stages, code))

    def change_funnel(self, code: str, title: str) -> Design:
        """Rename a funnel."""
        return self._save(edit.change_funnel(self.process, code, title))

    def order_funnels(self, codes: Sequence[str]) -> Design:
        """Put the funnels in this order; those not named stay behind."""
        return self._save(edit.order_funnels(self.process, codes))

    def remove_funnel(self, code: str) -> Design:
        """Remove a funnel. NotAllowed when elements stand on its stages."""
        return self._save(edit.remove_funnel(self.process, code))

    def set_funnel(self, title: str, stages: Sequence[Stage], code: str = "main") -> Design:
        """Make this the only funnel. NotAllowed when elements stand on a stage that would go."""
        return self._save(edit.only_funnel(self.process, title, stages, code))

    def add_stage(self, stage: Stage, before: str = "", funnel: str = "") -> Design:
        """Add a stage to a funnel, the first when none is named."""
        process = self.process
        if not funnel and not process.funnels:
            raise NotAllowed("no_stages", self.code, process=process.title)
        return self._save(edit.add_stage(process, funnel or process.funnels[0].code, stage, before))

    def change_stage(self, code: str, /, **changes: Any) -> Design:
        """Change a stage's attributes, all but its code."""
        return self._save(edit.change_stage(self.process, code, **changes))

    def order_stages(self, funnel: str, codes: Sequence[str]) -> Design:
        """Put a funnel's stages in this order."""
        return self._save(edit.order_stages(self.process, funnel, codes))

    def remove_stage(self, code: str) -> Design:
        """Remove a stage. NotAllowed when elements stand on it."""
        return self._save(edit.remove_stage(self.process, code))

    def grant(self, role: str, title: str = "", stage: str = "", **levels: str) -> Design:
        """Let a role do things: `grant("recruiter", "Recruiter", read="all", change="own")`; a role that is new needs a title."""
        process = self.process
        known = next((r for r in process.roles if r.code == role), None) or Role(code=role, title=title or role)
        for action, held in levels.items():
            process = edit.set_grant(process, known, _one(Action, action), _level(held), stage)
        return self._save(process)

    def drop_role(self, code: str) -> Design:
        """Take a role's rights away."""
        return self._save(edit.remove_role(self.process, code))

    def add_graph(self, title: str, wires: str, nodes: Nodes, code: str = "") -> Design:
        """Add a robot graph, or put it in the place of the one with its code; see `builder.sketch`."""
        return self._save(edit.set_graph(self.process, sketch(title, wires, nodes, code)))

    def remove_graph(self, code: str) -> Design:
        """Remove a robot graph; runs that have begun go on in their own version."""
        return self._save(edit.remove_graph(self.process, code))

    def undo(self) -> Design:
        """Take the last change back. NotAllowed when there is none."""
        self._workspace.processes.undo(self._member.actor, self.code)
        return self

    def redo(self) -> Design:
        """Take the last undo back. NotAllowed when there is none."""
        self._workspace.processes.redo(self._member.actor, self.code)
        return self

    def discard(self) -> Design:
        """Make the draft what was published last. NotAllowed when nothing was."""
        self._workspace.processes.discard(self._member.actor, self.code)
        return self

    def restore(self, number: int) -> Design:
        """Make the draft what was published under this number. NotFound."""
        return self._save(self._workspace.processes.version(self.code, number).process)

    def publish(self, note: str = "", agreed: Sequence[str] = ()) -> int:
        """Put the draft in force; the number of the new version. Invalid with every problem; Denied.

        Flows that somebody else has drafted or published so far act as this user from now on if their codes are among the
        `agreed` ones; otherwise NotAllowed.
        """
        return self._workspace.processes.publish(self._member.actor, self.code, note, agreed=agreed).number

    def _save(self, process: Process) -> Design:
        self._workspace.processes.save(self._member.actor, process)
        return self


class _Frame:
    """Makes tables of elements of one process."""

    def __init__(self, workspace: Services, process: Process, reader: Language) -> None:
        self._workspace, self._process, self._reader = workspace, process, reader

    def of(self, elements: Sequence[Element], shown: bool) -> pd.DataFrame:
        """One row for each element; see `Member.elements`."""
        codes = [c for c in SHOWN if self._process.has_stages or c not in ("stage", "closed_at")]
        made = {code: self._column(code, [e.get(code) for e in elements], shown) for code in codes}
        made |= {f.code: self._column(f.code, [e.values.get(f.code) for e in elements], shown) for f in self._process.fields}
        frame = pd.DataFrame(made, index=pd.Index([e.id for e in elements], name="id"))
        return frame.rename(columns={code: self._title(code) for code in made}) if shown else frame

    def _title(self, code: str) -> str:
        field = self._process.field(code)
        return field.title if field else self._reader.t(f"system.{code}")

    def _column(self, code: str, values: list[Any], shown: bool) -> Any:
        """What pandas makes a column of; arrays, since a Series would be aligned by its own index."""
        field = self._process.field(code)
        kind = field.kind if field else SYSTEM[code]
        if kind == "stage":
            titles = {s.code: s.title for s in self._process.stages()}
            return [titles.get(v, v) for v in values]
        if not shown and not (field and field.multiple):
            if kind in ("integer", "double", "money"):
                return pd.array(values, dtype="Int64" if kind == "integer" else "Float64")
            if kind == "boolean":
                return pd.array(values, dtype="boolean")
            if kind in ("date", "datetime"):
                return self._times(values, kind == "date")
        show = self._shower(field or Field.model_construct(code=code, title=code, kind=kind, params={}))
        return [show(v) for v in values]

    def _times(self, values: list[Any], days: bool) -> Any:
        found = pd.to_datetime(pd.Series(values, dtype="object"), utc=not days, errors="coerce", format="ISO8601")
        return (found if days else found.dt.tz_convert(self._reader.zone)).array

    def _shower(self, field: Field) -> Callable[[Any], str | None]:
        """Stored value -> text; each different value is shown once."""
        kind, known = field.type(self._workspace.types), dict[Any, str]()

        def one(value: Any) -> str:
            if value not in known:
                known[value] = kind.show(value, self._reader)
            return known[value]

        return lambda value: None if value is None else ", ".join(map(one, value if isinstance(value, list) else [value]))


def _local(at: str, reader: Language) -> Any:
    return pd.Timestamp(at).tz_convert(reader.zone)


def _who(event: Event, reader: Language) -> str:
    """Who did it; what a robot did stands under the robots, not under the one who published them."""
    return reader.t("timeline.robot") if event.chain else reader.person(event.by)


def _worked(process: Process, run: Run) -> list[str]:
    """Titles of the nodes that did their work; of a node that is gone since, its id."""
    graph = process.graph(run.graph)
    titles = {node.id: node.title or node.kind for node in graph.nodes} if graph else {}
    return [titles.get(step["node"], step["node"]) for step in run.trace if step["state"] == "done"]


def _filter(given: Filter | Mapping[str, Any]) -> Filter:
    if isinstance(given, Condition | Group):
        return given
    try:
        return _FILTER.validate_python(given)
    except ValidationError as refused:
        raise BadValue("bad_filter", "filter") from refused


def _one(kind: type[Action], name: str) -> Action:
    try:
        return kind(name)
    except ValueError as refused:
        raise BadValue("param.enum", "action", expected=", ".join(kind)) from refused


def _level(name: str) -> Level:
    try:
        return Level[name.upper()]
    except KeyError as refused:
        raise BadValue("param.enum", "level", expected=", ".join(each.name.lower() for each in Level)) from refused
