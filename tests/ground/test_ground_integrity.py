"""Looking a workspace over: a sound one has no faults, whatever was done with it; each kind of damage is named."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from tinydb import where

from model.field import Field
from model.process import Process
from running import WorkspaceAt
from runtime.integrity import Integrity
from workspace import Workspace


@pytest.fixture
def busy(tmp_path: Path, workspace_at: WorkspaceAt) -> Workspace:
    """A workspace in which everything has been done once. Element 1 is alive, 2 in the bin."""
    workspace = workspace_at(tmp_path)
    admin = workspace.administrator()
    fields = (
        Field(code="boss", title="Boss", kind="employee"),
        Field(code="scan", title="Scan", kind="file"),
        Field(code="more", title="More", kind="link", params={"process": "deals"}, multiple=True),
    )
    preset = Process(code="deals", title="Deals", funnels=STAGES, fields=fields)
    workspace.processes.create(admin, preset)
    workspace.processes.publish(admin, "deals")
    first = workspace.elements.create(admin, "deals", {"title": "One", "boss": 1})
    second = workspace.elements.create(admin, "deals", {"title": "Two", "more": [first.id]})
    workspace.elements.update(admin, first.id, {"title": "Uno", "more": [second.id], "boss": None})
    workspace.elements.move(admin, first.id, "won")
    workspace.elements.comment(admin, first.id, "Done")
    workspace.files.add(admin, first.id, "scan.pdf", b"%PDF", "scan")
    workspace.tasks.add(admin, first.id, "Call", 1)
    workspace.inbox.notify(1, "Look", first.id, "deals")
    workspace.elements.undo(admin, workspace.elements.history(admin, first.id)[-2].id)
    workspace.elements.update(admin, first.id, {"more": [second.id]})
    workspace.elements.delete(admin, second.id)
    return workspace


STAGES = Process.read(
    {
        "code": "x", "title": "x",
        "funnels": [{"code": "main", "title": "Main", "stages": [
            {"code": "new", "title": "New"}, {"code": "won", "title": "Won", "semantics": "S"},
        ]}],
    }
).funnels  # fmt: skip


def faults(workspace: Workspace) -> list[tuple[str, str]]:
    found = Integrity(workspace.db, workspace.types, workspace.environment.data / "files").faults()
    reader = workspace.reader(None)
    told = []
    for problem in found:
        assert reader.has(f"error.{problem.code}") and "{" not in reader.say(problem)
        told.append((problem.path, problem.code.removeprefix("check.")))
    return told


def test_a_sound_workspace_has_no_faults(busy: Workspace) -> None:
    assert faults(busy) == []


def test_the_demo_has_no_faults(tmp_path: Path, workspace_at: WorkspaceAt) -> None:
    workspace = workspace_at(tmp_path, demo=True)
    while workspace.worker.step():
        pass
    assert faults(workspace) == []


Harm = Callable[[Workspace], Any]
HARMS: dict[str, tuple[Harm, set[tuple[str, str]]]] = {
    "a user is gone": (
        lambda w: w.db.table("users").remove(doc_ids=[1]),
        {("elements/1/responsible", "missing"), ("tasks/1/responsible", "missing"), ("notifications/1/user", "missing")},
    ),
    "a stage that no funnel has": (
        lambda w: w.db.table("elements").update({"stage": "limbo"}, doc_ids=[1]),
        {("elements/1/stage", "missing"), ("elements/1/stage", "history")},
    ),
    "a value that no event tells of": (
        lambda w: w.db.table("elements").update({"title": "Forged"}, doc_ids=[1]),
        {("elements/1/title", "history")},
    ),
    "an element without its history": (
        lambda w: w.db.table("events").remove(where("element") == 1),
        {("elements/1", "no_history")},
    ),
    "an element is gone": (
        lambda w: w.db.table("elements").remove(doc_ids=[2]),
        {("elements/1/more", "missing"), ("events/2/element", "missing")},
    ),
    "a process is gone": (
        lambda w: w.db.table("versions").remove(where("process") == "deals"),
        {("processes/deals", "missing"), ("elements/1/process", "missing"), ("elements/2/process", "missing")},
    ),
    "a version that cannot be read": (
        lambda w: w.db.table("versions").update({"data": {"code": 7}}, where("process") == "deals"),
        {("versions/deals/1", "unreadable")},
    ),
    "a file's row is gone": (lambda w: w.db.table("files").remove(doc_ids=[1]), {("elements/1/scan", "missing")}),
    "a file's bytes are gone": (lambda w: _bytes(w).unlink(), {("files/1", "file_lost")}),
    "a file's bytes are others": (lambda w: _bytes(w).write_bytes(b"x"), {("files/1", "file_changed")}),
    "a run that nothing wakes": (
        lambda w: w.db.table("runs").insert(
            {"process": "deals", "version": 1, "state": "waiting", "element": 1, "event": 1, "nodes": {}}
        ),
        {("runs/1", "never_wakes")},
    ),
    "a run of an unknown version": (
        lambda w: w.db.table("runs").insert({"process": "deals", "version": 9, "state": "done", "element": 1, "nodes": {}}),
        {("runs/1/version", "missing")},
    ),
    "a timer of no run": (lambda w: w.db.table("timers").insert({"run": 77}), {("timers/1/run", "missing")}),
}


def _bytes(workspace: Workspace) -> Path:
    """Where the one attached file lies."""
    return next(path for path in (workspace.environment.data / "files").rglob("*") if path.is_file())


@pytest.mark.parametrize("what", HARMS)
def test_each_kind_of_damage_is_named(busy: Workspace, what: str) -> None:
    harm, wanted = HARMS[what]
    harm(busy)
    found = set(faults(busy))
    assert wanted <= found, found
    assert len(found) <= len(wanted) + 12


def test_a_damaged_database_is_told_as_such(busy: Workspace) -> None:
    import sqlite3

    with sqlite3.connect(busy.environment.data / "voronka.db") as raw:
        raw.execute("UPDATE t_elements SET doc = '[1]' WHERE id = 1")
    raw.close()
    assert [code for _, code in faults(busy)] == ["database"]
