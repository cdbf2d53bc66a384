"""Rights decide the same everywhere: one element, a query over documents, and every way to read through the service."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from types import SimpleNamespace

import pytest
from core_world import build, deals, everything
from hypothesis import given, settings
from hypothesis import strategies as st

from model.access import STAGED, SYSTEM_ACTOR, Action, Grant, Level, as_filter, decide
from model.element import Element
from model.errors import Denied, Invalid, NotFound
from model.filter import Condition, query

STAGES = ("new", "talk", "won", "queue")
LOGINS = ("anna", "boris", "carl", "dora", "root")

GRANTS = st.lists(
    st.builds(
        Grant,
        role=st.sampled_from(["sales", "boss", "crew"]),
        action=st.sampled_from(STAGED),
        level=st.sampled_from(list(Level)),
        stage=st.sampled_from(["", "", *STAGES]),
    ),
    max_size=8,
    unique_by=lambda g: (g.role, g.action, g.stage),
)


@pytest.fixture(scope="module", params=["memory", "sqlite"])
def crowd(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[SimpleNamespace]:
    """An element for each stage and responsible person, nobody included."""
    folder: Path = tmp_path_factory.mktemp("rights")
    for place in build("memory://" if request.param == "memory" else f"sqlite:///{folder / 'test.db'}"):
        place.people.save_role(SYSTEM_ACTOR, "crew", "Crew", [place.ids["carl"]], [place.sales.id])
        place.made = [
            place.elements.create(
                SYSTEM_ACTOR, "deals", {"title": f"Case {stage}", "stage": stage, "responsible": who, "amount": 10}
            )
            for stage in STAGES
            for who in (None, *place.ids.values())
        ]
        yield place


@settings(max_examples=60, deadline=None)
@given(grants=GRANTS, login=st.sampled_from(LOGINS), action=st.sampled_from(STAGED))
def test_decide_query_and_every_read_agree(crowd: SimpleNamespace, grants: list[Grant], login: str, action: Action) -> None:
    process = crowd.shelf.publish(deals(*grants)).process
    actor, elements = crowd.actor(login), crowd.elements
    right = query(as_filter(process, actor, action))
    for element in crowd.made:
        decided = bool(decide(process, actor, action, element.stage, element.responsible))
        assert right(element.doc()) == decided
        assert elements.may(actor, element, action) == decided
    seen = {e.id: e for e in crowd.made if decide(process, actor, Action.READ, e.stage, e.responsible)}
    assert {e.id for e in elements.find(actor, "deals")} == set(seen)
    assert {row[0] for row in elements.rows(actor, "deals", ["id"])} == set(seen)
    assert elements.count(actor, "deals") == len(seen)
    assert {e.id for e in elements.search(actor, "case", 1000)} == set(seen)
    assert set(elements.titles(actor, [e.id for e in crowd.made])) == set(seen)
    totals = elements.totals(actor, "deals")
    assert sum(t.count for t in totals.values()) == len(seen)
    assert sum(t.sum for t in totals.values()) == 10 * len(seen)
    for element in crowd.made:
        assert _readable(crowd, actor, element) == (element.id in seen)


def _readable(crowd: SimpleNamespace, actor: object, element: Element) -> bool:
    try:
        crowd.elements.get(actor, element.id)
        crowd.elements.history(actor, element.id)
        crowd.elements.linked(actor, element.id)
    except NotFound:
        return False
    return True


@settings(max_examples=60, deadline=None)
@given(
    level=st.sampled_from(list(Level)),
    login=st.sampled_from(["anna", "carl", "dora"]),
    whose=st.sampled_from([*LOGINS, None]),
    action=st.sampled_from(STAGED),
    reads=st.booleans(),
)
def test_writes_obey_the_level(
    crowd: SimpleNamespace, level: Level, login: str, whose: str | None, action: Action, reads: bool
) -> None:
    crowd.people.save_role(SYSTEM_ACTOR, "tested", "Tested", [crowd.ids[login]], [])
    grants = (Grant(role="tested", action=action, level=level), Grant(role="tested", action=Action.READ, level=Level.ALL))
    process = crowd.shelf.publish(deals(*(grants if reads or action is Action.READ else grants[:1]))).process
    actor, elements = crowd.actor(login), crowd.elements
    responsible = crowd.ids[whose] if whose else None
    target = next(e for e in crowd.made if e.stage == "new" and e.responsible == responsible)
    target = elements.get(SYSTEM_ACTOR, target.id)
    right = bool(decide(process, actor, action, "new", responsible))
    seen = bool(decide(process, actor, Action.READ, "new", responsible))
    deeds = {
        Action.READ: lambda: elements.get(actor, target.id),
        Action.ADD: lambda: elements.create(actor, "deals", {"title": "Own", "responsible": responsible}),
        Action.CHANGE: lambda: elements.update(actor, target.id, {"counter": (target.get("counter") or 0) + 1}),
        Action.DELETE: lambda: elements.delete(actor, target.id),
    }
    expected = None if right and (seen or action is Action.ADD) else Denied if seen or action is Action.ADD else NotFound
    try:
        deeds[action]()
        happened = None
    except (Denied, NotFound) as refused:
        happened = type(refused)
    assert happened == expected
    if action is Action.DELETE and expected is None:
        elements.restore(SYSTEM_ACTOR, target.id)
    if action is Action.ADD and expected is None:
        new = elements.find(SYSTEM_ACTOR, "deals", Condition(field="title", value="Own"))
        for each in new:
            elements.delete(SYSTEM_ACTOR, each.id)


def test_moving_needs_the_right_at_both_ends(room: SimpleNamespace) -> None:
    read = Grant(role="sales", action=Action.READ, level=Level.ALL)
    change = Grant(role="sales", action=Action.CHANGE, level=Level.ALL)
    closed = Grant(role="sales", action=Action.CHANGE, level=Level.NONE, stage="won")
    room.shelf.publish(deals(read, change, closed))
    anna = room.actor("anna")
    deal = room.elements.create(SYSTEM_ACTOR, "deals", {"title": "A"})
    with pytest.raises(Denied) as refused:
        room.elements.move(anna, deal.id, "won")
    assert refused.value.problem.context["action"] == "change"
    room.elements.move(SYSTEM_ACTOR, deal.id, "won")
    with pytest.raises(Denied):
        room.elements.move(anna, deal.id, "talk")
    with pytest.raises(Denied):
        room.elements.update(anna, deal.id, {"company": "X"})
    assert room.elements.get(anna, deal.id).stage == "won"


def test_one_may_give_away_what_one_may_change_and_then_no_more(room: SimpleNamespace) -> None:
    anna, boris = room.actor("anna"), room.actor("boris")
    deal = room.elements.create(anna, "deals", {"title": "A"})
    with pytest.raises(NotFound):
        room.elements.update(boris, deal.id, {"responsible": boris.user})
    room.elements.update(anna, deal.id, {"responsible": boris.user})
    with pytest.raises(NotFound):
        room.elements.get(anna, deal.id)
    assert room.elements.get(boris, deal.id).responsible == boris.user


def test_what_one_may_not_read_is_not_found_and_what_does_not_exist_too(room: SimpleNamespace) -> None:
    deal = room.elements.create(room.actor("anna"), "deals", {"title": "A"})
    carl = room.actor("carl")
    errors = []
    for number in (deal.id, 999, 0, -1, 2**70):
        with pytest.raises(NotFound) as refused:
            room.elements.get(carl, number)
        errors.append(refused.value.problem)
    assert {p.code for p in errors} == {"not_found"}
    assert {p.context["what"] for p in errors} == {"element"}


def test_filters_and_sorts_cannot_widen_what_one_sees(room: SimpleNamespace) -> None:
    room.elements.create(room.actor("root"), "deals", {"title": "Hidden"})
    anna = room.actor("anna")
    assert room.elements.find(anna, "deals", Condition(field="title", op="not_empty")) == []
    assert room.elements.find(anna, "deals", Condition(field="responsible", op="ne", value="@me")) == []
    assert room.elements.totals(anna, "deals", by="responsible") == {}


def test_a_link_to_a_hidden_element_is_refused_like_a_missing_one(room: SimpleNamespace) -> None:
    hidden = room.elements.create(room.actor("root"), "deals", {"title": "Hidden"})
    anna = room.actor("anna")
    found = []
    for number in (hidden.id, 999):
        with pytest.raises(Invalid) as refused:
            room.elements.create(anna, "deals", {"title": "A", "parent": number})
        found.append([(p.path, p.code) for p in refused.value.problems])
    assert found == [[("parent", "no_such_element")]] * 2


def test_admin_sees_and_does_all(room: SimpleNamespace) -> None:
    room.shelf.publish(deals())
    deal = room.elements.create(room.actor("root"), "deals", {"title": "A"})
    assert room.elements.get(room.actor("root"), deal.id) == deal
    for login in ("anna", "dora"):
        assert room.elements.find(room.actor(login), "deals") == []
        with pytest.raises(Denied):
            room.elements.create(room.actor(login), "deals", {"title": "B"})


def test_a_department_sees_its_colleagues_and_a_parent_those_below(room: SimpleNamespace) -> None:
    for login in ("anna", "carl", "dora"):
        room.elements.create(room.actor("root"), "deals", {"title": login, "responsible": room.ids[login]})

    def seen(level: Level, login: str) -> set[str]:
        room.people.save_role(SYSTEM_ACTOR, "tested", "Tested", [room.ids[login]], [])
        room.shelf.publish(deals(*everything("tested", level)))
        return {e.title for e in room.elements.find(room.actor(login), "deals")}

    assert seen(Level.OWN, "boris") == set()
    assert seen(Level.DEPARTMENT, "boris") == {"anna"}
    assert seen(Level.DEPARTMENTS, "boris") == {"anna", "carl"}
    assert seen(Level.DEPARTMENTS, "carl") == {"carl"}
    assert seen(Level.ALL, "carl") == {"anna", "carl", "dora"}
