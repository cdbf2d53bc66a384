"""Robots, triggers and conditions in one line of words, for the canvas, the card's timeline and the passport.

The sentence of a kind stands in the locales under `<shelf>.<kind>.summary`: `{name}` is a parameter in words, `[a|b]` is `a`
when every parameter in it has a value, else `b`. Drafts are described too: a node that lacks what its sentence needs gets none.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from datetime import date, timedelta
from typing import Any, Literal, get_origin

from pydantic import TypeAdapter, ValidationError

from model.field import SYSTEM, FieldType
from model.filter import ALL, Condition, Filter, Group
from model.graph import Node
from model.kind import Catalog, Kind
from model.language import Reader
from model.process import Process
from model.robot import Input, Robot, Trigger, pickers

LIMIT = 160
"""Longest summary, in characters."""
PEOPLE = ("responsible", "creator", "mover", "head")
MONDAY = date(2024, 1, 1)
_NOTHING: tuple[Any, ...] = (None, "", 0, [], (), {})

Types = Catalog[FieldType]
Others = Callable[[str], Process | None]
"""Another process by its code."""

_PIECE = re.compile(r"\[([^\[\]|]*)(?:\|([^\[\]|]*))?\]|\{(\w+)\}")
_NAME = re.compile(r"\{(\w+)\}")
_FILTER: TypeAdapter[Filter] = TypeAdapter(Filter)


def summary(
    node: Node,
    process: Process,
    reader: Reader,
    robots: Catalog[Robot],
    triggers: Catalog[Trigger],
    types: Types,
    others: Others = lambda code: None,
) -> str:
    """What a node does, in one line: `Move to stage “Won”`. Empty for a kind that nobody knows. Never raises for a draft."""
    kind: type[Kind] | None = triggers.get(node.kind) or robots.get(node.kind)
    if kind is None:
        return ""
    shelf = "trigger" if node.kind in triggers else "robot"
    teller = _Teller(f"{shelf}.{node.kind}", kind, node.params, process, reader, types, others, node)
    words = teller.sentence(reader.t(f"{shelf}.{node.kind}.summary"))
    condition = teller.text("condition") if shelf == "trigger" else ""
    return _cut(reader.t("summary.if", what=words, condition=condition) if words and condition else words)


def condition_text(found: Filter, process: Process, reader: Reader, types: Types) -> str:
    """A condition in words: `Amount > 1,000 and Stage is Won`. Empty for one that every element meets."""
    if isinstance(found, Condition):
        return _condition(found, process, reader, types)
    if found.op == "none":
        return reader.t("condition.none", items=condition_text(Group(op="any", items=found.items), process, reader, types))
    parts = [_bracketed(item, process, reader, types) for item in found.items]
    if not parts:
        return reader.t("condition.nothing") if found.op == "any" else ""
    return reader.t(f"condition.{found.op}").join(part for part in parts if part)


def port_text(node: Node, port: str, process: Process, reader: Reader, robots: Catalog[Robot], types: Types) -> str:
    """The name of a port in words: that of a switch's case is the value itself."""
    kind = robots.get(node.kind)
    if kind is None or port in node.ways(kind.ports):
        return reader.t(f"port.{port}")
    return value_text(str(node.params.get("field", "")), port, process, reader, types)


def field_title(code: str, process: Process, reader: Reader) -> str:
    """The title of a field or a system value; the code of what is neither."""
    field = process.field(code) or next((f for f in process.removed_fields if f.code == code), None)
    return field.title if field else reader.t(f"system.{code}") if code in SYSTEM else code


def value_text(code: str, value: Any, process: Process, reader: Reader, types: Types) -> str:
    """A stored or entered value of a field in words; templates and what its type cannot show stay as they are."""
    if isinstance(value, list | tuple):
        return ", ".join(value_text(code, each, process, reader, types) for each in value)
    if value is None or value == "":
        return ""
    if value == "@me":
        return reader.t("condition.me")
    if code == "stage" or code == "funnel":
        there = process.stage(str(value)) if code == "stage" else process.funnel(str(value))
        return there.title if there else str(value)
    field = process.field(code)
    kind, params = (field.kind, field.params) if field else (SYSTEM.get(code, "string"), {})
    if kind == "employee":
        return _person(value, process, reader)
    if kind == "boolean" and isinstance(value, str):
        value = {"true": True, "false": False}.get(value.lower(), value)
    try:
        return types.load(kind, params).show(value, reader)
    except Exception:  # drafts and conditions hold whatever was entered: a value that its type cannot show is shown as it is
        return str(value)


class _Teller:
    """Puts the parameters of one node into words."""

    def __init__(
        self,
        base: str,
        kind: type[Kind],
        params: Mapping[str, Any],
        process: Process,
        reader: Reader,
        types: Types,
        others: Others,
        node: Node,
    ) -> None:
        self._told = node
        self._base, self._kind, self._params, self._process, self._reader = base, kind, params, process, reader
        self._types, self._pickers = types, pickers(kind)
        there = params.get("process")
        self._there = (others(there) if isinstance(there, str) and there != process.code else None) or process
        self._elsewhere = there if isinstance(there, str) and self._there.code != there else ""

    def sentence(self, template: str) -> str:
        """A template of the locales, filled; empty when a parameter outside its brackets is missing."""
        if not all(self.text(match[3]) for match in _PIECE.finditer(template) if match[3]):
            return ""
        return _PIECE.sub(self._piece, template).strip()

    def _piece(self, match: re.Match[str]) -> str:
        if match[3]:
            return self.text(match[3])
        names = _NAME.findall(match[1])
        chosen = match[1] if all(self.text(name) for name in names) else match[2] or ""
        return _NAME.sub(lambda m: self.text(m[1]), chosen)

    def text(self, name: str) -> str:
        """One parameter in words; empty when it says nothing."""
        field = self._kind.model_fields.get(name)
        default = field.default if field and not field.is_required() else None
        value = self._params.get(name, default)
        if field is None or value in _NOTHING or value == ALL:
            return ""
        by_picker: dict[str, Callable[[Any], str]] = {
            Input.FIELD: self._field, Input.DATE_FIELD: self._field, Input.EMAIL_FIELD: self._field, Input.FIELDS: self._field,
            Input.STAGE: self._stage, Input.STAGES: self._stage, Input.PERSON: self._people, Input.PROCESS: self._process_title,
            Input.GRAPH: self._graph, Input.CONDITION: self._condition, Input.VALUES: self._values,
            Input.NODE: self._node, Input.DURATION: self._duration,
            Input.CASES: self._cases, Input.VALUE: self._cases, Input.WEEKDAYS: self._weekdays,
        }  # fmt: skip
        try:
            return by_picker.get(self._pickers.get(name, ""), lambda v: self._plain(name, v))(value)
        except (TypeError, ValueError, KeyError, AttributeError, OverflowError):
            return str(value)

    def _plain(self, name: str, value: Any) -> str:
        if get_origin(self._kind.model_fields[name].annotation) is Literal:
            return self._reader.t(f"{self._base}.param.{name}.{value}")
        if value is True:
            return self._reader.t(f"{self._base}.param.{name}.yes")
        return _cut(" ".join(str(value).split()), 80)

    def _field(self, value: Any) -> str:
        return ", ".join(field_title(str(code), self._there, self._reader) for code in _listed(value))

    def _stage(self, value: Any) -> str:
        return value_text("stage", _listed(value), self._process, self._reader, self._types)

    def _people(self, value: Any) -> str:
        return ", ".join(_person(each, self._process, self._reader) for each in _listed(value))

    def _process_title(self, value: Any) -> str:
        return self._elsewhere or self._there.title

    def _graph(self, value: Any) -> str:
        found = self._process.graph(str(value))
        return found.title if found else str(value)

    def _node(self, value: Any) -> str:
        """Another robot of the graph, by what it is called or gives."""
        found = next((g.node(str(value)) for g in self._process.graphs if self._told in g.nodes and g.node(str(value))), None)
        return (found.title or str(found.params.get("title", ""))) if found else ""

    def _condition(self, value: Any) -> str:
        try:
            found = value if isinstance(value, Condition | Group) else _FILTER.validate_python(value)
        except ValidationError:
            return ""
        return condition_text(found, self._process, self._reader, self._types)

    def _values(self, value: Any) -> str:
        pairs = [
            f"{field_title(code, self._there, self._reader)} = "
            f"{_cut(value_text(code, each, self._there, self._reader, self._types), 60) or '∅'}"
            for code, each in value.items()
        ]
        return ", ".join(pairs)

    def _duration(self, value: Any) -> str:
        return self._reader.duration(float(value))

    def _cases(self, value: Any) -> str:
        code = str(self._params.get("field", ""))
        return value_text(code, _listed(value), self._process, self._reader, self._types)

    def _weekdays(self, value: Any) -> str:
        days = sorted({int(day) for day in value})
        named = [self._reader.date(MONDAY + timedelta(days=day), "ccc") for day in days]
        in_a_row = len(days) > 2 and days[-1] - days[0] == len(days) - 1
        return f"{named[0]}–{named[-1]}" if in_a_row else ", ".join(named)


def _condition(found: Condition, process: Process, reader: Reader, types: Types) -> str:
    title = field_title(found.field, process, reader)
    if found.op in ("last_days", "next_days"):
        days = str(found.value or "")
        return reader.t(f"condition.{found.op}", field=title, n=int(days) if days.isdecimal() and len(days) < 7 else 0)
    value = _cut(value_text(found.field, found.value, process, reader, types), 80)
    blank = found.op in ("eq", "ne") and not value
    op = {"eq": "empty", "ne": "not_empty"}[found.op] if blank else found.op
    return reader.t(f"condition.{op}", field=title, value=value)


def _bracketed(found: Filter, process: Process, reader: Reader, types: Types) -> str:
    text = condition_text(found, process, reader, types)
    return f"({text})" if isinstance(found, Group) and len(found.items) > 1 and text else text


def _person(whom: Any, process: Process, reader: Reader) -> str:
    """`responsible`, `user:3`, 3 or an employee field's code as people call them."""
    number = str(whom).removeprefix("user:")
    if number.isdecimal():
        return reader.person(int(number))
    return reader.t(f"person.{whom}") if whom in PEOPLE else field_title(str(whom), process, reader)


def _listed(value: Any) -> list[Any]:
    return list(value) if isinstance(value, list | tuple) else [value]


def _cut(text: str, limit: int = LIMIT) -> str:
    return text if len(text) <= limit else f"{text[: limit - 1].rstrip()}…"
