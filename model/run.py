"""Runs: one execution of a graph for one element, and the trace of what each node did."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Literal, TypedDict

RunState = Literal["ready", "waiting", "done", "failed", "stopped"]
NodeState = Literal["done", "waiting", "failed", "skipped", "retrying"]


class TraceStep(TypedDict):
    """What one node did, as it is stored: by which port it left, what it changed, what it said."""

    node: str
    at: str
    state: NodeState
    port: str
    text: str
    changes: dict[str, Any]
    attempt: int


@dataclass(frozen=True, slots=True)
class Run:
    """A run as stored. `nodes` is {node id: {"state", "port", "attempt", ...}}."""

    id: int
    process: str
    graph: str
    version: int
    state: RunState
    element: int | None
    event: int
    trigger: str
    started_at: str
    finished_at: str | None = None
    due: str | None = None
    chain: tuple[str, ...] = ()
    owner: int = 0
    reason: str = ""
    """Why it failed or was stopped: a code for the locales (`run.reason.*`), figures in `context`."""
    context: Mapping[str, Any] = field(default_factory=dict)
    nodes: Mapping[str, Any] = field(default_factory=dict)
    trace: tuple[Mapping[str, Any], ...] = ()

    @classmethod
    def of(cls, number: int, doc: Mapping[str, Any]) -> Run:
        """Make a run of its stored document; keys that are the engine's own are left out."""
        known = {k: doc[k] for k in cls.__slots__ if k in doc and k != "id"}
        return cls(**{**known, "id": number, "chain": tuple(doc.get("chain", ())), "trace": tuple(doc.get("trace", ()))})
