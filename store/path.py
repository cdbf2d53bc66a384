"""Dotted paths: "customer.city" is doc["customer"]["city"]; "doc_id" is the document's id."""

import re
from collections.abc import Sequence
from typing import Any, Final, NamedTuple

DOC_ID: Final = "doc_id"
MISSING: Final = object()

_ODD = re.compile('["\\\\\x00-\x1f\ud800-\udfff]')
Parts = tuple[str, ...]
Order = Sequence[tuple[str, bool]]  # (dotted path, descending)


class Window(NamedTuple):
    """Which of the found documents, and in what order: see Table.search."""

    order: Order = ()
    limit: int | None = None
    offset: int = 0


def parts(path: str) -> Parts:
    """The keys of a dotted path, outermost first."""
    return tuple(path.split("."))


def follow(value: Any, keys: Sequence[str]) -> Any:
    """What stands at the end of the keys, or MISSING."""
    for key in keys:
        if not isinstance(value, dict) or key not in value:
            return MISSING
        value = value[key]
    return value


def pick(doc_id: int, document: dict[str, Any], path: str) -> Any:
    """The value at a dotted path of a document with this id; None when missing."""
    if path == DOC_ID:
        return doc_id
    found = follow(document, parts(path))
    return None if found is MISSING else found


def is_plain(key: str) -> bool:
    """Whether SQLite's JSON path finds this key in every version.

    Versions differ on quotes, backslashes and control characters (they compare the escaped text) and on "".
    """
    return key != "" and not _ODD.search(key)
