"""Rights: the decision over one element and the filter over all of them are the same thing."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from model.access import Action, Actor, Grant, Level, as_filter, decide, level, may, require
from model.errors import Denied
from model.filter import Asking, query
from model.process import Funnel, Process, Stage

STAGES = ("new", "work", "won")
ROLES = ("manager", "head", "guest")
PEOPLE = (1, 2, 3, 4)


def process(grants: list[Grant]) -> Process:
    funnel = Funnel(code="main", title="Main", stages=tuple(Stage(code=s, title=s) for s in STAGES))
    return Process(code="deals", title="Deals", funnels=(funnel,), grants=tuple(grants))


grants = st.lists(
    st.builds(Grant, role=st.sampled_from(ROLES), action=st.just(Action.READ), level=st.sampled_from(Level),
              stage=st.sampled_from(("", *STAGES))),
    max_size=8,
)  # fmt: skip
actors = st.builds(
    Actor, user=st.sampled_from(PEOPLE), admin=st.booleans(), roles=st.frozensets(st.sampled_from(ROLES)),
    colleagues=st.frozensets(st.sampled_from(PEOPLE)), below=st.frozensets(st.sampled_from(PEOPLE)),
)  # fmt: skip


@given(grants, actors, st.sampled_from(STAGES), st.sampled_from((None, *PEOPLE)))
def test_the_filter_matches_exactly_what_the_decision_allows(found, actor, stage, responsible) -> None:
    deals = process(found)
    doc = {"version": 1, "stage": stage, "responsible": responsible, "values": {}}
    assert bool(decide(deals, actor, Action.READ, stage, responsible)) is query(as_filter(deals, actor), Asking())(doc)


def test_nothing_granted_is_nothing_allowed() -> None:
    nobody = Actor(1, roles=frozenset({"manager"}))
    assert not any(may(process([]), nobody, action) for action in Action)
    with pytest.raises(Denied) as refused:
        require(process([]), nobody, Action.CHANGE, "new", 1)
    assert refused.value.problem.context["reason"] == "no_grant"


def test_of_several_roles_the_highest_level_wins() -> None:
    deals = process(
        [Grant(role="manager", action=Action.READ, level=Level.OWN), Grant(role="head", action=Action.READ, level=Level.ALL)]
    )
    assert level(deals, Actor(1, roles=frozenset({"manager"})), Action.READ) == Level.OWN
    assert level(deals, Actor(1, roles=frozenset({"manager", "head"})), Action.READ) == Level.ALL


def test_a_stage_has_the_last_word_for_its_role() -> None:
    deals = process([Grant(role="manager", action=Action.CHANGE, level=Level.ALL),
                     Grant(role="manager", action=Action.CHANGE, level=Level.NONE, stage="won")])  # fmt: skip
    anna = Actor(1, roles=frozenset({"manager"}))
    assert decide(deals, anna, Action.CHANGE, "new", 2) and not decide(deals, anna, Action.CHANGE, "won", 2)


def test_an_element_of_nobody_is_reached_by_all_only() -> None:
    deals = process([Grant(role="manager", action=Action.READ, level=Level.DEPARTMENTS)])
    assert not decide(deals, Actor(1, roles=frozenset({"manager"})), Action.READ, "new", None)
