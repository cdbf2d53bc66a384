"""Backups: one zip with the database as of its last commit and the bytes of every file, taken while others go on working;
and the tables alone as a plain TinyDB file.

    voronka.db                the database
    files/ab/abcdef...        bytes of attached files, by their sha256

The database is copied first: rows only speak of bytes that are on the disk already, and bytes are never taken away.
What was copied is looked through before it takes the place of an older backup.
"""

from __future__ import annotations

import errno
import hashlib
import re
import shutil
import struct
import tempfile
import zipfile
import zlib
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from model.errors import NotAllowed, Problem, Unreadable
from runtime.files import fault_of, place_of
from runtime.tables import PROMOTED
from store import Damaged, Database, Full, StoreError, open_database

DATABASE, FILES = "voronka.db", "files"
UNFINISHED = "restore-unfinished"
"""A file that stands in a data folder while a backup is unpacked into it; what it holds is the name of the backup."""
BROKEN = (zipfile.BadZipFile, zlib.error, KeyError, EOFError, NotImplementedError, RuntimeError, ValueError, struct.error)
"""What Python's zipfile raises at something else, at a damaged, an encrypted, a foreign zip; an impossible seek is an OSError."""
MEGABYTE = 1024 * 1024
GROWTH, USUAL = 200, 256 * MEGABYTE
"""How many times larger than the backup what it holds may be, if it is more than is usual: databases come to ten times."""
FILE = re.compile(r"files/([0-9a-f]{2})/(\1[0-9a-f]{62})")


@dataclass(frozen=True, slots=True)
class Kept:
    """A backup: its size in bytes, and the attached files that it is without, because their bytes are lost or damaged."""

    size: int
    without: tuple[Problem, ...]


@dataclass(frozen=True, slots=True)
class Held:
    """How much is in a backup."""

    documents: int
    files: int

    def is_far_less(self, than: Held) -> bool:
        """Less than half: more than people throw away between two nights."""
        return self.documents * 2 < than.documents or self.files * 2 < than.files

    def told(self, prefix: str = "") -> dict[str, int]:
        """For messages."""
        return {f"{prefix}documents": self.documents, f"{prefix}files": self.files}


@dataclass(frozen=True, slots=True)
class _Copy:
    """A copy of the database: how many documents, and (id, hash, name) of the files that its rows speak of."""

    documents: int
    attached: list[tuple[Any, ...]]


def backup(db: Database, folder: Path, to: Path, replace: bool = False) -> Kept:
    """Write a backup of a data folder, complete or not at all. OSError when it cannot be written.

    Unreadable("backup_damaged") when the database is. NotAllowed("backup_without") when bytes of attached files are and `to` is
    there: it may be the backup that still has them. What is not there yet is written without them.
    NotAllowed("backup_less") when `to` holds more than twice as much as there is now. With `replace` it goes all the same.
    """
    older = None if replace else _held(to)
    part = to.with_name(f".{to.name}.part")
    try:
        with tempfile.TemporaryDirectory(dir=to.parent, prefix=".voronka-") as beside, _zip(part) as archive:
            copied = _copied(db, Path(beside) / DATABASE)
            if copied is None:
                raise Unreadable("backup_damaged", str(to), folder=str(folder), file=to.name)
            archive.write(Path(beside) / DATABASE, DATABASE)
            sound = {digest for digest in _digests(folder) if not fault_of(folder / FILES, digest)}
            held = Held(copied.documents, len(sound))
            if older and held.is_far_less(older):
                raise NotAllowed("backup_less", str(to), file=to.name, **held.told(), **older.told("before_"))
            for digest in sorted(sound):
                archive.write(place_of(folder / FILES, digest), f"{FILES}/{digest[:2]}/{digest}")
        without = tuple(
            Problem(f"files/{number}", f"check.{fault_of(folder / FILES, digest)}", {"name": name})
            for number, digest, name in copied.attached
            if digest not in sound
        )
        if without and not replace and to.exists():
            raise NotAllowed("backup_without", str(to), file=to.name, n=len(without))
        part.replace(to)
    finally:
        part.unlink(missing_ok=True)
    return Kept(to.stat().st_size, without)


def _copied(db: Database, copy: Path) -> _Copy | None:
    """Copy the database, as of its last commit, and look it through; None when it is damaged."""
    _write_copy(db, copy)
    with closing(open_database(f"sqlite:///{copy}", promoted=PROMOTED)) as opened:
        if opened.check():
            return None
        return _Copy(_documents(opened), opened.table("files").select(["doc_id", "hash", "name"]))


def _write_copy(db: Database, copy: Path) -> None:
    """Copy the database. OSError when there is no room for the copy: the database's own disk is another matter."""
    try:
        db.backup(copy)
    except Full as error:
        raise OSError(errno.ENOSPC, "no room", str(copy.parent)) from error


def _held(archive: Path) -> Held | None:
    """What a backup holds; None when there is none, or none that could be restored."""
    try:
        with zipfile.ZipFile(archive) as found, tempfile.TemporaryDirectory(dir=archive.parent, prefix=".voronka-") as beside:
            if _grows(found.getinfo(DATABASE).file_size, archive):
                return None
            _extract(found, DATABASE, Path(beside))
            with closing(open_database(f"sqlite:///{beside}/{DATABASE}", make=False)) as opened:
                return Held(_documents(opened), sum(FILE.fullmatch(name) is not None for name in found.namelist()))
    except (*BROKEN, FileNotFoundError, StoreError):
        return None


def export_tinydb(db: Database, to: Path) -> tuple[int, int]:
    """Write every table, as of one moment and while others write, to a JSON file that plain TinyDB opens: how many documents, and
    how many attached files the tables speak of, whose bytes are not in it. OSError.
    """
    with snapshot(db) as still:
        still.export_json(to)
        return _documents(still), still.table("files").count()


def import_tinydb(db: Database, file: Path, is_workspace: Callable[[], bool]) -> int:
    """Fill an empty database from such a file, all or nothing; how many documents.

    is_workspace: whether what the database holds now is a workspace. NotAllowed("not_empty_database");
    Unreadable("not_a_tinydb_file") when the file is none, or not of a workspace; OSError.
    """
    with db.transaction():
        if db.tables():
            raise NotAllowed("not_empty_database")
        try:
            db.import_json(file)
        except Damaged as error:
            raise Unreadable("not_a_tinydb_file", str(file), name=file.name) from error
        if not is_workspace():
            raise Unreadable("not_a_tinydb_file", str(file), name=file.name)
        return _documents(db)


def _documents(db: Database) -> int:
    return sum(len(db.table(name)) for name in db.tables())


@contextmanager
def snapshot(db: Database) -> Iterator[Database]:
    """The database as of its last commit, in a copy that nobody writes to and that is gone afterwards."""
    with tempfile.TemporaryDirectory(prefix="voronka-") as folder:
        copy = Path(folder) / DATABASE
        _write_copy(db, copy)
        with closing(open_database(f"sqlite:///{copy}", promoted=PROMOTED)) as opened:
            yield opened


def _digests(folder: Path) -> Iterator[str]:
    """The hashes after which files of the data folder are named."""
    for path in folder.glob(f"{FILES}/??/*"):
        if FILE.fullmatch(path.relative_to(folder).as_posix()):
            yield path.name


def _zip(path: Path) -> zipfile.ZipFile:
    return zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED, compresslevel=1)


def restore(archive: Path, folder: Path, large: bool = False) -> None:
    """Unpack a backup into a data folder that is empty, not there, or left by a restore that was killed; then `finish` it.

    A failure leaves the folder empty.

    NotAllowed: "not_empty"; "backup_unpacks" for what grows beyond all measure, unless `large` says that it may.
    Unreadable("not_a_backup") when it is none, or damaged; OSError.
    """
    if unfinished(folder) is not None:
        clear(folder)
    if folder.exists() and any(folder.iterdir()):
        raise NotAllowed("not_empty", str(folder), folder=str(folder))
    folder.mkdir(parents=True, exist_ok=True)
    try:
        (folder / UNFINISHED).write_text(archive.name, "utf-8")
        with zipfile.ZipFile(archive) as found:
            size = sum(part.file_size for part in found.infolist())
            if not large and _grows(size, archive):
                raise NotAllowed("backup_unpacks", str(archive), name=archive.name, size=size // MEGABYTE)
            _unpack(found, folder)
    except BaseException as error:
        clear(folder)
        if isinstance(error, BROKEN) or (isinstance(error, OSError) and error.errno in (None, errno.EINVAL)):
            raise Unreadable("not_a_backup", str(archive), name=archive.name) from error
        raise


def unfinished(folder: Path) -> str | None:
    """The name of the backup that is being restored into this folder, or was when that was killed; None for none."""
    mark = folder / UNFINISHED
    return mark.read_text("utf-8", errors="replace") if mark.is_file() else None


def finish(folder: Path, *, elsewhere: bool) -> None:
    """All is there. With `elsewhere` the database is in PostgreSQL by now, and its file goes."""
    for path in folder.glob(f"{DATABASE}*") if elsewhere else ():
        path.unlink()
    (folder / UNFINISHED).unlink()


def _grows(size: int, archive: Path) -> bool:
    """Whether this is more than a backup comes to. No member gives more than the directory says: zipfile cuts it off."""
    return size > max(USUAL, GROWTH * archive.stat().st_size)


def clear(folder: Path) -> None:
    """Take out what a restore has put into a data folder."""
    for path in (folder / FILES, *folder.glob(f"{DATABASE}*"), folder / UNFINISHED):
        shutil.rmtree(path) if path.is_dir() else path.unlink(missing_ok=True)


def _unpack(found: zipfile.ZipFile, folder: Path) -> None:
    """The database last: where there is one, the rest is there too. BadZipFile for a foreign name or foreign bytes."""
    for name in found.namelist():
        if name == DATABASE:
            continue
        known = FILE.fullmatch(name)
        if known is None or _extract(found, name, folder) != known[2]:
            raise zipfile.BadZipFile(name)
    _extract(found, DATABASE, folder)


def _extract(found: zipfile.ZipFile, name: str, folder: Path) -> str:
    """Write one member out; the sha256 of its bytes. The name has been looked at before."""
    target = folder / name
    target.parent.mkdir(parents=True, exist_ok=True)
    digest = hashlib.sha256()
    with found.open(name) as source, target.open("wb") as out:
        while chunk := source.read(1 << 20):
            digest.update(chunk)
            out.write(chunk)
    return digest.hexdigest()
