"""What boards ask of thousands of elements is answered by an index."""

from __future__ import annotations

import sqlite3
from pathlib import Path
from typing import Any

import pytest

from model.access import SYSTEM_ACTOR
from model.filter import Condition
from store.sqlite import SqliteEngine
from workspace import Workspace


def test_the_newest_cards_of_a_stage_are_found_without_sorting_the_stage(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    workspace = Workspace.open(tmp_path)
    workspace.set_up("W", "en", "admin", "Anna", "correct horse 1", demo=True)
    asked: list[tuple[str, Any]] = []
    read = SqliteEngine._read

    def heard(engine: SqliteEngine, sql: str, bound: Any) -> Any:
        asked.append((sql, bound))
        return read(engine, sql, bound)

    monkeypatch.setattr(SqliteEngine, "_read", heard)
    on_stage = Condition(field="stage", op="eq", value="won")
    assert workspace.elements.rows(SYSTEM_ACTOR, "deals", ["id", "title"], on_stage, sort=[("moved_at", True)], limit=5)
    (sql, bound), plain = asked[-1], sqlite3.connect(tmp_path / "voronka.db")
    plan = [detail for *_, detail in plain.execute(f"EXPLAIN QUERY PLAN {sql}", bound)]
    plain.close()
    workspace.db.close()
    assert "moved_at" in plan[0] and "USE TEMP B-TREE FOR ORDER BY" not in plan, plan
