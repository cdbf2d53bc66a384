"""What the documents name is there: links, make targets, commands with their options, settings, words."""

from __future__ import annotations

import re
from pathlib import Path

import click
import pytest

import cli
from locales import words
from running import ROOT
from settings import Settings

PAGES = sorted([*ROOT.glob("*.md"), *(ROOT / "docs").rglob("*.md")])
LINK = re.compile(r"!?\[[^\]]*\]\(([^)\s]+)\)")
VARIABLE = re.compile(r"\bVORONKA_[A-Z_]+\b")
TARGET = re.compile(r"\bmake ([a-z]+)\b(?=`|\s+#|\s*$|\s*\()", re.MULTILINE)
CALL = re.compile(r"(?:^|[`|] *|bin/)voronka ([^`#\n|<]+)", re.MULTILINE)


def _ids(paths: list[Path]) -> list[str]:
    return [str(path.relative_to(ROOT)) for path in paths]


@pytest.fixture(params=PAGES, ids=_ids(PAGES))
def page(request: pytest.FixtureRequest) -> Path:
    return Path(request.param)


def test_links_lead_somewhere(page: Path) -> None:
    for target in LINK.findall(page.read_text()):
        if not re.match(r"[a-z]+:|#", target):
            assert (page.parent / target.split("#")[0]).exists(), f"{page.name} leads to {target}"


def test_make_targets_exist(page: Path) -> None:
    known = set(re.findall(r"^([a-z]+):", (ROOT / "Makefile").read_text(), re.MULTILINE))
    assert set(TARGET.findall(page.read_text())) <= known


def test_commands_and_their_options_exist(page: Path) -> None:
    for call in CALL.findall(page.read_text()):
        group: click.Command = cli.voronka
        for word in call.split():
            if isinstance(group, click.Group) and not word.startswith("-"):
                assert word in group.commands, f"{page.name}: voronka {call}"
                group = group.commands[word]
            elif word.startswith("-"):
                known = {"--help"} | {name for parameter in group.params for name in parameter.opts}
                assert word.split("=")[0] in known, f"{page.name}: voronka {call}"


def test_tests_exist(page: Path) -> None:
    sources = "".join(path.read_text() for path in (ROOT / "tests").rglob("test_*.py"))
    known = set(re.findall(r"^def (test_\w+)", sources, re.MULTILINE))
    assert set(re.findall(r"`(test_[a-z0-9_]+)`", page.read_text())) <= known


def test_settings_exist(page: Path) -> None:
    known = {f"VORONKA_{name.upper()}" for name in Settings.model_fields} | {"VORONKA_CHROMIUM"}
    assert set(VARIABLE.findall(page.read_text())) <= known


@pytest.mark.parametrize("name", ["README.md", "docs/operating.md"])
def test_every_setting_is_listed_with_its_default(name: str) -> None:
    rows = dict(re.findall(r"^\| `VORONKA_(\w+)` \| (.+?) \|", (ROOT / name).read_text(), re.MULTILINE))
    told = {name.lower(): value.strip("`").replace("empty", "") for name, value in rows.items()}
    assert told == {
        name: str(f.default).lower() if isinstance(f.default, bool) else str(f.default)
        for name, f in Settings.model_fields.items()
    }


def test_the_files_for_servers_name_settings_that_exist() -> None:
    known = {f"VORONKA_{name.upper()}" for name in Settings.model_fields}
    files = [path for path in (ROOT / "deploy").rglob("*") if path.is_file()]
    told = {name for path in files for name in VARIABLE.findall(path.read_text())}
    assert told and told <= known


@pytest.mark.parametrize(("column", "locale"), [(0, "en"), (1, "ru")])
def test_the_words_of_the_glossary_are_those_of_the_screen(column: int, locale: str) -> None:
    rows = re.findall(r"^\| (.+?) \| (.+?) \| .+ \|$", (ROOT / "docs" / "glossary.md").read_text(), re.MULTILINE)
    assert len(rows) > 15
    screen = " ".join(str(text) for text in words(locale).values()).casefold()
    terms = {word for row in rows[1:] for word in re.findall(r"[\w-]+", row[column])}
    missing = [term for term in terms if term[: max(4, len(term) - 2)].casefold() not in screen]
    assert missing == []


def test_the_first_page_names_every_command() -> None:
    readme = (ROOT / "CHANGELOG.md").read_text()
    assert all(name in readme for name in cli.voronka.commands)
