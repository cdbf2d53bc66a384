"""Whom flows act as: who published their last change, and nobody takes over what they have not read."""

from collections.abc import Callable
from typing import Any

import pytest

from builder import edit
from builder.processes import Processes
from model.access import Action, Actor, Grant, Level
from model.errors import NotAllowed, Stale
from model.graph import Graph
from model.process import Process

ADMIN, BORIS = Actor(1, "Ada", admin=True), Actor(2, "Boris", roles=frozenset({"manager"}))


@pytest.fixture
def ours(processes: Processes, deals: Process) -> Process:
    """Published by Ada; Boris may design, too."""
    found = deals.model_copy(update={"grants": (*deals.grants, Grant(role="manager", action=Action.SETTINGS, level=Level.ALL))})
    processes.create(ADMIN, found)
    processes.publish(ADMIN, "deals")
    return found


def other(process: Process, code: str = "main", **params: Any) -> Process:
    """The same with another robot in a flow."""
    graph = process.graph(code)
    assert graph is not None
    nodes = (graph.nodes[0], graph.nodes[1].model_copy(update={"params": {"text": "Changed", **params}}))
    return edit.set_graph(process, graph.model_copy(update={"nodes": nodes}))


def moved(graph: Graph) -> Graph:
    return graph.model_copy(update={"nodes": tuple(n.model_copy(update={"x": n.x + 40}) for n in graph.nodes)})


def owner(processes: Processes) -> int:
    found = processes.published("deals")
    assert found is not None
    return found.acts_as("main")


@pytest.mark.parametrize(
    "change", [lambda p: p.model_copy(update={"title": "Sales"}), lambda p: edit.set_graph(p, moved(p.graphs[0]))]
)
def test_who_changes_something_else_takes_no_flow_over(
    processes: Processes, ours: Process, change: Callable[[Process], Process]
) -> None:
    processes.save(BORIS, change(ours))
    assert processes.publish(BORIS, "deals").published_by == BORIS.user
    assert owner(processes) == ADMIN.user
    processes.publish(BORIS, "deals")
    assert owner(processes) == ADMIN.user, "nor does who publishes once more"


def test_a_flow_of_somebody_elses_is_taken_over_only_when_it_was_read(processes: Processes, ours: Process) -> None:
    processes.save(BORIS, other(ours))
    (flow,) = processes.flows(BORIS, "deals")
    assert (flow.state, flow.so_far, flow.acts_as, flow.drafted_by, flow.to_agree) == ("changed", 1, 2, (2,), True)
    with pytest.raises(NotAllowed, match="flows_unread"):
        processes.publish(BORIS, "deals")
    assert owner(processes) == ADMIN.user
    processes.publish(BORIS, "deals", agreed=["main"])
    assert owner(processes) == BORIS.user


def test_a_flow_that_somebody_else_has_drafted_gets_no_rights_unread(processes: Processes, ours: Process) -> None:
    """Boris drafts, Ada changes something else and publishes: his robot must not act with her rights before she has seen it."""
    mine = edit.set_graph(ours, ours.graphs[0].model_copy(update={"code": "mine", "title": "Mine"}))
    processes.save(BORIS, mine)
    processes.save(ADMIN, mine.model_copy(update={"title": "Sales"}))
    with pytest.raises(NotAllowed) as refused:
        processes.publish(ADMIN, "deals")
    assert refused.value.problem.code == "flows_unread" and refused.value.problem.context["names"] == "Mine"
    version = processes.publish(ADMIN, "deals", agreed=["mine"])
    assert version.acts_as("mine") == ADMIN.user
    assert processes.version("deals", 2).acts_as("mine") == ADMIN.user
    assert not any(flow.to_agree for flow in processes.flows(ADMIN, "deals"))


def test_a_flow_that_was_drafted_by_two_is_nobodys_own(processes: Processes, ours: Process) -> None:
    processes.save(BORIS, other(ours))
    processes.save(ADMIN, other(ours, text="Mine again"))
    (flow,) = processes.flows(ADMIN, "deals")
    assert flow.drafted_by == (2, 1) and flow.to_agree
    processes.undo(BORIS, "deals")
    processes.undo(BORIS, "deals")
    assert processes.flows(ADMIN, "deals")[0].state == "same" and processes.publish(ADMIN, "deals").acts_as("main") == 1


def test_ones_own_flow_needs_no_words(processes: Processes, ours: Process) -> None:
    processes.save(ADMIN, other(ours))
    assert processes.publish(ADMIN, "deals").acts_as("main") == ADMIN.user


def test_a_flow_of_who_has_left_goes_to_who_publishes(processes: Processes, ours: Process) -> None:
    processes._is_active = lambda user: user != ADMIN.user
    processes.save(BORIS, ours.model_copy(update={"title": "Sales"}))
    assert processes.flows(BORIS, "deals")[0].state == "orphaned"
    with pytest.raises(NotAllowed, match="flows_unread"):
        processes.publish(BORIS, "deals")
    assert processes.publish(BORIS, "deals", agreed=["main"]).acts_as("main") == BORIS.user


def test_what_was_read_is_what_is_published(processes: Processes, ours: Process) -> None:
    seen = processes.revision("deals")
    processes.save(BORIS, other(ours))
    with pytest.raises(Stale):
        processes.publish(ADMIN, "deals", agreed=["main"], expect=seen)


def test_drafts_of_older_workspaces_are_whose_who_changed_them_last(processes: Processes, ours: Process, db: Any) -> None:
    processes.save(BORIS, other(ours))
    db.table("processes").update(lambda doc: doc.pop("drafted"))
    assert processes.flows(ADMIN, "deals")[0].drafted_by == (BORIS.user,)
