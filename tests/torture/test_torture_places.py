"""Bad places: broken, foreign, held, shut and missing databases, in a file and in PostgreSQL, and addresses that lead nowhere are
told in a paragraph that says what to do, and none of them becomes a new, empty workspace. And a clock that is set back."""

from __future__ import annotations

import hashlib
import os
import sqlite3
import subprocess
import time
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from pathlib import Path
from typing import Any

import psycopg
import pytest
from torture_deeds import command
from torture_world import START, StillClock, Tell, address, copied, faults, new_database, often, opened, placed, through

from locales import languages
from store.postgres.schema import LOCK
from wiring import shown

COMMANDS = (["run"], ["check"], ["export", "orders", "--format", "json"], ["worker"], ["backup", "b.zip"],
            ["init", "--admin", "eve", "--password-stdin"], ["user", "add", "eve", "--password-stdin"])  # fmt: skip
SOME = often(COMMANDS[:6:2], [words for words in COMMANDS if words != ["worker"]])
"""Of what does not hang on the command, the short run tries: run, export and backup, and init. A worker waits for its server."""
DATABASE = "voronka.db"


def _flip(start: float, length: float) -> Callable[[Path], None]:
    """Flip every bit of a part of the database file."""

    def flip(folder: Path) -> None:
        path = folder / DATABASE
        data = bytearray(path.read_bytes())
        first, last = int(len(data) * start), int(len(data) * (start + length)) or 100
        data[first:last] = bytes(byte ^ 0xFF for byte in data[first:last])
        path.write_bytes(data)

    return flip


def _cut(share: float) -> Callable[[Path], None]:
    def cut(folder: Path) -> None:
        data = (folder / DATABASE).read_bytes()
        (folder / DATABASE).write_bytes(data[: int(len(data) * share)])

    return cut


def _sql(text: str) -> Callable[[Path], None]:
    def write(folder: Path) -> None:
        with closing(sqlite3.connect(folder / DATABASE, isolation_level=None)) as raw:
            raw.executescript(text)

    return write


def _foreign(folder: Path) -> None:
    (folder / DATABASE).unlink()
    _sql("CREATE TABLE recipes (id INTEGER)")(folder)


def _folder_in_its_place(folder: Path) -> None:
    (folder / DATABASE).unlink()
    (folder / DATABASE).mkdir()


def _attached(folder: Path) -> None:
    """A file of an element, as it is left when its database is gone."""
    (folder / "files" / "ab").mkdir(parents=True, exist_ok=True)
    (folder / "files" / "ab" / "abcdef").write_text("bytes")


def _removed(folder: Path) -> None:
    (folder / DATABASE).unlink()
    _attached(folder)


def _only_its_log(folder: Path) -> None:
    (folder / DATABASE).rename(folder / f"{DATABASE}-wal")


HARMS: dict[str, Callable[[Path], object]] = {
    "flipped header": _flip(0, 0),
    "truncated to a half": _cut(0.5),
    "truncated to a page": _cut(0.005),
    "emptied": _cut(0),
    "a text": lambda folder: (folder / DATABASE).write_text("This is my database.\n" * 300),
    "a database of somebody else": _foreign,
    "a folder in the place of the file": _folder_in_its_place,
    "a newer format": _sql("UPDATE meta SET value = 99 WHERE key = 'format'"),
    "a format that is no number": _sql("UPDATE meta SET value = 'x' WHERE key = 'format'"),
    "no format": _sql("DELETE FROM meta"),
    "removed, with attached files left": _removed,
    "removed, with its log left": _only_its_log,
}


def _asked(text: str) -> Callable[[Path], None]:
    """SQL that harms a database in PostgreSQL."""

    def ask(folder: Path) -> None:
        with psycopg.connect(address(folder), autocommit=True) as db:
            db.execute(text)

    return ask


def _elsewhere(change: Callable[[str], str]) -> Callable[[Path], None]:
    """Another address than that of the workspace."""
    return lambda folder: (placed(folder, change(address(folder))), None)[1]


def _somebody_elses(folder: Path) -> None:
    placed(folder, new_database(address(folder)))
    _asked("CREATE TABLE recipes (id int)")(folder)


def _guest(folder: Path) -> None:
    _asked("CREATE ROLE guest LOGIN" if not _rows(folder, "SELECT 1 FROM pg_roles WHERE rolname = 'guest'") else "SELECT 1")(
        folder
    )
    placed(folder, address(folder).replace("postgres:@", "guest:secret@"))


def _empty(folder: Path) -> None:
    placed(folder, new_database(address(folder)))
    _attached(folder)


THERE: dict[str, Callable[[Path], object]] = {
    "a database of somebody else": _somebody_elses,
    "a newer format": _asked("UPDATE meta SET value = 99 WHERE key = 'format'"),
    "no format": _asked("DELETE FROM meta"),
    "no table of formats": _asked("DROP TABLE meta"),
    "an empty one": _empty,
    "a user without rights": _guest,
    "a user that is not known": _elsewhere(lambda url: url.replace("postgres:@", "anna:secret@")),
    "a database that is not there": _elsewhere(lambda url: url.replace("/copy_", "/nothing_")),
    "a schema that is not there": _elsewhere(lambda url: f"{url}&options=-csearch_path%3Dnone"),
    "a server that is not there": _elsewhere(lambda _: "postgresql://anna:secret@127.0.0.1:9/voronka"),
    "a host that is not there": _elsewhere(lambda _: "postgresql://anna:secret@nowhere.invalid/voronka"),
    "a password with strange letters": _elsewhere(lambda _: "postgresql://anna:secret#x@local@host/x?y"),
    "another kind of database": _elsewhere(lambda _: "mysql://anna:secret@localhost/voronka"),
    "no address": _elsewhere(lambda _: "voronka"),
    "a database that is forgotten": _elsewhere(lambda _: "memory://"),
}


def _rows(folder: Path, text: str) -> list[Any]:
    with psycopg.connect(address(folder), autocommit=True) as db:
        return db.execute(text).fetchall()


def _there(folder: Path) -> list[Any]:
    """What is in a database of PostgreSQL; nothing where nobody can look."""
    try:
        return _rows(folder, "SELECT relname, relfilenode, pg_relation_size(oid) FROM pg_class ORDER BY relname")
    except psycopg.Error:
        return []


def _told(words: list[str], folder: Path, tmp_path: Path, language: str = "en", patience: float = 0.3) -> tuple[int, str]:
    output = tmp_path / f"output-{time.monotonic_ns()}"
    code = through(command, words, folder, output, language, patience, seconds=60)
    return code, output.read_text()


def _paragraph(text: str, place: Path | str, what: str) -> None:
    """One paragraph for people: what it is about, and what to do."""
    lines = text.strip().splitlines()
    assert len(lines) == 1 and 40 < len(lines[0]) < 700, f"{what}: {text}"
    assert str(place) in text, f"{what} does not say where: {text}"
    assert "secret" not in text and ".." not in text and "?." not in text, f"{what}: {text}"
    assert len(text.strip().split(". ")) >= 2, f"{what} does not say what to do: {text}"
    for sign in ("Traceback", "None", "sqlite", "Error:", "{", "error."):
        assert sign not in text, f"{what}: {text}"


def _state(folder: Path) -> dict[str, str]:
    """Every file of a folder and what it holds."""
    return {str(p.relative_to(folder)): hashlib.sha256(p.read_bytes()).hexdigest() for p in folder.rglob("*") if p.is_file()}


@pytest.mark.parametrize("harm", HARMS)
def test_every_command_says_what_to_do(harm: str, seeded: Path, tmp_path: Path) -> None:
    folder = copied(seeded, tmp_path / "data")
    HARMS[harm](folder)
    before = _state(folder)
    for language in languages():
        for words in COMMANDS if language == "en" else COMMANDS[:1]:
            code, text = _told(words, folder, tmp_path, language)
            assert code != 0, f"{words}: {text}"
            _paragraph(text, folder, f"{harm}, {words[0]}")
    after = _state(folder)
    assert {name: held for name, held in after.items() if name in before} == before, "what is broken is left as it is"
    assert not {name for name in after.keys() - before.keys() if not name.startswith(f"{DATABASE}-")}


@pytest.mark.parametrize("harm", THERE)
def test_every_command_says_what_to_do_about_postgresql(harm: str, seeded_there: Path, tmp_path: Path) -> None:
    folder = copied(seeded_there, tmp_path / "data")
    THERE[harm](folder)
    named = address(folder).startswith("postgresql://") and "#" not in address(folder) and "schema" not in harm
    before, there = _state(folder), _there(folder)
    for language in languages():
        for words in SOME if language == "en" else SOME[:1]:
            code, text = _told(words, folder, tmp_path, language)
            assert code != 0, f"{words}: {text}"
            _paragraph(text, shown(address(folder)) if named else "VORONKA_DATABASE_URL", f"{harm}, {words[0]}")
    assert _state(folder) == before, "no workspace comes to be in the folder instead"
    assert _there(folder) == there, "what is broken is left as it is, what is empty empty"


@pytest.mark.parametrize("harm", ["DROP TABLE {table}", "ALTER TABLE {table} DROP COLUMN doc"])
def test_a_table_of_postgresql_that_somebody_spoilt(harm: str, seeded_there: Path, tmp_path: Path) -> None:
    folder = copied(seeded_there, tmp_path / "data")
    ((number,),) = _rows(folder, "SELECT number FROM tables WHERE name = 'elements'")
    _asked(harm.format(table=f"t{number}_elements"))(folder)
    for words in (["check"], ["export", "orders", "--format", "json"], ["funnel", "orders"], ["backup", "b.zip"]):
        code, text = _told(words, folder, tmp_path)
        assert code != 0
        _paragraph(text, shown(address(folder)), f"{harm}, {words[0]}")


def test_damage_in_the_middle_is_found_and_told(seeded: Path, tmp_path: Path, tell: Tell) -> None:
    """Not every page is read by every command; whoever reads a broken one says so, and the check always does."""
    told = 0
    for share in range(1, 10, often(3, 1)):
        folder = copied(seeded, tmp_path / f"data-{share}")
        _flip(share / 10, 0.08)(folder)
        code, text = _told(["check"], folder, tmp_path)
        assert code != 0 and text.strip() and "Traceback" not in text and "SyntaxError" not in text, text
        for words in (["export", "orders", "--format", "json"], ["funnel", "orders"], ["backup", "b.zip"]):
            code, text = _told(words, folder, tmp_path)
            if code:
                told += 1
                _paragraph(text, folder, f"{share}: {words}")
    assert told > 0
    tell(f"{often(3, 9)} broken places, each found by the check; {told} commands told of it, the others did not read there")


@contextmanager
def _mounted(place: Path) -> Iterator[bool]:
    """A small disk; False where nobody may mount one."""
    place.mkdir()
    done = subprocess.run(["mount", "-t", "tmpfs", "-o", "size=16m", "tmpfs", str(place)], capture_output=True).returncode == 0
    yield done
    if done:
        subprocess.run(["umount", str(place)], check=True)


def test_a_folder_that_cannot_be_written(seeded: Path, tmp_path: Path) -> None:
    """A disk that is mounted for reading only; where nobody may mount one, a file stands in the place of the folder."""
    with _mounted(tmp_path / "disk") as mounted:
        folder = tmp_path / "disk" / "data"
        if mounted:
            copied(seeded, folder)
            subprocess.run(["mount", "-o", "remount,ro", str(tmp_path / "disk")], check=True)
        else:
            folder.write_text("a file")
        for words in COMMANDS:
            code, text = _told(words, folder, tmp_path)
            assert code != 0
            _paragraph(text, folder, words[0])
    blocked = tmp_path / "a file"
    blocked.write_text("not a folder")
    for words in COMMANDS:
        for folder in (blocked, blocked / "data"):
            code, text = _told(words, folder, tmp_path)
            assert code != 0
            _paragraph(text, folder, words[0])
    assert blocked.read_text() == "not a folder"


def test_a_database_that_another_program_holds(seeded: Path, tmp_path: Path) -> None:
    folder = copied(seeded, tmp_path / "data")
    with closing(sqlite3.connect(folder / DATABASE, isolation_level=None)) as holder:
        holder.execute("BEGIN IMMEDIATE")
        for words in COMMANDS:
            code, text = _told(words, folder, tmp_path)
            assert code != 0
            _paragraph(text, folder, words[0])
            assert f"process {os.getpid()}" in text
        holder.execute("ROLLBACK")
    assert _told(["check"], folder, tmp_path)[0] == 0, "and as soon as it lets go, all is well"


def test_a_postgresql_that_somebody_holds(seeded_there: Path, tmp_path: Path) -> None:
    folder = copied(seeded_there, tmp_path / "data")
    with psycopg.connect(address(folder)) as holder:
        holder.execute(LOCK)
        for words in SOME:
            code, text = _told(words, folder, tmp_path)
            assert code != 0
            _paragraph(text, shown(address(folder)), words[0])
            assert f"session {holder.info.backend_pid} of PostgreSQL" in text and "pg_terminate_backend" in text
    assert _told(["check"], folder, tmp_path)[0] == 0, "and as soon as it lets go, all is well"


def test_a_file_of_the_first_format_is_brought_up_to_date(seeded: Path, tmp_path: Path) -> None:
    folder = copied(seeded, tmp_path / "data")
    _sql("UPDATE meta SET value = 0 WHERE key = 'format'")(folder)
    code, text = _told(["export", "orders", "--format", "json"], folder, tmp_path)
    assert code == 0 and text.count('"seed ') == 8


def test_a_clock_that_is_set_back_a_day(seeded: Path, tmp_path: Path) -> None:
    folder, clock = copied(seeded, tmp_path / "data"), StillClock(START)
    ws = opened(folder, clock)
    root = ws.administrator()
    token = ws.sessions.redeem(ws.sessions.ticket(root.user), "browser")
    one = ws.elements.create(root, "orders", {"title": "before"})
    ws.work()
    ws.db.close()
    clock.move(days=-1)
    ws = opened(folder, clock)
    ws.timers.start()
    assert ws.sessions.user_of(token) == root.user, "nobody is signed out"
    ws.elements.move(root, one.id, "talk")
    two = ws.elements.create(root, "orders", {"title": "after"})
    ws.elements.move(root, two.id, "won")
    ws.work()
    kinds = [e.kind for e in reversed(ws.elements.history(root, one.id))]
    assert kinds.index("created") < kinds.index("moved"), "the history stands in the order in which it happened"
    report = ws.insight.funnel(root, "orders")
    assert all((stage.median_days or 0) >= 0 for stage in report.stages)
    ws.insight.my_day(root)
    ws.insight.robots(root, "orders")
    clock.move(days=1, hours=2)
    for _ in range(5):
        ws.work()
        clock.move(minutes=10)
    assert {run.state for run in ws.engine.runs(root, "orders")} == {"done"}
    assert faults(ws) == []
    ws.db.close()
