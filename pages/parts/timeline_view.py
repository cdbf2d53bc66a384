"""What the timeline component is given: an element's events and robot runs, told in words."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any, Literal

from model.clock import moment
from model.event import Event
from model.field import SYSTEM
from model.language import Reader
from model.process import Process
from model.run import Run
from pages.parts.board_view import show
from pages.parts.components import Change, TimelineItem, TraceStep
from pages.parts.people import avatar
from runtime.describe import port_text
from workspace import Workspace

ICONS = {
    "created": "add_circle", "changed": "edit", "moved": "arrow_forward", "deleted": "delete", "restored": "undo",
    "commented": "chat", "task_added": "add_task", "task_done": "task_alt", "file_added": "attach_file", "mail_sent": "mail",
    "started": "play_arrow", "due": "event", "tick": "schedule", "message": "notifications",
}  # fmt: skip
RUN_TONES: dict[str, Literal["bad", "info", "robot"]] = {
    "failed": "bad",
    "stopped": "bad",
    "waiting": "info",
    "ready": "info",
    "done": "robot",
}
HIDDEN = {"updated_at", "moved_at", "closed_at", "version"}


def items(ws: Workspace, reader: Reader, process: Process, events: Iterable[Event], runs: Iterable[Run]) -> list[TimelineItem]:
    """Events and runs as one list, newest first."""
    told = [(e.at, e.id, _event(ws, reader, process, e)) for e in events]
    told += [(r.started_at, r.id, _run(ws, reader, process, r)) for r in runs]
    return [item for _, _, item in sorted(told, key=lambda t: (t[0], t[1]), reverse=True)]


def _when(at: str, reader: Reader) -> tuple[str, str]:
    """The time of the day, and the day."""
    local = moment(at).astimezone(reader.zone)
    return reader.time(local), reader.date(local.date(), "long")


def _event(ws: Workspace, reader: Reader, process: Process, event: Event) -> TimelineItem:
    robot = bool(event.chain)
    when, day = _when(event.at, reader)
    return {
        "id": f"e{event.id}",
        "icon": ICONS.get(event.kind, "circle"),
        "tone": "robot" if robot else "plain",
        "when": when,
        "day": day,
        "who": None if robot else avatar(event.by, reader),
        "title": _title(reader, process, event),
        "text": str(event.data.get("text") or event.data.get("title") or event.data.get("name") or ""),
        "changes": list(changes(ws, reader, process, _told(event))),
        "trace": [],
        "quiet": event.kind == "changed",
    }


def _told(event: Event) -> dict[str, Any]:
    """The changes that the title does not tell already."""
    named = {"stage", "funnel"} if event.kind == "moved" else set()
    return {code: pair for code, pair in event.changes.items() if code not in named}


def _title(reader: Reader, process: Process, event: Event) -> str:
    by = reader.t("timeline.robot") if event.chain else (reader.person(event.by) or reader.t("timeline.system"))
    stages = [process.stage(code or "") for code in event.changes.get("stage", (None, None))]
    before, after = (s.title if s else "" for s in stages)
    note = f".{event.note}" if event.note in {"import", "undo"} else ""
    return reader.t(f"timeline.{event.kind}{note}", who=by, before=before, after=after)


def changes(ws: Workspace, reader: Reader, process: Process, found: Any) -> Iterable[Change]:
    """{label, before, after} of every change a person cares about, in words."""
    for code, pair in found.items():
        if code in HIDDEN:
            continue
        before, after = (value_text(ws, reader, process, code, value) for value in pair)
        yield {"label": label(reader, process, code), "before": before, "after": after}


def label(reader: Reader, process: Process, code: str) -> str:
    """The title of a field or system value."""
    found = process.field(code) or next((f for f in process.removed_fields if f.code == code), None)
    return found.title if found else reader.t(f"system.{code}")


def value_text(ws: Workspace, reader: Reader, process: Process, code: str, value: Any) -> str:
    """A stored value in words; an empty text when there is none."""
    if value in (None, "", []):
        return ""
    if code == "stage":
        stage = process.stage(value)
        return stage.title if stage else str(value)
    if code == "funnel":
        funnel = process.funnel(value)
        return funnel.title if funnel else str(value)
    field = process.field(code) or next((f for f in process.removed_fields if f.code == code), None)
    kind = field.type(ws.types) if field else ws.types.load(SYSTEM.get(code, "string"), {})
    return show(kind, value, reader)


def _run(ws: Workspace, reader: Reader, process: Process, run: Run) -> TimelineItem:
    graph = process.graph(run.graph)
    reason = reader.t(f"run.reason.{run.reason}", **run.context) if run.reason else ""
    when, day = _when(run.started_at, reader)
    return {
        "id": f"r{run.id}",
        "icon": "smart_toy",
        "tone": RUN_TONES.get(run.state, "robot"),
        "when": when,
        "day": day,
        "who": None,
        "title": reader.t("timeline.run", graph=graph.title if graph else run.graph, state=reader.t(f"run.state.{run.state}")),
        "text": reason,
        "changes": [],
        "trace": [_step(ws, reader, process, run, step) for step in run.trace],
    }


def _step(ws: Workspace, reader: Reader, process: Process, run: Run, step: Any) -> TraceStep:
    graph = process.graph(run.graph)
    node = graph.node(step["node"]) if graph else None
    name = (node.title or reader.t(f"{shelf(ws, node.kind)}.{node.kind}.title")) if node else step["node"]
    said = [step.get("text", "")]
    said += [f"{c['label']}: {c['before']} → {c['after']}" for c in changes(ws, reader, process, step.get("changes") or {})]
    port = step.get("port", "")
    return {
        "label": name,
        "port": port_text(node, port, process, reader, ws.robots, ws.types) if node and port and port != "done" else "",
        "state": step["state"],
        "text": "; ".join(t for t in said if t),
    }


def shelf(ws: Workspace, kind: str) -> str:
    """Which locale shelf a node's kind has its words on."""
    return "trigger" if kind in ws.triggers else "robot"
