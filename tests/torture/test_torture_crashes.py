"""Death before and after each robot, commit, wake-up and sending of one order's run; then the rest is done, once."""

from __future__ import annotations

from collections import Counter
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from torture_deeds import DIED, POINTS, one_order
from torture_world import (
    LONG,
    NODES,
    START,
    Receiver,
    StillClock,
    Tell,
    address,
    copied,
    faults,
    forgotten,
    opened,
    said,
    settle,
    through,
)

EFFECTS = Counter({"greet": 1, "job": 1, "mark": 1, "bye": 1, "say": 2})
"""How often each node leaves an event: the graph of the order, the job's own comment and the echo of the mark."""
TRACE = ["greet", "wait", "wait", "call", "call", "job", "mark", "bye"]
"""The steps of the run in their order; those that waited stand twice."""


@pytest.fixture(scope="module")
def passes(sown: Path, tmp_path_factory: pytest.TempPathFactory) -> dict[str, int]:
    """How often an undisturbed order passes each point."""
    folder = tmp_path_factory.mktemp("whole")
    assert through(one_order, copied(sown, folder / "data"), folder / "said", "", 0, False) == 0
    found = said(folder / "said")[-1]
    assert set(found) == set(POINTS)
    assert found["node"] == len(NODES) + 2 + 2, "six robots, two of them twice, and one robot each of the two runs that follow"
    return found


@pytest.mark.parametrize("point", POINTS)
def test_whoever_dies_anywhere_has_done_all_or_nothing(
    sown: Path, passes: dict[str, int], tmp_path: Path, receiver: Receiver, point: str, tell: Tell
) -> None:
    assert passes[point] > 0
    resent, deaths, places = [], 0, _places(point, passes[point], bool(address(sown)))
    for number in places:
        for after in (False, True) if LONG or not address(sown) else (number % 2 == 0,):
            receiver.keys.clear()
            deaths += 1
            place = f"{point}-{number}-{'after' if after else 'before'}"
            folder = copied(sown, tmp_path / place)
            assert through(one_order, folder, tmp_path / f"said-{place}", point, number, after) == DIED, place
            told = said(tmp_path / f"said-{place}")
            calls = _finished(folder, place, told)
            forgotten(folder)
            assert set(receiver.keys) == set(calls), place
            if set(receiver.keys.values()) - {1}:
                resent.append(place)
                sent = [saying["through"] for saying in told if "through" in saying]
                assert sent == ["send"], f"{place}: a call that was noted as sent went out again"
    tell(f"{deaths} deaths at {point}; calls went out twice at {resent or 'none'}")


def _places(point: str, passed: int, dear: bool) -> list[int]:
    """Which of the times that a point is passed are tried: all; of the dear ones in a short run every node and wake-up, and else
    the first, the last and some between."""
    few = dear and not LONG and point not in ("node", "wake")
    return sorted({1, passed, *range(1, passed, 4 if few else 1)})


def _finished(folder: Path, place: str, told: list[dict[str, Any]]) -> list[str]:
    """Open what is left, look it over, let the robots finish; the keys of the calls that had to be made."""
    clock = StillClock(START + timedelta(hours=4))
    ws = opened(folder, clock)
    try:
        assert not faults(ws), place
        settle(ws, clock)
        assert not faults(ws), place
        root = ws.administrator()
        made = [e for e in ws.elements.find(root, "orders") if e.title == "mortal"]
        if "id" in (told or [{}])[0]:
            assert [e.id for e in made] == [told[0]["id"]], "what was acknowledged is there"
        assert len(made) <= 1
        return [_whole(ws, e.id, place) for e in made]
    finally:
        ws.db.close()


def _whole(ws: Any, order: int, place: str) -> str:
    """The order's run and what came of it: each thing once. The key of its call."""
    root = ws.administrator()
    (run,) = [r for r in ws.engine.runs(root, "orders", order) if r.graph == "welcome"]
    assert run.state == "done", (place, run.state, run.reason)
    assert [step["node"] for step in run.trace] == TRACE, place
    (job,) = [e for e in ws.elements.find(root, "jobs") if e.get("order") == order]
    events = [*ws.elements.history(root, order), *ws.elements.history(root, job.id)]
    assert Counter(e.chain[-1].rsplit("/", 1)[1] for e in events if e.run is not None) == EFFECTS, place
    rows = [row for row in ws.outbox.rows(root) if row.element == order]
    assert [row.state for row in rows] == ["sent"], place
    return f"{run.id}/call/1"
