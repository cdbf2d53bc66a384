"""Every error that the core of the runtime raises has words in both languages, with the figures it carries."""

from __future__ import annotations

import ast
import re
from pathlib import Path

import pytest

import runtime
from locales import words

HOME = Path(runtime.__file__).parent
MODULES = (
    "access", "bulk", "elements", "files", "finding", "history", "inbox", "people", "references", "sessions", "tasks",
    "validation", "workspace_settings",
)  # fmt: skip
RAISED = {"BadValue": 0, "NotAllowed": 0, "NotFound": 0, "Denied": 0, "SignedOut": 0, "Problem": 1}
"""Position of the code among the arguments."""


def raised() -> set[tuple[str, frozenset[str]]]:
    """Codes with the names of their figures, read from the source."""
    found = set()
    for module in MODULES:
        for node in ast.walk(ast.parse((HOME / f"{module}.py").read_text())):
            if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id in RAISED:
                given = node.args[RAISED[node.func.id] :][:1]
                literal = given[0] if given else None
                options = [literal.body, literal.orelse] if isinstance(literal, ast.IfExp) else [literal]
                names = frozenset(k.arg for k in node.keywords if k.arg and k.arg not in ("path", "code"))
                found |= {(o.value, names) for o in options if isinstance(o, ast.Constant) and isinstance(o.value, str)}
    return found


def placeholders(words_: object) -> set[str]:
    return set(re.findall(r"\{(\w+)\}", str(words_)))


def test_the_source_is_read() -> None:
    codes = {code for code, _ in raised()}
    assert {"wrong_login", "unknown_field", "required", "changed_since", "not_your_task", "bad_characters"} <= codes
    assert len(codes) > 35


@pytest.mark.parametrize("locale", ["en", "ru"])
def test_every_code_has_words(locale: str) -> None:
    missing = sorted({code for code, _ in raised() if f"error.{code}" not in words(locale)})
    assert missing == []


def test_words_ask_only_for_what_the_error_carries() -> None:
    for code, names in raised():
        if names:
            assert placeholders(words("en")[f"error.{code}"]) <= names, code


def test_both_languages_say_the_same() -> None:
    for code, _ in raised():
        assert placeholders(words("en")[f"error.{code}"]) == placeholders(words("ru")[f"error.{code}"]), code
