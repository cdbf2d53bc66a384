"""Page runs of one person wait for each other; nobody else does."""

from __future__ import annotations

import threading

from serving import LONG, Turns


class Runs:
    """Runs that go on until they are told to end."""

    def __init__(self) -> None:
        self.now = 0.0
        self.turns = Turns(2, 3, lambda: self.now)
        self.begun: list[str] = []
        self._news = threading.Condition()
        self._ends: dict[str, threading.Event] = {}
        self._threads: list[threading.Thread] = []

    def start(self, name: str) -> None:
        """Of the person whose letter it begins with."""
        self._ends[name] = threading.Event()
        self._threads.append(threading.Thread(target=self._run, args=(name,), daemon=True))
        self._threads[-1].start()

    def _run(self, name: str) -> None:
        with self.turns.turn(name[0]):
            with self._news:
                self.begun.append(name)
                self._news.notify_all()
            self._ends[name].wait(20)

    def end(self, name: str) -> None:
        self._ends[name].set()

    def until(self, *begun: str) -> None:
        with self._news:
            assert self._news.wait_for(lambda: self.begun == list(begun), 10), self.begun

    def waiting(self, person: str, number: int) -> None:
        """Wait until so many stand in line."""
        with self.turns._changed:
            assert self.turns._changed.wait_for(lambda: len(self.turns._waiting[person]) == number, 10)

    def close(self) -> None:
        for end in self._ends.values():
            end.set()
        for thread in self._threads:
            thread.join(10)


def test_two_run_and_the_others_come_in_their_order() -> None:
    runs = Runs()
    for number, name in enumerate(("a1", "a2"), 1):
        runs.start(name)
        runs.until(*("a1", "a2")[:number])
    for number, name in enumerate(("a3", "a4"), 1):
        runs.start(name)
        runs.waiting("a", number)
    runs.start("b1")
    runs.until("a1", "a2", "b1")
    runs.end("a2")
    runs.until("a1", "a2", "b1", "a3")
    runs.end("a1")
    runs.until("a1", "a2", "b1", "a3", "a4")
    runs.close()
    assert not runs.turns._running["a"] and not runs.turns._waiting["a"]


def test_a_long_run_keeps_its_person_from_nothing_else_but_three_are_enough() -> None:
    runs = Runs()
    for number, name in enumerate(("a1", "a2"), 1):
        runs.start(name)
        runs.until(*("a1", "a2")[:number])
    runs.start("a3")
    runs.waiting("a", 1)
    runs.now = LONG
    runs.until("a1", "a2", "a3")
    runs.start("a4")
    runs.now = 3 * LONG
    runs.waiting("a", 1)
    runs.end("a1")
    runs.until("a1", "a2", "a3", "a4")
    runs.close()
