"""The one door for writes: what goes in, what is refused, what two people at once get, and what history keeps."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
from core_world import build, deals, everything
from hypothesis import given, settings
from hypothesis import strategies as st

from model.access import SYSTEM_ACTOR, Action, Grant, Level
from model.element import Element
from model.errors import Denied, Invalid, NotAllowed, NotFound, Stale
from model.event import Cause, Event
from model.field import Field
from model.filter import Condition, Group
from model.process import Process
from runtime.elements import Prepared, Total
from runtime.workspace_settings import WorkspaceSettings


def problems(place: SimpleNamespace, values: dict[str, Any], id: int | None = None) -> dict[str, str]:
    """What create (or update) refuses: code by path."""
    with pytest.raises(Invalid) as refused:
        if id is None:
            place.elements.create(SYSTEM_ACTOR, "deals", values)
        else:
            place.elements.update(SYSTEM_ACTOR, id, values)
    return {p.path: p.code for p in refused.value.problems}


# creating


def test_create_fills_what_is_not_given(place: SimpleNamespace) -> None:
    anna = place.actor("anna")
    deal = place.elements.create(anna, "deals", {"amount": "12.50", "tags": ["a", "", "b"], "company": "  "})
    assert (deal.title, deal.funnel, deal.stage, deal.responsible) == (f"Deal #{deal.id}", "sales", "new", anna.user)
    assert dict(deal.values) == {"amount": 12.5, "tags": ["a", "b"]}
    assert deal.created_at == deal.moved_at == deal.updated_at == "2026-11-21T12:00:00.000Z"
    assert (deal.created_by, deal.version, deal.closed_at) == (anna.user, 1, None)
    assert place.elements.get(anna, deal.id) == deal


def test_create_at_a_time_in_a_funnel_and_stage(room: SimpleNamespace) -> None:
    at = datetime(2025, 1, 2, tzinfo=UTC)
    deal = room.elements.create(SYSTEM_ACTOR, "deals", {"funnel": "service"}, at=at)
    assert (deal.stage, deal.funnel, deal.created_at, deal.responsible) == ("queue", "service", "2025-01-02T00:00:00.000Z", None)
    won = room.elements.create(SYSTEM_ACTOR, "deals", {"stage": "won"}, at=at)
    assert (won.funnel, won.closed_at) == ("sales", "2025-01-02T00:00:00.000Z")


def test_defaults_stand_where_nothing_is_named(room: SimpleNamespace) -> None:
    fields = (Field(code="company", title="C", default="Acme"), Field(code="rate", title="R", kind="double", default=1.5))
    room.shelf.publish(deals(fields=fields, amount_field=""))
    deal = room.elements.create(SYSTEM_ACTOR, "deals", {"rate": None})
    assert dict(deal.values) == {"company": "Acme"}


def test_a_process_without_stages(room: SimpleNamespace) -> None:
    room.shelf.publish(Process(code="things", title="Things"))
    thing = room.elements.create(SYSTEM_ACTOR, "things", {"title": "T"})
    assert (thing.stage, thing.funnel, thing.closed_at) == ("", "", None)
    assert room.elements.count(SYSTEM_ACTOR, "things") == 1
    assert room.elements.totals(SYSTEM_ACTOR, "things") == {"": Total(1, 0)}
    with pytest.raises(Invalid) as refused:
        room.elements.move(SYSTEM_ACTOR, thing.id, "won")
    assert refused.value.problems[0].code == "no_stages"
    assert room.elements.update(SYSTEM_ACTOR, thing.id, {"title": "U"}).title == "U"


def test_all_problems_come_at_once(room: SimpleNamespace) -> None:
    found = problems(room, {
        "amount": "ten", "compani": "x", "helper": 999, "parent": 999, "papers": [999], "stage": "nowhere", "title": "x" * 256,
        "created_at": "2020-01-01", "company": ["a", "b"], "tags": "fine",
    })  # fmt: skip
    assert found == {
        "amount": "not_a_number", "compani": "unknown_field", "helper": "no_such_person", "parent": "no_such_element",
        "papers": "no_such_attachment", "stage": "unknown_stage", "title": "too_long", "created_at": "kept_by_voronka",
        "company": "one_value_only",
    }  # fmt: skip
    assert room.elements.count(SYSTEM_ACTOR, "deals") == 0
    with pytest.raises(Invalid) as refused:
        room.elements.create(SYSTEM_ACTOR, "deals", {"compani": "x", "stage": "wonn"})
    assert {p.path: p.context["nearest"] for p in refused.value.problems} == {"compani": "company", "stage": "won"}


def test_stage_and_funnel_must_fit(room: SimpleNamespace) -> None:
    assert problems(room, {"funnel": "other"}) == {"funnel": "unknown_funnel"}
    assert problems(room, {"stage": "won", "funnel": "service"}) == {"stage": "stage_of_other_funnel"}
    assert problems(room, {"responsible": "Anna"}) == {"responsible": "not_a_person"}
    assert problems(room, {"responsible": 999}) == {"responsible": "no_such_person"}


@pytest.mark.parametrize("bad", ["a\0b", "a\ud800b", "\udfff"])
@pytest.mark.parametrize("code", ["company", "notes", "title", "tags"])
def test_what_cannot_be_stored_is_refused_with_its_place(place: SimpleNamespace, bad: str, code: str) -> None:
    assert problems(place, {code: bad}) == {code: "bad_characters"}


@pytest.mark.parametrize("bad", [float("nan"), float("inf"), "NaN", "-Infinity"])
@pytest.mark.parametrize("code", ["amount", "rate", "counter"])
def test_nan_and_infinity_are_refused(room: SimpleNamespace, bad: Any, code: str) -> None:
    assert list(problems(room, {code: bad})) == [code]


@pytest.mark.parametrize("huge", [10**30, -(2**63) - 1, "9" * 400])
def test_numbers_beyond_what_is_exact_are_refused(room: SimpleNamespace, huge: Any) -> None:
    assert list(problems(room, {"counter": huge})) == ["counter"]


@pytest.mark.parametrize(
    "text",
    ["<script>alert(1)</script>", "{{7*7}} {company.__class__} ${x}", "'; DROP TABLE t_elements; --", "=cmd|' /C calc'!A0"],
)
def test_code_in_text_stays_text(place: SimpleNamespace, text: str) -> None:
    deal = place.elements.create(SYSTEM_ACTOR, "deals", {"title": text, "company": text, "notes": text, "tags": [text]})
    read = place.elements.get(SYSTEM_ACTOR, deal.id)
    assert (read.title, read.get("company"), read.get("notes"), read.get("tags")) == (text, text, text, [text])
    assert place.elements.count(SYSTEM_ACTOR, "deals", Condition(field="company", value=text)) == 1
    assert [e.id for e in place.elements.search(SYSTEM_ACTOR, text)] == [deal.id]


def test_ten_thousand_characters_go_in_and_come_out(place: SimpleNamespace) -> None:
    long = "ж" * 10_000
    deal = place.elements.create(SYSTEM_ACTOR, "deals", {"notes": long})
    assert place.elements.get(SYSTEM_ACTOR, deal.id).get("notes") == long
    assert problems(place, {"title": long}) == {"title": "too_long"}


@settings(max_examples=80, deadline=None)
@given(st.dictionaries(
    st.sampled_from(["amount", "company", "notes", "tags", "counter", "rate", "helper", "parent", "title", "stage", "x"]),
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=30) | st.lists(st.text(max_size=5), max_size=3)
    | st.dictionaries(st.text(max_size=3), st.integers(), max_size=2) | st.binary(max_size=5),
    max_size=4,
))  # fmt: skip
def test_whatever_is_entered_is_stored_or_refused(values: dict[str, Any]) -> None:
    for place in build("memory://"):
        try:
            deal = place.elements.create(SYSTEM_ACTOR, "deals", values)
        except Invalid as refused:
            assert all(p.path in values and p.code for p in refused.problems)
        else:
            assert place.elements.get(SYSTEM_ACTOR, deal.id) == deal
            again = place.elements.update(SYSTEM_ACTOR, deal.id, {**deal.values, "title": deal.title, "stage": deal.stage})
            assert again == deal, "stored values must parse to themselves"


# changing


def test_update_writes_real_changes_only(place: SimpleNamespace) -> None:
    anna = place.actor("anna")
    deal = place.elements.create(anna, "deals", {"company": "Acme", "amount": 5})
    place.clock.move(minutes=1)
    same = place.elements.update(anna, deal.id, {"company": " Acme ", "amount": "5.00", "stage": "new", "notes": ""})
    assert same == deal
    assert [e.kind for e in place.elements.history(anna, deal.id)] == ["created"]
    new = place.elements.update(anna, deal.id, {"company": None, "amount": 6, "title": "Big"}, cause=Cause(note="why"))
    assert (new.version, new.updated_at, dict(new.values)) == (2, "2026-11-21T12:01:00.000Z", {"amount": 6})
    event = place.elements.history(anna, deal.id)[0]
    assert event.kind == "changed" and event.note == "why" and event.by == anna.user
    assert event.changes == {"company": ["Acme", None], "amount": [5, 6], "title": [deal.title, "Big"]}


def test_move_says_where_from_and_closes_and_opens(place: SimpleNamespace) -> None:
    anna = place.actor("anna")
    deal = place.elements.create(anna, "deals", {"title": "A"})
    place.clock.move(days=1)
    won = place.elements.move(anna, deal.id, "won", values={"amount": 7})
    assert won.closed_at == won.moved_at == "2026-11-22T12:00:00.000Z"
    event = place.elements.history(anna, deal.id)[0]
    assert event.kind == "moved"
    assert event.changes == {"stage": ["new", "won"], "amount": [None, 7]}
    assert event.data == {"from_semantics": "P", "to_semantics": "S", "version": 2}
    other = place.elements.move(anna, deal.id, "queue")
    assert (other.funnel, other.closed_at) == ("service", None)
    assert place.elements.history(anna, deal.id)[0].changes == {"stage": ["won", "queue"], "funnel": ["sales", "service"]}
    assert place.elements.update(anna, deal.id, {"funnel": "sales"}).stage == "new"


def test_required_fields(room: SimpleNamespace) -> None:
    fields = (Field(code="company", title="Company", required=True), Field(code="notes", title="Notes", kind="text"))
    old = room.elements.create(SYSTEM_ACTOR, "deals", {"title": "Before it was required"})
    room.shelf.publish(deals(fields=fields, amount_field=""))
    assert problems(room, {"notes": "x"}) == {"company": "required"}
    deal = room.elements.create(SYSTEM_ACTOR, "deals", {"company": "Acme"})
    assert problems(room, {"company": ""}, deal.id) == {"company": "required"}
    assert room.elements.update(SYSTEM_ACTOR, old.id, {"notes": "still works"}).get("notes") == "still works"
    with pytest.raises(Invalid):
        room.elements.move(SYSTEM_ACTOR, old.id, "talk")


def test_required_by_stage(place: SimpleNamespace) -> None:
    deal = place.elements.create(SYSTEM_ACTOR, "deals", {"title": "A"})
    with pytest.raises(Invalid) as refused:
        place.elements.move(SYSTEM_ACTOR, deal.id, "lost")
    (problem,) = refused.value.problems
    assert (problem.path, problem.code, dict(problem.context)) == (
        "reason",
        "required_at_stage",
        {"field": "Reason", "stage": "Lost"},
    )
    assert place.elements.get(SYSTEM_ACTOR, deal.id).stage == "new"
    lost = place.elements.move(SYSTEM_ACTOR, deal.id, "lost", values={"reason": "price"})
    assert (lost.stage, lost.get("reason")) == ("lost", "price")
    assert problems(place, {"reason": ""}, deal.id) == {"reason": "required_at_stage"}
    assert problems(place, {"title": "B", "stage": "lost"}) == {"reason": "required_at_stage"}
    assert place.elements.move(SYSTEM_ACTOR, deal.id, "new", values={"reason": None}).get("reason") is None


def test_old_links_may_stay_though_they_point_nowhere(room: SimpleNamespace) -> None:
    parent = room.elements.create(SYSTEM_ACTOR, "deals", {"title": "P"})
    child = room.elements.create(SYSTEM_ACTOR, "deals", {"parent": parent.id})
    room.elements.delete(SYSTEM_ACTOR, parent.id)
    assert room.elements.update(SYSTEM_ACTOR, child.id, {"parent": parent.id, "company": "X"}).get("company") == "X"
    assert problems(room, {"parent": parent.id}) == {"parent": "no_such_element"}


# two at once


def test_changes_to_other_fields_are_merged(place: SimpleNamespace) -> None:
    anna = place.actor("anna")
    deal = place.elements.create(anna, "deals", {"company": "A", "notes": "n"})
    place.elements.update(anna, deal.id, {"company": "B"}, expect=1)
    merged = place.elements.update(anna, deal.id, {"notes": "m"}, expect=1)
    assert (merged.get("company"), merged.get("notes"), merged.version) == ("B", "m", 3)
    place.elements.comment(anna, deal.id, "no change")
    assert place.elements.move(anna, deal.id, "talk", expect=1).stage == "talk"


def test_changes_to_the_same_field_are_stale_and_lose_nothing(place: SimpleNamespace) -> None:
    anna = place.actor("anna")
    deal = place.elements.create(anna, "deals", {"company": "A"})
    place.elements.update(anna, deal.id, {"company": "theirs", "amount": 3})
    with pytest.raises(Stale) as refused:
        place.elements.update(anna, deal.id, {"company": "mine", "notes": "my long text"}, expect=1)
    assert refused.value.mine == {"company": "mine", "notes": "my long text"}
    assert refused.value.theirs == {"company": "theirs", "amount": 3}
    assert refused.value.problem.context["version"] == 2
    assert place.elements.get(anna, deal.id).get("company") == "theirs"
    with pytest.raises(Stale):
        place.elements.update(anna, deal.id, {"amount": 3}, expect=1)
    place.elements.move(anna, deal.id, "talk")
    with pytest.raises(Stale):
        place.elements.move(anna, deal.id, "won", expect=1)


def test_a_form_that_sends_what_it_saw_overwrites_nothing(place: SimpleNamespace) -> None:
    anna = place.actor("anna")
    deal = place.elements.create(anna, "deals", {"title": "T", "company": "A", "tags": ["x"], "notes": "n"})
    place.elements.move(anna, deal.id, "queue", values={"company": "theirs", "tags": None, "title": "U"})
    form = {"title": "T", "company": "A", "tags": ["x"], "notes": "mine", "stage": "new"}
    merged = place.elements.update(anna, deal.id, form, expect=1)
    assert (merged.title, merged.stage, merged.funnel) == ("U", "queue", "service")
    assert dict(merged.values) == {"company": "theirs", "notes": "mine"}
    with pytest.raises(Stale):
        place.elements.update(anna, deal.id, {**form, "tags": ["y"]}, expect=1)


def test_eight_threads_lose_no_update(tmp_path: Path) -> None:
    for place in build(f"sqlite:///{tmp_path / 'threads.db'}"):
        anna = place.actor("anna")
        deal = place.elements.create(anna, "deals", {"counter": 0})
        with ThreadPoolExecutor(8) as pool:
            for done in [pool.submit(_count, place, deal.id, 50) for _ in range(8)]:
                done.result()
        done = place.elements.get(anna, deal.id)
        assert (done.get("counter"), done.version) == (400, 401)
        assert len(place.elements.history(anna, deal.id, 1000)) == 401


def _count(place: SimpleNamespace, id: int, times: int) -> None:
    for _ in range(times):
        while not _counted(place, id):
            pass


def _counted(place: SimpleNamespace, id: int) -> bool:
    anna = place.actor("anna")
    seen = place.elements.get(anna, id)
    try:
        place.elements.update(anna, id, {"counter": seen.get("counter") + 1}, expect=seen.version)
    except Stale:
        return False
    return True


# the bin, comments, history


def test_deleted_elements_are_nowhere_but_in_the_bin(place: SimpleNamespace) -> None:
    anna = place.actor("anna")
    deal = place.elements.create(anna, "deals", {"title": "Gone", "amount": 5})
    child = place.elements.create(anna, "deals", {"title": "Child", "parent": deal.id})
    place.elements.delete(anna, deal.id)
    with pytest.raises(NotFound):
        place.elements.get(anna, deal.id)
    for deed in (
        lambda: place.elements.update(anna, deal.id, {"title": "x"}),
        lambda: place.elements.delete(anna, deal.id),
        lambda: place.elements.comment(anna, deal.id, "x"),
        lambda: place.elements.history(anna, deal.id),
    ):
        with pytest.raises(NotFound):
            deed()
    assert [e.id for e in place.elements.find(anna, "deals")] == [child.id]
    assert place.elements.count(anna, "deals") == 1
    assert place.elements.totals(anna, "deals") == {"new": Total(1, 0)}
    assert place.elements.search(anna, "gone") == []
    assert place.elements.linked(anna, child.id) == []
    assert place.elements.titles(anna, [deal.id]) == {}
    assert [e.id for e in place.elements.bin(anna, "deals")] == [deal.id]
    assert place.elements.bin(place.actor("boris"), "deals") == []
    with pytest.raises(NotFound):
        place.elements.restore(place.actor("boris"), deal.id)
    back = place.elements.restore(anna, deal.id)
    assert (back.deleted_at, back.version, back.title) == (None, 3, "Gone")
    assert [e.kind for e in place.elements.history(anna, deal.id)] == ["restored", "deleted", "created"]
    with pytest.raises(NotFound):
        place.elements.restore(anna, deal.id)


def test_comments_need_reading_only_and_some_text(room: SimpleNamespace) -> None:
    room.shelf.publish(deals(Grant(role="sales", action=Action.READ, level=Level.ALL)))
    deal = room.elements.create(SYSTEM_ACTOR, "deals", {"title": "A"})
    anna = room.actor("anna")
    event = room.elements.comment(anna, deal.id, "  two\nlines ")
    assert (event.data["text"], event.by, event.id) == ("two\nlines", anna.user, 2)
    assert room.elements.get(anna, deal.id).version == 1
    for bad in ("", "  \n", "a\0", "x" * 20_001):
        with pytest.raises(Invalid):
            room.elements.comment(anna, deal.id, bad)
    with pytest.raises(NotFound):
        room.elements.comment(room.actor("carl"), deal.id, "x")


def test_listeners_stand_inside_the_transaction(place: SimpleNamespace) -> None:
    heard: list[tuple[str, str, bool]] = []

    def listen(event: Event, element: Element | None) -> None:
        assert element is not None and element.id == event.element
        heard.append((event.kind, element.title, place.db.in_transaction))
        if event.kind == "changed":
            raise RuntimeError("the listener fails")

    place.elements.on_event(listen)
    deal = place.elements.create(SYSTEM_ACTOR, "deals", {"title": "A"})
    with pytest.raises(RuntimeError):
        place.elements.update(SYSTEM_ACTOR, deal.id, {"title": "B"})
    assert place.elements.get(SYSTEM_ACTOR, deal.id) == deal
    assert [e.kind for e in place.elements.history(SYSTEM_ACTOR, deal.id)] == ["created"]
    assert heard == [("created", "A", True), ("changed", "B", True)]
    event = place.elements.emit(Event("message", "deals", deal.id, "2026-01-01T00:00:00.000Z"))
    assert event.id and heard[-1] == ("message", "A", True)


def test_cause_is_kept_with_the_event(room: SimpleNamespace) -> None:
    cause = Cause(user=room.ids["anna"], chain=("deals/main/n1",), run=7)
    deal = room.elements.create(SYSTEM_ACTOR, "deals", {"title": "A"}, cause=cause)
    event = room.elements.history(SYSTEM_ACTOR, deal.id)[0]
    assert (event.by, event.chain, event.run) == (room.ids["anna"], ("deals/main/n1",), 7)
    assert event.changes == {"title": [None, "A"], "funnel": [None, "sales"], "stage": [None, "new"]}


def test_undo_puts_back_what_an_event_replaced(place: SimpleNamespace) -> None:
    anna = place.actor("anna")
    deal = place.elements.create(anna, "deals", {"company": "A", "amount": 1})
    place.elements.update(anna, deal.id, {"company": "B", "amount": None})
    changed = place.elements.history(anna, deal.id)[0]
    place.elements.update(anna, deal.id, {"notes": "other"})
    back = place.elements.undo(anna, changed.id)
    assert dict(back.values) == {"company": "A", "amount": 1, "notes": "other"}
    assert place.elements.history(anna, deal.id)[0].note == "undo"
    place.elements.move(anna, deal.id, "lost", values={"reason": "r"})
    moved = place.elements.history(anna, deal.id)[0]
    back = place.elements.undo(anna, moved.id)
    assert (back.stage, back.get("reason"), back.closed_at) == ("new", None, None)
    place.elements.delete(anna, deal.id)
    (gone,) = place.db.table("events").search(sort=[("doc_id", True)], limit=1)
    assert place.elements.undo(anna, gone.doc_id).deleted_at is None


def test_undo_is_refused_when_something_changed_since(room: SimpleNamespace) -> None:
    anna = room.actor("anna")
    deal = room.elements.create(anna, "deals", {"company": "A", "amount": 1})
    room.elements.update(anna, deal.id, {"company": "B", "amount": 2})
    event = room.elements.history(anna, deal.id)[0]
    room.elements.update(anna, deal.id, {"amount": 3})
    with pytest.raises(NotAllowed) as refused:
        room.elements.undo(anna, event.id)
    assert refused.value.problem.code == "changed_since"
    assert refused.value.problem.context["fields"] == "Amount"
    created = room.elements.history(anna, deal.id)[-1]
    with pytest.raises(NotAllowed) as refused:
        room.elements.undo(anna, created.id)
    assert refused.value.problem.code == "cannot_undo"
    with pytest.raises(NotFound):
        room.elements.undo(room.actor("carl"), event.id)
    with pytest.raises(NotFound):
        room.elements.undo(anna, 999)


# reading


def test_filters_sorts_pages_and_columns(place: SimpleNamespace) -> None:
    for n, company in enumerate(["Beta", "alpha", "Gamma", None]):
        place.elements.create(SYSTEM_ACTOR, "deals", {"company": company, "amount": n * 1.1, "tags": ["x", str(n)]})
    find = place.elements.find
    assert [e.get("company") for e in find(SYSTEM_ACTOR, "deals", sort=[("company", False)])] == ["Beta", "Gamma", "alpha", None]
    assert [e.id for e in find(SYSTEM_ACTOR, "deals", sort=[("id", True)], limit=2, offset=1)] == [3, 2]
    assert [e.id for e in find(SYSTEM_ACTOR, "deals", Condition(field="tags", value="2"))] == [3]
    assert place.elements.rows(SYSTEM_ACTOR, "deals", ["id", "company", "tags", "stage"], limit=1) == [
        (1, "Beta", ["x", "0"], "new")
    ]
    created = Condition(field="created_at", op="last_days", value=1)
    assert place.elements.count(SYSTEM_ACTOR, "deals", created) == 4
    assert place.elements.totals(SYSTEM_ACTOR, "deals", Condition(field="company", op="not_empty")) == {"new": Total(3, 3.3)}
    assert place.elements.totals(SYSTEM_ACTOR, "deals", by="company")["alpha"] == Total(1, 1.1)


def test_unknown_names_in_filters_and_sorts_are_named(room: SimpleNamespace) -> None:
    bad = Group(op="any", items=(Condition(field="compani", value="x"), Condition(field="stage", value="new")))
    calls = [
        lambda: room.elements.find(SYSTEM_ACTOR, "deals", bad),
        lambda: room.elements.count(SYSTEM_ACTOR, "deals", bad),
        lambda: room.elements.totals(SYSTEM_ACTOR, "deals", bad),
        lambda: room.elements.find(SYSTEM_ACTOR, "deals", sort=[("compani", True)]),
        lambda: room.elements.totals(SYSTEM_ACTOR, "deals", by="compani"),
    ]
    for call in calls:
        with pytest.raises(Invalid) as refused:
            call()
        (problem,) = refused.value.problems
        assert (problem.path, problem.code) == ("filter", "unknown_field")
        assert problem.context["nearest"] == "company"
    deep: Any = Condition(field="title", value="x")
    for _ in range(20):
        deep = Group(items=(deep,))
    with pytest.raises(Invalid):
        room.elements.find(SYSTEM_ACTOR, "deals", deep)
    with pytest.raises(NotFound):
        room.elements.find(SYSTEM_ACTOR, "dealz")


def test_search_ranks_number_then_title_then_text(place: SimpleNamespace) -> None:
    make = place.elements.create
    text = make(SYSTEM_ACTOR, "deals", {"title": "Other", "notes": "all about АЛЬФА"})
    inside = make(SYSTEM_ACTOR, "deals", {"title": "The Альфа"})
    begins = make(SYSTEM_ACTOR, "deals", {"title": "альфа one"})
    tagged = make(SYSTEM_ACTOR, "deals", {"title": "Tagged", "tags": ["Альфа"]})
    found = [e.id for e in place.elements.search(SYSTEM_ACTOR, " аЛЬФа ")]
    assert found == [begins.id, inside.id, tagged.id, text.id]
    assert [e.id for e in place.elements.search(SYSTEM_ACTOR, "альфа", limit=1)] == [begins.id]
    assert [e.id for e in place.elements.search(SYSTEM_ACTOR, f"#{text.id}")] == [text.id]
    assert place.elements.search(SYSTEM_ACTOR, f"{inside.id}")[0].id == inside.id
    assert place.elements.search(SYSTEM_ACTOR, "  ") == []


def test_linked_both_ways_over_processes(place: SimpleNamespace) -> None:
    fields = (
        Field(code="deal", title="Deal", kind="link", params={"process": "deals"}),
        Field(code="others", title="Others", kind="link", params={"process": "deals"}, multiple=True),
    )
    place.shelf.publish(Process(code="bills", title="Bills", fields=fields, grants=everything("sales")))
    deal = place.elements.create(place.actor("anna"), "deals", {"title": "D"})
    hidden = place.elements.create(SYSTEM_ACTOR, "deals", {"title": "Hidden", "parent": deal.id})
    one = place.elements.create(SYSTEM_ACTOR, "bills", {"deal": deal.id})
    many = place.elements.create(SYSTEM_ACTOR, "bills", {"others": [hidden.id, deal.id]})
    assert [e.id for e in place.elements.linked(place.actor("anna"), deal.id)] == [one.id, many.id]
    assert [e.id for e in place.elements.linked(SYSTEM_ACTOR, deal.id)] == [hidden.id, one.id, many.id]
    assert [e.id for e in place.elements.linked(place.actor("anna"), many.id)] == [deal.id]
    assert problems(place, {"parent": one.id}) == {"parent": "no_such_element"}


# many at once


def test_who_listens_for_deletions_is_told_once_of_all(place: SimpleNamespace) -> None:
    told: list[list[int]] = []
    place.elements.on_deleted(lambda ids: told.append(list(ids)))
    made = [place.elements.create(place.actor("anna"), "deals", {"title": str(n)}).id for n in range(4)]
    place.elements.delete(place.actor("root"), made[0])
    place.elements.delete_many(place.actor("root"), made)
    place.elements.delete_many(place.actor("root"), made)
    assert told == [made[:1], made[1:]]


def test_create_many_brings_history_and_returns_what_does_not_fit(place: SimpleNamespace) -> None:
    heard: list[str] = []
    place.elements.on_event(lambda event, element: heard.append(event.kind))
    anna = place.ids["anna"]
    rows = [
        Prepared({"amount": "5"}, "talk", "Won deal", anna, "2026-01-02", "2026-02-03", (("won", "2026-02-03"),), import_id=4),
        Prepared({"amount": "five", "nope": 1}),
        Prepared({}, "lost"),
        Prepared({}, "new", created_at="31 February", moved=(("nowhere", "2026-01-01"),)),
        Prepared({}),
    ]
    first, *bad, last = place.elements.create_many(SYSTEM_ACTOR, "deals", rows, Cause(note="import"))
    assert isinstance(first, int) and isinstance(last, int)
    assert [{p.path: p.code for p in each.problems} for each in bad] == [
        {"amount": "not_a_number", "nope": "unknown_field"},
        {"reason": "required_at_stage"},
        {"stage": "unknown_stage", "created_at": "not_a_datetime"},
    ]
    deal = place.elements.get(SYSTEM_ACTOR, first)
    assert (deal.stage, deal.created_at, deal.closed_at, deal.moved_at, deal.version, deal.import_id, deal.responsible) == (
        "won", "2026-01-02T00:00:00.000Z", "2026-02-03T00:00:00.000Z", "2026-02-03T00:00:00.000Z", 2, 4, anna,
    )  # fmt: skip
    moved, created = place.elements.history(SYSTEM_ACTOR, first)
    assert (created.kind, created.at, created.changes["stage"], created.note) == (
        "created",
        deal.created_at,
        [None, "talk"],
        "import",
    )
    assert (moved.kind, moved.at, moved.changes) == ("moved", deal.moved_at, {"stage": ["talk", "won"]})
    assert moved.data == {"from_semantics": "P", "to_semantics": "S", "version": 2}
    assert place.elements.get(SYSTEM_ACTOR, last).title == f"Deal #{last}"
    assert heard == []
    placed: list[object] = []
    place.elements.on_event(lambda event, element: placed.append((event.changes["stage"], event.data["to_semantics"])))
    place.elements.create_many(SYSTEM_ACTOR, "deals", [rows[0]], run_robots=True)
    assert heard == ["created"] and placed == [([None, "won"], "S")]


def test_create_many_needs_the_import_right_over_each_person(room: SimpleNamespace) -> None:
    room.shelf.publish(deals(Grant(role="sales", action=Action.IMPORT, level=Level.DEPARTMENT)))
    anna, ids = room.actor("anna"), room.ids
    made = room.elements.create_many(anna, "deals", [Prepared(responsible=ids[n]) for n in ("anna", "boris", "dora")])
    assert [isinstance(each, int) for each in made] == [True, True, False]
    with pytest.raises(Denied):
        room.elements.create_many(room.actor("carl"), "deals", [])


def test_texts_that_robots_fill_in_are_read_as_the_workspace_writes(place: SimpleNamespace) -> None:
    """They hold figures as its language shows them: an English comma groups thousands, a Russian one begins decimals."""
    own = WorkspaceSettings(place.db)
    own.save(SYSTEM_ACTOR, language="ru")
    deal = place.elements.create(SYSTEM_ACTOR, "deals", {"amount": "6\u00a0250,75 $", "rate": "1250,5"})
    assert dict(deal.values) == {"amount": 6250.75, "rate": 1250.5}
    assert problems(place, {"amount": "1,250"}, deal.id) == {"amount": "two_readings"}
    own.save(SYSTEM_ACTOR, language="en")
    assert place.elements.update(SYSTEM_ACTOR, deal.id, {"amount": "1,250"}).get("amount") == 1250.0
