"""Events: one committed change each. Their log is the history, the undo and the source of every funnel."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType
from typing import Any, Literal, NamedTuple

EventKind = Literal[
    "created", "changed", "moved", "deleted", "restored", "commented", "task_added", "task_done", "file_added",
    "mail_sent", "message", "started", "due", "tick",
]  # fmt: skip
"""`moved` carries changes["stage"]; `started` = a graph started by hand; `due` = a date field reached; `tick` = a schedule."""

DEPTH_LIMIT = 12
"""How many robots may follow one another before the chain is taken for a loop."""


class Cause(NamedTuple):
    """Why something happened: who, and the chain of robots that led to it, oldest first (`process/graph/node`)."""

    user: int | None = None
    chain: tuple[str, ...] = ()
    run: int | None = None
    note: str = ""
    """`import`, `undo` ... where the reason is not a person's click."""

    @property
    def depth(self) -> int:
        """How many robots stand between a person and this."""
        return len(self.chain)


class Event(NamedTuple):
    """What changed: `changes` is {code: [before, after]} of system values and fields; `data` what else belongs to the kind."""

    kind: EventKind
    process: str
    element: int | None
    at: str
    by: int | None = None
    chain: tuple[str, ...] = ()
    run: int | None = None
    note: str = ""
    changes: Mapping[str, Any] = MappingProxyType({})
    data: Mapping[str, Any] = MappingProxyType({})
    id: int = 0

    def doc(self) -> dict[str, Any]:
        """The stored document (without the id)."""
        doc: dict[str, Any] = dict(zip(_STORED, self, strict=False))
        doc.update(chain=list(self.chain), changes=dict(self.changes), data=dict(self.data))
        return doc

    def stored(self, number: int) -> Event:
        """The same with the id it was stored under."""
        return Event(*self[:-1], number)

    @classmethod
    def of(cls, number: int, doc: Mapping[str, Any]) -> Event:
        """Make an event of its stored document."""
        return cls(**{**doc, "chain": tuple(doc.get("chain", ())), "id": number})


_STORED = Event._fields[:-1]
