"""What PostgreSQL compares: each value as a text whose order by code point is the order of the store.

PostgreSQL's JSONB has its own order, forgets that a number was a float, and sorts texts as the database's language does.
So beside the document's text stands a copy of it for queries, with each number, truth and text replaced by its key:

    numbers "0...", texts "1" and the text; lists and objects, whose JSON begins with "[" or "{", come after both
"""

from decimal import Decimal
from functools import lru_cache
from typing import Any

import orjson

EXACT = 2.0**53  # from here on floats are whole numbers, and their shortest text is not their value
COMPLEMENT = str.maketrans("0123456789", "9876543210")


def body(text: str) -> str:
    """The JSON text of a document with keys in the place of its values."""
    return orjson.dumps(_keyed(orjson.loads(text))).decode()


def key(value: str | int | float) -> str:
    """The key of one value: equal where Python says equal, less where it says less."""
    return "1" + value if isinstance(value, str) else _number(value)


def _keyed(value: Any) -> Any:
    """As `key`, of all that JSON knows, and of just those types. Most values are texts and not worth a call each."""
    kind = type(value)
    if kind is dict:
        return {name: "1" + item if type(item) is str else _keyed(item) for name, item in value.items()}
    if kind is list:
        return [_keyed(item) for item in value]
    if kind is str:
        return "1" + value
    return None if value is None else _number(value)


@lru_cache(10_000)
def _number(value: int | float) -> str:
    """Sign, power of ten and digits; those of a negative number turned round, so that the greater ones come first."""
    if value == 0:
        return "01"
    exact = Decimal(int(value)) if isinstance(value, int) or abs(value) >= EXACT else Decimal(repr(value))
    sign, digits, exponent = exact.as_tuple()
    assert isinstance(exponent, int)  # no infinity gets here
    text = f"{len(digits) + exponent + 500:03d}" + "".join(map(str, digits)).rstrip("0")
    return "00" + text.translate(COMPLEMENT) + "~" if sign else "02" + text
