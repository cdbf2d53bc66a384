"""Exactly once: whatever moment the program dies in, every effect of a run is there once in the end."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from copy import deepcopy
from typing import Any

import pytest
from engine_world import Spec, World, graph, say

from runtime.engine import Engine
from runtime.walk import Walker
from store import Conflict
from store.transactions import Transactions

NODES: dict[str, Spec] = {
    "t": ("element_created", {}),
    "s": ("set_fields", {"values": {"counter": "{counter}1"}}),
    "c": say("said"),
    "w": ("wait_for", {"duration": 60}),
    "k": ("create_task", {"title": "Call", "responsible": "responsible"}),
    "m": ("send_mail", {"to": "someone@example.com", "subject": "Hello", "body": "There"}),
    "e": ("create_element", {"process": "clients", "values": {"title": "Made"}, "link_field": "deal"}),
}
"""Six robots behind a trigger: five kinds of effect and a wait among them."""


class Death(BaseException):
    """The program dies. No part of it catches this."""


class Reaper:
    """Lets the program die at the n-th place that it passes; counts the places when n is 0."""

    def __init__(self, at: int = 0) -> None:
        self.at, self.passed = at, 0

    def __call__(self) -> None:
        self.passed += 1
        if self.passed == self.at:
            raise Death

    @contextmanager
    def around(self, owner: type, name: str, only: Callable[..., bool] = lambda *_: True) -> Iterator[None]:
        """Watch a method: the places are before and after it."""
        real = getattr(owner, name)

        def watched(*args: Any, **more: Any) -> Any:
            mine = only(*args)
            if mine:
                self()
            found = real(*args, **more)
            if mine:
                self()
            return found

        setattr(owner, name, watched)
        try:
            yield
        finally:
            setattr(owner, name, real)


@contextmanager
def dying(reaper: Reaper) -> Iterator[None]:
    """The places: before and after each node, each run, and each commit (after it, the work is done but nobody knows)."""
    outermost = lambda transactions: len(transactions._levels) == 1  # noqa: E731
    with (
        reaper.around(Walker, "_perform"),
        reaper.around(Engine, "_walk"),
        reaper.around(Transactions, "_keep", outermost),
    ):
        yield


def through(world: World) -> None:
    """Everything up to the end of the run, an hour's wait included."""
    world.work()
    world.work(hours=1)


def effects(world: World, id: int) -> dict[str, Any]:
    """What the robots have done for an element, counted."""
    db, actor = world.ws.db, world.actor()
    return {
        "counter": world.get(id).get("counter"), "comments": world.comments(id),
        "tasks": len([row for row in db.table("tasks").all() if row["element"] == id]),
        "letters": [row["key"].split("/")[1:] for row in db.table("outbox").all() if row["element"] == id],
        "made": sum(e.get("deal") == id for e in world.ws.elements.find(actor, "clients")),
        "states": [run.state for run in world.runs(element=id)],
        "timers": world.ws.db.table("timers").count(), "wakes": world.ws.db.table("wakes").count(),
    }  # fmt: skip


ONCE = {
    "counter": 11, "comments": ["said"], "tasks": 1, "letters": [["m", "1"]], "made": 1, "states": ["done"], "timers": 0,
    "wakes": 0,
}  # fmt: skip


def test_every_effect_is_there_once_wherever_the_program_dies(on_disk: World) -> None:
    on_disk.publish(graph(**NODES))
    counting = Reaper()
    number = on_disk.make(counter=1)
    with dying(counting):
        through(on_disk)
    assert effects(on_disk, number) == ONCE
    assert counting.passed >= 2 * (6 + 1), "the places are passed at all"
    for at in range(1, counting.passed + 1):
        number = on_disk.make(counter=1)
        with dying(Reaper(at)), pytest.raises(Death):
            through(on_disk)
        on_disk.restart()
        through(on_disk)
        assert effects(on_disk, number) == ONCE, f"died at place {at} of {counting.passed}"


def test_the_store_refuses_a_pass_that_was_gone_already(world: World) -> None:
    """Even if the engine took a run twice from the same state: what the second pass did is refused with it."""
    world.publish(graph(t=("element_created", {}), s=NODES["s"], c=say("said")))
    number = world.make(counter=1)
    (run,) = world.ws.db.table("runs").all()
    seen = deepcopy(dict(run))
    world.work()
    engine: Any = world.ws.engine
    from runtime.doors import Crew

    with pytest.raises(Conflict), world.ws.db.transaction():
        engine._walk(run.doc_id, seen, Crew(engine._doors))
    assert (world.get(number).get("counter"), world.comments(number)) == (11, ["said"])
