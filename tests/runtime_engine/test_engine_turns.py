"""Several people take turns: evenly, whatever numbers the elements have and however many workers there are."""

from __future__ import annotations

import threading
from collections import Counter
from collections.abc import Iterator
from pathlib import Path

import pytest
from engine_world import World, graph

from workspace import Workspace

PEOPLE = ("anna", "boris", "dora")


@pytest.fixture(params=["memory", "sqlite", "postgres"])
def world(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[World]:
    url = {"memory": lambda: "memory://", "sqlite": lambda: None}.get(request.param)
    made = World(tmp_path, url() if url else request.getfixturevalue("postgres_url"))
    people = [f"user:{made.people[name]}" for name in PEOPLE]
    made.publish(graph(t=("field_changed", {"field": "urgent"}), r=("change_responsible", {"people": people})))
    yield made
    made.ws.db.close()


def spread(world: World, count: int) -> list[int]:
    """Elements whose numbers are three apart, all set going."""
    found = []
    for _ in range(count):
        found.append(world.make())
        world.make(), world.make()
    for number in found:
        world.change(number, urgent=True)
    return found


def given(world: World, numbers: list[int]) -> dict[str, int]:
    names = {number: name for name, number in world.people.items()}
    return Counter(names[world.get(number).responsible or 0] for number in numbers)


def test_everybody_gets_as_many_as_the_others(world: World) -> None:
    numbers = spread(world, 20)
    world.work()
    found = given(world, numbers)
    assert set(found) == set(PEOPLE) and max(found.values()) - min(found.values()) <= 1


def test_a_turn_that_was_rolled_back_is_not_used_up(world: World) -> None:
    numbers = spread(world, 6)
    for _ in range(4):
        with pytest.raises(KeyError), world.ws.db.transaction():
            world.ws.engine.drain(1)
            raise KeyError
    world.work()
    assert set(given(world, numbers).values()) == {2}


@pytest.mark.parametrize("world", ["sqlite", "postgres"], indirect=True)
def test_several_workers_share_the_turns(world: World) -> None:
    other = world.another()
    numbers = spread(world, 100)

    def work(ws: Workspace) -> None:
        while ws.engine.drain(1):
            pass

    threads = [threading.Thread(target=work, args=(ws,)) for ws in (world.ws, other)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    other.db.close()
    world.work()
    found = given(world, numbers)
    assert set(found) == set(PEOPLE) and max(found.values()) - min(found.values()) <= 1, found
