"""A compiled condition finds what the same condition finds when asked of each document."""

import os
from collections.abc import Callable, Iterator
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from tinydb import Query, where
from tinydb.queries import QueryInstance

from postgres import PostgresServer
from store import Table, open_database
from store.condition import understand

torture = os.environ.get("VORONKA_TORTURE") == "1"
KEYS = ["a", "b", "ключ", "it's", 'q"q', "d.d", "", "{}", "back\\slash", "0"]
LONG = ["я" * 199, "я" * 200, "a" * 199 + "b", "a" * 199 + "c"]  # PostgreSQL's indexes hold 200 letters
TEXTS = st.sampled_from(
    [
        "",
        "a",
        "ab",
        "[1]",
        "{}",
        '{"a":1}',
        "я",
        "it's",
        "\n",
        "😀",
        "%",
        "1",
        "null",
        "я" * 199,
        "я" * 200,
        "a" * 199 + "b",
        "a" * 199 + "c",
    ]
)
NUMBERS = st.sampled_from(
    [
        0,
        1,
        -1,
        1.0,
        0.1,
        0.30000000000000004,
        2**53 + 1,
        2.0**53,
        1e300,
        2**63 - 1,
        -(2**63),
        -0.0,
        5e-324,
        -1e-7,
        2.0**60,
        2**60,
        2**60 + 1,
        99.95,
        -99.95,
        -100,
    ]
)
SCALARS = st.one_of(st.none(), st.booleans(), NUMBERS, TEXTS, st.integers(-3, 3), st.floats(-2, 2))
VALUES = st.recursive(
    SCALARS,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.sampled_from(KEYS), inner, max_size=3),
    max_leaves=5,
)
DOCUMENTS = st.dictionaries(st.sampled_from(KEYS), VALUES, max_size=4)
PATHS = st.sampled_from(["a", "b", "a.b", "ключ", 'q"q', "0"])
SORTS = st.lists(st.tuples(PATHS | st.just("doc_id"), st.booleans()), max_size=2)


def paths() -> st.SearchStrategy[Query]:
    def build(keys: list[str]) -> Query:
        query = Query()
        for key in keys:
            query = query[key]
        return query

    return st.lists(st.sampled_from(KEYS), min_size=1, max_size=2).map(build)


COMPARE: list[Callable[[Any, Any], QueryInstance]] = [
    lambda query, value: query == value,
    lambda query, value: query != value,
    lambda query, value: query < value,
    lambda query, value: query <= value,
    lambda query, value: query > value,
    lambda query, value: query >= value,
]
LEAVES = st.one_of(
    st.builds(lambda test, query, value: test(query, value), st.sampled_from(COMPARE), paths(), SCALARS),
    st.builds(lambda query, value: query == value, paths(), VALUES),
    st.builds(lambda query: query.exists(), paths()),
    st.builds(lambda query, items: query.one_of(items), paths(), st.lists(VALUES, max_size=3)),
    st.builds(lambda query, items: query.any(items), paths(), st.lists(SCALARS, max_size=3)),
    st.builds(lambda query, items: query.all(items), paths(), st.lists(SCALARS, max_size=2)),
    st.builds(lambda query: query.matches("a"), paths()),
    st.builds(lambda query: query.test(lambda value: value == 1), paths()),
    st.builds(lambda document: Query().fragment(document), DOCUMENTS),
    st.just(Query().noop()),
)


def extend(inner: st.SearchStrategy[QueryInstance]) -> st.SearchStrategy[QueryInstance]:
    return st.one_of(
        st.builds(lambda left, right: left & right, inner, inner),
        st.builds(lambda left, right: left | right, inner, inner),
        st.builds(lambda query: ~query, inner),
        st.builds(lambda query, cond: query.any(cond), paths(), inner),
        st.builds(lambda query, cond: query.all(cond), paths(), inner),
    )


CONDITIONS = st.recursive(LEAVES, extend, max_leaves=4)


@pytest.fixture(scope="module")
def tables(tmp_path_factory: pytest.TempPathFactory, postgres: PostgresServer) -> Iterator[list[Table]]:
    """The same table in memory, which scans, and on the engines that compile."""
    path = tmp_path_factory.mktemp("conditions") / "voronka.db"
    addresses = ["memory://", f"sqlite:///{path}", postgres.url()]
    opened = [open_database(address, promoted={"t": ["a", "ключ", ("a", "b")]}) for address in addresses]
    yield [db.table("t") for db in opened]
    for db in opened:
        db.close()


def expected(cond: QueryInstance, documents: list[dict[str, Any]]) -> list[int] | None:
    """What TinyDB itself finds; None when it cannot say, because a comparison of two types raises."""
    try:
        return [number for number, document in enumerate(documents) if cond(document)]
    except TypeError:
        return None


def fill(table: Table, documents: list[dict[str, Any]]) -> None:
    table.truncate()
    table.insert_multiple(documents)


@settings(max_examples=20_000 if torture else 700, deadline=None, suppress_health_check=list(HealthCheck))
@given(st.lists(DOCUMENTS, min_size=1, max_size=6), st.lists(CONDITIONS, min_size=3, max_size=3), SORTS)
def test_same_answer(
    tables: list[Table], documents: list[dict[str, Any]], conds: list[QueryInstance], sort: list[tuple[str, bool]]
) -> None:
    for table in tables:
        fill(table, documents)
    for cond in conds:
        answers = [answer(table, cond, sort) for table in tables]
        assert answers[0] == answers[1] == answers[2]
        wanted = expected(cond, documents)
        if wanted is not None:
            assert sorted(number for number, _ in answers[0]) == wanted


def answer(table: Table, cond: QueryInstance, sort: list[tuple[str, bool]]) -> list[tuple[int, str]]:
    first = min(document.doc_id for document in table)
    found = table.search(cond, sort=sort)
    assert table.count(cond) == len(found)
    assert table.select(["doc_id"], cond, sort=sort) == [(document.doc_id,) for document in found]
    return [(document.doc_id - first, repr(sorted(document.items()))) for document in found]


@settings(max_examples=5_000 if torture else 150, deadline=None, suppress_health_check=list(HealthCheck))
@given(st.lists(DOCUMENTS, max_size=8), st.lists(PATHS, max_size=2))
def test_same_groups_values_ends(tables: list[Table], documents: list[dict[str, Any]], by: list[str]) -> None:
    answers = []
    for table in tables:
        fill(table, documents)
        ends = [table.min_max(path) for path in ("a", "b")]
        answers.append(repr((table.group(by), table.select([*by, "b"]), ends, table.count_by("b"))))
    assert answers[0] == answers[1] == answers[2]


@pytest.mark.parametrize(
    "cond",
    [
        (where("a") == 1) & (where("b") != "x"),
        ~(where("a").exists() | (where("b") < 3)),
        where("a").one_of([1, "x", None]),
        where("a").any(["x", "y"]),
        where("a").all(where("b") == 1),
        Query().noop(),
    ],
)
def test_compiles_wholly(cond: QueryInstance) -> None:
    assert understand(cond).rest is None


@pytest.mark.parametrize("rounds", range(1, 9))
def test_nesting_is_no_trouble(tables: list[Table], rounds: int) -> None:
    cond = where("a") == 1
    for number in range(rounds):
        cond = ~(where("a").any(cond | where("b").all(cond)) & (where("c") != number))
    for table in tables:
        fill(table, [{"a": [{"a": 1}]}, {"a": [{"b": [{"a": [{"a": 1}]}]}]}])
    assert len({table.count(cond) for table in tables}) == 1


def test_compiles_what_it_can_of_an_and() -> None:
    condition = understand((where("a") == 1) & where("b").test(bool) & (where("c") > 2))
    assert len(condition.shapes) == 2
    assert condition.rest is not None


def test_flags_of_a_regular_expression_count(table: Table) -> None:
    table.insert({"a": "ABC"})
    assert table.count(where("a").matches("abc")) == 0
    assert table.count(where("a").matches("abc", flags=2)) == 1


def test_a_fragment_keeps_its_path(table: Table) -> None:
    table.insert_multiple([{"a": {"x": 1}}, {"x": 1}])
    assert table.count(where("a").fragment({"x": 1})) == 1
    assert table.count(Query().fragment({"x": 1})) == 1


@pytest.mark.parametrize("value", [None, "1", [1], {"a": 1}])
def test_types_that_do_not_compare_are_no_match(table: Table, value: Any) -> None:
    table.insert({"a": value})
    for cond in (where("a") < 5, where("a") <= 5, where("a") > 5, where("a") >= 5):
        assert table.count(cond) == 0
        assert table.count(cond & where("a").test(lambda _: True)) == 0
        assert table.count(~cond) == 1


@pytest.mark.parametrize("wanted", [10**30, float("inf"), float("nan"), "\ud800", "a\0b"])
def test_values_no_document_can_hold(table: Table, wanted: Any) -> None:
    table.insert({"a": 1})
    assert table.count(where("a") == wanted) == 0
    assert table.count(where("a") != wanted) == 1


def test_a_custom_callable(table: Table) -> None:
    table.insert_multiple([{"a": 1}, {"a": 2}])
    assert table.count(lambda document: document["a"] == 2) == 1


def test_the_condition_gets_a_copy(table: Table) -> None:
    table.insert({"a": [1]})

    def greedy(items: Any) -> bool:
        items.append(2)
        return True

    table.search(where("a").test(greedy))
    assert table.all() == [{"a": [1]}]
