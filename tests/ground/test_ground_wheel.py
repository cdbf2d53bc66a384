"""What is installed is what stands here: the lists in pyproject.toml leave no module, word, font or example behind."""

from __future__ import annotations

import tomllib
from fnmatch import fnmatch
from pathlib import Path

from running import ROOT

TOLD = tomllib.loads((ROOT / "pyproject.toml").read_text())["tool"]["setuptools"]


def shipped() -> list[Path]:
    """Every file of the rooms, as paths from the root."""
    rooms = [f for f in ROOT.iterdir() if f.is_dir() and any(fnmatch(f.name, p) for p in TOLD["packages"]["find"]["include"])]
    files = (file.relative_to(ROOT) for room in rooms for file in room.rglob("*") if file.is_file())
    return [file for file in files if not {"__pycache__", ".mypy_cache"} & set(file.parts)]


def test_every_file_of_the_rooms_is_packed() -> None:
    patterns = ["*.py", *TOLD["package-data"]["*"]]
    assert [str(f) for f in shipped() if not any(fnmatch(f.name, p) for p in patterns)] == []
    assert {f.suffix for f in shipped()} >= {".py", ".json", ".csv", ".js", ".ttf", ".toml"}


def test_every_module_beside_the_rooms_is_packed() -> None:
    assert sorted(TOLD["py-modules"]) == sorted(f.stem for f in ROOT.glob("*.py"))


def test_every_room_that_is_imported_is_packed() -> None:
    """A room is a folder with Python files that is neither for tests nor for measuring."""
    aside = {"tests", "bench", "docs", "components", "deploy", "build"}
    rooms = {f.parent.name for f in ROOT.glob("*/*.py") if not f.parent.name.startswith(".")} - aside
    assert rooms == {file.parts[0] for file in shipped()}
