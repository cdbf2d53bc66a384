"""Large files: the memory of an import does not grow with them; people of a file get logins that every keyboard can type."""

from __future__ import annotations

import tracemalloc
from pathlib import Path

import pytest
from imports_world import Place, words

from builder import sheets

AT_ONCE = 200
"""Rows that are held together."""


def table(path: Path, count: int) -> Path:
    """So many rows that say the same few hundred things, about 100 bytes each."""
    rows = (
        f"Deal {n % 300},{('New', 'Won')[n % 2]},2026-11-{n % 28 + 1:02},{n % 300}.50,{'some more text ' * 4}\n"
        for n in range(count)
    )
    path.write_text("title,stage,created,amount,text\n" + "".join(rows))
    return path


def peak(place: Place, path: Path, code: str) -> int:
    """Bytes that reading, guessing and importing a file took at most."""
    tracemalloc.start()
    sheet = sheets.read("", path)
    plan = sheets.guess(sheet, sample=AT_ONCE)
    report = place.bring(sheet, plan, sheets.propose(plan, code, code.title(), words))
    found = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert report.view.skipped == 0 and report.created == place.elements.count(place.root, code)
    return found


def test_memory_does_not_grow_with_the_file(on_disk: Place, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("runtime.imports.BATCH", AT_ONCE)
    monkeypatch.setattr("builder.sheets.guessing.PIECE", AT_ONCE)
    peak(on_disk, table(tmp_path / "warm.csv", 400), "warm")
    small, large = (peak(on_disk, table(tmp_path / f"{n}.csv", n), f"deals{n}") for n in (600, 2400))
    assert large < 1.3 * small, f"{small} bytes for 600 rows, {large} for 2,400"


def test_logins_are_latin_and_names_stay(place: Place) -> None:
    rows = "Сделка 1,Ольга Щукина\nСделка 2,Пётр Жук\nСделка 3,Ольга Щукина\nСделка 4,李小龍\nСделка 5,José Ñandú\n"
    sheet = sheets.read("a.csv", f"Название,Ответственный\n{rows}".encode())
    plan = sheets.guess(sheet)
    place.bring(sheet, plan, sheets.propose(plan, "deals", "Deals", words))
    found = {user.name: user.login for user in place.people.users() if user.login != "root"}
    assert found == {"Ольга Щукина": "olga.shchukina", "Пётр Жук": "petr.zhuk", "李小龍": "user", "José Ñandú": "jose.nandu"}
