"""Imports: rows of a table become elements, in batches, as one thing that can be undone as a whole."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from itertools import islice
from typing import Any, Literal

from tinydb import where

from model import access
from model.access import Action, Actor
from model.clock import Clock, stamp
from model.element import Element
from model.errors import Denied, Invalid, NotAllowed, NotFound, Problem
from model.event import Cause
from model.importing import ImportRow
from model.language import Reader
from model.latin import latin
from model.process import Process
from runtime.elements import Elements, Prepared
from runtime.export import as_csv
from runtime.keyed import By, Keyed, telling
from runtime.library import Library
from runtime.people import People, User
from store import Database

BATCH = 1000
"""Rows written together: large enough to be quick, small enough to show progress and let others write in between."""
KEPT_ERRORS = 100_000
"""Rows with problems that are kept for download; all are counted."""
NOTE = "import"
COUNTS = ("total", "created", "changed", "same", "skipped", "people")
State = Literal["running", "done", "cancelled", "failed", "undoing", "undone"]
Progress = Callable[[int, int], object]
"""(rows done, rows in all or 0 if nobody knows)."""


@dataclass(frozen=True, slots=True)
class Skipped:
    """A row that was not taken: its number in the file, its cells, what is wrong with it."""

    number: int
    cells: tuple[Any, ...]
    problems: tuple[Problem, ...]


@dataclass(frozen=True, slots=True)
class ImportView:
    """An import as the list of imports shows it. `state` running after a crash: what was created can be undone."""

    id: int
    process: str
    name: str
    at: str
    by: int | None
    state: State
    total: int = 0
    created: int = 0
    skipped: int = 0
    changed: int = 0
    """Elements that were there already and say something else now."""
    same: int = 0
    """Rows that said what stood there already."""
    people: int = 0
    """Users that were made for it."""
    undone_at: str | None = None


@dataclass(frozen=True, slots=True)
class Report:
    """What an import did. `skipped`: the first rows with problems, as many as are shown; `view.skipped` counts them all."""

    view: ImportView
    skipped: tuple[Skipped, ...] = ()

    @property
    def id(self) -> int:
        """The import's id."""
        return self.view.id

    @property
    def created(self) -> int:
        """Number of elements made."""
        return self.view.created


@dataclass(frozen=True, slots=True)
class Undone:
    """What undoing removed, and what it kept: {element id: title}, changed since or not the actor's to delete or change."""

    removed: int
    kept: Mapping[int, str]
    restored: int = 0
    """Elements that say again what they said before."""


@dataclass(frozen=True, slots=True)
class Foreseen:
    """What an import by key would do, and its first rows of each sort: (row, element, {code: [before, after]}) and refusals."""

    new: int = 0
    changed: int = 0
    same: int = 0
    refused: int = 0
    key_faults: int = 0
    """Refused rows whose key names nothing or several things."""
    first: tuple[tuple[ImportRow, Element, Mapping[str, list[Any]]], ...] = ()
    wrong: tuple[tuple[ImportRow, tuple[Problem, ...]], ...] = ()


@dataclass
class _Running:
    """An import under way."""

    id: int
    actor: Actor
    process: Process
    people: dict[str, int | None]
    responsible: int | None
    run_robots: bool
    keyed: Keyed | None = None
    counts: dict[str, int] = field(default_factory=lambda: dict.fromkeys(COUNTS, 0))
    shown: list[Skipped] = field(default_factory=list)


class Imports:
    """Runs, lists and undoes imports. Rows come ready made (`model.importing.ImportRow`), the door is `elements`."""

    def __init__(self, db: Database, clock: Clock, library: Library, elements: Elements, people: People) -> None:
        self._db, self._clock, self._library = db, clock, library
        self._elements, self._people = elements, people
        self._table, self._errors, self._changes = db.table("imports"), db.table("import_errors"), db.table("import_changes")

    def run(
        self,
        actor: Actor,
        process: str,
        rows: Iterable[ImportRow],
        name: str = "",
        *,
        columns: Sequence[str] = (),
        total: int = 0,
        responsible: int | None = None,
        progress: Progress = lambda done, total: None,
        cancel: Callable[[], bool] = lambda: False,
        run_robots: bool = False,
        by: By | None = None,
    ) -> Report:
        """Bring in the good rows; list the others. With `by`, rows whose key is there change the element that has it.

        columns: names in the file, for the download of errors. responsible: who gets the rows without anybody.
        run_robots: let robots hear of each new element as created where it stands; without, they hear of none. Never of its past.
        NotFound, Denied (import and add). What reading the rows or telling the progress raises goes on; what is in by then
        stays, and can be undone.
        """
        version = self._library.published(process)
        if version is None:
            raise NotFound(path=process, what="process")
        for action in (Action.IMPORT, Action.ADD):
            access.require_any(version.process, actor, action)
        keyed = Keyed(self._elements, actor, version.process, by) if by else None
        if keyed is not None:
            keyed.count(rows := list(rows))
        running = self._begin(actor, version.process, name, columns, responsible, run_robots)
        running.keyed = keyed
        state: State = "failed"
        try:
            state = self._all_batches(running, iter(rows), total, progress, cancel)
        except BaseException as error:
            state = "failed" if isinstance(error, Exception) else "cancelled"  # whoever watched it has gone away
            raise
        finally:
            self._end(running.id, state)
        return Report(self.view(actor, running.id), tuple(running.shown))

    def keys(self, actor: Actor, process: str, rows: Sequence[ImportRow], by: By) -> tuple[int, int]:
        """How good a key is for these rows: how many find an element, and of how many nobody can say. NotFound, Invalid."""
        version = self._library.published(process)
        if version is None:
            raise NotFound(path=process, what="process")
        keyed = Keyed(self._elements, actor, version.process, by)
        keyed.count(rows)
        found = [keyed.find(row) for row in rows]
        return sum(isinstance(each, int) for each in found), sum(isinstance(each, Problem) for each in found)

    def foresee(self, actor: Actor, process: str, rows: Iterable[ImportRow], by: By, shown: int = 8) -> Foreseen:
        """What `run` would do with these rows, as far as can be told without doing it. NotFound, Invalid (keys)."""
        version = self._library.published(process)
        if version is None:
            raise NotFound(path=process, what="process")
        keyed, listed = Keyed(self._elements, actor, version.process, by), list(rows)
        keyed.count(listed)
        counts: Counter[str] = Counter()
        first: list[Any] = []
        wrong: list[Any] = []
        for start in range(0, len(listed), BATCH):
            batch = listed[start : start + BATCH]
            standing = keyed.standing(batch)
            for row in batch:
                found = standing.get(row.number)
                problems = row.problems or ((found,) if isinstance(found, Problem) else ())
                changes = keyed.changes(row, found) if isinstance(found, Element) and not problems else {}
                counts["refused" if problems else "new" if found is None else "changed" if changes or row.people else "same"] += 1
                counts["key"] += isinstance(found, Problem)
                if problems and len(wrong) < shown:
                    wrong.append((row, problems))
                elif changes and isinstance(found, Element) and len(first) < shown:
                    first.append((row, found, telling(changes, found)))
        return Foreseen(
            counts["new"], counts["changed"], counts["same"], counts["refused"], counts["key"], tuple(first), tuple(wrong)
        )

    def _begin(
        self, actor: Actor, process: Process, name: str, columns: Sequence[str], responsible: int | None, run_robots: bool
    ) -> _Running:
        doc = {"process": process.code, "name": name[:255], "at": stamp(self._clock.now()), "by": actor.id, "state": "running",
               "undone_at": None, "columns": list(columns), **dict.fromkeys(COUNTS, 0)}  # fmt: skip
        known = _by_name(self._people.users(active=False))
        return _Running(self._table.insert(doc), actor, process, known, responsible, run_robots)

    def _all_batches(self, running: _Running, rows: Any, total: int, progress: Progress, cancel: Callable[[], bool]) -> State:
        while batch := list(islice(rows, BATCH)):
            if not self._batch(running, batch):
                return "cancelled"
            progress(running.counts["total"], total)
            if cancel():
                return "cancelled"
        return "done"

    def _end(self, id: int, state: State) -> None:
        """Say how it ended, unless somebody undoes it already."""
        with self._db.transaction():
            if self._is_running(id):
                self._table.update({"state": state}, doc_ids=[id])

    def _is_running(self, id: int) -> bool:
        return bool((self._table.get(doc_id=id) or {}).get("state") == "running")

    def _batch(self, running: _Running, batch: Sequence[ImportRow]) -> bool:
        """Write some rows, the problems of others, and the counts: all or nothing. False once it is being undone."""
        counts, known = dict(running.counts), dict(running.people)
        try:
            with self._db.transaction():
                if not self._is_running(running.id):
                    return False
                skipped = self._write(running, batch)
                self._keep(running, skipped)
                self._table.update(dict(running.counts), doc_ids=[running.id])
        except BaseException:
            running.counts, running.people = counts, known
            raise
        return True

    def _write(self, running: _Running, batch: Sequence[ImportRow]) -> list[Skipped]:
        standing = running.keyed.standing(batch) if running.keyed else {}
        changed = [self._changed(running, row, standing[row.number]) for row in batch if row.number in standing]
        checked = [self._checked(running, row) for row in batch if row.number not in standing]
        good = [row for row in checked if not row.problems]
        cause = Cause(user=running.actor.id, note=NOTE)
        made = self._elements.create_many(
            running.actor, running.process.code, [_prepared(row, running.id) for row in good], cause, running.run_robots
        )
        refused = [replace(r, problems=m.problems) for r, m in zip(good, made, strict=True) if isinstance(m, Invalid)]
        wrong = sorted([*refused, *(row for row in [*checked, *changed] if row.problems)], key=lambda row: row.number)
        for key, more in (("total", len(batch)), ("created", len(good) - len(refused)), ("skipped", len(wrong))):
            running.counts[key] += more
        return [Skipped(row.number, tuple(_plain(cell) for cell in row.cells), row.problems) for row in wrong]

    def _changed(self, running: _Running, row: ImportRow, found: Element | Problem) -> ImportRow:
        """Write what a row says otherwise of the element that has its key; the row, with problems where it is not taken."""
        if row.problems or isinstance(found, Problem) or running.keyed is None:
            return replace(row, problems=row.problems or (found,) if isinstance(found, Problem) else row.problems)
        row = self._peopled(running, row)
        changes = running.keyed.changes(row, found)
        if row.problems or not changes:
            running.counts["same"] += not row.problems
            return row
        try:
            cause = Cause(user=running.actor.id, note=NOTE)
            after = self._elements.update(running.actor, found.id, changes, cause=cause, quiet=not running.run_robots)
        except (Denied, Invalid, NotFound) as refused:
            return replace(row, problems=tuple(refused.problems))
        pairs = {code: [found.get(code), after.get(code)] for code in changes}
        self._changes.insert({"import_id": running.id, "element": found.id, "changes": pairs, "undone": False})
        running.counts["changed"] += 1
        return row

    def _checked(self, running: _Running, row: ImportRow) -> ImportRow:
        """The row with its people found or made, or with one more problem."""
        if row.problems:
            return row
        row = self._peopled(running, row)
        responsible = row.responsible or running.responsible
        allowed = access.decide(running.process, running.actor, Action.ADD, row.last_stage, responsible)
        context = {"action": Action.ADD.value, "process": running.process.title, "reason": allowed.reason}
        denied = [] if allowed else [Problem("responsible", "denied", context)]
        return replace(row, responsible=responsible, problems=(*row.problems, *denied))

    def _peopled(self, running: _Running, row: ImportRow) -> ImportRow:
        """The row with its people found or made."""
        found = {code: self._person(running, name) for code, name in row.people.items()}
        unknown = [Problem(c, "no_such_name", {"value": row.people[c][:80]}) for c, person in found.items() if person is None]
        responsible = found.pop("responsible", row.responsible)
        return replace(row, responsible=responsible, values={**row.values, **found}, problems=tuple(unknown))

    def _person(self, running: _Running, name: str) -> int | None:
        """The user of this name, made if need be; None when the actor may not make users."""
        key = _name_key(name)
        if running.people.get(key) is None:
            try:
                running.people[key] = self._new_user(running.actor, name).id
            except (Denied, Invalid):
                return None
            running.counts["people"] += 1
        return running.people[key]

    def _new_user(self, actor: Actor, name: str) -> User:
        """A user without a password: they sign in once an administrator has given them one."""
        mail = name if "@" in name else ""
        stem = (mail or ".".join(latin(name).split()) or "user")[:90]
        login, count = stem, 1
        while self._people.by_login(login) is not None:
            count += 1
            login = f"{stem}.{count}"
        return self._people.add_user(actor, login, name, None, email=mail)

    def _keep(self, running: _Running, skipped: Sequence[Skipped]) -> None:
        room = KEPT_ERRORS - (running.counts["skipped"] - len(skipped))
        self._errors.insert_multiple(
            {"import_id": running.id, "number": s.number, "cells": list(s.cells), "problems": [_doc(p) for p in s.problems]}
            for s in skipped[: max(room, 0)]
        )
        running.shown += skipped[: max(100 - len(running.shown), 0)]

    # afterwards

    def view(self, actor: Actor, id: int) -> ImportView:
        """One import; NotFound, also for those who may not import into its process."""
        doc = self._table.get(doc_id=id) if isinstance(id, int) and 0 < id < 2**63 else None
        version = self._library.published(doc["process"]) if doc is not None else None
        if doc is None or version is None or not access.may(version.process, actor, Action.IMPORT):
            raise NotFound(path=str(id)[:40], what="import")
        return _view(doc.doc_id, doc)

    def all(self, actor: Actor, process: str) -> list[ImportView]:
        """The imports into a process, newest first. NotFound, Denied (import)."""
        version = self._library.published(process)
        if version is None:
            raise NotFound(path=process, what="process")
        access.require_any(version.process, actor, Action.IMPORT)
        docs = self._table.search(where("process") == process, sort=[("doc_id", True)])
        return [_view(doc.doc_id, doc) for doc in docs]

    def skipped(self, actor: Actor, id: int, limit: int | None = None) -> list[Skipped]:
        """The rows that were not taken, in the order of the file. NotFound."""
        self.view(actor, id)
        docs = self._errors.search(where("import_id") == id, sort=[("doc_id", False)], limit=limit)
        return [Skipped(d["number"], tuple(d["cells"]), tuple(Problem(**p) for p in d["problems"])) for d in docs]

    def errors(self, actor: Actor, id: int, reader: Reader) -> bytes:
        """The rows that were not taken as a CSV: their number, the original columns, the reason in words. NotFound."""
        found = self.view(actor, id)
        version = self._library.published(found.process)
        columns = (self._table.get(doc_id=id) or {}).get("columns", [])
        header = [reader.t("imports.row"), *columns, reader.t("imports.reason")]
        process = version.process if version else None
        rows = ([s.number, *s.cells, "; ".join(reason(p, reader, process) for p in s.problems)] for s in self.skipped(actor, id))
        return as_csv(header, rows, reader.locale)

    def undo(self, actor: Actor, id: int, progress: Progress = lambda done, total: None) -> Undone:
        """Delete what an import made (into the bin), but keep what was changed since or may not be deleted. Users stay.

        NotFound; NotAllowed("import_undone") the second time. An undo that was cut short can be called again.
        """
        if self.view(actor, id).state == "undone":
            raise NotAllowed("import_undone", str(id))
        self._table.update({"state": "undoing"}, doc_ids=[id])
        kept, candidates = self._made(id)
        cause = Cause(user=actor.id, note="undo")
        removed = 0
        restored, unchanged = self._put_back(actor, id, cause)
        kept |= unchanged
        for start in range(0, len(candidates), BATCH):
            batch = list(candidates)[start : start + BATCH]
            gone = set(self._elements.delete_many(actor, batch, cause=cause))
            removed += len(gone)
            kept |= {number: candidates[number] for number in batch if number not in gone}
            progress(start + len(batch), len(candidates))
        self._table.update({"state": "undone", "undone_at": stamp(self._clock.now())}, doc_ids=[id])
        return Undone(removed, kept, restored)

    def _put_back(self, actor: Actor, id: int, cause: Cause) -> tuple[int, dict[int, str]]:
        """Give the elements that an import changed their values again: how many, and the titles of those that others changed."""
        kept: dict[int, str] = {}
        restored = 0
        mine = where("import_id") == id
        while rows := self._changes.search(mine & (where("undone") == False), sort=[("doc_id", True)], limit=BATCH):  # noqa: E712  a Query
            with self._db.transaction():
                standing = self._elements.several(actor, [row["element"] for row in rows])
                for row in rows:
                    element = standing.get(row["element"])
                    back = self._undoing(actor, element, row["changes"], cause)
                    restored += back
                    if element is not None and not back:
                        kept[element.id] = element.title
                self._changes.update({"undone": True}, doc_ids=[row.doc_id for row in rows])
        return restored, kept

    def _undoing(self, actor: Actor, element: Element | None, changes: Mapping[str, Any], cause: Cause) -> bool:
        """Put one element back, unless one of these values is another by now or the actor may not."""
        if element is None or any(element.get(code) != after for code, (_, after) in changes.items()):
            return False
        try:
            self._elements.update(actor, element.id, {c: before for c, (before, _) in changes.items()}, cause=cause, quiet=True)
        except (Denied, Invalid, NotFound):
            return False
        return True

    def linking(self, actor: Actor, id: int) -> int:
        """How many elements link to those that an undo would remove, as far as the actor may read them. NotFound."""
        process = self.view(actor, id).process
        return len(self._elements.linking(actor, process, self._made(id)[1]))

    def _made(self, id: int) -> tuple[dict[int, str], dict[int, str]]:
        """Titles by id of the elements that an import made and that are still there: those changed since, and the others."""
        there = (where("import_id") == id) & (where("deleted_at") == None)  # noqa: E711  a Query
        changed, kept, others = self._changed_since(id), dict[int, str](), dict[int, str]()
        for number, title in self._db.table("elements").select(["doc_id", "title"], there):
            (kept if number in changed else others)[number] = title
        return kept, others

    def _changed_since(self, id: int) -> set[int]:
        """Elements of the process to which anything happened besides imports, since this import began."""
        doc = self._table.get(doc_id=id) or {}
        later = (where("process") == doc["process"]) & (where("note") != NOTE) & (where("at") >= doc["at"])
        by_others = {element for (element,) in self._db.table("events").select(["element"], later)}
        newer = (where("import_id") > id) & (where("undone") == False)  # noqa: E712  a Query
        return by_others | {number for (number,) in self._changes.select(["element"], newer)}

    # what rows are understood with

    def person_lookup(self) -> Callable[[str], int | None]:
        """A function from a login, name (in any order of its words) or e-mail to a user id; None when unknown or ambiguous."""
        known = _by_name(self._people.users(active=False))
        return lambda text: known.get(_name_key(text))

    def element_lookup(self, actor: Actor) -> Callable[[str, str], int | None]:
        """A function from (process, title) to the id of an element that the actor may read.

        Letter case and spaces do not matter (`GTXPro` is `GTX Pro`); None when there is none, or several.
        """
        known: dict[str, dict[str, int | None]] = {}

        def look(process: str, title: str) -> int | None:
            if process not in known:
                known[process] = self._by_title(actor, process)
            exact = known[process].get(f"={title}")
            return exact if exact is not None else known[process].get(_squashed(title))

        return look

    def _by_title(self, actor: Actor, process: str) -> dict[str, int | None]:
        found: dict[str, int | None] = {}
        for number, title in self._elements.rows(actor, process, ["id", "title"]):
            for key in (f"={title}", _squashed(title)):
                found[key] = None if key in found else number
        return found


def reason(problem: Problem, reader: Reader, process: Process | None) -> str:
    """A problem of a row in words, with the name of the field before it."""
    named = process.field(problem.path) if process else None
    place = named.title if named else reader.t(f"imports.at.{problem.path}") if problem.path else ""
    words = reader.t(f"error.{problem.code}", **problem.context)
    return f"{place}: {words}" if place else words


def _prepared(row: ImportRow, id: int) -> Prepared:
    return Prepared(row.values, row.stage, row.title, row.responsible, row.created_at, row.closed_at, row.moved, id)


def _view(number: int, doc: Mapping[str, Any]) -> ImportView:
    return ImportView(id=number, **{k: doc[k] for k in ImportView.__slots__ if k in doc})


def _doc(problem: Problem) -> dict[str, Any]:
    return {"path": problem.path, "code": problem.code, "context": {k: _plain(v) for k, v in problem.context.items()}}


def _plain(value: Any) -> Any:
    """What JSON takes: dates of a workbook become text, halves of surrogate pairs a question mark."""
    if isinstance(value, str):
        return value.encode("utf-8", "replace").decode()
    return value if value is None or isinstance(value, int | float) else str(value)


def _by_name(users: Iterable[User]) -> dict[str, int | None]:
    """User ids by everything that names them; None where a name is several people's. A login is always one person's."""
    found: dict[str, int | None] = {}
    listed = list(users)
    for user in listed:
        for key in {_name_key(user.name), _name_key(user.email)} - {""}:
            found[key] = None if key in found else user.id
    return found | {_name_key(user.login): user.id for user in listed}


def _name_key(text: str) -> str:
    return " ".join(sorted(text.casefold().replace("ё", "е").replace(",", " ").split()))


def _squashed(text: str) -> str:
    return "".join(text.casefold().split())
