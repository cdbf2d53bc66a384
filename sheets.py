"""Spreadsheets into a workspace: the builder reads and proposes, the workspace makes the process, the import takes the rows."""

from __future__ import annotations

import difflib
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from types import MappingProxyType
from typing import TYPE_CHECKING, Literal

from builder import sheets
from builder.sheets import ColumnPlan, Lookups, Plan, Sheet, looks
from builder.sheets.hints import plain
from model.access import Action, Actor, may
from model.errors import BadValue, NotAllowed, NotFound, Unreadable
from model.process import Process
from runtime.keyed import By

if TYPE_CHECKING:
    from runtime.imports import Report
    from services import Services

Done = Callable[[int, int], None]
"""Told of (rows done, rows in all; 0 when not known)."""
KEY_KINDS = ("string", "integer", "email", "phone", "url", "link")
"""Field types whose values may tell elements apart."""
IMPORTED = 0.9
"""Share of a table's rows whose key is there already, from which on it looks imported."""
ROLES = ("stage", "title", "responsible", "amount", "created", "closed")


def quiet(done: int, total: int) -> None:
    """Nobody watches."""


@dataclass(frozen=True, slots=True)
class Columns:
    """Which columns are what; an empty name leaves it to the guess."""

    stage: str = ""
    title: str = ""
    responsible: str = ""
    amount: str = ""
    created: str = ""
    closed: str = ""

    def onto(self, plan: Plan) -> Plan:
        """The plan with these columns; Unreadable("no_such_column") names those of the file."""
        for role in ROLES:
            name: str = getattr(self, role)
            if name and plan.column(name) is None:
                known = ", ".join(c.name for c in plan.columns)
                raise Unreadable("no_such_column", role, column=name, known=known)
            if name:
                plan = plan.change(name, role=role)
        return plan


def lookups(workspace: Services, actor: Actor, named: Mapping[str, int] = MappingProxyType({})) -> Lookups:
    """How people and linked elements named in a sheet are found: by the actor's rights.

    `named`: users by the text that means them in this sheet, before what their own names say.
    """
    person = workspace.imports.person_lookup()
    return Lookups(
        types=workspace.types,
        person=lambda text: named.get(text) or person(text),
        element=workspace.imports.element_lookup(actor),
        zone=workspace.settings.get().tz,
    )


def plan(workspace: Services, sheet: Sheet, columns: Columns | None = None, language: str = "en") -> Plan:
    """What the columns are taken for: guessed, then as told."""
    view = workspace.settings.get()
    found = sheets.guess(sheet, day_first=language != "en", currency=view.currency)
    told = (columns or Columns()).onto(found)
    return sheets.restage(sheet, told) if told.role("stage") != found.role("stage") else told


def linked(workspace: Services, actor: Actor, plan: Plan) -> Plan:
    """The plan with links in the place of words where a column is named like a process and its values are titles there."""
    found, look = plan, workspace.imports.element_lookup(actor)
    versions = [workspace.processes.published(code) for code in workspace.processes.codes()]
    for process in [v.process for v in versions if v is not None and may(v.process, actor, Action.READ)]:
        for column in plan.columns:
            words = column.code and column.kind in ("string", "enumeration") and not column.role
            if words and _named_like(column.name, process) and all(look(process.code, e) for e in column.examples):
                found = found.change(column.name, kind="link", params={"process": process.code})
    return found


def _named_like(column: str, process: Process) -> bool:
    """`account` and the process Accounts."""
    named = (process.code, process.title, process.element_title)
    return bool(difflib.get_close_matches(plain(column), [plain(name) for name in named if name], 1, 0.75))


def make_process(workspace: Services, actor: Actor, plan: Plan, code: str, title: str) -> Process:
    """Make and publish a process with the fields and stages of a plan. Denied; NotAllowed when the code is taken; Invalid."""
    process = sheets.propose(plan, code, title, workspace.reader(actor).t)
    with workspace.db.transaction():
        workspace.processes.create(actor, process)
        return workspace.processes.publish(actor, code).process


def grown(process: Process, plan: Plan) -> tuple[Process, Plan]:
    """The process with the fields and stages that the plan needs and it lacks, and the plan fitted to them."""
    return sheets.extend(sheets.with_fields(process, plan), plan)


def grow(workspace: Services, actor: Actor, process: Process, plan: Plan) -> tuple[Process, Plan]:
    """Publish the process anew with what the plan needs and it lacks; both as they were when it lacks nothing.

    Denied; NotAllowed("unpublished_changes") when the draft holds changes that would be published along; Invalid.
    """
    wanted, fitted = grown(process, plan)
    if wanted == process:
        return process, fitted
    with workspace.db.transaction():
        if workspace.processes.changes(process.code):
            raise NotAllowed("unpublished_changes", process.code, title=process.title)
        workspace.processes.save(actor, wanted)
        return workspace.processes.publish(actor, process.code).process, fitted


def keyed(plan: Plan, columns: Iterable[str]) -> By | None:
    """How rows find the elements that they speak of, by these columns; None without one. BadValue for one that goes nowhere."""
    named = {c.name: c for c in plan.columns}
    codes = []
    for name in columns:
        column = named.get(name)
        if column is None or not _key_of(column):
            raise BadValue("bad_key_column", name, column=name, known=", ".join(c.name for c in plan.columns if _key_of(c)))
        codes.append(_key_of(column))
    return By(tuple(codes), plan.role("title") is not None) if codes else None


def key_columns(plan: Plan, process: Process) -> list[str]:
    """The columns whose values may find elements of the process."""
    return [c.name for c in plan.columns if (code := _key_of(c)) and (code == "title" or process.field(code))]


def _key_of(column: ColumnPlan) -> str:
    """The code by which a column's values find elements; empty when they cannot."""
    return "" if column.multiple else column.code or ("title" if column.role == "title" else "")


@dataclass(frozen=True, slots=True)
class Known:
    """The column that tells a table's rows apart and whose values are there already, in so many of its rows."""

    column: str
    here: int
    rows: int

    @property
    def looks_imported(self) -> bool:
        """Whether bringing the rows in as new ones would double most of what is there."""
        return self.here >= self.rows * IMPORTED


def known_by(workspace: Services, actor: Actor, sheet: Sheet, plan: Plan, process: Process) -> Known | None:
    """The best key there is for rows that are there already; None when there are none, or nothing tells them apart."""
    listed = list(sheets.rows(sheet, plan, process, lookups(workspace, actor)))
    found, names = [], key_columns(plan, process)
    for column in plan.columns:
        if column.name in names and (column.role == "title" or column.kind in KEY_KINDS):
            here, faults = workspace.imports.keys(actor, process.code, listed, By((_key_of(column),)))
            if here and faults * 20 <= len(listed):
                found.append(Known(column.name, here, len(listed)))
    return max(found, key=lambda known: known.here, default=None)


def require_rows(*found: Sheet) -> None:
    """Unreadable("no_rows") when a file holds nothing below the names of its columns."""
    for sheet in found:
        if next(iter(sheet.rows), None) is None:
            raise Unreadable("no_rows", name=sheet.name)


def require_mark(plan: Plan, code: str) -> None:
    """NotAllowed("decimal_untold") when numbers have two readings and nothing says which is meant."""
    if plan.unsure:
        whole, part = looks.meanings(plan.unsure)
        raise NotAllowed("decimal_untold", code, value=plan.unsure, whole=str(whole), part=part)


def bring_in(
    workspace: Services, actor: Actor, sheet: Sheet, plan: Plan, process: Process, *,
    named: Mapping[str, int] = MappingProxyType({}), keys: Iterable[str] = (), progress: Done = quiet,
    cancel: Callable[[], bool] = lambda: False,
) -> Report:  # fmt: skip
    """Import the rows by the plan, whose codes are those of the process; `named` as in `lookups`. Unreadable without rows.

    keys: columns by whose values a row finds the element that it changes; without any, each row makes one.
    """
    require_rows(sheet)
    rows = sheets.rows(sheet, plan, process, lookups(workspace, actor, named))
    return workspace.imports.run(
        actor, process.code, rows, sheet.name, columns=sheet.columns, total=sum(1 for _ in sheet.rows), responsible=actor.id,
        progress=progress, cancel=cancel, by=keyed(plan, keys),
    )  # fmt: skip


def import_file(
    workspace: Services,
    actor: Actor,
    path: Path,
    code: str,
    *,
    title: str = "",
    create: bool = False,
    columns: Columns | None = None,
    keys: Iterable[str] = (),
    again: bool = False,
    decimal: Literal["", ".", ","] = "",
    progress: Done = quiet,
) -> Report:
    """Read a CSV or XLSX file into a process; with `create`, into a new one made from the file; `keys` as in `bring_in`.

    NotAllowed("decimal_untold") when numbers such as `1,250` can be read in two ways and neither the file nor `decimal` says how.
    NotAllowed("looks_imported") without keys for what is there already, unless it is to be there `again`.
    NotFound without `create` when there is no such process; NotAllowed with it when there is one; Unreadable; Denied.
    """
    sheet = sheets.read(path.name, path)
    require_rows(sheet)
    found = plan(workspace, sheet, columns, workspace.reader(actor).locale)
    version = workspace.processes.published(code)
    if create and version is not None:
        raise NotAllowed("process_exists", code, name=code, title=version.process.title)
    if not create and version is None:
        raise NotFound(path=code, what="process")
    found = found.settled(decimal) if decimal else found
    fitted = sheets.match(found, version.process) if version else found
    require_mark(fitted, code)
    process = version.process if version else make_process(workspace, actor, found, code, title or code.replace("_", " ").title())
    known = None if create or again or keys else known_by(workspace, actor, sheet, fitted, process)
    if known is not None and known.looks_imported:
        raise NotAllowed("looks_imported", code, name=path.name, n=known.here, column=known.column, title=process.title)
    return bring_in(workspace, actor, sheet, fitted, process, keys=keys, progress=progress)


@dataclass(frozen=True, slots=True)
class Part:
    """One file of several that belong together, and the process that is to become of it."""

    code: str
    title: str
    sheet: Sheet
    plan: Plan


def together(workspace: Services, actor: Actor, files: Iterable[tuple[str, str, Sheet]]) -> list[Part]:
    """Plans for files that belong together, as (process code, title, sheet) each.

    A column that names the elements of another file becomes a link to them; those that others link to come first.
    """
    given = {code: (title, sheet) for code, title, sheet in files}
    locale = workspace.reader(actor).locale
    guessed = {code: plan(workspace, sheet, language=locale) for code, (_, sheet) in given.items()}
    titles = {code: sheets.titles(sheet, guessed[code]) for code, (_, sheet) in given.items()}
    plans = {
        code: sheets.link(sheet, guessed[code], {other: known for other, known in titles.items() if other != code})
        for code, (_, sheet) in given.items()
    }
    return [Part(code, *given[code], found) for code, found in sheets.ordered(plans)]


def import_together(workspace: Services, actor: Actor, parts: Sequence[Part], progress: Done = quiet) -> list[Report]:
    """Make a process of each part, then bring all rows in: an import each.

    Errors as in `make_process`, and Unreadable("no_rows"), with nothing made.
    """
    require_rows(*(part.sheet for part in parts))
    with workspace.db.transaction():
        made = [make_process(workspace, actor, part.plan, part.code, part.title) for part in parts]
    counts = [sum(1 for _ in part.sheet.rows) for part in parts]
    reports: list[Report] = []
    for part, process in zip(parts, made, strict=True):
        before = sum(counts[: len(reports)])
        told = lambda done, _, before=before: progress(before + done, sum(counts))  # noqa: E731
        reports.append(bring_in(workspace, actor, part.sheet, part.plan, process, progress=told))
    return reports
