"""Looks the whole workspace over: does everything that one row says of another hold? Reads only; names each fault."""

from __future__ import annotations

import hashlib
from collections.abc import Collection, Iterator, Mapping
from datetime import datetime
from functools import cached_property
from pathlib import Path
from typing import Any

from pydantic import ValidationError
from tinydb import where

from model.errors import Problem, VoronkaError
from model.field import SYSTEM, Control, FieldType
from model.kind import Catalog
from model.process import Process, as_process
from runtime.files import place_of
from runtime.validation import many
from runtime.watchdog import Watchdog
from store import Database

POINTERS = (
    ("elements", "created_by", "users"), ("elements", "responsible", "users"), ("elements", "import_id", "imports"),
    ("events", "element", "elements"), ("tasks", "element", "elements"), ("tasks", "responsible", "users"),
    ("files", "element", "elements"), ("runs", "element", "elements"), ("runs", "event", "events"), ("wakes", "run", "runs"),
    ("timers", "run", "runs"), ("notifications", "user", "users"), ("notifications", "element", "elements"),
    ("sessions", "user", "users"), ("users", "department", "departments"), ("departments", "parent", "departments"),
    ("departments", "head", "users"),
)  # fmt: skip
"""(table, path, table it points at): what stands there is None, 0 or the id of a row."""
POINTED = {Control.PERSON: "users", Control.ELEMENT: "elements", Control.FILE: "files"}
"""The table that a field of this control points at."""


class Integrity:
    """One look at a workspace. `folder` is where the bytes of files lie; without `now` no run is too late."""

    def __init__(self, db: Database, types: Catalog[FieldType], folder: Path, now: datetime | None = None) -> None:
        self._db, self._types, self._folder, self._now = db, types, folder, now

    def faults(self) -> Iterator[Problem]:
        """Every fault: where (`elements/12/stage`) and what. When the database itself is damaged, only that."""
        damage = self._db.check()
        if damage:
            yield from (Problem("", "check.database", {"text": text}) for text in damage)
            return
        for look in (self._processes, self._pointers, self._elements, self._history, self._files, self._runs):
            yield from look()

    def _ids(self, table: str) -> Collection[int]:
        if table not in self._known:
            self._known[table] = {row[0] for row in self._db.table(table).select(["doc_id"])}
        return self._known[table]

    @cached_property
    def _known(self) -> dict[str, Collection[int]]:
        return {}

    @cached_property
    def _versions(self) -> Mapping[tuple[str, int], Process | None]:
        """Every published version by process and number; None where it cannot be read."""
        rows = self._db.table("versions").search(sort=[("number", False)])
        return {(row["process"], row["number"]): _readable(row["data"]) for row in rows}

    @cached_property
    def _newest(self) -> Mapping[str, Process | None]:
        return {code: process for (code, _), process in self._versions.items()}

    def _processes(self) -> Iterator[Problem]:
        for row in self._db.table("processes").search():
            if row["published"] and (row["code"], row["published"]) not in self._versions:
                yield _missing(f"processes/{row['code']}", "versions", row["published"])
        for (code, number), process in self._versions.items():
            if process is None:
                yield Problem(f"versions/{code}/{number}", "check.unreadable")

    def _pointers(self) -> Iterator[Problem]:
        for table, path, other in POINTERS:
            for number, to in self._db.table(table).select(["doc_id", path]):
                if to and to not in self._ids(other):
                    yield _missing(f"{table}/{number}/{path}", other, to)

    def _elements(self) -> Iterator[Problem]:
        pointing = {code: self._pointing(process) for code, process in self._newest.items()}
        for doc in self._db.table("elements").search():
            here = f"elements/{doc.doc_id}"
            process = self._newest.get(doc["process"])
            if process is None:
                yield _missing(f"{here}/process", "processes", doc["process"])
                continue
            if process.has_stages and process.stage(doc["stage"]) is None:
                yield _missing(f"{here}/stage", "stages", doc["stage"])
            for code, other in pointing[doc["process"]].items():
                lost = (to for to in many(doc["values"].get(code)) if to not in self._ids(other))
                yield from (_missing(f"{here}/{code}", other, to) for to in lost)

    def _pointing(self, process: Process | None) -> Mapping[str, str]:
        """Fields that hold ids, with the table of those."""
        found = {}
        for field in process.fields if process else ():
            try:
                control = field.type(self._types).control
            except (VoronkaError, ValidationError):  # a kind that is not installed here is no fault of the data
                continue
            if control in POINTED:
                found[field.code] = POINTED[control]
        return found

    def _history(self) -> Iterator[Problem]:
        """What the events of an element come to must be what it holds now."""
        told: dict[int, dict[str, Any]] = {}
        for event in self._db.table("events").search(where("element") > 0, sort=[("doc_id", False)]):
            known = told.setdefault(event["element"], {})
            known |= {code: after for code, (_, after) in event["changes"].items()}
        for doc in self._db.table("elements").search():
            here = f"elements/{doc.doc_id}"
            if doc.doc_id not in told:
                yield Problem(here, "check.no_history")
            for code, after in told.get(doc.doc_id, {}).items():
                held = doc.get(code) if code in SYSTEM else doc["values"].get(code)
                if held != after:
                    yield Problem(f"{here}/{code}", "check.history", {"held": _short(held), "told": _short(after)})

    def _files(self) -> Iterator[Problem]:
        sound: dict[str, str] = {}
        for row in self._db.table("files").search():
            digest = row["hash"]
            if digest not in sound:
                sound[digest] = self._fault_of(digest)
            if sound[digest]:
                yield Problem(f"files/{row.doc_id}", sound[digest], {"name": row["name"]})

    def _fault_of(self, digest: str) -> str:
        try:
            with place_of(self._folder, digest).open("rb") as file:
                return "" if hashlib.file_digest(file, "sha256").hexdigest() == digest else "check.file_changed"
        except OSError:
            return "check.file_lost"

    def _runs(self) -> Iterator[Problem]:
        for number, process, version in self._db.table("runs").select(["doc_id", "process", "version"]):
            if (process, version) not in self._versions:
                yield _missing(f"runs/{number}/version", "versions", version)
        for number, why in sorted(Watchdog(self._db).stuck(self._now).items()):
            if why != "version_gone":  # told above
                yield Problem(f"runs/{number}", f"check.{why}")


def _readable(data: dict[str, Any]) -> Process | None:
    try:
        return as_process(data)
    except (VoronkaError, ValidationError):
        return None


def _missing(path: str, table: str, to: Any) -> Problem:
    return Problem(path, "check.missing", {"table": table, "to": _short(to)})


def _short(value: Any) -> str:
    return "" if value is None else str(value)[:60]
