"""Backups: one zip with the database as of its last commit and the bytes of every file, taken while others go on working.

    voronka.db                the database
    files/ab/abcdef...        bytes of attached files, by their sha256

The database is copied first: rows only speak of bytes that are on the disk already, and bytes are never taken away.
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
from pathlib import Path

from model.errors import NotAllowed, Unreadable
from store import Database

DATABASE, FILES = "voronka.db", "files"
BROKEN = (zipfile.BadZipFile, zlib.error, KeyError, EOFError, NotImplementedError, RuntimeError, ValueError, struct.error)
"""What Python's zipfile raises at something else, at a damaged, an encrypted, a foreign zip; an impossible seek is an OSError."""
FILE = re.compile(r"files/([0-9a-f]{2})/(\1[0-9a-f]{62})")


def backup(db: Database, folder: Path, to: Path) -> int:
    """Write a backup of a data folder, complete or not at all; its size in bytes. OSError when it cannot be written."""
    part = to.with_name(f".{to.name}.part")
    try:
        with tempfile.TemporaryDirectory(dir=to.parent, prefix=".voronka-") as beside, _zip(part) as archive:
            db.backup(Path(beside) / DATABASE)
            archive.write(Path(beside) / DATABASE, DATABASE)
            for path in sorted(folder.glob(f"{FILES}/??/*")):
                name = path.relative_to(folder).as_posix()
                if FILE.fullmatch(name):
                    archive.write(path, name)
        part.replace(to)
    finally:
        part.unlink(missing_ok=True)
    return to.stat().st_size


def _zip(path: Path) -> zipfile.ZipFile:
    return zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED, compresslevel=1)


def restore(archive: Path, folder: Path) -> None:
    """Unpack a backup into a data folder that is empty or not there; a failure leaves it as empty as it was.

    NotAllowed("not_empty"); Unreadable("not_a_backup") when it is none, or damaged; OSError.
    """
    if folder.exists() and any(folder.iterdir()):
        raise NotAllowed("not_empty", str(folder), folder=str(folder))
    folder.mkdir(parents=True, exist_ok=True)
    try:
        with zipfile.ZipFile(archive) as found:
            _unpack(found, folder)
    except BaseException as error:
        for path in (folder / FILES, folder / DATABASE):
            shutil.rmtree(path) if path.is_dir() else path.unlink(missing_ok=True)
        if isinstance(error, BROKEN) or (isinstance(error, OSError) and error.errno in (None, errno.EINVAL)):
            raise Unreadable("not_a_backup", str(archive), name=archive.name) from error
        raise


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
