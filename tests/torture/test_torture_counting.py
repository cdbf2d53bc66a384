"""Many who add one to the same number at the same time: not one addition is lost."""

from __future__ import annotations

from pathlib import Path

import pytest
from torture_deeds import count_in, count_up
from torture_world import (
    StillClock,
    Tell,
    admin,
    child,
    copied,
    faults,
    filled,
    often,
    opened,
    placed,
    process_codes,
    said,
)

THREADS, TIMES = 16, 200
EACH = often(40, 250)


@pytest.mark.parametrize("engine", ["memory", "sqlite", "postgres"])
def test_16_threads_lose_no_addition(engine: str, request: pytest.FixtureRequest, tmp_path: Path, tell: Tell) -> None:
    if engine == "memory":
        ws = filled(opened(placed(tmp_path / "data", "memory://"), StillClock()))
    else:
        seed = request.getfixturevalue("seeded" if engine == "sqlite" else "seeded_there")
        ws = opened(copied(seed, tmp_path / "data"))
    before, wanted = ws.elements.get(admin(ws), 1).version, THREADS * TIMES
    retries = count_in(ws, THREADS, TIMES)
    found = ws.elements.get(admin(ws), 1)
    assert (found.get("counter"), found.version) == (wanted, before + wanted)
    values = [e.changes["counter"] for e in reversed(ws.elements.history(admin(ws), 1, 10**6)) if "counter" in e.changes]
    assert values == [[None, 0], *([n, n + 1] for n in range(wanted))]
    assert faults(ws) == []
    ws.db.close()
    tell(f"{engine}: {THREADS} threads, {wanted} additions, 0 lost, {retries} tried again")


def test_two_processes_lose_no_addition_and_see_each_other(sown: Path, tmp_path: Path, tell: Tell) -> None:
    folder = copied(sown, tmp_path / "data")
    ws = opened(folder)
    before = ws.db.revision()
    with child(count_up, folder, tmp_path / "one", 4, EACH) as one, child(count_up, folder, tmp_path / "two", 4, EACH) as two:
        one.join(90)
        two.join(90)
    assert process_codes[-2:] == [0, 0]
    assert ws.db.revision() > before, "a third process, which only looks on, hears of it"
    found = ws.elements.get(admin(ws), 1)
    assert (found.get("counter"), found.version) == (8 * EACH, 2 + 8 * EACH)
    for name in ("one", "two"):
        done, end = said(tmp_path / name)
        assert end["seen"] == 8 * EACH, "each sees what the other has written"
        assert done["before"] < done["after"] <= end["last"]
    assert faults(ws) == []
    ws.db.close()
    tell(f"2 processes x 4 threads, {8 * EACH} additions, 0 lost")
