"""Counts are taken once for each commit, and are never older than the last one."""

from __future__ import annotations

from types import SimpleNamespace
from typing import Any

import pytest
from tinydb import where

from model.access import SYSTEM_ACTOR
from model.filter import Condition
from runtime.counting import KEPT, Counts


@pytest.fixture
def looks(place: SimpleNamespace, monkeypatch: pytest.MonkeyPatch) -> list[Any]:
    """What the store was asked to group."""
    asked: list[Any] = []
    kind = type(place.db.table("elements"))
    group = kind.group

    def noted(self: Any, *args: Any, **more: Any) -> Any:
        asked.append(args)
        return group(self, *args, **more)

    monkeypatch.setattr(kind, "group", noted)
    return asked


def total(place: SimpleNamespace, *filters: Condition) -> dict[str, tuple[int, float]]:
    found = place.elements.totals(SYSTEM_ACTOR, "deals", *filters)
    return {stage: (each.count, each.sum) for stage, each in found.items()}


def test_who_asks_again_gets_the_same_without_a_look(place: SimpleNamespace, looks: list[Any]) -> None:
    place.elements.create(SYSTEM_ACTOR, "deals", {"title": "One", "amount": 10})
    assert total(place) == total(place) == {"new": (1, 10)}
    assert len(looks) == 1
    assert total(place, Condition(field="amount", op="gt", value=10)) == {}
    assert len(looks) == 2


def test_a_commit_is_seen_at_once(place: SimpleNamespace) -> None:
    made = place.elements.create(SYSTEM_ACTOR, "deals", {"title": "One", "amount": 10})
    assert total(place) == {"new": (1, 10)}
    place.elements.move(SYSTEM_ACTOR, made.id, "talk")
    assert total(place) == {"talk": (1, 10)}


def test_a_transaction_sees_itself_and_leaves_nothing_behind(place: SimpleNamespace) -> None:
    place.elements.create(SYSTEM_ACTOR, "deals", {"title": "One", "amount": 10})
    with pytest.raises(KeyError), place.db.transaction():
        place.elements.create(SYSTEM_ACTOR, "deals", {"title": "Two", "amount": 5})
        assert total(place) == {"new": (2, 15)}
        raise KeyError
    assert total(place) == {"new": (1, 10)}


def test_one_is_not_taken_for_true(place: SimpleNamespace) -> None:
    table = place.db.table("elements")
    table.insert({"flag": True})
    counts = Counts(place.db, table)
    assert [g["count"] for g in counts.group(["flag"], where("flag") == True, [])] == [1]  # noqa: E712
    assert counts.group(["flag"], where("flag") == 2, []) == []
    assert counts.group(["flag"], where("flag") == 1, []) == table.group(["flag"], where("flag") == 1)


def test_answers_do_not_pile_up(place: SimpleNamespace, looks: list[Any]) -> None:
    counts = Counts(place.db, place.db.table("elements"))
    for number in range(KEPT + 1):
        counts.group(["stage"], where("amount") == number, [])
    counts.group(["stage"], where("amount") == KEPT, [])
    assert len(looks) == KEPT + 1
    counts.group(["stage"], where("amount") == 0, [])
    assert len(looks) == KEPT + 2
