"""How tables, indexes and paths are written in SQL. Each is data, and quoted here only."""

from collections.abc import Sequence
from functools import lru_cache

import orjson

from store.path import DOC_ID, Parts, is_plain, parts

# SQLite folds the case of ASCII letters in names, TinyDB does not
_FOLDED = {chr(code): f"^{chr(code + 32)}" for code in range(ord("A"), ord("Z") + 1)} | {"^": "^^"}


def identifier(name: str) -> str:
    """The name as a quoted SQL identifier."""
    return '"' + name.replace('"', '""') + '"'


def literal(text: str) -> str:
    """The text as a quoted SQL string."""
    return "'" + text.replace("'", "''") + "'"


@lru_cache(1000)
def table_name(table: str) -> str:
    """The name under which SQLite knows a table."""
    if "\0" in table or not table.isprintable():
        raise ValueError(f"not a table name: {table!r}")
    return "t_" + "".join(_FOLDED.get(char, char) for char in table)


def table_of(name: str) -> str:
    """The table a SQLite name stands for."""
    chars = iter(name.removeprefix("t_"))
    return "".join(next(chars).upper() if char == "^" else char for char in chars)


def index_name(table: str, paths: Sequence[str]) -> str:
    """The name of an index; says the table and the paths, so that a changed set of indexes shows."""
    return "i_" + table_name(orjson.dumps([table, *paths]).decode())


@lru_cache(1000)
def json_path(keys: Parts) -> str:
    """Plain keys as SQLite's JSON path, a SQL string."""
    return literal("$" + "".join(f'."{key}"' for key in keys))


def expressible(paths: Sequence[str]) -> bool:
    """Whether SQL can follow all the dotted paths."""
    return all(path == DOC_ID or all(map(is_plain, parts(path))) for path in paths)


def kind(keys: Parts, doc: str = "doc") -> str:
    """The JSON type of the value at the keys; NULL when missing."""
    return f"json_type({doc}, {json_path(keys)})"


def value(keys: Parts, doc: str = "doc") -> str:
    """The value at the keys, so that SQLite's order is ours: numbers before texts before lists and objects.

    Lists and objects become blobs, which keeps them from being taken for a text that looks like them.
    """
    found = f"json_extract({doc}, {json_path(keys)})"
    return f"iif({kind(keys, doc)} IN ('array', 'object'), CAST({found} AS BLOB), {found})"


def column(path: str) -> str:
    """The value at a dotted path, "doc_id" included."""
    return "id" if path == DOC_ID else value(parts(path))
