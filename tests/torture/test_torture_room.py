"""No room on the disk, writes that the system refuses: told in words, nothing acknowledged is lost, no restart is needed."""

from __future__ import annotations

import shutil
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import psycopg
from test_torture_kills import Ledger
from torture_deeds import write_without_room
from torture_world import Tell, address, child, copied, faults, forgotten, often, opened, process_codes, said, through

from disks import small_disk
from postgres import PostgresServer

LIMITS = [2_000 + 9_100 * (number % 20) + number for number in range(often(12, 80))]
"""Bytes until the system refuses: somewhere in the first commit, the second, and so on."""


def test_writes_that_the_system_refuses(seeded: Path, tmp_path: Path, tell: Tell) -> None:
    folder, sayings = copied(seeded, tmp_path / "data"), tmp_path / "said"
    assert through(write_without_room, folder, sayings, tmp_path / "more", LIMITS, seconds=often(60, 400)) == 0, said(sayings)[
        -1:
    ]
    acks = _sound(folder, sayings, len(LIMITS))
    deeds = {each["deed"] for each in said(sayings) if "refused" in each}
    assert {"create", "robots"} <= deeds, "both people and robots were refused"
    tell(f"{len(LIMITS)} refusals of the system, {acks} orders acknowledged, 0 lost, 0 restarts")


FULL = """DO $do$ DECLARE orders text := (SELECT relname FROM pg_class WHERE relname ~ '^t[0-9]+_elements$'); BEGIN
EXECUTE format($sql$
CREATE FUNCTION no_room() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN
  IF (SELECT count(*) > 40 FROM %1$I) THEN RAISE 'no room' USING ERRCODE = 'disk_full'; END IF; RETURN NEW; END $$;
CREATE TRIGGER no_room BEFORE INSERT ON %1$I FOR EACH ROW EXECUTE FUNCTION no_room() $sql$, orders); END $do$"""


def test_a_full_disk(seeded: Path, tmp_path: Path, tell: Tell) -> None:
    """Where nobody may mount a small disk, the limit of the system has to do alone."""
    with small_disk(12) as disk:
        if disk is None:
            folder = copied(seeded, tmp_path / "data")
            assert through(write_without_room, folder, tmp_path / "said", tmp_path / "more", [200_000]) == 0
            assert _sound(folder, tmp_path / "said", 1)
            return
        folder = copied(seeded, disk / "data")
        ballast = disk / "ballast"
        ballast.write_bytes(b"x" * 9_000_000)
        acks = _filled(folder, tmp_path, ballast.unlink)
    tell(f"a disk of 12 MB, 9 of them taken, filled up, {acks} orders acknowledged, 0 lost, 0 restarts")


def test_a_full_disk_of_postgresql(seeded_there: Path, tmp_path: Path, postgres: PostgresServer, tell: Tell) -> None:
    """Where nobody may mount a small disk, PostgreSQL is made to say that it is full."""
    folder = copied(seeded_there, tmp_path / "data")
    with small_disk(30) as disk:
        if disk is None:
            _ask(address(folder), FULL)
            acks = _filled(folder, tmp_path, lambda: _ask(address(folder), "DROP FUNCTION no_room CASCADE"))
        else:
            space, ballast = postgres.space(disk), disk / "ballast"
            _ask(postgres.bare(), f"ALTER DATABASE {urlsplit(address(folder)).path[1:]} SET TABLESPACE {space}")
            ballast.write_bytes(b"x" * (shutil.disk_usage(disk).free - 1_000_000))
            acks = _filled(folder, tmp_path, ballast.unlink)
        forgotten(folder)
        if disk:
            _ask(postgres.bare(), f"DROP TABLESPACE {space}")
    tell(f"a disk of PostgreSQL with 1 MB of room filled up, {acks} orders acknowledged, 0 lost, 0 restarts")


def _ask(url: str, sql: str) -> None:
    with psycopg.connect(url, autocommit=True) as db:
        db.execute(sql)


def _filled(folder: Path, tmp_path: Path, room: Callable[[], object]) -> int:
    """Write until the disk is full, make room and go on; how many orders were acknowledged."""
    sayings, more = tmp_path / "said", tmp_path / "more"
    with child(write_without_room, folder, sayings, more, []) as process:
        end = time.monotonic() + 40
        while not any("full" in each for each in said(sayings)) and process.is_alive() and time.monotonic() < end:
            time.sleep(0.01)
        room()
        more.touch()
        process.join(60)
    assert process_codes[-1] == 0, said(sayings)[-1:]
    (refused,) = [each for each in said(sayings) if "refused" in each]
    assert "full" in refused["words"][0] and "место" in refused["words"][1], "a full disk is called full"
    return _sound(folder, sayings, 1)


def _sound(folder: Path, sayings: Path, refusals: int) -> int:
    """Nothing that was acknowledged is lost, and each refusal was told in words; how many orders were acknowledged."""
    told = said(sayings)
    refused = [each for each in told if "refused" in each]
    assert len(refused) == refusals
    assert all(each["declared"] for each in refused), refused
    for each in refused:
        assert all(len(words.split(". ")) >= 2 and "{" not in words for words in each["words"]), "what happened, and what to do"
    assert all(each["reads"] > 0 and each["user"] == 1 for each in told if "reads" in each), "who is signed in goes on reading"
    assert not list((folder / "files").rglob(".*")), "no half-written file is left lying"
    ws = opened(folder)
    acks: list[dict[str, Any]] = [each for each in told if "what" in each]
    ledger = Ledger(ws)
    assert faults(ws) == []
    assert ledger.wrong(acks) == []
    kept = {doc.doc_id for doc in ws.db.table("files").search()}
    assert {each["file"] for each in told if "file" in each} <= kept
    assert [run["state"] for run in ledger.runs.values() if run["state"] != "done"] == []
    ws.db.close()
    return len(acks)
