"""What TinyDB's users know of a table, on every engine."""

import contextlib
from typing import Any

import pytest
from tinydb import Query, TinyDB, operations, where
from tinydb.queries import QueryInstance
from tinydb.storages import MemoryStorage
from tinydb.table import Document
from tinydb.table import Table as TinyTable

from store import Database, Table
from store.table import LONGEST, MADE

A = where("a")


@pytest.fixture
def three(table: Table) -> Table:
    table.insert_multiple([{"a": 1, "b": "x"}, {"a": 2, "b": "y"}, {"a": 3, "b": "x"}])
    return table


def test_insert_numbers_from_one(table: Table) -> None:
    assert isinstance(table, TinyTable)
    assert [table.insert({}), table.insert({})] == [1, 2]
    assert table.insert_multiple([{}, {}]) == [3, 4]
    assert table.insert_multiple({"n": n} for n in range(2)) == [5, 6]
    assert table.insert_multiple([]) == []


def test_insert_a_document_with_its_id(table: Table) -> None:
    assert table.insert(Document({"a": 1}, doc_id=7)) == 7
    assert table.insert({}) == 8
    assert table.insert_multiple([Document({}, 20), {}, Document({}, 12)]) == [20, 21, 12]
    assert [document.doc_id for document in table] == [7, 8, 12, 20, 21]


@pytest.mark.parametrize("ids", [[1], [9, 9]])
def test_a_taken_id_is_refused_and_nothing_written(table: Table, ids: list[int]) -> None:
    table.insert({"a": 1})
    with pytest.raises(ValueError, match="already exists"):
        table.insert_multiple([{}, *(Document({}, doc_id) for doc_id in ids)])
    assert table.all() == [{"a": 1}]


@pytest.mark.parametrize("thing", [1, "text", ["list"], None])
def test_only_mappings_are_documents(table: Table, thing: Any) -> None:
    with pytest.raises(ValueError, match="not a Mapping"):
        table.insert(thing)


def test_ids_are_never_given_twice(db: Database) -> None:
    table = db.table("t")
    table.insert_multiple([{}, {}])
    table.remove(doc_ids=[2])
    assert table.insert({}) == 3
    table.truncate()
    assert table.insert({}) == 4


def test_get(three: Table) -> None:
    found = three.get(A == 2)
    assert found == {"a": 2, "b": "y"}
    assert isinstance(found, Document)
    assert found.doc_id == 2
    assert three.get(doc_id=3) == {"a": 3, "b": "x"}
    assert three.get(A == 9) is three.get(doc_id=9) is None
    assert [document.doc_id for document in three.get(doc_ids=[3, 9, 1, 3])] == [1, 3]
    with pytest.raises(RuntimeError):
        three.get()


def test_what_is_made_of_a_document_is_made_once_for_what_is_stored(db: Database) -> None:
    """A write makes it anew, one that is undone brings the old one back, and tables keep theirs apart."""
    table, made = db.table("t"), []

    def make(number: int, document: dict[str, Any]) -> tuple[int, Any]:
        made.append(number)
        return number, document["a"]

    db.table("other").insert({"a": "other"})
    table.insert_multiple([{"a": 1}, {"a": 1}])
    assert [table.get_as(number, make) for number in (1, 1, 2, 3, 1)] == [(1, 1), (1, 1), (2, 1), None, (1, 1)]
    assert made == [1, 2]
    with contextlib.suppress(ZeroDivisionError), db.transaction():
        table.update({"a": 5}, doc_ids=[1])
        assert table.get_as(1, make) == (1, 5)
        raise ZeroDivisionError
    assert table.get_as(1, make) == (1, 1)
    assert db.table("other").get_as(1, make) == (1, "other")
    assert table.get_as(1, lambda number, document: document) == {"a": 1}
    made.clear()
    table.replace(2, {"a": 7}, made=(make, (2, 7)))
    assert table.get_as(2, make) == (2, 7) and not made
    with contextlib.suppress(ZeroDivisionError), db.transaction():
        table.replace(2, {"a": 8}, made=(make, (2, 8)))
        assert table.get_as(2, make) == (2, 8)
        raise ZeroDivisionError
    assert table.get_as(2, make) == (2, 7) and made == [2]
    for _ in range(MADE):
        table.get_as(table.insert({"a": 0}), make)
    long = table.insert({"a": "x" * LONGEST})
    made.clear()
    assert table.get_as(long, make) == table.get_as(long, make) and made == [long, long], "what is long is not kept"
    table.remove(doc_ids=[1])
    assert table.get_as(1, make) is None


def test_contains_count_len_iter(three: Table) -> None:
    assert three.contains(A == 1)
    assert three.contains(doc_id=3)
    assert not three.contains(A == 9)
    assert not three.contains(doc_id=9)
    assert three.count(where("b") == "x") == 2
    assert three.count() == len(three) == len(list(three)) == 3
    assert three.all() == three.search() == list(three)
    with pytest.raises(RuntimeError):
        three.contains()


def test_update_fields(three: Table) -> None:
    assert three.update({"c": 1}, where("b") == "x") == [1, 3]
    assert three.update({"c": 2}, doc_ids=[2, 9]) == [2]
    assert three.select(["c"]) == [(1,), (2,), (1,)]
    assert three.update({"c": 0}) == [1, 2, 3]
    assert three.update({"c": 0}, A == 9) == []


@pytest.mark.parametrize(
    ("operation", "wanted"),
    [
        (operations.increment("a"), 2),
        (operations.decrement("a"), 0),
        (operations.add("a", 5), 6),
        (operations.subtract("a", 5), -4),
        (operations.set("a", "x"), "x"),
        (operations.delete("a"), None),
    ],
)
def test_update_operations(three: Table, operation: Any, wanted: Any) -> None:
    assert three.update(operation, doc_ids=[1]) == [1]
    assert three.get(doc_id=1).get("a") == wanted


def test_an_update_that_fails_changes_nothing(three: Table) -> None:
    before = three.all()
    with pytest.raises(KeyError):
        three.update(operations.delete("b"), doc_ids=[1])
        three.update(operations.delete("b"))
    assert three.all()[1:] == before[1:]


def test_update_multiple(three: Table) -> None:
    assert three.update_multiple([({"c": 1}, A == 1), (operations.increment("a"), A > 1)]) == [1, 2, 3]
    assert three.select(["a", "c"]) == [(1, 1), (3, None), (4, None)]


def test_upsert(three: Table) -> None:
    assert three.upsert({"c": 1}, where("b") == "x") == [1, 3]
    assert three.upsert({"a": 9}, A == 9) == [4]
    assert three.upsert(Document({"z": 1}, doc_id=2)) == [2]
    assert three.upsert(Document({"z": 1}, doc_id=11)) == [11]
    assert three.get(doc_id=2) == {"a": 2, "b": "y", "z": 1}
    with pytest.raises(ValueError, match="doc_id"):
        three.upsert({"a": 1})


def test_remove(three: Table) -> None:
    assert three.remove(where("b") == "x") == [1, 3]
    assert three.remove(doc_ids=[2, 9]) == [2]
    assert three.remove(A == 1) == []
    assert len(three) == 0
    with pytest.raises(RuntimeError, match="truncate"):
        three.remove()


def test_truncate_and_drop(db: Database) -> None:
    table = db.table("t")
    assert db.tables() == set()
    table.insert({})
    table.truncate()
    assert (len(table), db.tables()) == (0, {"t"})
    db.drop_table("t")
    db.drop_table("never there")
    assert (table.all(), db.tables()) == ([], set())
    assert table.insert({}) == 1
    db.drop_tables()
    assert db.tables() == set()


def test_an_empty_table_can_be_made(db: Database) -> None:
    assert db.table("t").all() == [] and db.tables() == set()
    for _ in range(2):
        assert db.table("t", persist_empty=True) is db.table("t")
        assert db.tables() == {"t"}
        db.drop_table("t")
    db.table("t").insert_multiple([{}, {}])
    db.table("t", persist_empty=True)
    assert len(db.table("t")) == 2
    assert repr(db.table("t")).startswith("<Table name='t', total=2, storage=<store.portable.Whole object at 0x")


def test_nothing_is_cached(db: Database) -> None:
    """TinyDB's size of the cache is taken, its results are always those of now."""
    table = db.table("t", cache_size=None)
    found, mutable = where("a").test(lambda value: value == mutable), 1
    table.insert({"a": 1})
    assert table.search(found)
    mutable = 2
    assert not table.search(found)
    table.clear_cache()


def test_tables_keep_apart(db: Database) -> None:
    names = ["_default", "Elements", "elements", "заявки", 'q"q', "a^b", "it's", "t_x", "sqlite_x", "meta"]
    for number, name in enumerate(names):
        assert db.table(name) is db.table(name)
        assert db.table(name).name == name
        db.table(name).insert({"n": number})
    assert db.tables() == set(names)
    assert [db.table(name).all() for name in names] == [[{"n": number}] for number in range(len(names))]
    assert db.table() is db.table("_default")


@pytest.mark.parametrize("name", ["a\nb", "a\0b", "\ud800"])
def test_names_no_table_can_have(db: Database, name: str) -> None:
    with pytest.raises(ValueError, match="not a table name"):
        db.table(name)


def test_what_is_no_number_is_nobodys_id(three: Table) -> None:
    assert three.get(doc_id=float("nan")) is None
    assert not three.contains(doc_id=float("nan"))


def test_ids_beyond_64_bit(table: Table) -> None:
    with pytest.raises(ValueError, match="64 bit"):
        table.insert(Document({}, 2**63))
    assert table.get(doc_id=2**63) is None
    assert table.remove(doc_ids=[2**63]) == table.update({}, doc_ids=[2**70]) == []
    table.insert(Document({}, 2**63 - 1))
    with pytest.raises(ValueError, match="64 bit"):
        table.insert({})
    assert len(table) == 1


def test_many_alternatives(three: Table) -> None:
    cond, nested = where("a") == 2, where("a") == 2
    for number in range(100, 340):
        cond |= where("a") == number
    assert three.count(cond) == three.count(cond & where("b").exists()) == 1
    for number in range(40):
        nested = ~nested if number % 3 else nested & (where("a") != number + 50)
        assert three.count(nested) in (1, 2)
    assert three.count(A.one_of([2, *range(100, 50_000)])) == 1


def test_reading_makes_no_table(db: Database) -> None:
    table = db.table("nothing")
    assert table.all() == table.group(["a"]) == []
    assert (len(table), table.get(doc_id=1), table.count_by("a")) == (0, None, {})
    assert table.remove(A == 1) == table.update({"a": 1}, A == 1) == []
    assert db.tables() == set()


def test_search_sorted_and_cut(three: Table) -> None:
    three.insert_multiple([{"a": None}, {}, {"a": "t"}, {"a": [1]}, {"a": True}])
    ids = [document.doc_id for document in three.search(sort=[("a", False)])]
    assert ids == [1, 8, 2, 3, 6, 7, 4, 5]
    ids = [document.doc_id for document in three.search(sort=[("a", True)])]
    assert ids == [7, 6, 3, 2, 1, 8, 4, 5]
    assert three.search(A >= 1, sort=[("b", False), ("doc_id", True)], limit=2, offset=1) == [
        {"a": 1, "b": "x"},
        {"a": 2, "b": "y"},
    ]
    assert three.search(limit=0) == []
    with pytest.raises(ValueError, match="negative"):
        three.search(limit=-1)


def test_select_keeps_types(table: Table) -> None:
    table.insert({"a": True, "n": {"deep": 0.1}, "l": [1, {"x": None}], "i": 2**53 + 1})
    paths = ["doc_id", "a", "n.deep", "n", "l", "i", "none", "n.none"]
    assert repr(table.select(paths)) == repr([(1, True, 0.1, {"deep": 0.1}, [1, {"x": None}], 2**53 + 1, None, None)])
    assert table.select([]) == [()]


def test_groups(three: Table) -> None:
    three.insert_multiple([{"b": None, "a": "no number"}, {"a": True}, {"b": [1], "a": 0.5}])
    assert three.count_by("b") == {"x": 2, "y": 1, None: 2, "[1]": 1}
    assert three.count_by("b", A > 1) == {"y": 1, "x": 1}
    assert three.group(["b"], sums=["a", "doc_id"]) == [
        {"key": ("x",), "count": 2, "sums": (4, 4)},
        {"key": ("y",), "count": 1, "sums": (2, 2)},
        {"key": (None,), "count": 2, "sums": (0, 9)},
        {"key": ("[1]",), "count": 1, "sums": (0.5, 6)},
    ]
    assert three.group([], sums=["a"]) == [{"key": (), "count": 6, "sums": (6.5,)}]
    assert three.group(["b", "a"], where("a").test(lambda value: value == 3)) == [{"key": ("x", 3), "count": 1, "sums": ()}]


def test_sums_beyond_64_bit(table: Table) -> None:
    table.insert_multiple([{"a": 2**63 - 1}, {"a": 2**63 - 1}])
    assert table.group([], sums=["a"])[0]["sums"] == (2**64 - 2,)


def test_min_max(three: Table) -> None:
    assert three.min_max("a") == (1, 3)
    assert three.min_max("a", where("b") == "y") == (2, 2)
    assert three.min_max("none") == (None, None)


def test_replace(three: Table) -> None:
    three.replace(1, {"new": True})
    assert three.get(doc_id=1) == {"new": True}
    with pytest.raises(KeyError):
        three.replace(9, {})


@pytest.mark.parametrize("cond", [A == 1, ~(A == 1), (A > 1) & (where("b") == "x"), (A < 2) | A.exists(), Query().noop()])
def test_answers_like_tinydb(three: Table, cond: QueryInstance) -> None:
    tiny = TinyDB(storage=MemoryStorage).table("t")
    tiny.insert_multiple(three.all())
    assert three.search(cond) == tiny.search(cond)
    assert [document.doc_id for document in three.search(cond)] == [d.doc_id for d in tiny.search(cond)]


@pytest.mark.parametrize("beyond", [2**63, -(2**63) - 1, 2**200])
def test_numbers_beyond_64_bit_find_nothing_and_break_nothing(db: Database, beyond: int) -> None:
    table = db.table("elements")
    table.insert({"process": "deals"})
    far = abs(beyond)
    assert table.get(doc_id=beyond) is None and not table.contains(doc_id=beyond) and table.get(doc_ids=[beyond]) == []
    assert table.search(where("process") == "deals", limit=far) == [{"process": "deals"}]
    assert table.search(where("process") == "deals", offset=far) == [] == table.select(["process"], limit=1, offset=far)
    assert table.search(where("doc_id") == beyond) == [] and table.count(where("process") == beyond) == 0
    with pytest.raises(KeyError):
        table.replace(beyond, {})
