"""Backups: taken while others write, restored whole or not at all, only into an empty place."""

from __future__ import annotations

import os
import shutil
import sqlite3
import subprocess
import sys
import threading
import zipfile
from collections.abc import Callable
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

import wiring
from builder.presets import preset
from model.errors import NotAllowed, Unreadable
from postgres import PostgresServer
from running import ROOT, WorkspaceAt
from runtime.backup import DATABASE, FILES, Kept, backup
from runtime.integrity import Integrity
from settings import Settings
from workspace import Workspace


def restore(archive: Path, folder: Path, large: bool = False) -> None:
    """As the command does, into a file."""
    wiring.restore(Settings(data=folder, database_url="", _env_file=None), archive, large)  # type: ignore[call-arg]


@pytest.fixture
def worked(tmp_path: Path, workspace_at: WorkspaceAt) -> Workspace:
    """A workspace with an element and a file on it."""
    workspace = workspace_at(tmp_path / "data")
    admin = workspace.administrator()
    workspace.processes.create(admin, preset("scratch", "deals", "Deals", workspace.reader(admin).t))
    workspace.processes.publish(admin, "deals")
    element = workspace.elements.create(admin, "deals", {"title": "One"})
    workspace.files.add(admin, element.id, "note.txt", b"bytes of a note")
    return workspace


def test_what_was_there_is_there_again(worked: Workspace, tmp_path: Path, workspace_at: WorkspaceAt) -> None:
    kept = backup(worked.db, worked.environment.data, tmp_path / "all.zip")
    assert kept == Kept((tmp_path / "all.zip").stat().st_size, ())
    restore(tmp_path / "all.zip", tmp_path / "again")
    again = workspace_at(tmp_path / "again")
    admin = again.administrator()
    assert again.elements.get(admin, 1) == worked.elements.get(admin, 1)
    assert again.files.open(admin, 1)[1] == b"bytes of a note"
    assert list(Integrity(again.db, again.types, tmp_path / "again" / "files").faults()) == []
    assert sorted(p.name for p in tmp_path.iterdir()) == ["again", "all.zip", "data"]


def test_a_backup_taken_while_others_write_is_of_one_moment(worked: Workspace, tmp_path: Path, workspace_at: WorkspaceAt) -> None:
    admin, stop = worked.administrator(), threading.Event()

    def write() -> None:
        while not stop.is_set():
            made = worked.elements.create(admin, "deals", {"title": "More"})
            worked.files.add(admin, made.id, "n.txt", str(made.id).encode())

    writer = threading.Thread(target=write)
    writer.start()
    try:
        for number in range(5):
            backup(worked.db, worked.environment.data, tmp_path / f"{number}.zip")
    finally:
        stop.set()
        writer.join()
    for number in range(5):
        restore(tmp_path / f"{number}.zip", tmp_path / f"again{number}")
        again = workspace_at(tmp_path / f"again{number}")
        assert list(Integrity(again.db, again.types, tmp_path / f"again{number}" / "files").faults()) == []
    assert again.elements.count(admin, "deals") > 1


def _row_of_rubbish(folder: Path) -> None:
    with closing(sqlite3.connect(folder / DATABASE)) as raw, raw:
        raw.execute("UPDATE t_elements SET doc = '[1]' WHERE id = 1")


def _page_of_rubbish(folder: Path) -> None:
    with closing(sqlite3.connect(folder / DATABASE)) as raw:
        raw.execute("PRAGMA wal_checkpoint(TRUNCATE)")
        (page,) = raw.execute("SELECT rootpage FROM sqlite_master WHERE name = 't_events'").fetchone()
    with (folder / DATABASE).open("r+b") as file:
        file.seek(4096 * (page - 1))
        file.write(b"\xff" * 4096)


@pytest.mark.parametrize("harm", [_row_of_rubbish, _page_of_rubbish])
def test_a_damaged_database_takes_no_good_backups_place(worked: Workspace, tmp_path: Path, harm: Callable[[Path], None]) -> None:
    good = tmp_path / "all.zip"
    backup(worked.db, worked.environment.data, good)
    before = good.read_bytes()
    harm(worked.environment.data)
    for to in (good, tmp_path / "new.zip"):
        with pytest.raises(Unreadable) as refused:
            backup(worked.db, worked.environment.data, to)
        assert refused.value.problem.code == "backup_damaged" and "{" not in worked.reader(None).explain(refused.value)
    assert good.read_bytes() == before
    assert sorted(p.name for p in tmp_path.iterdir()) == ["all.zip", "data"]


@pytest.mark.parametrize(("harm", "code"), [(Path.unlink, "file_lost"), (lambda path: path.write_bytes(b"x"), "file_changed")])
def test_a_backup_without_a_file_takes_no_older_ones_place(
    worked: Workspace, tmp_path: Path, workspace_at: WorkspaceAt, harm: Callable[[Path], Any], code: str
) -> None:
    """An earlier backup may still have it. What is new is written without it, and can be restored all the same."""
    data, good = worked.environment.data, tmp_path / "all.zip"
    backup(worked.db, data, good)
    before = good.read_bytes()
    worked.files.add(worked.administrator(), 1, "other.txt", b"another")
    harm(next(path for path in data.glob(f"{FILES}/*/*") if path.read_bytes() == b"bytes of a note"))
    with pytest.raises(NotAllowed) as refused:
        backup(worked.db, data, good)
    assert refused.value.problem.code == "backup_without" and good.read_bytes() == before
    kept = backup(worked.db, data, tmp_path / "new.zip")
    assert [(p.path, p.code, p.context["name"]) for p in kept.without] == [("files/1", f"check.{code}", "note.txt")]
    restore(tmp_path / "new.zip", tmp_path / "again")
    again = workspace_at(tmp_path / "again")
    found = Integrity(again.db, again.types, tmp_path / "again" / FILES).faults()
    assert [(p.path, p.code) for p in found] == [("files/1", "check.file_lost")]
    assert again.files.open(again.administrator(), 2)[1] == b"another"


def _fewer_documents(workspace: Workspace) -> None:
    workspace.db.table("events").truncate()
    workspace.db.table("elements").truncate()


def _fewer_files(workspace: Workspace) -> None:
    shutil.rmtree(workspace.environment.data / FILES)
    workspace.db.table("files").truncate()


@pytest.mark.parametrize("harm", [_fewer_documents, _fewer_files])
def test_a_backup_of_far_less_takes_an_older_ones_place_only_when_told_to(
    worked: Workspace, tmp_path: Path, harm: Callable[[Workspace], None]
) -> None:
    for number in range(60):
        worked.elements.create(worked.administrator(), "deals", {"title": f"E{number}"})
    good, data = tmp_path / "all.zip", worked.environment.data
    backup(worked.db, data, good)
    backup(worked.db, data, good)  # of the same it is the newer one
    before = good.read_bytes()
    harm(worked)
    with pytest.raises(NotAllowed) as refused:
        backup(worked.db, data, good)
    assert refused.value.problem.code == "backup_less" and "{" not in worked.reader(None).explain(refused.value)
    assert good.read_bytes() == before and sorted(p.name for p in tmp_path.iterdir()) == ["all.zip", "data"]
    backup(worked.db, data, good, replace=True)
    assert good.read_bytes() != before


def test_a_backup_that_grows_without_end_is_refused_before_it_is_unpacked(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("runtime.backup.USUAL", 16 * 1024 * 1024)
    bomb, data = tmp_path / "bomb.zip", tmp_path / "data"
    with zipfile.ZipFile(bomb, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr(DATABASE, bytes(20 * 1024 * 1024))
    with pytest.raises(NotAllowed) as refused:
        restore(bomb, data)
    assert (refused.value.problem.code, refused.value.problem.context["size"]) == ("backup_unpacks", 20)
    assert not any(data.iterdir())
    restore(bomb, data, large=True)  # who knows what it is may have it: attached files may be like that
    assert (data / DATABASE).stat().st_size == 20 * 1024 * 1024


def test_a_place_with_anything_in_it_is_refused(worked: Workspace, tmp_path: Path) -> None:
    backup(worked.db, worked.environment.data, tmp_path / "all.zip")
    (tmp_path / "full").mkdir()
    (tmp_path / "full" / "mine.txt").write_text("mine")
    with pytest.raises(NotAllowed) as refused:
        restore(tmp_path / "all.zip", tmp_path / "full")
    assert refused.value.problem.code == "not_empty"
    assert [p.name for p in (tmp_path / "full").iterdir()] == ["mine.txt"]


@pytest.mark.parametrize(
    "name", ["../evil", "/etc/evil", "files/../../evil", "files/ab/evil", "files/ab/" + "ab" * 32, "evil.py"]
)
def test_a_foreign_name_or_other_bytes_leave_nothing_behind(tmp_path: Path, name: str) -> None:
    with zipfile.ZipFile(tmp_path / "bad.zip", "w") as archive:
        archive.writestr(DATABASE, b"anything")
        archive.writestr(name, b"anything")
    with pytest.raises(Unreadable):
        restore(tmp_path / "bad.zip", tmp_path / "here")
    assert list((tmp_path / "here").iterdir()) == []
    assert sorted(p.name for p in tmp_path.iterdir()) == ["bad.zip", "here"]


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(data=st.data())
def test_any_damage_is_refused_or_harmless(worked: Workspace, tmp_path: Path, data: st.DataObject) -> None:
    whole = tmp_path / "all.zip"
    if not whole.exists():
        backup(worked.db, worked.environment.data, whole)
    blob = bytearray(whole.read_bytes())
    at = data.draw(st.integers(0, len(blob) - 1))
    blob[at:] = data.draw(st.binary(max_size=3)) + (blob[at + 3 :] if data.draw(st.booleans()) else b"")
    (tmp_path / "hurt.zip").write_bytes(blob)
    into = tmp_path / f"into{len(list(tmp_path.iterdir()))}"
    try:
        restore(tmp_path / "hurt.zip", into)
    except Unreadable:
        assert list(into.iterdir()) == []
    else:
        assert (into / DATABASE).stat().st_size > 0


DEATHS = {
    "unpacking": "from runtime import backup; own = backup._extract; backup._extract = lambda found, name, folder: "
                 "os._exit(9) if name == backup.DATABASE else own(found, name, folder)",
    "unpacked": "wiring._settle = lambda settings: os._exit(9)",
    "moving": "from store import moving; moving._finish = lambda *told: os._exit(9)",
    "moved": "wiring.backup.finish = lambda *told, **more: os._exit(9)",
}  # fmt: skip
"""Where a restore is killed: the code that makes it die there."""


@pytest.mark.parametrize("where", DEATHS)
@pytest.mark.parametrize("engine", ["file", "postgres"])
def test_a_restore_that_was_killed_says_so_and_is_done_by_the_next(
    worked: Workspace, tmp_path: Path, postgres: PostgresServer, engine: str, where: str
) -> None:
    backup(worked.db, worked.environment.data, tmp_path / "all.zip")
    url = postgres.url() if engine == "postgres" else ""
    told = {**os.environ, "VORONKA_DATA": str(tmp_path / "again"), "VORONKA_DATABASE_URL": url, "VORONKA_LANGUAGE": "en"}

    def called(*words: str, dying: str = "") -> subprocess.CompletedProcess[str]:
        code = f"import os, sys, wiring; {dying or 'pass'}; import cli; sys.argv[0] = 'voronka'; cli.main()"
        asked = [sys.executable, "-c", code, *words]
        return subprocess.run(asked, cwd=ROOT, env=told, capture_output=True, text=True)

    died = called("restore", str(tmp_path / "all.zip"), dying=DEATHS[where]).returncode
    if engine == "file" and where == "moving":  # nothing is moved there
        assert died == 0
        return
    assert died == 9
    looked = called("check")
    assert looked.returncode == 1 and f"“all.zip” was being restored into “{tmp_path / 'again'}”" in looked.stderr, looked.stderr
    again = called("restore", str(tmp_path / "all.zip"))
    assert again.returncode == 0, again.stderr
    assert called("check").returncode == 0
    there = {p.name for p in (tmp_path / "again").iterdir()}
    assert "restore-unfinished" not in there and ("voronka.db" in there) == (not url)
    assert called("restore", str(tmp_path / "all.zip")).returncode == 1, "and it overwrites nothing"
