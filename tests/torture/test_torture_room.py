"""No room on the disk, writes that the system refuses: told in words, nothing acknowledged is lost, no restart is needed."""

from __future__ import annotations

import subprocess
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from test_torture_kills import Ledger
from torture_deeds import write_without_room
from torture_world import Tell, child, copied, faults, often, opened, process_codes, said, through

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


@pytest.fixture
def small_disk(tmp_path: Path) -> Iterator[Path | None]:
    """A disk of 12 MB; None where nobody may mount one."""
    place = tmp_path / "disk"
    place.mkdir()
    if subprocess.run(["mount", "-t", "tmpfs", "-o", "size=12m", "tmpfs", str(place)], capture_output=True).returncode:
        yield None
        return
    yield place
    subprocess.run(["umount", str(place)], check=True)


def test_a_full_disk(seeded: Path, tmp_path: Path, small_disk: Path | None, tell: Tell) -> None:
    """Where nobody may mount a small disk, the limit of the system has to do alone."""
    sayings, more = tmp_path / "said", tmp_path / "more"
    if small_disk is None:
        folder = copied(seeded, tmp_path / "data")
        assert through(write_without_room, folder, sayings, more, [200_000]) == 0, said(sayings)[-1:]
        assert _sound(folder, sayings, 1)
        return
    folder = copied(seeded, small_disk / "data")
    (small_disk / "ballast").write_bytes(b"x" * 9_000_000)
    with child(write_without_room, folder, sayings, more, []) as process:
        end = time.monotonic() + 40
        while not any("full" in each for each in said(sayings)) and process.is_alive() and time.monotonic() < end:
            time.sleep(0.01)
        (small_disk / "ballast").unlink()
        more.touch()
        process.join(60)
    assert process_codes[-1] == 0, said(sayings)[-1:]
    (refused,) = [each for each in said(sayings) if "refused" in each]
    assert "full" in refused["words"][0] and "место" in refused["words"][1], "a full disk is called full"
    acks = _sound(folder, sayings, 1)
    tell(f"a disk of 12 MB, 9 of them taken, filled up, {acks} orders acknowledged, 0 lost, 0 restarts")


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
