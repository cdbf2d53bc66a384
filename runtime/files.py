"""Files that hang on elements. Bytes lie by their hash in a folder, rows say whose they are and what they are called."""

from __future__ import annotations

import errno
import hashlib
import mimetypes
import os
import tempfile
import unicodedata
from collections.abc import Collection, Mapping
from dataclasses import dataclass, fields, replace
from pathlib import Path
from typing import Any

from tinydb import where

from model.access import Action, Actor
from model.clock import Clock, stamp
from model.element import Element
from model.errors import BadValue, NotFound, NotStored
from model.event import Cause, Event
from model.field import Control
from runtime.elements import NOBODY, Elements
from runtime.validation import many
from store import Database

NO_ROOM = (errno.ENOSPC, errno.EDQUOT)
NAME_LIMIT = 200
BYTES_LIMIT = 200 * 1024 * 1024
FORBIDDEN = '<>:"|?*'
"""Characters that some file system or header does not take."""


@dataclass(frozen=True, slots=True)
class FileRow:
    """One file. `size` in bytes, `type` a MIME type guessed from the name, `hash` the sha256 of the bytes in hex.

    A file of the same name on the same element is a new version: `older` and `newer` are the ids of those before and after.
    """

    id: int
    process: str
    element: int
    field: str
    name: str
    size: int
    type: str
    hash: str
    at: str
    by: int | None
    deleted_at: str | None = None
    version: int = 1
    older: int | None = None
    newer: int | None = None

    @classmethod
    def of(cls, number: int, doc: Mapping[str, Any]) -> FileRow:
        """Make a file row of its stored document."""
        return cls(id=number, **{f.name: doc[f.name] for f in fields(cls) if f.name in doc and f.name != "id"})


class Files:
    """Files of elements: opened by who may read the element, added and removed by who may change it."""

    def __init__(
        self,
        db: Database,
        clock: Clock,
        folder: Path,
        elements: Elements,
        limit: int = BYTES_LIMIT,
        refused: Collection[str] = (),
    ) -> None:
        self._db, self._clock, self._folder, self._elements, self._limit = db, clock, folder, elements, limit
        self._refused = frozenset(ending.lower().strip().lstrip(".") for ending in refused) - {""}
        self._table = db.table("files")

    def add(
        self, actor: Actor, element: int, name: str, data: bytes, field: str = "", cause: Cause = NOBODY, *,
        fill: bool = True,
    ) -> FileRow:  # fmt: skip
        """Attach bytes to an element, and put them into a file field if one is named (added to a multiple one).

        A file of the same name there becomes the older version; fields that hold it hold the new one. With `fill` off, fields are
        left to the caller. NotFound, Denied, Invalid: BadValue("file_too_big", limit= in MB), ("file_refused"), an unknown
        field ... NotStored when the disk refuses.
        """
        name = safe_name(name)
        self._check(name, len(data), field or "file")
        self._require(actor, element)
        digest = self._keep(data)
        with self._db.transaction():
            home = self._require(actor, element)
            older = self._older(element, name)
            row = FileRow(
                id=0,
                process=home.process,
                element=element,
                field=field,
                name=name,
                size=len(data),
                type=mimetypes.guess_type(name)[0] or "application/octet-stream",
                hash=digest,
                at=stamp(self._clock.now()),
                by=cause.user if cause.user is not None else actor.id,
                version=older.version + 1 if older else 1,
                older=older.id if older else None,
            )
            row = replace(row, id=self._table.insert(_doc(row)))
            if older:
                self._table.update({"newer": row.id}, doc_ids=[older.id])
            if fill and (values := self._filled(home, field, row)):
                self._elements.update(actor, element, values, cause=cause)
            more = {"file": row.id, "name": row.name, "size": row.size, "field": field}
            self._elements.emit(
                Event("file_added", home.process, element, row.at, row.by, cause.chain, cause.run, cause.note, {}, more)
            )
            return row

    def open(self, actor: Actor, id: int) -> tuple[FileRow, bytes]:
        """A file and its bytes; NotFound when there is none that the actor may open."""
        row, path = self.locate(actor, id)
        return row, path.read_bytes()

    def locate(self, actor: Actor, id: int) -> tuple[FileRow, Path]:
        """A file and where its bytes lie, to be sent piece by piece; NotFound when there is none that the actor may open."""
        row = self._row(actor, id)
        path = self._path(row.hash)
        if not path.is_file():
            raise NotFound("file_lost", str(id), name=row.name)
        return row, path

    def of(self, actor: Actor, element: int) -> list[FileRow]:
        """The files of an element, each in its newest version, newest first; NotFound when the actor may not read it."""
        self._elements.get(actor, element)
        found = (where("element") == element) & (where("deleted_at") == None)  # noqa: E711  a Query
        rows = [FileRow.of(doc.doc_id, doc) for doc in self._table.search(found, sort=[("doc_id", True)])]
        return [row for row in rows if row.newer is None]

    def versions(self, actor: Actor, id: int) -> list[FileRow]:
        """A file and those before it, newest first. NotFound when there is none that the actor may open."""
        found = [self._row(actor, id)]
        while (older := found[-1].older) is not None:
            found.append(self._row(actor, older))
        return found

    def remove(self, actor: Actor, id: int, cause: Cause = NOBODY) -> None:
        """Take a file with its older versions off its element and out of its fields; the bytes stay for the history.

        NotFound, Denied, Invalid.
        """
        with self._db.transaction():
            row = self._row(actor, id)
            home = self._require(actor, row.element)
            if holding := self._without(home, id):
                self._elements.update(actor, home.id, holding, cause=cause)
            gone = [each.id for each in self.versions(actor, id)]
            self._table.update({"deleted_at": stamp(self._clock.now())}, doc_ids=gone)

    def names(self, actor: Actor, ids: list[int]) -> dict[int, str]:
        """Names by id, of those files that the actor may open."""
        rows = [FileRow.of(doc.doc_id, doc) for doc in self._table.get(doc_ids=ids)]
        readable = self._elements.titles(actor, {row.element for row in rows})
        return {row.id: row.name for row in rows if row.element in readable}

    def _row(self, actor: Actor, id: int) -> FileRow:
        doc = self._table.get(doc_id=id) if 0 < id < 2**63 else None
        if doc is None or doc["deleted_at"] is not None or not self._elements.titles(actor, [doc["element"]]):
            raise NotFound(path=str(id)[:40], what="file")
        return FileRow.of(id, doc)

    def _require(self, actor: Actor, element: int) -> Element:
        home = self._elements.get(actor, element)
        self._elements.require(actor, home, Action.CHANGE)
        return home

    def _check(self, name: str, size: int, path: str) -> None:
        _, dot, ending = name.lower().rpartition(".")
        if size > self._limit:
            raise BadValue("file_too_big", path, limit=round(self._limit / 1024 / 1024, 1), name=name)
        if dot and ending in self._refused:
            raise BadValue("file_refused", path, name=name, ending=ending)

    def _older(self, element: int, name: str) -> FileRow | None:
        """The file of this name that hangs on the element now."""
        found = (where("element") == element) & (where("name") == name) & (where("deleted_at") == None)  # noqa: E711  a Query
        newest = self._table.search(found, sort=[("doc_id", True)], limit=1)
        return FileRow.of(newest[0].doc_id, newest[0]) if newest else None

    def _filled(self, home: Element, field: str, row: FileRow) -> dict[str, Any]:
        """What the file fields hold with a new file: in the place of its older version, and in the field that was named."""
        held = self._holding(home, row.older) if row.older else {}
        found = {code: [row.id if each == row.older else each for each in ids] for code, ids in held.items()}
        rules = self._elements.rules(home.process).rules
        values: dict[str, Any] = {code: ids if rules[code].multiple else ids[0] for code, ids in found.items()}
        if field and field not in values:
            values[field] = self._with(home, field, row.id)
        return values

    def _with(self, home: Element, field: str, id: int) -> Any:
        """What a file field holds with one file more; in a single one the new file takes the old one's place."""
        rule = self._elements.rules(home.process).rules.get(field)
        return [*(home.get(field) or []), id] if rule is not None and rule.multiple else id

    def _without(self, home: Element, id: int) -> dict[str, Any]:
        """The file fields of an element that hold this file, with it taken out."""
        return {code: [each for each in ids if each != id] or None for code, ids in self._holding(home, id).items()}

    def _holding(self, home: Element, id: int) -> dict[str, list[Any]]:
        """The file fields of an element that hold this file, with all they hold."""
        rules = self._elements.rules(home.process).rules.values()
        held = {rule.code: many(home.get(rule.code)) for rule in rules if rule.type.control is Control.FILE}
        return {code: list(ids) for code, ids in held.items() if id in ids}

    def _path(self, digest: str) -> Path:
        return place_of(self._folder, digest)

    def _keep(self, data: bytes) -> str:
        """Write the bytes so that they survive a power cut, before any row speaks of them; their hash."""
        digest = hashlib.sha256(data).hexdigest()
        path = self._path(digest)
        if path.is_file() and path.stat().st_size == len(data):
            return digest
        try:
            path.parent.mkdir(parents=True, exist_ok=True)
            _write(path, data)
            _sync_folder(path.parent)
            _sync_folder(self._folder)
        except OSError as error:
            code = "disk_full" if error.errno in NO_ROOM else "disk_refused"
            raise NotStored(code, folder=str(self._folder), why=error.strerror or "") from error
        return digest


def place_of(folder: Path, digest: str) -> Path:
    """Where the bytes of this hash lie in the folder of files."""
    return folder / digest[:2] / digest


def fault_of(folder: Path, digest: str, size: int | None = None) -> str:
    """What is wrong with the bytes that lie there for this hash: `file_lost`, `file_changed`, or nothing."""
    try:
        with place_of(folder, digest).open("rb") as file:
            same = hashlib.file_digest(file, "sha256").hexdigest() == digest and size in (None, file.tell())
            return "" if same else "file_changed"
    except OSError:
        return "file_lost"


def safe_name(name: str) -> str:
    """A file name without folders, control characters and what file systems refuse; never empty, at most 200 characters."""
    bare = unicodedata.normalize("NFC", name.replace("\\", "/").rsplit("/", 1)[-1])
    kept = "".join("_" if c in FORBIDDEN else c for c in bare if unicodedata.category(c) not in ("Cc", "Cf", "Cs"))
    kept = kept.strip().strip(".").strip() or "file"
    stem, dot, ending = kept.rpartition(".")
    if len(kept) <= NAME_LIMIT or not dot or len(ending) > 20:
        return kept[:NAME_LIMIT]
    return f"{stem[: NAME_LIMIT - len(ending) - 1]}.{ending}"


def _write(path: Path, data: bytes) -> None:
    """Write a file as a whole or not at all."""
    part = tempfile.NamedTemporaryFile(dir=path.parent, prefix=".", delete=False)  # noqa: SIM115  closed below
    try:
        with part:
            part.write(data)
            part.flush()
            os.fsync(part.fileno())
        os.replace(part.name, path)
    except BaseException:
        Path(part.name).unlink(missing_ok=True)
        raise


def _sync_folder(folder: Path) -> None:
    """Make a new name in a folder durable; systems that cannot open folders do it themselves."""
    if os.name == "posix":
        handle = os.open(folder, os.O_RDONLY)
        try:
            os.fsync(handle)
        finally:
            os.close(handle)


def _doc(row: FileRow) -> dict[str, Any]:
    return {f.name: getattr(row, f.name) for f in fields(FileRow) if f.name != "id"}
