"""The inspector: a form made from the pydantic parameters of a robot, a trigger or a field type.

A parameter is drawn by the picker it names (`model.robot.Input`), else by its Python type. Nothing here knows any kind by name.
Two rules tie parameters together: where a kind names a PROCESS, its fields, stages and values are those of that process; CASES
and VALUE are values of the field that the kind's FIELD parameter names.
"""

from __future__ import annotations

import inspect
import types as python
from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass, replace
from datetime import time
from typing import Annotated, Any, Literal, Union, get_args, get_origin

import streamlit as st
from pydantic import BaseModel, TypeAdapter, ValidationError
from pydantic.fields import FieldInfo

from builder.edit import code_for
from model.errors import VoronkaError
from model.field import Control, FieldType
from model.filter import ALL, Filter
from model.kind import Kind
from model.process import Process
from model.robot import Input, Robot, Trigger, kinds_of
from pages.parts.forms import choices
from pages.parts.forms.asked import Asked
from pages.parts.forms.conditions import condition_builder
from pages.parts.forms.typed import READ, Unread, typed_input
from pages.parts.forms.values import choose, value_input
from pages.parts.text import plain
from pages.parts.user import User

UNITS = {"minutes": 1, "hours": 60, "days": 24 * 60, "weeks": 7 * 24 * 60}
MONDAY = 5
"""The 5th of January 1970 was a Monday: where the names of the weekdays are taken from."""
_FILTER: TypeAdapter[Filter] = TypeAdapter(Filter)
TYPED = (Control.TEXT, Control.LONG_TEXT, Control.NUMBER, Control.DATE, Control.DATETIME)
"""Controls whose values a robot writes as a template."""


Before = Callable[[Collection[str]], Mapping[str, str]]


@dataclass(frozen=True)
class _Part:
    """One parameter to draw."""

    user: User
    kind: type[Kind]
    name: str
    info: FieldInfo
    value: Any
    params: Mapping[str, Any]
    process: Process
    key: str
    before: Before

    @property
    def shelf(self) -> str:
        """The word that the locales file the kind under."""
        return "robot" if issubclass(self.kind, Robot) else "trigger" if issubclass(self.kind, Trigger) else "field"

    @property
    def words(self) -> str:
        """The key of this parameter's words."""
        return f"{self.shelf}.{self.kind.kind}.param.{self.name}"

    @property
    def label(self) -> str:
        """Its name, marked when it must be given."""
        reader = self.user.reader
        own = self.words if reader.has(self.words) else f"{self.shelf}.param.{self.name}"
        return plain(reader.t(own)) + (" \\*" if self.info.is_required() else "")

    @property
    def help(self) -> str | None:
        """More words about it, where there are any."""
        reader = self.user.reader
        return plain(reader.t(f"{self.words}.help")) if reader.has(f"{self.words}.help") else None

    @property
    def look(self) -> dict[str, Any]:
        """The options that every widget takes."""
        return {"key": self.key, "help": self.help}

    @property
    def several(self) -> bool:
        """Whether it holds a list."""
        return bool(_more(self.info).get("several")) or get_origin(_bare(self.info.annotation)) in (tuple, list)

    def asked(self, value: Any, multiple: bool = False) -> Asked:
        """An input of text for this parameter; `replace(kind=...)` makes it another one."""
        return Asked(self.user, self.user.workspace.types["string"](), self.label, value, self.key, multiple, self.help)

    @property
    def home(self) -> Process:
        """The process whose fields and stages are meant."""
        for name, info in self.kind.model_fields.items():
            if _more(info).get("input") == Input.PROCESS and (code := self.params.get(name)) and code != self.process.code:
                version = self.user.workspace.processes.published(code)
                return version.process if version else self.process
        return self.process

    @property
    def subject(self) -> str:
        """Code of the field that the kind's FIELD parameter names."""
        names = (n for n, info in self.kind.model_fields.items() if _more(info).get("input") == Input.FIELD)
        return str(self.params.get(next(names, ""), ""))

    @property
    def subject_type(self) -> FieldType | None:
        """The type of that field."""
        try:
            return choices.type_of(self.home, self.user.workspace.types, self.subject)[0]
        except (ValidationError, VoronkaError):
            return None

    @property
    def offered(self) -> dict[str, str]:
        """The values that field can have, where they are few: title by code."""
        if self.subject == "stage":
            return choices.stages(self.home)
        return {o.code: o.title for o in getattr(self.subject_type, "options", ())}


def params_form(
    user: User, kind: type[Kind], params: Mapping[str, Any], process: Process, key: str, before: Before = lambda kinds: {}
) -> dict[str, Any]:
    """Draw an input for each parameter and give the parameters as they stand; those left at their default are left out.

    They may be wrong: `kind.problems(params)` says how. Give another `key` when `params` change from outside (undo).
    before: the robots of these kinds that stand before this one, title by id.
    """
    found: dict[str, Any] = {}
    for name, info in kind.model_fields.items():
        value = params.get(name, None if info.is_required() else info.get_default(call_default_factory=True))
        entered = _draw(_Part(user, kind, name, info, value, {**params, **found}, process, f"{key}:{name}", before))
        if entered is not None and (name in params or info.is_required() or entered != _stored(info.default)):
            found[name] = entered
    return found


def _stored(default: Any) -> Any:
    """A default as the form gives values: lists and JSON."""
    if isinstance(default, BaseModel):
        return default.model_dump(mode="json")
    return list(default) if isinstance(default, tuple) else default


def _more(info: FieldInfo) -> Mapping[str, Any]:
    return info.json_schema_extra if isinstance(info.json_schema_extra, dict) else {}


def _bare(annotation: Any) -> Any:
    """A type without Annotated and without `| None`."""
    if get_origin(annotation) is Annotated:
        return _bare(get_args(annotation)[0])
    if get_origin(annotation) in (Union, python.UnionType):
        kinds = [a for a in get_args(annotation) if a is not type(None)]
        return _bare(kinds[0]) if len(kinds) == 1 else annotation
    return annotation


def _draw(part: _Part) -> Any:
    picker = _more(part.info).get("input")
    if picker in _PICKERS:
        return _PICKERS[picker](part)
    return _by_type(part, _bare(part.info.annotation))


def _by_type(part: _Part, wanted: Any) -> Any:
    if get_origin(wanted) is Literal:
        return _literal(part, get_args(wanted))
    if get_origin(wanted) in (tuple, list):
        inner = _bare(get_args(wanted)[0])
        return _options(part, inner) if inspect.isclass(inner) and issubclass(inner, BaseModel) else _words(part)
    if wanted is bool:
        return st.toggle(part.label, value=bool(part.value), **part.look)
    if wanted in (int, float):
        return _number(part, wanted)
    return st.text_input(part.label, value=str(part.value or ""), **part.look)


def _literal(part: _Part, values: tuple[Any, ...]) -> Any:
    t = part.user.reader.t
    titles = {v: t(f"{part.words}.{v}") if part.user.reader.has(f"{part.words}.{v}") else str(v) for v in values}
    index = values.index(part.value) if part.value in values else 0
    return st.selectbox(part.label, values, index=index, format_func=titles.__getitem__, **part.look)


def _number(part: _Part, wanted: Any) -> Any:
    limits = {name: getattr(m, name) for m in part.info.metadata for name in ("ge", "le") if hasattr(m, name)}
    low, high = (None if limits.get(n) is None else wanted(limits[n]) for n in ("ge", "le"))
    if high is not None and abs(high) > 2**53 - 1:
        low = high = None
    found = _typed(part, "integer" if wanted is int else "double", part.value, min=low, max=high)
    return found if found is None else wanted(found)


def _typed(part: _Part, kind: str, value: Any, **params: Any) -> Any:
    """A number; the one that stands, as long as what is typed cannot be read."""
    figures = part.user.workspace.types.load(kind, {"digits": 6, **params} if kind == "double" else params)
    entered = typed_input(replace(part.asked(value), kind=figures))
    return value if isinstance(entered, Unread) else entered


def _words(part: _Part) -> list[str]:
    text = st.text_input(part.label, value=", ".join(part.value or ()), **part.look)
    return [word.strip() for word in text.split(",") if word.strip()]


def _options(part: _Part, model: type[BaseModel]) -> Any:
    """Things with a title and a code, one title a line; a renamed line keeps its code."""
    held = [o.model_dump(mode="json") if isinstance(o, BaseModel) else dict(o) for o in part.value or ()]
    before = "\n".join(str(o["title"]) for o in held)
    hint = part.user.reader.t("forms.one_a_line")
    text = st.text_area(part.label, value=before, height=140, placeholder=hint, **part.look)
    return held if text == before else renamed(held, text.splitlines())


def renamed(held: list[dict[str, Any]], lines: list[str]) -> list[dict[str, Any]]:
    """The options of these titles. Those whose title stayed keep code and colour; as many new titles as old ones that went are
    taken for renamed, in order; the rest are new."""
    titles = list(dict.fromkeys(" ".join(line.split())[:120] for line in lines if line.strip()))
    known = {o["title"]: o for o in held}
    fresh = [title for title in titles if title not in known]
    gone = [o for o in held if o["title"] not in titles]
    heirs = dict(zip(fresh, gone, strict=True)) if len(fresh) == len(gone) else {}
    taken = {o["code"] for o in held}
    found = []
    for title in titles:
        old = known.get(title) or heirs.get(title)
        if old is None:
            old = {"code": code_for(title, taken)}
            taken.add(old["code"])
        found.append({**old, "title": title})
    return found


# --- pickers -----------------------------------------------------------------------------------------------------------


def _pick(part: _Part, titles: Mapping[str, str]) -> Any:
    several = part.several
    chosen = choose(part.asked(part.value, several), titles)
    return chosen if chosen is not None else ([] if several else "")


def _fields(part: _Part) -> Any:
    kinds = _more(part.info).get("kinds", ())
    return _pick(part, choices.fields(part.user, part.home, kinds))


def _dates(part: _Part) -> Any:
    return _pick(part, choices.fields(part.user, part.home, ("date", "datetime")))


def _emails(part: _Part) -> Any:
    return _pick(part, choices.fields(part.user, part.home, ("email",)))


def _stages(part: _Part) -> Any:
    return _pick(part, choices.stages(part.home))


def _people(part: _Part) -> Any:
    return _pick(part, choices.people(part.user, part.process))


def _processes(part: _Part) -> Any:
    published = {row.code: row.title for row in part.user.workspace.processes.all()}
    return _pick(part, {part.process.code: part.process.title} | published)


def _graphs(part: _Part) -> Any:
    return _pick(part, {graph.code: graph.title for graph in part.process.graphs})


def _nodes(part: _Part) -> Any:
    """A robot before this one; where there is none to choose, nothing is asked."""
    offered = dict(part.before(kinds_of(part.kind, part.name)))
    return _pick(part, offered) if offered or part.value else ""


def _template(part: _Part) -> str:
    text: str = st.text_input(part.label, value=str(part.value or ""), **part.look)
    _inserter(part, part.key)
    return text


def _long_template(part: _Part) -> str:
    text: str = st.text_area(part.label, value=str(part.value or ""), height=130, **part.look)
    _inserter(part, part.key)
    return text


def _inserter(part: _Part, target: str) -> None:
    """A list of names to put into a text, for those who do not know them by heart."""
    t = part.user.reader.t
    names = {f"{{{code}}}": title for code, title in choices.fields(part.user, part.process).items()}
    names |= {"{responsible.email}": t("forms.responsible_email"), "{today}": t("forms.today")}

    def insert() -> None:
        chosen = st.session_state.get(f"{target}:insert")
        if chosen:
            held = str(st.session_state.get(target, ""))
            st.session_state[target] = held + (" " if held and not held[-1].isspace() else "") + chosen
            st.session_state[f"{target}:insert"] = None

    st.selectbox(
        t("forms.insert"), list(names), index=None, key=f"{target}:insert", on_change=insert, placeholder=t("forms.insert"),
        format_func=lambda name: f"{names[name]}  {name}", label_visibility="collapsed", width=220,
    )  # fmt: skip


def _condition(part: _Part) -> Any:
    st.markdown(f"**{part.label}**", help=part.help)
    try:
        held = _FILTER.validate_python(part.value) if part.value else ALL
    except ValidationError:
        held = ALL
    return condition_builder(part.process, part.user.workspace.types, held, key=part.key, user=part.user).dump()


def _values(part: _Part) -> dict[str, Any]:
    """Fields chosen one by one, each with a value or a template."""
    t = part.user.reader.t
    titles = {code: title for code, title in choices.fields(part.user, part.home).items() if code not in _UNSETTABLE}
    held: Mapping[str, Any] = part.value or {}
    chosen = choose(
        Asked(part.user, part.user.workspace.types["string"](), part.label, list(held), part.key, True, part.help), titles
    )  # fmt: skip
    found = {}
    for code in chosen or ():
        found[code] = _setting(part, code, titles.get(code, code), held.get(code))
    if not chosen:
        st.caption(t("forms.choose_fields"))
    return found


_UNSETTABLE = ("id", "funnel", "stage", "created_at", "created_by", "updated_at", "moved_at", "closed_at")


def _setting(part: _Part, code: str, title: str, value: Any) -> Any:
    """What one field is set to: chosen where there is a choice, a template elsewhere; empty clears the field."""
    key = f"{part.key}:{code}"
    kind, multiple = choices.type_of(part.home, part.user.workspace.types, code)
    asked = Asked(part.user, kind or part.user.workspace.types["string"](), plain(title), value, key, multiple)
    if kind is not None and kind.control is Control.PERSON:
        return choose(replace(asked, value=_whom(value)), choices.people(part.user, part.process)) or ""
    if kind is not None and kind.control in READ and not multiple:
        entered = typed_input(asked, template=True)
        _inserter(part, key)
        return value if isinstance(entered, Unread) else "" if entered is None else entered
    if kind is None or kind.control in TYPED:
        text = st.text_input(plain(title), value="" if value is None else str(value), key=key)
        _inserter(part, key)
        return text
    entered = value_input(asked)
    return "" if entered is None else entered


def _whom(value: Any) -> Any:
    """A bare user id as the picker of people writes it."""
    return f"user:{value}" if isinstance(value, int) else value


def _duration(part: _Part) -> float:
    t = part.user.reader.t
    minutes = float(part.value or 0)
    fitting = [unit for unit, size in UNITS.items() if minutes and minutes % size == 0]
    unit = fitting[-1] if fitting else "minutes" if minutes else "days"
    left, right = st.columns([2, 3], vertical_alignment="bottom")
    with left:
        amount = _typed(part, "double", minutes / UNITS[unit], min=0) or 0
    chosen = right.selectbox(
        t("forms.unit"), list(UNITS), index=list(UNITS).index(unit), key=f"{part.key}:unit", label_visibility="hidden",
        format_func=lambda u: t(f"forms.unit.{u}"),
    )  # fmt: skip
    return float(amount) * UNITS[chosen]


def _cases(part: _Part) -> Any:
    if part.offered:
        return choose(part.asked(list(part.value or ()), True), part.offered) or []
    hint = part.user.reader.t("forms.one_a_line")
    text = st.text_area(part.label, value="\n".join(map(str, part.value or ())), height=110, placeholder=hint, **part.look)
    return [line.strip() for line in text.splitlines() if line.strip()]


def _value(part: _Part) -> Any:
    kind, asked = part.subject_type, part.asked(part.value)
    if part.offered:
        return choose(asked, part.offered)
    if kind is None or kind.control is Control.LONG_TEXT:
        return value_input(asked)
    if kind.control is Control.CHECKBOX:
        t = part.user.reader.t
        return choose(asked, {True: t("common.yes"), False: t("common.no")})
    entered = value_input(replace(asked, kind=kind))
    return part.value if isinstance(entered, Unread) else entered


def _weekdays(part: _Part) -> Any:
    reader = part.user.reader
    names = {n: reader.date(f"1970-01-{MONDAY + n:02}", "EEE") for n in range(7)}
    held = [n for n in part.value or () if n in names]
    chosen = st.pills(part.label, list(names), default=held, selection_mode="multi", format_func=names.__getitem__, **part.look)
    return sorted(chosen)


def _time(part: _Part) -> str:
    hours, _, minutes = str(part.value or "09:00").partition(":")
    start = time(int(hours) % 24, int(minutes or 0) % 60) if hours.isdigit() and minutes.isdigit() else time(9)
    chosen = st.time_input(part.label, value=start, step=300, **part.look)
    return chosen.strftime("%H:%M") if chosen else "09:00"


_PICKERS: dict[str, Callable[[_Part], Any]] = {
    Input.FIELD: _fields, Input.FIELDS: _fields, Input.DATE_FIELD: _dates, Input.EMAIL_FIELD: _emails, Input.STAGE: _stages,
    Input.STAGES: _stages, Input.PERSON: _people, Input.PROCESS: _processes, Input.GRAPH: _graphs, Input.NODE: _nodes,
    Input.TEMPLATE: _template,
    Input.LONG_TEMPLATE: _long_template, Input.CONDITION: _condition, Input.VALUES: _values, Input.DURATION: _duration,
    Input.CASES: _cases, Input.VALUE: _value, Input.WEEKDAYS: _weekdays, Input.TIME: _time,
}  # fmt: skip
