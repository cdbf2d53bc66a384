"""Documents in and out of their stored text: one JSON object, as written by orjson."""

from collections.abc import Callable, Mapping
from math import isfinite
from typing import Any, cast

import orjson

from store.errors import Damaged

Doc = dict[str, Any]
Row = tuple[int, str]  # doc_id and the document's JSON text


def fits(value: int) -> bool:
    """Whether an integer has at most 64 bit. Not `in range(...)`: that walks the range for an IntEnum."""
    return -(2**63) <= value < 2**63


def no_more_ids(number: int) -> ValueError:
    """What to raise when a document would get such an id."""
    return ValueError(f"an ID beyond 64 bit: {number}")


def encode(document: Mapping[str, Any]) -> str:
    """The document as JSON text.

    TypeError: holds something JSON does not know (a set, a date, a key that is no str, a tuple).
    ValueError: holds NaN or an infinity, an integer beyond 64 bit, a lone surrogate or a NUL character,
    or is nested too deeply. PostgreSQL's JSONB and SQLite's JSON functions cannot hold those faithfully.
    """
    bare = dict(document)
    try:
        text = orjson.dumps(bare, option=_STRICT).decode()
        exact = orjson.loads(text) == bare
    except (orjson.JSONEncodeError, RecursionError):
        exact = False
    if not exact:  # something that orjson would write as something else, or that the strict options refuse
        text = _written(bare)
    if "\\u0000" in text and _has_nul(orjson.loads(text)):
        raise ValueError("text with a NUL character cannot be stored")
    return text


def _written(document: Doc) -> str:
    try:
        plain = _plain(document)
    except RecursionError:
        raise ValueError("the document is nested too deeply, or holds itself") from None
    try:
        return orjson.dumps(plain).decode()
    except orjson.JSONEncodeError as error:  # a TypeError, but types are checked: depth or a surrogate
        raise ValueError(f"the document cannot be stored: {error}") from None


def decode(table: str, row: Row) -> Doc:
    """The document of a row, a fresh copy each time; Damaged when the row holds no JSON object."""
    try:
        document = orjson.loads(row[1])
    except orjson.JSONDecodeError as error:
        raise Damaged(f"{table}/{row[0]} holds no JSON: {error}") from error
    if not isinstance(document, dict):
        raise Damaged(f"{table}/{row[0]} holds no JSON object")
    return document


_AS_THEY_ARE = (str, bool, type(None))
_STRICT = orjson.OPT_STRICT_INTEGER
"""Integers beyond 53 bit are looked at one by one: orjson writes 64 bit without a sign, too."""


def _plain(value: Any) -> Any:
    """The value built of exact JSON types: orjson alone would also take dates, enums and NaN."""
    kind = type(value)
    if kind in _AS_THEY_ARE:
        return value
    if kind is dict:
        return {
            key if type(key) is str else _key(key): item if type(item) in _AS_THEY_ARE else _plain(item)
            for key, item in value.items()
        }
    if kind is list:
        return [_plain(item) for item in value]
    if kind is int or kind is float:
        return _number(value)
    return _subclassed(value)


def _subclassed(value: Any) -> Any:
    """StrEnum, IntEnum, Document and the like are stored as the plain value they are."""
    if isinstance(value, str):
        return str.__str__(value)
    for base in (int, float, dict, list):
        if isinstance(value, base):
            return _plain(cast(Callable[[Any], Any], base)(value))
    raise TypeError(f"a document cannot hold {type(value).__name__}: {value!r}")


def _key(key: Any) -> str:
    if not isinstance(key, str):
        raise TypeError(f"a document's keys are texts, not {type(key).__name__}: {key!r}")
    return str.__str__(key)


def _number(value: int | float) -> int | float:
    if isinstance(value, int):
        if not fits(value):
            raise ValueError(f"an integer beyond 64 bit cannot be stored: {value}")
    elif not isfinite(value):
        raise ValueError(f"{value} is no JSON number")
    return value


def _has_nul(value: Any) -> bool:
    if isinstance(value, dict):
        return any("\0" in key or _has_nul(item) for key, item in value.items())
    if isinstance(value, list):
        return any(map(_has_nul, value))
    return isinstance(value, str) and "\0" in value
