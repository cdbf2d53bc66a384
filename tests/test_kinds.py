"""Every kind there is (field types, robots, triggers) has its words in both languages, pickers that exist, and an icon."""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import Any, Literal, get_origin

import pytest

from locales import Language, words
from model.field import Control, FieldType
from model.filter import OPERATORS
from model.graph import Node
from model.kind import Catalog, Kind
from model.process import Funnel, Process, Stage
from model.robot import Input, Robot, Trigger, pickers
from runtime.describe import summary

HOME = Path(__file__).parent.parent
TYPES = Catalog.scan("builder.fields", FieldType)
ROBOTS = Catalog.scan("runtime.robots", Robot)
TRIGGERS = Catalog.scan("runtime.triggers", Trigger)
SHELVES: dict[str, Catalog[Any]] = {"field": TYPES, "robot": ROBOTS, "trigger": TRIGGERS}
KINDS: list[tuple[str, type[Kind]]] = [(shelf, kind) for shelf, found in SHELVES.items() for kind in found.values()]
NAMES = [f"{shelf}.{kind.kind}" for shelf, kind in KINDS]
WORKING = [(shelf, kind) for shelf, kind in KINDS if shelf != "field"]
EXAMPLES: dict[str, dict[str, Any]] = {
    "enumeration": {"options": [{"code": "a", "title": "A"}]},
    "link": {"process": "deals"},
    "set_fields": {"values": {"title": "{title}!"}},
    "move_stage": {"stage": "won"},
    "change_responsible": {"people": ["head", "user:1"]},
    "create_element": {"process": "deals", "values": {"title": "Next"}},
    "create_task": {"title": "Call", "due": 60},
    "add_comment": {"text": "Hello"},
    "notify": {"text": "Look"},
    "send_mail": {"to": "{responsible.email}", "subject": "Hello"},
    "call_webhook": {"url": "https://example.com/"},
    "make_pdf": {"body": "Text"},
    "switch": {"field": "stage", "cases": ["won", "new"]},
    "wait_until": {"field": "created_at", "offset": 90},
    "start_graph": {"graph": "main"},
    "field_changed": {"field": "title"},
    "date_reached": {"field": "created_at"},
}
PROCESS = Process(
    code="deals", title="Deals", funnels=(Funnel(code="f", title="F", stages=(Stage(code="new", title="New"),
                                                                          Stage(code="won", title="Won"))),),
)  # fmt: skip


def each(found: Any) -> Any:
    """Run a test for each kind under its name."""
    return pytest.mark.parametrize(("shelf", "kind"), found, ids=[f"{shelf}.{kind.kind}" for shelf, kind in found])


def keys(shelf: str, kind: type[Kind]) -> set[str]:
    """The keys of everything about a kind that people read."""
    base = f"{shelf}.{kind.kind}"
    found = {f"{base}.title", f"{base}.help"}
    for name, field in kind.model_fields.items():
        found.add(f"{base}.param.{name}")
        if get_origin(field.annotation) is Literal:
            found |= {f"{base}.param.{name}.{choice}" for choice in field.annotation.__args__}  # type: ignore[union-attr]
        if field.annotation is bool and f"{{{name}}}" in str(words("en").get(f"{base}.summary")):
            found.add(f"{base}.param.{name}.yes")
    if issubclass(kind, Robot | Trigger):
        found |= {f"port.{port}" for port in kind.ports} | {f"{base}.summary"}
    return found | {f"robot.group.{kind.group}" if issubclass(kind, Robot) else "robot.group.triggers"}


def test_the_kinds_are_there() -> None:
    assert {"string", "money", "link", "file"} <= set(TYPES)
    assert len(ROBOTS) >= 18 and len(TRIGGERS) >= 9
    assert len(NAMES) == len(set(NAMES)) and not set(ROBOTS) & set(TRIGGERS)
    assert set(EXAMPLES) <= {*TYPES, *ROBOTS, *TRIGGERS}


@pytest.mark.parametrize("locale", ["en", "ru"])
@each(KINDS)
def test_words(shelf: str, kind: type[Kind], locale: str) -> None:
    found = words(locale)
    assert sorted(keys(shelf, kind) - set(found)) == []
    for key in keys(shelf, kind):
        assert isinstance(found[key], str) and found[key].strip(), key
    if locale == "ru" and shelf != "field":
        assert re.search("[а-яё]", str(found[f"{shelf}.{kind.kind}.help"]), re.IGNORECASE)


@pytest.mark.parametrize("name", ["robots", "triggers"])
def test_no_words_for_what_is_not_there(name: str) -> None:
    wanted = set().union(*(keys(shelf, kind) for shelf, kind in KINDS))
    for locale in ("en", "ru"):
        written = set(json.loads((HOME / "locales" / locale / f"{name}.json").read_text()))
        assert {key for key in written - wanted if not key.endswith(".help") or key.removesuffix(".help") not in wanted} == set()


def test_both_languages_have_the_same_keys_and_placeholders() -> None:
    for name in ("robots", "triggers", "engine"):
        english, russian = (json.loads((HOME / "locales" / locale / f"{name}.json").read_text()) for locale in ("en", "ru"))
        assert set(english) == set(russian)
        for key, text in english.items():
            assert set(re.findall(r"\{\w+\}", str(text))) == set(re.findall(r"\{\w+\}", str(russian[key]))), key


@each(WORKING)
def test_summaries_speak_of_parameters(shelf: str, kind: type[Kind]) -> None:
    for locale in ("en", "ru"):
        named = set(re.findall(r"\{(\w+)\}", str(words(locale)[f"{shelf}.{kind.kind}.summary"])))
        assert named <= set(kind.model_fields)
        node = Node(id="n", kind=kind.kind, params=EXAMPLES.get(kind.kind, {}))
        text = summary(node, PROCESS, Language(locale), ROBOTS, TRIGGERS, TYPES)
        assert text and not re.search(r"[\[\]|]|None|\{(?!title|responsible)", text), text


@each(KINDS)
def test_parameters_are_explained_and_have_pickers_that_exist(shelf: str, kind: type[Kind]) -> None:
    assert kind.__doc__ and kind.kind == kind.__module__.rsplit(".", 1)[-1].removesuffix("_")
    for name, field in kind.model_fields.items():
        assert field.description, f"{name} has no docstring below it"
    assert set(pickers(kind).values()) <= {str(each_) for each_ in Input}
    schema = kind.model_json_schema()
    for name in pickers(kind):
        assert name in schema["properties"]
    if {Input.CASES, Input.VALUE} & set(pickers(kind).values()):
        assert Input.FIELD in pickers(kind).values()


@each(KINDS)
def test_an_example_or_the_defaults_are_sound_and_come_back_from_json(shelf: str, kind: type[Kind]) -> None:
    made = kind.model_validate(EXAMPLES.get(kind.kind, {}))
    assert kind.read(json.loads(json.dumps(made.dump()))) == made
    assert kind.problems(EXAMPLES.get(kind.kind, {})) == []
    assert [p.code for p in kind.problems({**EXAMPLES.get(kind.kind, {}), "no_such_parameter": 1})] == ["param.extra_forbidden"]


@each(KINDS)
def test_icons_are_bundled(shelf: str, kind: type[Kind]) -> None:
    assert kind.icon in json.loads((HOME / "components" / "src" / "icons.json").read_text())["all"]


@each(WORKING)
def test_ports(shelf: str, kind: Any) -> None:
    made = kind.model_validate(EXAMPLES.get(kind.kind, {}))
    outlets = made.outlets() if shelf == "robot" else made.ports
    assert len(outlets) == len(set(outlets)) and set(kind.ports) <= set(outlets)


@pytest.mark.parametrize("kind", TYPES.values(), ids=list(TYPES))
def test_field_types_offer_operators_that_exist(kind: type[FieldType]) -> None:
    assert set(kind.operators) <= set(OPERATORS) and kind.control in Control
    assert {"empty", "not_empty"} <= set(kind.operators)
