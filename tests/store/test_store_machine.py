"""Any sequence of writes, transactions and rollbacks leaves what a plain dict would hold."""

import copy
import os
import tempfile
from pathlib import Path
from typing import Any

from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import (
    RuleBasedStateMachine,
    initialize,
    invariant,
    precondition,
    rule,
    run_state_machine_as_test,
)
from tinydb import where
from tinydb.table import Document

from postgres import PostgresServer
from store import Database, buffer, open_database

torture = os.environ.get("VORONKA_TORTURE") == "1"
MEMORY = Path("/dev/shm")  # nothing here asks the disk, whose syncs are most of the time otherwise
NAMES = st.sampled_from(["t", "T", "u"])
IDS = st.integers(1, 8)
NUMBERS = st.integers(0, 3)
Rows = dict[int, dict[str, Any]]


class Undo(Exception):
    """Leaves a transaction that is to be rolled back."""


def _pair(number: int, document: dict[str, Any]) -> tuple[int, dict[str, Any]]:
    return number, document


class StoreMachine(RuleBasedStateMachine):
    """The model is {table: {id: document}} and the last ids; copies of it stand for open transactions."""

    nosy = True
    """Whether to look at the whole after every step, and not only now and then."""

    def address(self) -> str:
        return "memory://"

    @initialize(many=st.sampled_from([1, 2, 500]), early=st.sampled_from([1, 3, 5000]))
    def start(self, many: int, early: int) -> None:
        self.usual, buffer.MANY = buffer.MANY, many  # so that little is a lot
        self.early = early
        self.url = self.address()
        self.connect({"t": ["n"]})
        self.rows: dict[str, Rows] = {}
        self.last: dict[str, int] = {}
        self.open: list[tuple[Any, Any, set[str]]] = []
        self.changed: set[str] = set()  # tables that the innermost open transaction has written to
        self.heard: list[frozenset[str]] = []
        self.wanted: list[frozenset[str]] = []  # what watchers are to have heard, in this order

    def connect(self, promoted: dict[str, Any]) -> None:
        self.db: Database = open_database(self.url, promoted=promoted)
        vars(self.db._engine)["_early"] = self.early
        self.db.on_commit(lambda changed: self.heard.append(changed))

    def wrote(self, name: str) -> None:
        if self.open:
            self.changed.add(name)
        else:
            self.wanted.append(frozenset([name]))

    @rule(name=NAMES, number=NUMBERS)
    def insert(self, name: str, number: int) -> None:
        doc_id = self.db.table(name).insert({"n": number})
        self.last[name] = self.last.get(name, 0) + 1
        assert doc_id == self.last[name]
        self.rows.setdefault(name, {})[doc_id] = {"n": number}
        self.wrote(name)

    @rule(name=NAMES, numbers=st.lists(NUMBERS, max_size=4))
    def insert_many(self, name: str, numbers: list[int]) -> None:
        before = self.last.get(name, 0)
        ids = self.db.table(name).insert_multiple({"n": number} for number in numbers)
        assert ids == list(range(before + 1, before + 1 + len(numbers)))
        if ids:
            self.last[name] = ids[-1]
            self.rows.setdefault(name, {}).update({i: {"n": number} for i, number in zip(ids, numbers, strict=True)})
            self.wrote(name)

    @rule(name=NAMES, doc_id=IDS, number=NUMBERS)
    def replace(self, name: str, doc_id: int, number: int) -> None:
        try:
            self.db.table(name).replace(doc_id, {"r": number})
        except KeyError:
            assert doc_id not in self.rows.get(name, {})
        else:
            self.rows[name][doc_id] = {"r": number}
            self.wrote(name)

    @rule(name=NAMES, doc_id=IDS)
    def upsert_document(self, name: str, doc_id: int) -> None:
        self.db.table(name).upsert(Document({"u": doc_id}, doc_id))
        self.rows.setdefault(name, {}).setdefault(doc_id, {})["u"] = doc_id
        self.last[name] = max(self.last.get(name, 0), doc_id)
        self.wrote(name)

    @rule(name=NAMES, number=NUMBERS)
    def update(self, name: str, number: int) -> None:
        ids = self.db.table(name).update({"n": number + 1}, where("n") == number)
        wanted = [doc_id for doc_id, row in sorted(self.rows.get(name, {}).items()) if row.get("n") == number]
        assert ids == wanted
        for doc_id in ids:
            self.rows[name][doc_id]["n"] = number + 1
        if ids:
            self.wrote(name)

    @rule(name=NAMES, doc_id=IDS)
    def remove(self, name: str, doc_id: int) -> None:
        removed = self.db.table(name).remove(doc_ids=[doc_id])
        assert removed == [doc_id] * (self.rows.get(name, {}).pop(doc_id, None) is not None)
        if removed:
            self.wrote(name)

    @rule(name=NAMES)
    def truncate(self, name: str) -> None:
        self.db.table(name).truncate()
        self.rows[name] = {}
        self.last.setdefault(name, 0)
        self.wrote(name)

    @rule(name=NAMES)
    def drop(self, name: str) -> None:
        self.db.drop_table(name)
        if name in self.rows:
            self.wrote(name)
        self.rows.pop(name, None)
        self.last.pop(name, None)

    @precondition(lambda self: len(self.open) < 3)
    @rule()
    def enter(self) -> None:
        block = self.db.transaction()
        block.__enter__()
        self.open.append((block, copy.deepcopy((self.rows, self.last)), self.changed))
        self.changed = set()

    @precondition(lambda self: self.open)
    @rule()
    def leave(self) -> None:
        block, _, changed = self.open.pop()
        block.__exit__(None, None, None)
        changed |= self.changed
        if not self.open and changed:
            self.wanted.append(frozenset(changed))
        self.changed = changed if self.open else set()

    @precondition(lambda self: self.open)
    @rule()
    def undo(self) -> None:
        block, (self.rows, self.last), self.changed = self.open.pop()
        error = Undo()
        assert not block.__exit__(Undo, error, None)

    @invariant()
    def same(self) -> None:
        """Asked by ids alone within a transaction: any other question would make the engine learn what it holds."""
        assert self.db.in_transaction == bool(self.open)
        assert self.heard == self.wanted
        for name in ("t", "T", "u"):
            table, ids = self.db.table(name), range(1, self.last.get(name, 0) + 2)
            assert {row.doc_id: dict(row) for row in table.get(doc_ids=ids)} == self.rows.get(name, {})
            assert dict(pair for number in ids if (pair := table.get_as(number, _pair))) == self.rows.get(name, {})
        if self.nosy and not self.open:
            self.look()

    @rule()
    def look(self) -> None:
        """The whole of it."""
        assert self.db.tables() == set(self.rows)
        for name in ("t", "T", "u"):
            rows = self.rows.get(name, {})
            assert {row.doc_id: dict(row) for row in self.db.table(name)} == rows
            wanted = sum(row.get("n", 0) > 1 for row in rows.values())
            assert self.db.table(name).count(where("n") > 1) == wanted

    def teardown(self) -> None:
        if hasattr(self, "db"):
            while self.open:
                self.undo()
            self.same()
            self.look()
            self.db.close()
            buffer.MANY = self.usual


class LastingMachine(StoreMachine):
    """The same on an engine that is closed and opened now and then, with other indexes."""

    @precondition(lambda self: not self.open)
    @rule(promoted=st.sampled_from([{}, {"t": ["n"]}, {"T": [("n", "u")], "u": ["u"]}]))
    def reopen(self, promoted: dict[str, Any]) -> None:
        self.db.close()
        self.connect(promoted)


class FileMachine(LastingMachine):
    """On a file."""

    def address(self) -> str:
        self.folder = tempfile.TemporaryDirectory(dir=MEMORY if MEMORY.is_dir() else None)
        return f"sqlite:///{Path(self.folder.name) / 'voronka.db'}"

    def teardown(self) -> None:
        super().teardown()
        if hasattr(self, "folder"):
            self.folder.cleanup()


class PostgresMachine(LastingMachine):
    """On PostgreSQL, where each look takes a while."""

    nosy = False
    server: PostgresServer

    def address(self) -> str:
        return f"{self.server.url()}%20-csynchronous_commit%3Doff"  # nothing here asks the disk


def rounds() -> settings:
    """300 sequences of 50 steps where there is time for it, and ten times that under torture."""
    return settings(
        max_examples=3_000 if torture else 300,
        stateful_step_count=50,
        deadline=None,
        suppress_health_check=list(HealthCheck),
    )


def test_memory() -> None:
    run_state_machine_as_test(StoreMachine, settings=rounds())


def test_file() -> None:
    run_state_machine_as_test(FileMachine, settings=rounds())


def test_postgres(postgres: PostgresServer) -> None:
    PostgresMachine.server = postgres
    run_state_machine_as_test(PostgresMachine, settings=rounds())
