"""Proof-reading robot graphs: kinds, parameters, wires, and what the parameters speak of."""

from __future__ import annotations

import difflib
import re
from collections import Counter
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from typing import Any

from pydantic import TypeAdapter, ValidationError

from model.errors import Invalid, Problem, UnknownKind
from model.field import SYSTEM, Field, FieldType, Reading
from model.filter import DEPTH, Condition, Filter, Group, measure
from model.graph import Graph, Node, Plan, cycle, unreachable
from model.kind import Catalog, Kind
from model.process import Process
from model.robot import Input, Robot, Trigger, kinds_of, more_of, pickers

PEOPLE = ("responsible", "creator", "mover", "head")
"""Persons that a robot finds by what they are to the element, beside `user:<id>` and the employee fields."""
SETTABLE = ("title", "responsible", "stage", "funnel")
"""System values that a robot may write into an element."""
NESTING = 4 * DEPTH
"""How deep the JSON of parameters may go: more than any sound condition needs, less than a parser's stack."""
COMPARED = ("eq", "ne", "gt", "ge", "lt", "le", "in", "not_in", "last_days", "next_days")
"""Operators that compare with the value as it stands."""
WORDS = ("string", "text")
"""Types in whose values braces may be meant as they are."""
_NAMED = re.compile(r"\{[^\W\d][\w.]*(\|[^{}]*)?\}")
_FILTER: TypeAdapter[Filter] = TypeAdapter(Filter)


def unknown(code: str, path: str, name: str, known: Iterable[str]) -> Problem:
    """A Problem `unknown_<what>` about a name that nothing has, with the nearest that something has."""
    close = difflib.get_close_matches(name, sorted(known), 1)
    return Problem(path, code, {"name": name, code.removeprefix("unknown_"): name, "nearest": close[0] if close else ""})


def nesting(value: Any, limit: int = NESTING) -> int:
    """How deep lists and objects are nested, counted no further than one beyond the limit."""
    depth, level = 0, [value]
    while level and depth <= limit:
        inner = [v.values() if isinstance(v, Mapping) else v for v in level if isinstance(v, Mapping | list | tuple)]
        level = [each for values in inner for each in values]
        depth += bool(inner)
    return depth


@dataclass(frozen=True)
class Desk:
    """All that is needed to read the graphs of one process."""

    process: Process
    types: Catalog[FieldType]
    robots: Catalog[Robot]
    triggers: Catalog[Trigger]
    processes: Collection[str]
    template_problems: Callable[[str, Process], Iterable[Problem]]
    sees: Callable[[Process, int], bool] = lambda process, user: True
    others: Callable[[str], Process | None] = lambda code: None

    def problems(self, graph: Graph) -> Iterator[Problem]:
        """What is wrong with a graph. One that is switched off blocks nothing: its errors are told as warnings."""
        path = f"graphs/{graph.code}"
        found = [*self._nodes(graph), *self._shape(graph), *self._wires(graph), *self._before(graph)]
        for problem in found:
            yield (problem if graph.enabled else replace(problem, level="warning")).at(path)

    # --- shape -----------------------------------------------------------------------------------------------------

    def _shape(self, graph: Graph) -> Iterator[Problem]:
        if not graph.nodes:
            yield Problem("", "graph_empty", {"title": graph.title}, "warning")
            return
        twice = [name for name, count in Counter(n.id for n in graph.nodes).items() if count > 1]
        yield from (Problem(f"nodes/{name}", "duplicate_node", {"name": name}) for name in twice)
        starts = [n.id for n in graph.nodes if n.kind in self.triggers]
        if not starts:
            yield Problem("", "no_trigger", {"title": graph.title})
        round_trip = cycle(graph)
        if round_trip:
            named = " → ".join(self._called(graph, name) for name in [*round_trip, round_trip[0]])
            yield Problem(f"nodes/{round_trip[0]}", "cycle", {"nodes": named})
        elif starts:
            for name in sorted(unreachable(graph, starts)):
                yield Problem(f"nodes/{name}", "unreachable", {"title": self._called(graph, name)}, "warning")

    def _called(self, graph: Graph, name: str) -> str:
        node = graph.node(name)
        return (node.title or node.kind) if node else name

    def _wires(self, graph: Graph) -> Iterator[Problem]:
        outlets = {n.id: self._outlets(n) for n in graph.nodes}
        for wire, count in Counter(graph.edges).items():
            path = f"nodes/{wire.source}" if wire.source in outlets else ""
            if wire.source not in outlets or wire.target not in outlets:
                missing = wire.target if wire.source in outlets else wire.source
                yield Problem(path, "wire_dangling", {"name": missing})
                continue
            ports = outlets[wire.source]
            if ports is not None and wire.port not in ports:
                yield Problem(path, "unknown_port", {"name": wire.port, "ports": ", ".join(ports)})
            if self._is_trigger(graph, wire.target):
                yield Problem(f"nodes/{wire.target}", "trigger_with_input", {"title": self._called(graph, wire.target)})
            if count > 1:
                yield Problem(path, "duplicate_wire", {"name": self._called(graph, wire.target)}, "warning")

    def _before(self, graph: Graph) -> Iterator[Problem]:
        """Parameters that name another robot of the graph: it must be of the right kind, and lead to the one that names it."""
        plan = Plan(graph)
        for node in graph.nodes:
            kind = self.robots.get(node.kind)
            for name, picker in pickers(kind).items() if kind else ():
                chosen = node.params.get(name) if picker == Input.NODE else ""
                there = plan.nodes.get(chosen) if isinstance(chosen, str) else None
                fits = (
                    there is not None and there.kind in kinds_of(self.robots[node.kind], name) and chosen in plan.above(node.id)
                )
                if chosen and not fits:
                    yield Problem(f"nodes/{node.id}/{name}", "node_not_before", {"title": self._called(graph, str(chosen))})

    def _is_trigger(self, graph: Graph, name: str) -> bool:
        node = graph.node(name)
        return node is not None and node.kind in self.triggers

    def _outlets(self, node: Node) -> tuple[str, ...] | None:
        """The ports of a node; None as long as its kind or its parameters are wrong."""
        if node.kind in self.triggers:
            return self.triggers[node.kind].ports
        if node.kind not in self.robots or nesting(node.params) > NESTING:
            return None
        try:
            return node.ways(self.robots.load(node.kind, node.params).outlets())
        except ValidationError:
            return None

    # --- nodes -----------------------------------------------------------------------------------------------------

    def _nodes(self, graph: Graph) -> Iterator[Problem]:
        for node in graph.nodes:
            yield from (p.at(f"nodes/{node.id}") for p in self._node(node))

    def _node(self, node: Node) -> Iterator[Problem]:
        kind: type[Kind] | None = self.triggers.get(node.kind) or self.robots.get(node.kind)
        if kind is None:
            yield UnknownKind.near(node.kind, [*self.triggers, *self.robots]).problem
            return
        if nesting(node.params) > NESTING:
            yield Problem("", "too_deep", {"limit": DEPTH})
            return
        wrong = kind.problems(node.params)
        yield from (replace(p, path=p.path.replace(".", "/")) for p in wrong)
        refused = {p.path.partition(".")[0] for p in wrong}
        for name, picker in pickers(kind).items():
            value = node.params.get(name)
            if name not in refused and value not in (None, "", [], {}, ()):
                yield from (p.at(name) for p in self._reference(picker, value, self._elsewhere(kind, node)))
            if picker == Input.VALUES and self._elsewhere(kind, node):
                yield from (p.at(name) for p in self._values_there(value, node.params.get("process")))
            if picker == Input.PERSON and more_of(kind, name).get("sees") and isinstance(value, str):
                yield from (p.at(name) for p in self._unseeing(value))

    def _elsewhere(self, kind: type[Kind], node: Node) -> bool:
        """Whether the robot's fields and stages are another process's: then they cannot be looked up here."""
        named = [node.params.get(name) for name, picker in pickers(kind).items() if picker == Input.PROCESS]
        return any(code and code != self.process.code for code in named)

    def _reference(self, picker: str, value: Any, elsewhere: bool) -> Iterator[Problem]:
        """What is wrong with what one parameter speaks of."""
        looks: dict[str, Callable[[Any], Iterator[Problem]]] = {
            Input.PROCESS: self._process, Input.GRAPH: self._graph, Input.PERSON: self._person, Input.CONDITION: self._condition,
            Input.TEMPLATE: self._template, Input.LONG_TEMPLATE: self._template,
        }  # fmt: skip
        here: dict[str, Callable[[Any], Iterator[Problem]]] = {
            Input.FIELD: self._field, Input.FIELDS: self._fields, Input.DATE_FIELD: self._date_field,
            Input.EMAIL_FIELD: self._email_field, Input.STAGE: self._stage, Input.STAGES: self._stages,
            Input.VALUES: self._values,
        }  # fmt: skip
        if not elsewhere:
            looks |= here
        if picker in looks:
            yield from looks[picker](value)

    # --- references ------------------------------------------------------------------------------------------------

    def _field(self, code: Any) -> Iterator[Problem]:
        if isinstance(code, str) and self.process.field(code) is None and code not in SYSTEM:
            yield unknown("unknown_field", "", code, [*(f.code for f in self.process.fields), *SYSTEM])

    def _fields(self, codes: Any) -> Iterator[Problem]:
        for code in _listed(codes):
            yield from self._field(code)

    def _of_kind(self, code: Any, kinds: tuple[str, ...], wrong: str) -> Iterator[Problem]:
        missing = [*self._field(code)]
        field = self.process.field(code) if isinstance(code, str) else None
        kind = field.kind if field else SYSTEM.get(str(code), "")
        yield from missing
        if not missing and kind not in kinds:
            yield Problem("", wrong, {"title": field.title if field else str(code)})

    def _date_field(self, code: Any) -> Iterator[Problem]:
        return self._of_kind(code, ("date", "datetime"), "not_a_date_field")

    def _email_field(self, code: Any) -> Iterator[Problem]:
        return self._of_kind(code, ("email",), "not_an_email_field")

    def _stage(self, code: Any) -> Iterator[Problem]:
        if isinstance(code, str) and self.process.stage(code) is None:
            yield unknown("unknown_stage", "", code, (s.code for s in self.process.stages()))

    def _stages(self, codes: Any) -> Iterator[Problem]:
        for code in _listed(codes):
            yield from self._stage(code)

    def _process(self, code: Any) -> Iterator[Problem]:
        if isinstance(code, str) and code not in self.processes:
            yield unknown("unknown_process", "", code, self.processes)

    def _graph(self, code: Any) -> Iterator[Problem]:
        graph = self.process.graph(code) if isinstance(code, str) else None
        if isinstance(code, str) and graph is None:
            yield unknown("unknown_graph", "", code, (g.code for g in self.process.graphs))
        by_hand = {kind for kind, trigger in self.triggers.items() if "started" in trigger.events}
        if graph and not any(node.kind in by_hand for node in graph.nodes):
            yield Problem("", "graph_not_by_hand", {"title": graph.title})

    def _person(self, whom: Any) -> Iterator[Problem]:
        for one in _listed(whom):
            people = [f.code for f in self.process.fields if f.kind == "employee"]
            number = one.removeprefix("user:") if isinstance(one, str) else ""
            if not isinstance(one, str) or one in (*PEOPLE, *people) or (one != number and number.isdigit()):
                continue
            yield unknown("unknown_person", "", one, [*PEOPLE, *people])

    def _unseeing(self, whom: str) -> Iterator[Problem]:
        """A person who is to do something about elements of which they may read none."""
        number = whom.removeprefix("user:")
        if number != whom and number.isdigit() and not self.sees(self.process, int(number)):
            yield Problem("", "person_sees_nothing", {"process": self.process.title}, "warning")

    def _template(self, text: Any) -> Iterator[Problem]:
        if isinstance(text, str):
            yield from self.template_problems(text, self.process)

    def _values(self, values: Any) -> Iterator[Problem]:
        for code, value in values.items() if isinstance(values, Mapping) else ():
            field = self.process.field(str(code))
            if field is None and code not in SETTABLE:
                yield unknown("unknown_field", str(code), str(code), [*(f.code for f in self.process.fields), *SETTABLE])
            elif field is not None and self._is_file(field, value):
                yield Problem(str(code), "file_value", {"title": field.title})
            elif isinstance(value, str) and "{" in value:
                yield from (p.at(str(code)) for p in self._template(value))
            elif field is not None:
                yield from (p.at(str(code)) for p in self._constant(field, value))

    def _is_file(self, field: Field, value: Any) -> bool:
        """Whether a robot would write a value where only files are attached."""
        return field.kind in self.types and self.types[field.kind].attached and value not in (None, "", [])

    def _values_there(self, values: Any, code: Any) -> Iterator[Problem]:
        """Values for an element of another process: what no process could take."""
        there = self.others(code) if isinstance(code, str) else None
        for name, value in values.items() if isinstance(values, Mapping) and there else ():
            field = there.field(str(name)) if there else None
            if field is not None and self._is_file(field, value):
                yield Problem(str(name), "file_value", {"title": field.title})

    def _constant(self, field: Field, value: Any) -> Iterator[Problem]:
        """A value without placeholders must be one that the field takes; a person may also be named by relation."""
        if value in (None, "", []) or field.kind not in self.types or (field.kind == "employee" and isinstance(value, str)):
            return
        try:
            kind = field.type(self.types)
            for one in _listed(value) if field.multiple else [value]:
                kind.parse(one, Reading())
        except Invalid as refused:
            yield from refused.problems
        except ValidationError:
            return

    def _condition(self, raw: Any) -> Iterator[Problem]:
        try:
            found = raw if isinstance(raw, Condition | Group) else _FILTER.validate_python(raw)
        except ValidationError:
            return
        if measure(found).depth > DEPTH:
            yield Problem("", "too_deep", {"limit": DEPTH})
            return
        for condition in _conditions(found):
            yield from self._field(condition.field)
            if condition.field == "stage" and condition.value is not None:
                yield from self._stages(condition.value)
            yield from self._compared(condition)

    def _compared(self, condition: Condition) -> Iterator[Problem]:
        """A value with which nothing could ever be equal: a condition fills in no names, and a number is no text."""
        field = self.process.field(condition.field)
        named = {"title": field.title if field else condition.field}
        for value in _listed(condition.value):
            if not isinstance(value, str) or condition.op not in COMPARED:
                continue
            if (field is None or field.kind not in WORDS) and _NAMED.search(value):
                yield Problem("", "condition_template", named | {"value": value[:60]})
            elif field is not None and field.kind in self.types and self.types[field.kind].summable and value:
                yield Problem("", "condition_no_number", named | {"value": value[:60]})


def _listed(value: Any) -> Iterable[Any]:
    return value if isinstance(value, list | tuple) else [value]


def _conditions(found: Filter) -> Iterator[Condition]:
    if isinstance(found, Condition):
        yield found
    else:
        for item in found.items:
            yield from _conditions(item)
