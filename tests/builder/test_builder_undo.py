"""Drafts under any sequence of saving, undoing, redoing, discarding and publishing: nothing is lost, nothing comes back twice."""

import pytest
from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, precondition, rule

from builder.presets import preset
from builder.processes import UNDO_LIMIT, Processes
from model.access import Actor
from model.errors import NotAllowed, Stale
from model.field import FieldType
from model.kind import Catalog
from model.process import Process
from model.robot import Robot, Trigger
from runtime.outside.clock import SystemClock
from store import open_database

ADMIN = Actor(1, "Ada", admin=True)
CATALOGS = (
    Catalog.scan("builder.fields", FieldType), Catalog.scan("runtime.robots", Robot), Catalog.scan("runtime.triggers", Trigger),
)  # fmt: skip


class Drafting(RuleBasedStateMachine):
    """Against two plain lists: states before the present one, and states to be redone."""

    def __init__(self) -> None:
        super().__init__()
        self.db = open_database("memory://")
        self.processes = Processes(self.db, SystemClock(), *CATALOGS, lambda roles: None)
        self.past: list[Process] = []
        self.future: list[Process] = []
        self.now = preset("all_inclusive", "deals", "Deals", lambda key: key)
        self.frozen: list[Process] = []

    @initialize()
    def start(self) -> None:
        self.processes.create(ADMIN, self.now)

    @rule(title=st.sampled_from("ABC"), stale=st.booleans())
    def save(self, title: str, stale: bool) -> None:
        wanted = self.now.model_copy(update={"title": title})
        expect = self.processes.revision("deals") - stale
        if stale:
            with pytest.raises(Stale):
                self.processes.save(ADMIN, wanted, expect)
        else:
            self.processes.save(ADMIN, wanted, expect)
            self._put(wanted)

    def _put(self, wanted: Process) -> None:
        if wanted != self.now:
            self.past, self.future, self.now = [*self.past, self.now][-UNDO_LIMIT:], [], wanted

    @rule()
    def undo(self) -> None:
        if not self.past:
            with pytest.raises(NotAllowed, match="nothing_to_undo"):
                self.processes.undo(ADMIN, "deals")
            return
        self.processes.undo(ADMIN, "deals")
        self.future, self.now, self.past = [self.now, *self.future], self.past[-1], self.past[:-1]

    @rule()
    def redo(self) -> None:
        if not self.future:
            with pytest.raises(NotAllowed, match="nothing_to_redo"):
                self.processes.redo(ADMIN, "deals")
            return
        self.processes.redo(ADMIN, "deals")
        self.past, self.now, self.future = [*self.past, self.now], self.future[0], self.future[1:]

    @rule()
    def publish(self) -> None:
        assert self.processes.publish(ADMIN, "deals").number == len(self.frozen) + 1
        self.frozen.append(self.now)

    @precondition(lambda self: self.frozen)
    @rule()
    def discard(self) -> None:
        self.processes.discard(ADMIN, "deals")
        self._put(self.frozen[-1])

    @invariant()
    def agrees(self) -> None:
        if self.processes.codes() or self.db.table("processes").search():
            assert self.processes.draft("deals") == self.now
            steps = self.processes.steps("deals")
            assert (steps.undo, steps.redo) == (len(self.past), len(self.future))
            assert [self.processes.version("deals", n + 1).process for n in range(len(self.frozen))] == self.frozen
            assert bool(self.processes.changes("deals")) == bool(self.frozen and self.frozen[-1] != self.now)

    def teardown(self) -> None:
        self.db.close()


TestDrafting = Drafting.TestCase
TestDrafting.settings = settings(max_examples=30, stateful_step_count=30, deadline=None)
