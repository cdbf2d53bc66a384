"""Whatever is written into templates, conditions and filters: text stays text, and only declared errors come."""

from __future__ import annotations

import json
import time
from collections.abc import Iterator
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from pydantic import TypeAdapter, ValidationError
from torture_world import StillClock, Tell, admin, chain, often, opened

from model.errors import Problem, VoronkaError
from model.field import Field
from model.filter import OPERATORS, Filter
from model.process import Process
from runtime.lookup import Names, problems, target_of
from runtime.program import matches
from runtime.template import LIMIT, fill
from workspace import Workspace

STRINGS = often(1_500, 20_000)
"""A third of them as templates, a third as conditions, a third as filters."""
MANY = settings(
    max_examples=STRINGS // 3, deadline=None, database=None,
    suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large, HealthCheck.function_scoped_fixture],
)  # fmt: skip
FILTERS: TypeAdapter[Any] = TypeAdapter(Filter)

ESCAPES = {
    # Jinja and its relatives
    "jinja sum": "{{7*7}}",
    "jinja repeat": "{{'7'*7}}",
    "jinja mro": "{{''.__class__.__mro__[1].__subclasses__()}}",
    "jinja config": "{{config.items()}}",
    "jinja request": "{{request.application.__globals__}}",
    "jinja cycler": "{{cycler.__init__.__globals__.os.popen('id').read()}}",
    "jinja lipsum": "{{lipsum.__globals__['os'].popen('id').read()}}",
    "jinja joiner": "{{joiner.__init__.__globals__.os}}",
    "jinja namespace": "{{namespace.__init__.__globals__.os}}",
    "jinja attr": "{{''|attr('__class__')}}",
    "jinja hex attr": "{{''|attr('\\x5f\\x5fclass\\x5f\\x5f')}}",
    "jinja for": "{% for x in [1,2] %}{{x}}{% endfor %}",
    "jinja include": "{% include '/etc/passwd' %}",
    "jinja import": "{% import os %}",
    "jinja set": "{% set a = 7*7 %}{{a}}",
    "jinja range bomb": "{% for x in range(10**9) %}x{% endfor %}",
    "jinja comment": "{# 7*7 #}",
    "jinja get_flashed": "{{get_flashed_messages.__globals__.__builtins__.open('/etc/passwd').read()}}",
    "jinja url_for": "{{url_for.__globals__}}",
    "jinja self": "{{self._TemplateReference__context}}",
    "twig": "{{_self.env.registerUndefinedFilterCallback('exec')}}",
    "freemarker": "${'freemarker.template.utility.Execute'?new()('id')}",
    "velocity": "#set($x=7*7)$x",
    "mako": "${7*7}",
    "mako module": "<%import os%>${os.popen('id').read()}",
    "erb": "<%= 7*7 %>",
    "tornado": "{% import os %}{{ os.popen('id').read() }}",
    "smarty": "{php}echo 7*7;{/php}",
    "pug": "#{7*7}",
    "el": "#{T(java.lang.Runtime)}",
    "handlebars": "{{#with 's' as |string|}}{{/with}}",
    "angular": "{{constructor.constructor('alert(1)')()}}",
    # format strings
    "format class": "{title.__class__}",
    "format init globals": "{title.__init__.__globals__}",
    "format mro": "{title.__class__.__mro__}",
    "format index": "{title[0]}",
    "format key": "{title[__class__]}",
    "format bare": "{}",
    "format number": "{0}",
    "format conversion": "{title!r}",
    "format ascii": "{title!a}",
    "format width bomb": "{title:>1000000000}",
    "format precision bomb": "{counter:.1000000000f}",
    "format zero bomb": "{counter:01000000000d}",
    "format nested": "{title:{counter}}",
    "format nested bomb": "{title:{counter}{counter}{counter}}",
    "format self": "{self.__dict__}",
    "percent": "%(title)s %s %n",
    "percent width bomb": "%1000000000d",
    "dollar": "$title ${title}",
    "f string": "f'{title.upper()}'",
    "call": "{title.upper()}",
    "call eval": "{eval('7*7')}",
    "import": "{__import__('os').system('id')}",
    "lambda": "{(lambda: 7*7)()}",
    # walks over attributes and links
    "dunder": "{__class__}",
    "dunder doc": "{title.__doc__}",
    "dunder dict": "{responsible.__dict__}",
    "private": "{_element._process}",
    "password": "{responsible.password}",
    "login": "{responsible.login}",
    "deep walk": "{boss.boss.boss.boss.title}",
    "link dunder": "{boss.__init__}",
    "link values": "{boss.values}",
    "settings": "{settings.smtp_password}",
    "environment": "{env.PATH}",
    "filter dunder": "{missing|__class__}",
    "filter attr": "{missing|attr:__class__}",
    "filter chain": "{missing|upper|lower|json|url|date|x}",
    "digits bomb": "{missing|number:1000000000}",
    "date bomb": "{missing|date:yyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyy}",
    "full width braces": "｛title｝",
    "zero width": "{ti\u200btle}",
    "bidi": "{\u202eeltit}",
    "null": "{title\x00}",
    "homoglyph": "{tіtle}",
    "unbalanced": "{{{{{{{{title",
    "ten thousand braces": "{" * 10_000 + "}" * 10_000,
}
"""Ways out of a template, as they are known from others, and ways to make one costly."""


@pytest.fixture(scope="module")
def ws(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Workspace]:
    found = opened(tmp_path_factory.mktemp("words"), StillClock())
    found.set_up("Words", "en", "admin", "Anna Admin", "correct horse 1")
    found.processes.create(admin(found), notes())
    found.processes.publish(admin(found), "notes")
    found.elements.create(admin(found), "notes", {"title": "One", "counter": 5, "tags": ["a"], "day": "2026-12-31", "boss": None})
    found.elements.create(admin(found), "notes", {"title": "Two", "boss": 1, "yes": True, "text": "x{title}"})
    yield found
    found.db.close()


def notes() -> Process:
    kinds = {"counter": "integer", "day": "date", "yes": "boolean", "text": "text"}
    fields = (*(Field(code=code, title=code, kind=kind) for code, kind in kinds.items()),
              Field(code="tags", title="Tags", multiple=True), Field(code="missing", title="Missing"),
              Field(code="boss", title="Boss", kind="link", params={"process": "notes"}))  # fmt: skip
    repeat = chain("repeat", ("comment_added", {"contains": "repeat"}), ("say", "add_comment", {"text": "{text}"}))
    return Process(code="notes", title="Notes", fields=fields, graphs=(repeat,))


def filled(ws: Workspace, text: str, number: int = 1) -> str:
    """A template as a robot fills it."""
    root, process = admin(ws), ws.elements.rules("notes").process

    def linked(id: int) -> Any:
        return ws.elements.get(root, id), process

    reader = ws.reader(root)
    element = ws.elements.get(root, number)
    return fill(text, Names(element, process, ws.types, reader, ws.clock.now(), lambda _: {"name": "Anna"}, linked), reader)


def test_there_are_enough_of_them() -> None:
    assert len(ESCAPES) >= 75


@pytest.mark.parametrize("name", ESCAPES)
def test_a_way_out_is_only_text(ws: Workspace, name: str) -> None:
    template, began = ESCAPES[name], time.process_time()
    as_written = {template, template.replace("{{", "{").replace("}}", "}"), ""}
    # names that are known are filled, also where another language would see something else
    known = {template.replace("{title}", "One"), template.replace("{{title}}", "{title}"), template.replace("{counter}", "5")}
    text = filled(ws, template)
    assert text in as_written | known or text == "$title $One" or (set(text) <= set("{}") and len(text) <= len(template)), text
    assert time.process_time() - began < 5, "a template may not be a bomb"
    process = ws.elements.rules("notes").process
    assert all(fitting(problem, process) for problem in problems(template, process, ws.processes))


def fitting(problem: Problem, process: Process) -> bool:
    """Braces may be meant as text, so they only warn; a way that begins with a link or a person and leads nowhere is refused."""
    return problem.level == "warning" or bool(target_of(process, problem.context["name"].partition(".")[0]))


@pytest.mark.parametrize("name", ESCAPES)
def test_a_way_out_in_a_value_is_never_read_as_a_template(ws: Workspace, name: str) -> None:
    """Through the service and a real robot: what stands in a field comes out as it was written."""
    template, root = ESCAPES[name], admin(ws)
    try:
        made = ws.elements.create(root, "notes", {"title": "Carrier", "text": template})
    except VoronkaError:
        assert "\x00" in template, "only what cannot be printed is refused"
        return
    ws.elements.comment(root, made.id, "repeat")
    ws.work()
    assert ws.elements.history(root, made.id)[0].data["text"] == made.get("text") == template.strip()


PIECES = [
    "{",
    "}",
    "{{",
    "}}",
    "|",
    ":",
    ".",
    "title",
    "counter",
    "boss",
    "day",
    "tags",
    "__class__",
    "date",
    "number",
    "json",
    "upper",
    "default",
    "9" * 30,
    "\x00",
    "\ud800",
    "%s",
    "é",
    "名",
    " ",
    "\n",
    "'",
    '"',
    "\\",
    "-",
    "0",
    "[",
    "]",
    "(",
    ")",
]
_HOSTILE = st.one_of(
    st.sampled_from(sorted(ESCAPES)).map(ESCAPES.__getitem__),
    st.lists(st.sampled_from(PIECES), max_size=30).map("".join),
    st.text(max_size=100),
)


@st.composite  # whose name is short in what hypothesis says
def hostile(draw: st.DrawFn) -> str:
    return draw(_HOSTILE)


_VALUES = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | hostile()
    | st.sampled_from(["@me", "", "2026-12-31", "9999-12-31", 2**63, -(2**70), 1e308]),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=10), inner, max_size=3), max_leaves=8,
)  # fmt: skip


@st.composite
def values(draw: st.DrawFn) -> Any:
    return draw(_VALUES)


NAMES = st.one_of(
    st.sampled_from(
        ["title", "stage", "responsible", "id", "version", "counter", "day", "yes", "tags", "boss", "text", "created_at"]
    ),
    hostile(),
)
CONDITIONS = st.fixed_dictionaries(
    {"field": NAMES, "op": st.sampled_from(OPERATORS) | st.text(max_size=8), "value": values()}
)  # fmt: skip
TREES = st.recursive(
    CONDITIONS,
    lambda inner: st.fixed_dictionaries({"op": st.sampled_from(["all", "any", "none"]), "items": st.lists(inner, max_size=4)}),
    max_leaves=12,
)


@MANY
@given(text=hostile())
def test_any_template(ws: Workspace, text: str) -> None:
    for number in (1, 2):
        assert len(filled(ws, text, number)) <= LIMIT
    process = ws.elements.rules("notes").process
    for problem in problems(text, process, ws.processes):
        assert fitting(problem, process) and "{" not in ws.reader(None).t(f"error.{problem.code}", name="", nearest="")


@MANY
@given(tree=TREES)
def test_any_condition(ws: Workspace, tree: Any) -> None:
    """A robot's or trigger's condition answers yes or no about an element, or was refused when it was written."""
    try:
        condition = FILTERS.validate_python(tree)
    except ValidationError:
        return
    root, process = admin(ws), ws.elements.rules("notes").process
    for number in (1, 2):
        assert matches(condition, ws.elements.get(root, number), process, 1, ws.clock.now()) in (True, False)


@MANY
@given(tree=TREES)
def test_any_filter(ws: Workspace, tree: Any) -> None:
    """A filter finds what it describes, the same by SQL as one by one, or is refused with a declared error."""
    root, process = admin(ws), ws.elements.rules("notes").process
    try:
        condition = FILTERS.validate_python(tree)
        found = {e.id for e in ws.elements.find(root, "notes", condition)}
        assert ws.elements.count(root, "notes", condition) == len(found)
    except (ValidationError, VoronkaError):
        return
    everything = ws.elements.find(root, "notes")
    assert found == {e.id for e in everything if matches(condition, e, process, 1, ws.clock.now())}


@settings(MANY, max_examples=often(60, 1_000))
@given(params=st.dictionaries(st.sampled_from(["text", "values", "condition", "stages", "duration", "x"]), values(), max_size=4))
def test_any_parameters_of_a_robot(ws: Workspace, params: dict[str, Any]) -> None:
    """What a package or a canvas may bring: problems in words, never an exception."""
    try:
        raw = json.loads(json.dumps(params, allow_nan=False).encode("utf-8", "strict"))
    except (ValueError, UnicodeEncodeError):
        return
    for kind in ("add_comment", "set_fields", "condition", "wait_for"):
        process = notes().model_copy(update={"graphs": (chain("g", ("element_created", {}), ("r", kind, raw)),)})
        for problem in ws.processes.problems(process):
            assert "{" not in ws.reader(None).say(problem) or problem.context


def test_what_was_done(tell: Tell) -> None:
    tell(f"{STRINGS} strings into templates, conditions and filters, {len(ESCAPES)} ways out tried twice: none got out")
