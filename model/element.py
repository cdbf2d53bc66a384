"""Elements: the records of a process."""

from __future__ import annotations

from collections.abc import Mapping
from operator import itemgetter
from types import MappingProxyType
from typing import Any, NamedTuple

from model.field import SYSTEM


class Element(NamedTuple):
    """One record. `values` holds the fields by code, in stored (JSON) form; times are `stamp` texts; people are user ids.

    A named tuple, for thousands of them are made for a board: three times as fast as a frozen dataclass.
    """

    id: int
    process: str
    title: str
    funnel: str = ""
    stage: str = ""
    responsible: int | None = None
    created_at: str = ""
    created_by: int | None = None
    updated_at: str = ""
    updated_by: int | None = None
    moved_at: str = ""
    """When it came to its stage."""
    closed_at: str | None = None
    """When it came to a success or failure stage."""
    deleted_at: str | None = None
    version: int = 1
    import_id: int | None = None
    values: Mapping[str, Any] = MappingProxyType({})

    def stored(self, number: int, title: str) -> Element:
        """The same with the id it was stored under, and with the title it has by then."""
        return Element(number, self.process, title, *self[3:])

    @classmethod
    def of(cls, number: int, doc: Mapping[str, Any]) -> Element:
        """Make an element of its stored document."""
        try:
            return cls(number, *_values(doc))
        except KeyError:  # it was stored when elements had fewer keys
            return cls(id=number, **{k: doc[k] for k in _STORED if k in doc})

    def doc(self) -> dict[str, Any]:
        """The stored document (without the id)."""
        return dict(zip(_STORED, self[1:], strict=True), values=dict(self.values))

    def get(self, code: str) -> Any:
        """A system value or a field's value by code; None when empty."""
        return getattr(self, code) if code in SYSTEM else self.values.get(code)


_STORED = Element._fields[1:]
_values = itemgetter(*_STORED)
