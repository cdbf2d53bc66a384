"""The same table once more: rows find what they speak of by a key, change what differs, and all of it can be undone."""

from __future__ import annotations

import time
from typing import Any

import pytest
from imports_world import CRM, Place, words

from builder import sheets
from model.access import Action, Grant, Level
from model.errors import BadValue
from runtime.keyed import By
from sheets import keyed

TABLE = "no,name,price,city\n1,Anvil,10.50,Rome\n2,Rope,3.00,Bonn\n3,Nail,0.10,Oslo\n"


def bring(place: Place, table: str, by: By | None = None, **more: Any) -> Any:
    """Import a table of goods into the process that the first one made."""
    sheet = sheets.read("goods.csv", table.encode())
    plan = sheets.guess(sheet)
    process = place.library.versions["goods"].process if "goods" in place.library.versions else None
    plan = sheets.match(plan, process) if process else plan
    return place.bring(sheet, plan, process or sheets.propose(plan, "goods", "Goods", words), by=by, **more)


def standing(place: Place) -> dict[str, Any]:
    return {e.title: (e.get("price"), e.get("city"), e.version) for e in place.elements.find(place.root, "goods")}


def test_the_same_table_twice_changes_nothing_and_another_one_what_differs(place: Place) -> None:
    bring(place, TABLE)
    again = bring(place, TABLE, By(("no",), titles=True)).view
    assert (again.created, again.changed, again.same, again.skipped) == (0, 0, 3, 0)
    table = "no,name,price,city\n1,Anvil,11.00,\n2,Rope XL,3.00,Bonn\n3,Nail,0.10,Oslo\n4,Bolt,7.00,Kyiv\n"
    rows = list(
        place.rows(
            sheet := sheets.read("g.csv", table.encode()), sheets.match(sheets.guess(sheet), process(place)), process(place)
        )
    )
    seen = place.imports.foresee(place.root, "goods", rows, By(("no",), titles=True))
    assert (seen.new, seen.changed, seen.same, seen.refused) == (1, 2, 1, 0)
    assert [dict(changes) for _, _, changes in seen.first] == [{"price": [10.5, 11.0]}, {"title": ["Rope", "Rope XL"]}]
    third = bring(place, table, By(("no",), titles=True)).view
    assert (third.created, third.changed, third.same, third.skipped) == (1, 2, 1, 0)
    assert standing(place) == {
        "Anvil": (11.0, "Rome", 2), "Rope XL": (3.0, "Bonn", 2), "Nail": (0.1, "Oslo", 1), "Bolt": (7.0, "Kyiv", 1),
    }  # fmt: skip


def process(place: Place) -> Any:
    return place.library.versions["goods"].process


def test_undoing_puts_back_what_was_changed_but_not_what_others_changed_since(place: Place) -> None:
    first = bring(place, TABLE)
    before = standing(place)
    second = bring(place, "no,name,price\n1,Anvil,11.00\n2,Rope,4.00\n9,Bolt,7.00\n", By(("no",)))
    rope = next(e for e in place.elements.find(place.root, "goods") if e.title == "Rope")
    place.clock.move(minutes=1)
    place.elements.update(place.root, rope.id, {"price": 5})
    assert place.imports.undo(place.root, first.id).removed == 1, (
        "what the second import changed is no longer the first one's alone"
    )
    undone = place.imports.undo(place.root, second.id)
    assert (undone.removed, undone.restored, dict(undone.kept)) == (1, 1, {rope.id: "Rope"})
    assert {title: price for title, (price, *_) in standing(place).items()} == {"Anvil": before["Anvil"][0], "Rope": 5.0}


def test_what_has_no_key_of_its_own_is_left_out_with_its_reason(place: Place) -> None:
    bring(place, TABLE + "3,Nail again,0.20,Riga\n")
    found = bring(place, "no,name,price\n1,Anvil,1.00\n1,Anvil,2.00\n3,Nail,3.00\n,Nut,4.00\n", By(("no",)))
    assert [(s.number, s.problems[0].code) for s in found.skipped] == [
        (2, "key_twice_in_table"), (3, "key_twice_in_table"), (4, "key_twice_here"), (5, "key_empty"),
    ]  # fmt: skip
    assert (found.view.created, found.view.changed) == (0, 0)
    with pytest.raises(BadValue):
        bring(place, TABLE, By(("nowhere",)))


def test_who_may_not_change_an_element_does_not_by_a_table(place: Place) -> None:
    bring(place, TABLE)
    grants = tuple(
        Grant(role="clerk", action=action, level=level)
        for action, level in (
            (Action.READ, Level.ALL),
            (Action.ADD, Level.ALL),
            (Action.IMPORT, Level.ALL),
            (Action.CHANGE, Level.OWN),
        )
    )
    place.library.publish(process(place).model_copy(update={"grants": grants}))
    clerk = place.user("clerk", roles=frozenset({"clerk"}))
    found = bring(place, "no,name,price\n1,Anvil,1.00\n", By(("no",)), actor=clerk)
    assert [p.code for s in found.skipped for p in s.problems] == ["denied"]
    assert standing(place)["Anvil"][0] == 10.5


def test_8800_rows_again_are_quick_and_change_nothing(on_disk: Place) -> None:
    _, made, plan = on_disk.bring_new("sales_pipeline.csv", CRM / "sales_pipeline.csv", "deals")
    by = keyed(plan, ["opportunity_id"])
    sheet = sheets.read("sales_pipeline.csv", CRM / "sales_pipeline.csv")
    began = time.monotonic()
    view = on_disk.bring(sheet, plan, made, by=by).view
    assert (view.created, view.changed, view.same, view.skipped) == (0, 0, 8800, 0)
    assert time.monotonic() - began < 20
