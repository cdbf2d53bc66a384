"""Any sequence of writes, transactions and rollbacks leaves what a plain dict would hold."""

import copy
import tempfile
from pathlib import Path
from typing import Any

from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, precondition, rule
from tinydb import where
from tinydb.table import Document

from store import Database, open_database

NAMES = st.sampled_from(["t", "T", "u"])
IDS = st.integers(1, 8)
NUMBERS = st.integers(0, 3)
Rows = dict[int, dict[str, Any]]


class Undo(Exception):
    """Leaves a transaction that is to be rolled back."""


class StoreMachine(RuleBasedStateMachine):
    """The model is {table: {id: document}} and the last ids; copies of it stand for open transactions."""

    def address(self) -> str:
        return "memory://"

    @initialize()
    def start(self) -> None:
        self.db: Database = open_database(self.address(), promoted={"t": ["n"]})
        self.rows: dict[str, Rows] = {}
        self.last: dict[str, int] = {}
        self.open: list[tuple[Any, Any]] = []
        self.revision = self.db.revision()

    @rule(name=NAMES, number=NUMBERS)
    def insert(self, name: str, number: int) -> None:
        doc_id = self.db.table(name).insert({"n": number})
        self.last[name] = self.last.get(name, 0) + 1
        assert doc_id == self.last[name]
        self.rows.setdefault(name, {})[doc_id] = {"n": number}

    @rule(name=NAMES, doc_id=IDS)
    def upsert_document(self, name: str, doc_id: int) -> None:
        self.db.table(name).upsert(Document({"u": doc_id}, doc_id))
        self.rows.setdefault(name, {}).setdefault(doc_id, {})["u"] = doc_id
        self.last[name] = max(self.last.get(name, 0), doc_id)

    @rule(name=NAMES, number=NUMBERS)
    def update(self, name: str, number: int) -> None:
        ids = self.db.table(name).update({"n": number + 1}, where("n") == number)
        wanted = [doc_id for doc_id, row in sorted(self.rows.get(name, {}).items()) if row.get("n") == number]
        assert ids == wanted
        for doc_id in ids:
            self.rows[name][doc_id]["n"] = number + 1

    @rule(name=NAMES, doc_id=IDS)
    def remove(self, name: str, doc_id: int) -> None:
        removed = self.db.table(name).remove(doc_ids=[doc_id])
        assert removed == [doc_id] * (self.rows.get(name, {}).pop(doc_id, None) is not None)

    @rule(name=NAMES)
    def truncate(self, name: str) -> None:
        self.db.table(name).truncate()
        self.rows[name] = {}
        self.last.setdefault(name, 0)

    @rule(name=NAMES)
    def drop(self, name: str) -> None:
        self.db.drop_table(name)
        self.rows.pop(name, None)
        self.last.pop(name, None)

    @precondition(lambda self: len(self.open) < 3)
    @rule()
    def enter(self) -> None:
        block = self.db.transaction()
        block.__enter__()
        self.open.append((block, copy.deepcopy((self.rows, self.last))))

    @precondition(lambda self: self.open)
    @rule()
    def leave(self) -> None:
        self.open.pop()[0].__exit__(None, None, None)

    @precondition(lambda self: self.open)
    @rule()
    def undo(self) -> None:
        block, (self.rows, self.last) = self.open.pop()
        error = Undo()
        assert not block.__exit__(Undo, error, None)

    @invariant()
    def same(self) -> None:
        assert self.db.tables() == set(self.rows)
        assert self.db.in_transaction == bool(self.open)
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
            self.db.close()


class FileMachine(StoreMachine):
    """The same on a file, which is closed and opened now and then."""

    def address(self) -> str:
        self.folder = tempfile.TemporaryDirectory()
        return f"sqlite:///{Path(self.folder.name) / 'voronka.db'}"

    @precondition(lambda self: not self.open)
    @rule(promoted=st.sampled_from([{}, {"t": ["n"]}, {"T": [("n", "u")], "u": ["u"]}]))
    def reopen(self, promoted: dict[str, Any]) -> None:
        self.db.close()
        self.db = open_database(f"sqlite:///{Path(self.folder.name) / 'voronka.db'}", promoted=promoted)

    def teardown(self) -> None:
        super().teardown()
        if hasattr(self, "folder"):
            self.folder.cleanup()


TestMemory = StoreMachine.TestCase
TestMemory.settings = settings(max_examples=40, stateful_step_count=25, deadline=None)
TestFile = FileMachine.TestCase
TestFile.settings = settings(max_examples=25, stateful_step_count=20, deadline=None)
