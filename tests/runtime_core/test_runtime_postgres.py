"""A whole workspace on PostgreSQL: named by a setting, moved there and back, and two instances that hear of each other."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from pathlib import Path

import psycopg
import pytest

import wiring
from model.errors import NotAllowed, Unreadable
from running import LOGIN, PASSWORD
from runtime import backup as backups
from runtime.integrity import Integrity
from settings import Settings
from workspace import Workspace, build

SOON = 20


class Opened:
    """Opens workspaces and closes them at the end."""

    def __init__(self) -> None:
        self.workspaces: list[Workspace] = []

    def __call__(self, settings: Settings) -> Workspace:
        self.workspaces.append(build(settings))
        return self.workspaces[-1]


@pytest.fixture
def opened() -> Iterator[Opened]:
    found = Opened()
    yield found
    for workspace in found.workspaces:
        workspace.db.close()


def named(folder: Path, url: str = "") -> Settings:
    return Settings(data=folder, database_url=url, _env_file=None)


def filled(workspace: Workspace) -> Workspace:
    workspace.set_up("Test", "en", LOGIN, "Anna Admin", PASSWORD, demo=True)
    return workspace


def counts(workspace: Workspace) -> dict[str, int]:
    return {name: len(workspace.db.table(name)) for name in sorted(workspace.db.tables())}


def faults(workspace: Workspace) -> list[str]:
    return [str(fault) for fault in Integrity(workspace.db, workspace.types, workspace.environment.data / "files").faults()]


def test_a_workspace_moves_to_postgresql_and_back(tmp_path: Path, postgres_url: str, opened: Opened) -> None:
    first = filled(opened(named(tmp_path)))
    before = counts(first)
    assert wiring.migrate(named(tmp_path), postgres_url, lambda done, total: None) == sum(before.values())
    second = opened(named(tmp_path, postgres_url))
    assert counts(second) == before
    assert faults(second) == []
    back = f"sqlite:///{tmp_path / 'back.db'}"
    wiring.migrate(named(tmp_path, postgres_url), back, lambda done, total: None)
    with pytest.raises(NotAllowed) as refused:
        wiring.migrate(named(tmp_path, postgres_url), back, lambda done, total: None)
    assert refused.value.problems[0].code == "database_occupied"


def test_half_a_move_is_not_opened(tmp_path: Path, postgres_url: str, opened: Opened) -> None:
    filled(opened(named(tmp_path)))

    def stop(done: int, total: int) -> None:
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        wiring.migrate(named(tmp_path), postgres_url, stop)
    with pytest.raises(Unreadable) as refused:
        opened(named(tmp_path, postgres_url))
    assert refused.value.problems[0].code == "database_incomplete"
    wiring.migrate(named(tmp_path), postgres_url, lambda done, total: None)
    assert opened(named(tmp_path, postgres_url)).is_set_up


def test_a_backup_of_postgresql_is_restored_into_it(tmp_path: Path, postgres_url: str, opened: Opened) -> None:
    (tmp_path / "one").mkdir()
    first = opened(named(tmp_path / "one"))
    filled(first)
    backups.backup(first.db, tmp_path / "one", tmp_path / "backup.zip")
    settings = named(tmp_path / "two", postgres_url)
    wiring.restore(settings, tmp_path / "backup.zip")
    second = opened(settings)
    assert counts(second) == counts(first)
    assert not (settings.data / wiring.DATABASE).exists()


def test_a_restore_into_a_database_that_holds_something_leaves_both_as_they_were(
    tmp_path: Path, postgres_url: str, opened: Opened
) -> None:
    first = filled(opened(named(tmp_path / "one")))
    backups.backup(first.db, tmp_path / "one", tmp_path / "backup.zip")
    there = opened(named(tmp_path / "there", postgres_url))
    there.set_up("There", "en", LOGIN, "Anna Admin", PASSWORD)
    before, settings = counts(there), named(tmp_path / "two", postgres_url)
    for _ in range(2):
        with pytest.raises(NotAllowed) as refused:
            wiring.restore(settings, tmp_path / "backup.zip")
        assert refused.value.problem.code == "database_occupied"
        assert not settings.data.exists()
    assert counts(there) == before


def test_a_row_of_rubbish_in_postgresql_takes_no_good_backups_place(tmp_path: Path, postgres_url: str, opened: Opened) -> None:
    workspace = filled(opened(named(tmp_path, postgres_url)))
    backups.backup(workspace.db, tmp_path, tmp_path / "backup.zip")
    before = (tmp_path / "backup.zip").read_bytes()
    with psycopg.connect(postgres_url, autocommit=True) as raw:
        (number,) = raw.execute("SELECT number FROM tables WHERE name = 'elements'").fetchone()
        raw.execute(f"UPDATE t{number}_elements SET doc = '[1]' WHERE id = 1")
    with pytest.raises(Unreadable) as refused:
        backups.backup(workspace.db, tmp_path, tmp_path / "backup.zip")
    assert refused.value.problem.code == "backup_damaged"
    assert (tmp_path / "backup.zip").read_bytes() == before


def test_what_is_wrong_with_the_address_is_told_without_the_password(tmp_path: Path) -> None:
    for url in (
        "postgresql://anna:secret@localhost:1/none",
        "postgresql://anna:secret#x@local/none?y",
        "mysql://anna:secret@x/y",
    ):
        with pytest.raises(Unreadable) as refused:
            build(named(tmp_path, url))
        assert "secret" not in repr(refused.value) + str(refused.value.__dict__)


def test_a_worker_wakes_when_another_instance_commits(tmp_path: Path, postgres_url: str, opened: Opened) -> None:
    filled(opened(named(tmp_path, postgres_url)))
    here, there = opened(named(tmp_path, postgres_url)), opened(named(tmp_path, postgres_url))
    woken = threading.Event()
    stop = here.db.on_news(woken.set)
    assert woken.wait(SOON)  # it listens now
    woken.clear()
    here.db.table("notes").insert({"from": "here"})
    assert not woken.wait(0.3)
    there.db.table("notes").insert({"from": "there"})
    assert woken.wait(SOON)
    stop()
