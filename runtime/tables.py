"""Which paths of which tables are indexed: what boards, lists, the engine and the sign-in look for, and in which order."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

PROMOTED: Mapping[str, Sequence[str | tuple[str, ...]]] = {
    "elements": [("process", "stage", "moved_at"), "responsible", "import_id"],
    "events": ["element", ("process", "kind")],
    "runs": ["state", "element", ("process", "state"), "root"],
    "timers": ["due", ("kind", "process"), "element", "run"],
    "wakes": ["run"],
    "outbox": ["state"],
    "notifications": ["user", "about"],
    "rotations": [("process", "graph")],
    "tasks": ["responsible", "element"],
    "sessions": ["token"],
    "attempts": ["key"],
    "devices": ["token", "user"],
    "tickets": ["token"],
    "files": ["element"],
    "versions": [("process", "number")],
    "imports": ["process"],
    "import_errors": ["import_id"],
    "import_changes": ["import_id", "element"],
}
