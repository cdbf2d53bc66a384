"""Drafts and versions: rights, undo, what may not change, what publishing freezes."""

from typing import Any

import pytest

from builder.processes import Processes
from model.access import Action, Actor, Grant, Level
from model.errors import Denied, Invalid, NotAllowed, NotFound, Stale
from model.field import Field
from model.graph import Graph, Node
from model.process import Process

ADMIN = Actor(1, "Ada", admin=True)
ANNA = Actor(2, "Anna", roles=frozenset({"manager"}))


@pytest.fixture
def plain(deals: Process) -> Process:
    """Without robots, so that these tests stand on the builder alone."""
    return deals.model_copy(update={"graphs": ()})


def renamed(process: Process, title: str) -> Process:
    return process.model_copy(update={"title": title})


def granted(process: Process, action: Action) -> Process:
    return process.model_copy(update={"grants": (*process.grants, Grant(role="manager", action=action, level=Level.ALL))})


def test_a_draft_is_started_by_an_administrator_once(processes: Processes, plain: Process) -> None:
    with pytest.raises(Denied):
        processes.create(ANNA, plain)
    processes.create(ADMIN, plain)
    assert processes.draft("deals") == plain and processes.published("deals") is None
    with pytest.raises(NotAllowed, match="code_taken"):
        processes.create(ADMIN, plain)
    with pytest.raises(NotFound):
        processes.draft("nothing")


def test_publishing_freezes_a_numbered_version(processes: Processes, plain: Process, clock: Any) -> None:
    seen: list[int] = []
    processes.on_publish(lambda version: seen.append(version.number))
    processes.create(ADMIN, plain)
    first = processes.publish(ADMIN, "deals", "start")
    processes.save(ADMIN, renamed(plain, "Sales"))
    assert processes.published("deals") == first and processes.published("deals").process.title == "Deals"
    assert [c.kind for c in processes.changes("deals")] == ["process_renamed"]
    assert [r.changed for r in processes.all()] == [True]
    clock.advance(days=1)
    processes.publish(ADMIN, "deals")
    assert seen == [1, 2] and [v.number for v in processes.versions("deals")] == [2, 1]
    assert processes.version("deals", 1).process.title == "Deals" and processes.version("deals", 1).note == "start"
    assert processes.published("deals").process.title == "Sales" and processes.changes("deals") == []
    assert processes.roles_made[:1] == ["manager"]  # type: ignore[attr-defined]
    with pytest.raises(NotFound):
        processes.version("deals", 3)


def test_errors_block_publishing_and_a_failing_listener_takes_it_back(processes: Processes, plain: Process) -> None:
    processes.create(ADMIN, plain.model_copy(update={"amount_field": "nothing"}))
    with pytest.raises(Invalid) as refused:
        processes.publish(ADMIN, "deals")
    assert [p.path for p in refused.value.problems] == ["amount_field"]
    processes.save(ADMIN, plain)

    def fail(version: Any) -> None:
        assert processes.published("deals") == version, "a listener sees what is being published"
        raise RuntimeError("no")

    processes.on_publish(fail)
    with pytest.raises(RuntimeError):
        processes.publish(ADMIN, "deals")
    assert processes.published("deals") is None and processes.versions("deals") == [] and "deals" not in processes.codes()


def test_a_publication_inside_a_longer_transaction_is_seen_there_and_forgotten_with_it(
    processes: Processes, plain: Process, db: Any
) -> None:
    processes.create(ADMIN, plain)
    with pytest.raises(RuntimeError), db.transaction():
        processes.publish(ADMIN, "deals")
        assert processes.published("deals").number == 1 and "deals" in processes.codes()
        raise RuntimeError
    assert processes.published("deals") is None
    processes.save(ADMIN, renamed(plain, "Sales"))
    processes.publish(ADMIN, "deals")
    assert processes.published("deals").process.title == "Sales"


def test_saving_checks_the_rights_of_the_published_version(processes: Processes, plain: Process) -> None:
    processes.create(ADMIN, granted(plain, Action.ROBOTS))
    draft = processes.draft("deals")
    with pytest.raises(Denied) as refused:
        processes.save(ANNA, renamed(draft, "Mine"))
    assert refused.value.problem.context["action"] == "settings"
    robots = draft.model_copy(update={"graphs": (Graph(code="g", title="G", enabled=False),)})
    processes.save(ANNA, robots)
    assert (
        processes.draft("deals").graph("g") and processes.may(ANNA, "deals", Action.ROBOTS) and not processes.may(ANNA, "deals")
    )
    with pytest.raises(Denied):
        processes.publish(ANNA, "deals")
    processes.publish(ADMIN, "deals", agreed=["g"])
    processes.save(ADMIN, draft)
    processes.publish(ANNA, "deals")
    processes.save(ADMIN, plain)
    processes.publish(ADMIN, "deals")
    with pytest.raises(Denied):
        processes.save(ANNA, plain.model_copy(update={"graphs": (Graph(code="g", title="G"),)}))


def test_settings_in_a_draft_count_only_when_published(processes: Processes, plain: Process) -> None:
    processes.create(ADMIN, plain)
    processes.publish(ADMIN, "deals")
    processes.save(ADMIN, granted(plain, Action.SETTINGS))
    with pytest.raises(Denied):
        processes.save(ANNA, renamed(plain, "Mine"))
    processes.publish(ADMIN, "deals")
    processes.save(ANNA, renamed(granted(plain, Action.SETTINGS), "Mine"))


def test_two_people_at_one_draft_lose_nothing(processes: Processes, plain: Process) -> None:
    processes.create(ADMIN, plain)
    seen = processes.revision("deals")
    processes.save(ADMIN, renamed(plain, "Theirs"), expect=seen)
    with pytest.raises(Stale) as refused:
        processes.save(ADMIN, renamed(plain, "Mine"), expect=seen)
    assert refused.value.mine == {"title": "Mine"} and refused.value.theirs == {"title": "Theirs"}
    assert processes.save(ADMIN, processes.draft("deals")) == processes.revision("deals") == seen + 1


def test_undo_and_redo_walk_through_the_draft(processes: Processes, plain: Process) -> None:
    processes.create(ADMIN, plain)
    for title in ("One", "Two"):
        processes.save(ADMIN, renamed(plain, title))
    assert processes.undo(ADMIN, "deals").title == "One" and processes.undo(ADMIN, "deals").title == "Deals"
    with pytest.raises(NotAllowed, match="nothing_to_undo"):
        processes.undo(ADMIN, "deals")
    assert processes.redo(ADMIN, "deals").title == "One" and (processes.steps("deals").undo, processes.steps("deals").redo) == (
        1,
        1,
    )
    processes.save(ADMIN, renamed(plain, "Three"))
    with pytest.raises(NotAllowed, match="nothing_to_redo"):
        processes.redo(ADMIN, "deals")
    assert processes.undo(ADMIN, "deals").title == "One"


def test_only_the_last_fifty_states_are_kept(processes: Processes, plain: Process, db: Any) -> None:
    processes.create(ADMIN, plain)
    for number in range(60):
        processes.save(ADMIN, renamed(plain, f"Deals {number}"))
    assert len(db.table("draft_history")) == 50 and processes.steps("deals").undo == 49


def test_discarding_brings_back_what_was_published(processes: Processes, plain: Process) -> None:
    processes.create(ADMIN, plain)
    with pytest.raises(NotAllowed, match="never_published"):
        processes.discard(ADMIN, "deals")
    processes.publish(ADMIN, "deals")
    processes.save(ADMIN, renamed(plain, "Wrong"))
    assert processes.discard(ADMIN, "deals").title == "Deals"
    assert processes.undo(ADMIN, "deals").title == "Wrong"


def test_the_type_of_a_field_with_data_is_fixed(processes: Processes, plain: Process, elements: Any) -> None:
    processes.create(ADMIN, plain)
    number = Field(code="amount", title="Amount", kind="integer")
    other = plain.model_copy(update={"fields": (number, *plain.fields[1:])})
    processes.save(ADMIN, other)
    processes.save(ADMIN, plain)
    elements("deals", "new", amount=5.0)
    with pytest.raises(NotAllowed, match="field_type_fixed") as refused:
        processes.save(ADMIN, other)
    assert refused.value.problem.path == "fields/amount"
    with pytest.raises(NotAllowed, match="field_type_fixed"):
        processes.undo(ADMIN, "deals")


def test_a_field_with_data_that_is_left_out_can_be_put_back(processes: Processes, plain: Process, elements: Any) -> None:
    processes.create(ADMIN, plain)
    elements("deals", "new", due="2026-01-01")
    processes.save(ADMIN, plain.model_copy(update={"fields": (plain.fields[0], *plain.fields[3:])}))
    assert [f.code for f in processes.draft("deals").removed_fields] == ["due"]


def test_a_stage_where_elements_stand_stays(processes: Processes, plain: Process, elements: Any) -> None:
    processes.create(ADMIN, plain)
    processes.publish(ADMIN, "deals")
    funnel = plain.funnels[0]
    shorter = plain.model_copy(
        update={"funnels": (funnel.model_copy(update={"stages": (funnel.stages[0], *funnel.stages[2:])}),)}
    )
    processes.save(ADMIN, shorter)
    elements("deals", "work")
    with pytest.raises(NotAllowed, match="stage_in_use") as refused:
        processes.publish(ADMIN, "deals")
    assert refused.value.problem.path == "stages/work" and refused.value.problem.context["n"] == 1
    processes.undo(ADMIN, "deals")
    with pytest.raises(NotAllowed, match="stage_in_use"):
        processes.save(ADMIN, shorter)


def test_an_archived_process_is_out_of_force_until_it_comes_back(processes: Processes, plain: Process) -> None:
    processes.create(ADMIN, plain)
    processes.publish(ADMIN, "deals")
    with pytest.raises(Denied):
        processes.archive(ANNA, "deals")
    processes.archive(ADMIN, "deals")
    assert processes.published("deals") is None and processes.all() == [] and processes.all(archived=True)[0].code == "deals"
    with pytest.raises(NotAllowed, match="process_archived"):
        processes.publish(ADMIN, "deals")
    assert processes.version("deals", 1).number == 1
    processes.unarchive(ADMIN, "deals")
    assert processes.published("deals").number == 1


def test_what_is_in_force_is_found_where_it_was_never_written_down(processes: Processes, plain: Process, db: Any) -> None:
    """Workspaces of earlier programs have no such document; the next publication or archiving writes it, of all processes."""
    for code in ("deals", "claims", "orders"):
        processes.create(ADMIN, plain.model_copy(update={"code": code}))
    processes.publish(ADMIN, "deals")
    processes.publish(ADMIN, "claims")
    db.drop_table("in_force")
    assert set(processes.codes()) == {"deals", "claims"}
    processes.publish(ADMIN, "orders")
    assert db.table("in_force").get(doc_id=1) == {"deals": 1, "claims": 1, "orders": 1}
    processes.archive(ADMIN, "claims")
    processes.publish(ADMIN, "deals")
    assert db.table("in_force").all() == [{"deals": 2, "orders": 1}] and set(processes.codes()) == {"deals", "orders"}


def test_who_may_design_anything_at_all(processes: Processes, plain: Process) -> None:
    """By the version in force, by the draft of what has none, and never by what is archived."""
    assert not processes.may_any(ANNA) and not processes.may_any(ADMIN)
    processes.create(ADMIN, granted(plain, Action.READ))
    assert processes.may_any(ADMIN) and not processes.may_any(ANNA)
    processes.save(ADMIN, granted(plain, Action.ROBOTS))
    assert processes.may_any(ANNA), "a draft that was never published goes by itself"
    processes.publish(ADMIN, "deals")
    processes.save(ADMIN, plain)
    assert processes.may_any(ANNA), "one that was goes by what is in force"
    processes.archive(ADMIN, "deals")
    assert not processes.may_any(ANNA)


def test_the_gallery_shows_each_what_concerns_them(processes: Processes, plain: Process) -> None:
    processes.create(ADMIN, plain)
    assert processes.all(actor=ANNA) == [], "a draft is nobody's but its designers'"
    processes.publish(ADMIN, "deals")
    assert [r.code for r in processes.all(actor=ANNA)] == ["deals"]
    assert processes.all(actor=Actor(3, roles=frozenset({"guest"}))) == []
    assert [r.title for r in processes.all(actor=ADMIN)] == ["Deals"]


def test_parameters_too_deep_to_be_stored_are_refused_with_their_place(processes: Processes, deals: Process) -> None:
    processes.create(ADMIN, deals)
    deep: Any = "x"
    for _ in range(300):
        deep = [deep]
    graph = deals.graphs[0].model_copy(update={"nodes": (Node(id="t", kind="by_hand", params={"x": deep}),), "edges": ()})
    with pytest.raises(Invalid) as refused:
        processes.save(ADMIN, deals.model_copy(update={"graphs": (graph,)}))
    assert [(p.path, p.code) for p in refused.value.problems] == [("graphs/main/nodes/t", "too_deep")]
    assert processes.draft("deals") == deals
