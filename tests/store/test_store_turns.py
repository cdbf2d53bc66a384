"""Turns: one thread at a time, and nobody is passed over."""

from __future__ import annotations

import threading

from store.turns import Turns


def test_a_thread_may_take_it_again() -> None:
    turns = Turns()
    with turns, turns:
        pass
    taken = threading.Event()

    def other() -> None:
        with turns:
            taken.set()

    thread = threading.Thread(target=other)
    with turns:
        thread.start()
        assert not taken.wait(0.05)
    thread.join(5)
    assert taken.is_set()


def test_who_waits_comes_next_although_somebody_takes_it_again_and_again() -> None:
    turns, order = Turns(), list[str]()
    held, done = threading.Event(), threading.Event()

    def busy() -> None:
        while not done.is_set() and len(order) < 100_000:
            with turns:
                order.append("busy")
                held.set()
                while not done.is_set() and not turns._waiting:
                    pass

    thread = threading.Thread(target=busy)
    thread.start()
    assert held.wait(5)
    for _ in range(20):
        with turns:
            order.append("guest")
    done.set()
    thread.join(5)
    assert order.count("guest") == 20
    assert order.count("busy") <= 22, "the busy one had it once between two guests"


def test_nobody_is_in_it_together() -> None:
    turns, inside, worst = Turns(), [0], [0]

    def work() -> None:
        for _ in range(300):
            with turns:
                inside[0] += 1
                worst[0] = max(worst[0], inside[0])
                inside[0] -= 1

    threads = [threading.Thread(target=work) for _ in range(6)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(20)
    assert (inside, worst) == ([0], [1])
