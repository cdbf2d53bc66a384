"""Whatever the drawing table may say, it says in both languages, with the same figures in it."""

import ast
import re
from collections.abc import Iterator
from pathlib import Path

import orjson
import pytest

from builder.presets import PRESETS, preset
from locales import NAMES, PLACEHOLDER, Language, words
from model.errors import Problem
from model.field import FieldType
from model.kind import Catalog

ROOT = Path(__file__).parents[2]
TYPES = Catalog.scan("builder.fields", FieldType)
RAISED = {"BadValue": 0, "NotAllowed": 0, "NotFound": 0, "Denied": 0, "Unreadable": 0, "Problem": 1, "unknown": 0}
"""Which argument of these calls is the code."""


def sources() -> list[Path]:
    return [*(ROOT / "builder").glob("*.py"), *(ROOT / "builder/fields").glob("*.py"), ROOT / "packages.py"]


def codes() -> Iterator[str]:
    """Every code that the sources name in an error."""
    for path in sources():
        for call in (n for n in ast.walk(ast.parse(path.read_text())) if isinstance(n, ast.Call)):
            place = RAISED.get(getattr(call.func, "id", ""))
            yield from constants(*call.args[place : place + 1]) if place is not None else ()
        yield from re.findall(r'"(param\.\w+)"', path.read_text())


def placeholders(text: object) -> set[str]:
    forms = text.values() if isinstance(text, dict) else [text]
    return {name for form in forms for name in PLACEHOLDER.findall(str(form))}


@pytest.mark.parametrize("locale", NAMES)
def test_every_error_of_the_builder_has_words(locale: str) -> None:
    found = set(codes())
    assert {"code_taken", "no_success_stage", "too_deep", "package_none", "not_a_number", "param.same_option"} <= found
    assert sorted(c for c in found if f"error.{c}" not in words(locale)) == []


@pytest.mark.parametrize("locale", NAMES)
def test_every_field_type_and_parameter_has_words(locale: str) -> None:
    wanted = {f"field.{kind}.{part}" for kind in TYPES for part in ("title", "help")}
    wanted |= {f"field.{kind}.param.{name}" for kind, made in TYPES.items() for name in made.model_fields}
    assert sorted(wanted - words(locale).keys()) == []


def constants(*nodes: ast.AST) -> Iterator[str]:
    for node in (n for start in nodes for n in ast.walk(start)):
        if isinstance(node, ast.Constant) and isinstance(node.value, str):
            yield node.value


def kinds_of_change() -> Iterator[str]:
    """Every kind of change that the source names: in its tables, in calls of Change, for what comes and goes."""
    for node in ast.walk(ast.parse((ROOT / "builder/changes.py").read_text())):
        name = getattr(getattr(node, "func", None), "id", "")
        if isinstance(node, ast.Dict):
            yield from constants(*node.values)
        elif isinstance(node, ast.Assign) and isinstance(node.value, ast.IfExp):
            yield from (c for c in constants(node.value) if c)
        elif isinstance(node, ast.Call) and name == "Change":
            yield from constants(node.args[0])
        elif isinstance(node, ast.Call) and name == "_came_or_went":
            yield from (f"{thing}_{went}" for thing in constants(node.args[0]) for went in ("added", "removed"))


@pytest.mark.parametrize("locale", NAMES)
def test_every_change_has_words(locale: str) -> None:
    kinds = {kind for kind in kinds_of_change() if "_" in kind[1:-1] and not kind.startswith("_")}
    assert {"field_added", "graph_disabled", "stage_funnel", "node_changed", "wires_changed"} <= kinds
    assert sorted(k for k in kinds if f"change.{k}" not in words(locale)) == []


@pytest.mark.parametrize("locale", NAMES)
def test_every_preset_has_words(locale: str) -> None:
    known = words(locale)
    for name in PRESETS:
        assert {f"preset.{name}.title", f"preset.{name}.help"} <= known.keys()
        made = preset(name, "x", "X", lambda key: str(known[key]))
        assert made.title == "X" and all(field.title for field in made.fields)


@pytest.mark.parametrize("area", ["fields", "builder"])
def test_both_languages_say_the_same(area: str) -> None:
    english, russian = (orjson.loads((ROOT / f"locales/{locale}/{area}.json").read_bytes()) for locale in ("en", "ru"))
    assert english.keys() == russian.keys()
    assert [k for k in english if placeholders(english[k]) != placeholders(russian[k])] == []
    assert all(set(russian[k]) == {"one", "few", "many", "other"} for k in english if isinstance(english[k], dict))


def test_a_name_without_a_neighbour_is_told_without_one() -> None:
    far = Problem("", "unknown_graph", {"name": "x", "graph": "x", "nearest": ""})
    near = Problem("", "unknown_graph", {"name": "x", "graph": "x", "nearest": "main"})
    assert Language("en").say(far) == "There is no robot graph “x”. Choose another one."
    assert "“main”" in Language("en").say(near) and "«main»" in Language("ru").say(near)
