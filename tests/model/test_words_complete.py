"""Every key that the pages and services name has words in both languages, and no key has them twice."""

from __future__ import annotations

import ast
import json
import re
from collections import Counter
from collections.abc import Iterator
from pathlib import Path

import pytest

from model import errors
from model.filter import OPERATORS

ROOT = Path(__file__).resolve().parent.parent.parent
ROOMS = ("pages", "runtime", "insight", "builder", "api")
NAMED = re.compile(r"""\bt\(\s*["']([a-z_]+(?:\.[a-z_0-9]+)+)["']""")
PLACEHOLDER = re.compile(r"\{(\w+)\}")


def _words(language: str) -> dict[str, str | dict[str, str]]:
    found: dict[str, str | dict[str, str]] = {}
    for path in sorted((ROOT / "locales" / language).glob("*.json")):
        found |= json.loads(path.read_text(encoding="utf-8"))
    return found


def _named() -> dict[str, str]:
    """Key -> the first file that names it."""
    found: dict[str, str] = {}
    for room in ROOMS:
        for path in sorted((ROOT / room).rglob("*.py")):
            for key in NAMED.findall(path.read_text(encoding="utf-8")):
                found.setdefault(key, str(path.relative_to(ROOT)))
    return found


@pytest.mark.parametrize("language", ["en", "ru"])
def test_every_named_key_has_words(language: str) -> None:
    words = _words(language)
    assert {key: where for key, where in _named().items() if key not in words} == {}


def test_the_pages_name_many_keys() -> None:
    assert len(_named()) > 300


def test_both_languages_have_the_same_keys() -> None:
    english, russian = _words("en"), _words("ru")
    assert sorted(english.keys() ^ russian.keys()) == []


@pytest.mark.parametrize("language", ["en", "ru"])
def test_no_key_stands_in_two_files(language: str) -> None:
    counted = Counter(key for path in (ROOT / "locales" / language).glob("*.json") for key in json.loads(path.read_text("utf-8")))
    assert [key for key, times in counted.items() if times > 1] == []


def test_both_languages_fill_in_the_same_names() -> None:
    english, russian = _words("en"), _words("ru")

    def names(text: str | dict[str, str]) -> set[str]:
        return {n for part in (text.values() if isinstance(text, dict) else [text]) for n in PLACEHOLDER.findall(part)}

    differ = {key: (names(english[key]), names(russian[key])) for key in english if names(english[key]) != names(russian[key])}
    assert differ == {}


@pytest.mark.parametrize("language", ["en", "ru"])
def test_every_operator_has_words(language: str) -> None:
    words = _words(language)
    dated = [f"operator.date.{op}" for op in ("eq", "ne", "gt", "ge", "lt", "le")]
    assert [key for key in [*(f"operator.{op}" for op in OPERATORS), *dated] if key not in words] == []


def _raised() -> Iterator[tuple[str, str, set[str]]]:
    """(place, code, names given) of every error that is made with its code and its names written out."""
    own = {
        name: found for name, found in vars(errors).items() if isinstance(found, type) and issubclass(found, errors.VoronkaError)
    }
    for path in [*ROOT.glob("*.py"), *(file for room in (*ROOMS, "model") for file in (ROOT / room).rglob("*.py"))]:
        calls = [each for each in ast.walk(ast.parse(path.read_text("utf-8"))) if isinstance(each, ast.Call)]
        for call in calls:
            name = getattr(call.func, "id", "")
            given = {str(each.arg or "*") for each in call.keywords} | {
                "*" for each in call.args if isinstance(each, ast.Starred)
            }
            if name in own and "*" not in given:
                first = call.args[0] if call.args else None
                code = first.value if isinstance(first, ast.Constant) else getattr(own[name], "code", "") if first is None else ""
                yield f"{path.relative_to(ROOT)}:{call.lineno}", str(code), given


def test_errors_bring_what_their_words_name() -> None:
    words, wanting, seen = _words("en"), [], 0
    for place, code, given in _raised():
        said = words.get(f"error.{code}", "")
        missing = set(PLACEHOLDER.findall(said if isinstance(said, str) else said["other"])) - given - {"path"}
        wanting += [f"{place}: {code} names {sorted(missing)}"] if missing else []
        seen += bool(said)
    assert wanting == [] and seen > 100
