"""Looks the whole workspace over: does everything that one row says of another hold? Reads only; names each fault.

It looks at one moment, a copy, so that what others write meanwhile is neither held up nor taken for a fault.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Iterator, Mapping
from contextlib import nullcontext
from dataclasses import dataclass, field
from datetime import datetime
from functools import cached_property
from inspect import signature
from pathlib import Path
from typing import Any

from pydantic import ValidationError

from model.element import Element
from model.errors import Problem, VoronkaError
from model.event import Event
from model.field import SYSTEM, Control, FieldType
from model.kind import Catalog
from model.process import Process, as_process
from model.run import Run
from runtime.backup import snapshot
from runtime.files import FileRow, fault_of
from runtime.inbox import Notification
from runtime.outbox import OutboxRow
from runtime.runs import ALIVE
from runtime.tasks import Task
from runtime.validation import many
from runtime.watchdog import Watchdog
from store import Database

Doc = Mapping[str, Any]

POINTERS: Mapping[str, Mapping[str, str]] = {
    "users": {"department": "departments"},
    "departments": {"parent": "departments", "head": "users"},
    "roles": {"users": "users", "departments": "departments"},
    "sessions": {"user": "users"},
    "tickets": {"user": "users"},
    "devices": {"user": "users"},
    "processes": {"changed_by": "users"},
    "versions": {"process": "processes", "published_by": "users"},
    "draft_history": {"process": "processes", "by": "users"},
    "events": {"process": "processes", "element": "elements", "by": "users", "run": "runs"},
    "elements": {"responsible": "users", "created_by": "users", "updated_by": "users", "import_id": "imports"},
    "tasks": {"process": "processes", "element": "elements", "responsible": "users", "created_by": "users", "done_by": "users",
              "run": "runs"},
    "files": {"process": "processes", "element": "elements", "by": "users", "older": "files", "newer": "files"},
    "runs": {"process": "processes", "element": "elements", "event": "events", "owner": "users"},
    "wakes": {"run": "runs"},
    "timers": {"process": "processes", "element": "elements", "run": "runs"},
    "outbox": {"process": "processes", "element": "elements", "run": "runs", "by": "users"},
    "notifications": {"process": "processes", "element": "elements", "user": "users", "run": "runs"},
    "imports": {"process": "processes", "by": "users"},
    "import_errors": {"import_id": "imports"},
    "import_changes": {"import_id": "imports", "element": "elements"},
}  # fmt: skip
"""Table -> its keys that point at another: at ids (one or many; None and 0 are nobody) or at the code of a process."""
POINTED = {Control.PERSON: "users", Control.ELEMENT: "elements", Control.FILE: "files"}
"""The table that a field of this control points at."""
MISSHAPEN = (AttributeError, LookupError, TypeError, ValueError)
"""What reading a row raises that is not as its table wants it."""


def _of(kind: type[Any], *optional: str) -> frozenset[str]:
    return frozenset(signature(kind).parameters) - {"id", *optional}


KEYS: Mapping[str, frozenset[str]] = {
    "users": frozenset({"login", "name", "email", "password", "admin", "active", "department", "language", "created_at"}),
    "departments": frozenset({"title", "parent", "head"}),
    "roles": frozenset({"code", "title", "users", "departments"}),
    "sessions": frozenset({"token", "user", "created_at", "seen_at", "expires_at", "revoked_at", "agent"}),
    "processes": frozenset({"code", "draft", "published", "changed_at", "changed_by", "archived_at", "revision", "position"}),
    "versions": frozenset({"process", "number", "data", "published_at", "published_by", "note"}),
    "events": _of(Event),
    "elements": _of(Element),
    "tasks": _of(Task, "node"),
    "files": _of(FileRow, "version", "older", "newer"),
    "runs": _of(Run),
    "wakes": frozenset({"run", "node", "what"}),
    "timers": frozenset({"kind", "due"}),
    "outbox": _of(OutboxRow),
    "notifications": _of(Notification),
    "imports": frozenset({"process", "name", "at", "by", "state", "total", "created", "skipped"}),
}
"""What a row has, whatever else it has."""


@dataclass(slots=True)
class Told:
    """What the events of an element come to: its system values and its fields, and how many changes there were."""

    version: int = 0
    system: dict[str, Any] = field(default_factory=dict)
    values: dict[str, Any] = field(default_factory=dict)

    def take(self, event: Doc) -> int | None:
        """Go one event on; the number that a change should have, if it has another one."""
        for code, (_, after) in event["changes"].items():
            (self.system if code in SYSTEM else self.values)[code] = after
        kind, at, by = event["kind"], event["at"], event["by"]
        if kind not in ("created", "changed", "moved", "deleted", "restored"):
            return None
        self.system |= {"updated_at": at, "updated_by": by}
        if kind == "created":
            self.system |= {"created_at": at, "created_by": by, "moved_at": at}
        elif kind == "moved":
            self.system["moved_at"] = at
        elif kind != "changed":
            self.system["deleted_at"] = at if kind == "deleted" else None
        wanted, self.version = self.version + 1, event["data"]["version"]
        return wanted if wanted != self.version else None

    def differs(self, element: Doc) -> Iterator[tuple[str, Any, Any]]:
        """(code, what the element holds, what the events say), where those are not the same."""
        told: dict[str, Any] = {**dict.fromkeys(RETOLD), **self.system, "version": self.version}
        for code, after in told.items():
            if (element[code] or None) != (after or None):
                yield code, element[code], after
        held = element["values"]
        for code in held.keys() | self.values.keys():
            if held.get(code) != self.values.get(code):
                yield code, held.get(code), self.values.get(code)


RETOLD = ("title", "funnel", "stage", "responsible", "deleted_at")
"""System values that are empty unless an event says otherwise."""


class Integrity:
    """One look at a workspace. `folder` is where the bytes of files lie; without `now` no run is too late."""

    def __init__(self, db: Database, types: Catalog[FieldType], folder: Path, now: datetime | None = None) -> None:
        self._db, self._types, self._folder, self._now = db, types, folder, now

    def faults(self) -> Iterator[Problem]:
        """Every fault: where (`elements/12/stage`) and what. When the database itself is damaged, only that.

        Inside a transaction, what is written by then is looked at, too.
        """
        damage = self._db.check()
        if damage:
            yield from (Problem("", "check.database", {"text": text}) for text in damage)
            return
        with nullcontext(self._db) if self._db.in_transaction else snapshot(self._db) as db:
            yield from _Look(db, self._types, self._folder, self._now).faults()


class _Look:
    """Goes through the tables, each once, and remembers what the later ones are compared with."""

    def __init__(self, db: Database, types: Catalog[FieldType], folder: Path, now: datetime | None) -> None:
        self._db, self._types, self._folder, self._now = db, types, folder, now
        self._told: dict[int, Told] = {}
        self._keys: dict[str, int] = {}
        self._bytes: dict[tuple[str, int], str] = {}
        self._known: dict[str, Collection[Any]] = {}

    def faults(self) -> Iterator[Problem]:
        looks: Mapping[str, Callable[[Any], Iterable[Problem]]] = {
            "processes": self._process, "versions": self._version, "events": self._event, "elements": self._element,
            "files": self._file, "runs": self._run, "wakes": self._waking, "timers": self._waking, "outbox": self._sending,
        }  # fmt: skip
        misshapen = False
        for table in POINTERS:
            for doc in self._db.table(table):
                try:
                    yield from self._row(table, doc, looks.get(table))
                except MISSHAPEN:
                    yield Problem(f"{table}/{doc.doc_id}", "check.misshapen")
                    misshapen = True
        if not misshapen:
            yield from self._in_force()
            for run, why in sorted(Watchdog(self._db).stuck(self._now).items()):
                if why != "version_gone":  # told of the run itself
                    yield Problem(f"runs/{run}", f"check.{why}")

    def _row(self, table: str, doc: Any, look: Callable[[Any], Iterable[Problem]] | None) -> list[Problem]:
        """What is wrong with one row; one of MISSHAPEN when it cannot be read."""
        if not KEYS.get(table, frozenset()) <= doc.keys():
            raise LookupError
        found = [
            _missing(f"{table}/{doc.doc_id}/{key}", other, to)
            for key, other in POINTERS[table].items()
            for to in self._lost(doc.get(key), other)
        ]
        return [*found, *look(doc)] if look is not None else found

    def _lost(self, held: Any, other: str) -> list[Any]:
        """What of this points at nothing."""
        return [to for to in many(held) if to and (isinstance(to, dict | list) or to not in self._ids(other))]

    def _ids(self, table: str) -> Collection[Any]:
        if table not in self._known:
            key = "code" if table == "processes" else "doc_id"
            self._known[table] = {row[0] for row in self._db.table(table).select([key])}
        return self._known[table]

    # processes

    @cached_property
    def _versions(self) -> Mapping[tuple[str, int], Process | None]:
        """Every published version by process and number, the newest last; None where it cannot be read."""
        rows = self._db.table("versions").select(["process", "number", "data"], sort=[("number", False)])
        return {(process, number): _readable(data) for process, number, data in rows}

    @cached_property
    def _newest(self) -> Mapping[str, Process | None]:
        return {code: process for (code, _), process in self._versions.items()}

    @cached_property
    def _pointing(self) -> Mapping[str, Mapping[str, str]]:
        """Process -> its fields, each with the table that it points at, if any."""
        return {code: self._fields(process) for code, process in self._newest.items() if process}

    def _fields(self, process: Process) -> Mapping[str, str]:
        found = {}
        for each in (*process.removed_fields, *process.fields):
            try:
                control = each.type(self._types).control
            except (VoronkaError, ValidationError):  # a kind that is not installed here is no fault of the data
                control = Control.TEXT
            found[each.code] = POINTED.get(control, "")
        return found

    def _process(self, doc: Any) -> Iterator[Problem]:
        here = f"processes/{doc['code']}"
        if doc["published"] and (doc["code"], doc["published"]) not in self._versions:
            yield _missing(here, "versions", doc["published"])
        if _readable(doc["draft"]) is None:
            yield Problem(f"{here}/draft", "check.unreadable")

    def _in_force(self) -> Iterator[Problem]:
        """What is kept of the versions in force, if anything is yet, is what the processes say."""
        held = self._db.table("in_force").get(doc_id=1)
        rows = self._db.table("processes").select(["code", "published", "archived_at"])
        told = {code: number for code, number, archived in rows if number and archived is None}
        for code in sorted(held.keys() | told.keys()) if held is not None else ():
            if held.get(code) != told.get(code):
                yield Problem(f"in_force/1/{code}", "check.in_force", {"held": held.get(code, 0), "told": told.get(code, 0)})

    def _version(self, doc: Any) -> Iterator[Problem]:
        if self._versions[doc["process"], doc["number"]] is None:
            yield Problem(f"versions/{doc['process']}/{doc['number']}", "check.unreadable")
        for graph, user in (doc.get("owners") or {}).items():
            for to in self._lost(user, "users"):
                yield _missing(f"versions/{doc.doc_id}/owners/{graph}", "users", to)

    # elements and what happened to them

    def _event(self, doc: Any) -> Iterator[Problem]:
        if doc["element"]:
            told = self._told.setdefault(doc["element"], Told())
            wanted = told.take(doc)
            if wanted is not None:
                yield Problem(f"events/{doc.doc_id}", "check.out_of_line", {"told": told.version, "wanted": wanted})

    def _element(self, doc: Any) -> Iterator[Problem]:
        here = f"elements/{doc.doc_id}"
        yield from self._place(here, doc)
        told = self._told.get(doc.doc_id)
        if told is None:
            yield Problem(here, "check.no_history")
            return
        for code, held, after in told.differs(doc):
            yield Problem(f"{here}/{code}", "check.history", {"held": _short(held), "told": _short(after)})

    def _place(self, here: str, doc: Doc) -> Iterator[Problem]:
        """Where an element stands in its process, and what its fields point at."""
        process = self._newest.get(doc["process"])
        if process is None:
            yield _missing(f"{here}/process", "processes", doc["process"])
            return
        stage, funnel = process.stage(doc["stage"]), process.funnel(doc["funnel"])
        if process.has_stages and stage is None:
            yield _missing(f"{here}/stage", "stages", doc["stage"])
        elif process.has_stages and (funnel is None or stage not in funnel.stages):
            yield _missing(f"{here}/funnel", "funnels", doc["funnel"])
        pointing = self._pointing[doc["process"]]
        for code, held in doc["values"].items():
            if code not in pointing:
                yield _missing(f"{here}/{code}", "fields", code)
            elif pointing[code]:
                yield from (_missing(f"{here}/{code}", pointing[code], to) for to in self._lost(held, pointing[code]))

    # files

    @cached_property
    def _chain(self) -> Mapping[int, tuple[int | None, int | None]]:
        """File -> its older and its newer version."""
        return {number: (older, newer) for number, older, newer in self._db.table("files").select(["doc_id", "older", "newer"])}

    def _file(self, doc: Any) -> Iterator[Problem]:
        here, named = f"files/{doc.doc_id}", {"name": doc["name"]}
        digest, size = doc["hash"], doc["size"]
        if (digest, size) not in self._bytes:
            self._bytes[digest, size] = fault_of(self._folder, digest, size)
        if self._bytes[digest, size]:
            yield Problem(here, f"check.{self._bytes[digest, size]}", named)
        older, newer = self._chain[doc.doc_id]
        follows = older is None or older not in self._chain or self._chain[older][1] == doc.doc_id
        leads = newer is None or newer not in self._chain or self._chain[newer][0] == doc.doc_id
        if not (follows and leads):
            yield Problem(here, "check.file_versions", named)

    # runs

    @cached_property
    def _states(self) -> Mapping[int, str]:
        return dict(self._db.table("runs").select(["doc_id", "state"]))

    def _run(self, doc: Any) -> Iterator[Problem]:
        here = f"runs/{doc.doc_id}"
        if (doc["process"], doc["version"]) not in self._versions:
            yield _missing(f"{here}/version", "versions", doc["version"])
        elif (process := self._versions[doc["process"], doc["version"]]) and process.graph(doc["graph"]) is None:
            yield _missing(f"{here}/graph", "graphs", doc["graph"])
        done = set()
        for step in doc["trace"]:
            if step["state"] == "done":
                if (step["node"], step["attempt"]) in done:
                    yield Problem(f"{here}/{step['node']}", "check.done_twice", {"attempt": step["attempt"]})
                done.add((step["node"], step["attempt"]))

    def _waking(self, doc: Any) -> Iterator[Problem]:
        """A row of `wakes` or `timers`: it is there for a run that goes on."""
        run = doc.get("run")
        if run in self._states and self._states[run] not in ALIVE:
            table = "wakes" if "what" in doc else "timers"
            yield Problem(f"{table}/{doc.doc_id}/run", "check.run_ended", {"run": run})

    def _sending(self, doc: Any) -> Iterator[Problem]:
        first = self._keys.setdefault(doc["key"], doc.doc_id)
        if first != doc.doc_id:
            yield Problem(f"outbox/{doc.doc_id}/key", "check.key_twice", {"name": doc["key"], "first": first})


def _readable(data: Any) -> Process | None:
    try:
        return as_process(data)
    except (VoronkaError, ValidationError, *MISSHAPEN):
        return None


def _missing(path: str, table: str, to: Any) -> Problem:
    return Problem(path, "check.missing", {"table": table, "to": _short(to)})


def _short(value: Any) -> str:
    return "" if value is None else str(value)[:60]
