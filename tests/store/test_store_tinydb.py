"""TinyDB's own tests, as its authors ship them, with our tables in the place of theirs (`make tinydb` brings them).

Its front, `TinyDB`, stays what it is: it is told which tables and which storage to use, as its documentation says how.
"""

from __future__ import annotations

import importlib.util
import inspect
from collections.abc import Callable, Iterator
from typing import Any

import pytest
import tinydb
from tinydb.queries import QueryInstance
from tinydb.storages import JSONStorage, MemoryStorage

from bring_tinydb import PLACE
from store import Database, open_database

CACHE = "looks for results in the cache of queries: there is none, since another process may have written meanwhile"
IDS = "wants the first id again: an id is never given twice here"
STORAGE = "is about the storages of TinyDB, and not about tables"
LEFT_OUT = {
    "test_tables.test_query_cache": CACHE,
    "test_tables.test_query_cache_size": CACHE,
    "test_tables.test_lru_cache": CACHE,
    "test_tinydb.test_search": CACHE,
    "test_tinydb.test_search_path": CACHE,
    "test_tables.test_next_id": "wants each look at the next id to use it up: here a look changes nothing",
    "test_tables.test_truncate_table": IDS,
    "test_tables.test_table_repr": "wants the name of one of TinyDB's storages: the storage here is another one",
    "test_tinydb.test_access_storage": STORAGE,
    "test_tinydb.test_storage_access": STORAGE,
    "test_tinydb.test_storage_closed_once": STORAGE,
    "test_tinydb.test_empty_write": STORAGE,
}
"""What does not hold for our tables, each with its reason. The list is exact: a test on it that passes is a failure, too."""
FILES_LEFT_OUT = {"test_middlewares.py", "test_storages.py", "test_utils.py"}
"""Files in which no table of ours could stand: they try TinyDB's storages and helpers alone."""


def _module(name: str) -> Any:
    path = PLACE / f"{name}.py"
    assert path.is_file(), f"{path} is not there: `make tinydb` brings it"
    spec = importlib.util.spec_from_file_location(name, path)
    assert spec and spec.loader
    made = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(made)
    return made


def _own(module: Any) -> dict[str, Callable[..., None]]:
    found = {name: test for name, test in vars(module).items() if name.startswith("test_") and inspect.isfunction(test)}
    return {f"{module.__name__}.{name}": test for name, test in found.items()}


MODULES = [_module(name) for name in ("test_tables", "test_operations", "test_tinydb")]
TESTS = {name: test for module in MODULES for name, test in _own(module).items()}
QUERIES = _own(_module("test_queries"))


class Shelf:
    """Databases of one engine, emptied and lent again: a new one for each test would take longer than the test."""

    def __init__(self, address: Callable[[int], str]) -> None:
        self._address = address
        self._all: list[Database] = []
        self._free: list[Database] = []
        self._paths: dict[str, Database] = {}

    def lend(self, path: str) -> Database:
        """An empty database; for a path that was asked for before, the one of then."""
        if path in self._paths:
            return self._paths[path]
        if not self._free:
            self._all.append(open_database(self._address(len(self._all))))
            self._free.append(self._all[-1])
        found = self._free.pop()
        if path:
            self._paths[path] = found
        return found

    def take_back(self) -> None:
        """Empty all of them."""
        for db in self._all:
            db.drop_tables()
        self._free, self._paths = list(self._all), {}

    def close(self) -> None:
        for db in self._all:
            db.close()


@pytest.fixture(scope="module", params=["memory", "sqlite", "postgres"])
def shelf(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Shelf]:
    folder = tmp_path_factory.mktemp("tinydb")
    addresses: dict[str, Callable[[int], str]] = {
        "memory": lambda number: "memory://",
        "sqlite": lambda number: f"sqlite:///{folder / str(number)}.db",
        "postgres": lambda number: request.getfixturevalue("postgres").url(),
    }
    made = Shelf(addresses[request.param])
    yield made
    made.close()


@pytest.fixture
def front(shelf: Shelf) -> Iterator[type[tinydb.TinyDB]]:
    """TinyDB over our tables. Its files and its memory become databases of the engine; other storages are refused."""

    class TinyDB(tinydb.TinyDB):
        def __init__(self, path: Any = "", storage: Any = JSONStorage, **more: Any) -> None:
            if storage not in (JSONStorage, MemoryStorage):
                raise TypeError(f"no table of ours can stand on {storage}")
            database = shelf.lend(str(path))
            self.table_class = lambda storage, name, **more: database.table(name, **more)  # type: ignore[assignment]
            super().__init__(storage=lambda: database.table().storage)

    yield TinyDB
    shelf.take_back()


@pytest.mark.parametrize("name", TESTS)
def test_tinydbs_own(
    name: str, front: type[tinydb.TinyDB], request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch
) -> None:
    for module in MODULES:
        monkeypatch.setattr(module, "TinyDB", front, raising=False)
    given = {each: _given(each, front, request) for each in inspect.signature(TESTS[name]).parameters}
    if name in LEFT_OUT:
        with pytest.raises((AssertionError, TypeError)):
            TESTS[name](**given)
    else:
        TESTS[name](**given)


def _given(name: str, front: type[tinydb.TinyDB], request: pytest.FixtureRequest) -> Any:
    """What a test asks for: `db` as TinyDB's own fixture makes it, else a fixture of pytest."""
    if name != "db":
        return request.getfixturevalue(name)
    db = front()
    db.drop_tables()
    db.insert_multiple({"int": 1, "char": char} for char in "abc")
    return db


@pytest.mark.parametrize("name", QUERIES)
def test_tinydbs_own_queries(name: str, front: type[tinydb.TinyDB], monkeypatch: pytest.MonkeyPatch) -> None:
    """Whether a document meets a query is asked of a table that holds it, and not of the query."""
    table, alone = front().table("t"), QueryInstance.__call__

    def ask(query: QueryInstance, document: Any) -> bool:
        with monkeypatch.context() as inside:
            inside.setattr(QueryInstance, "__call__", alone)
            table.truncate()
            table.insert(document)
            return table.count(query) == 1

    monkeypatch.setattr(QueryInstance, "__call__", ask)
    QUERIES[name]()


def test_the_lists_are_of_what_is_there() -> None:
    assert LEFT_OUT.keys() <= TESTS.keys()
    taken = {f"{module.__name__}.py" for module in MODULES} | {"test_queries.py"}
    assert {path.name for path in PLACE.glob("test_*.py")} == taken | FILES_LEFT_OUT
