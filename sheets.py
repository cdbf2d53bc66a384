"""Spreadsheets into a workspace: the builder reads and proposes, the workspace makes the process, the import brings the rows in."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from builder import sheets
from builder.sheets import Lookups, Plan, Sheet
from model.access import Actor
from model.errors import NotAllowed, NotFound, Unreadable
from model.process import Process

if TYPE_CHECKING:
    from runtime.imports import Report
    from workspace import Workspace

Done = Callable[[int, int], None]
"""Told of (rows done, rows in all; 0 when not known)."""
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


def lookups(workspace: Workspace, actor: Actor) -> Lookups:
    """How people and linked elements named in a sheet are found: by the actor's rights."""
    people = {
        key: user.id for user in workspace.people.users(active=False) for key in (user.login.casefold(), user.name.casefold())
    }
    return Lookups(
        types=workspace.types,
        person=lambda text: people.get(" ".join(text.casefold().split())),
        element=_Titles(workspace, actor),
        zone=workspace.settings.get().tz,
    )


class _Titles:
    """Elements of a process by title, read once for each process; a title that two elements have is nobody's."""

    def __init__(self, workspace: Workspace, actor: Actor) -> None:
        self._workspace, self._actor = workspace, actor
        self._known: dict[str, dict[str, int | None]] = {}

    def __call__(self, process: str, title: str) -> int | None:
        if process not in self._known:
            found: dict[str, int | None] = {}
            for id, text in self._workspace.elements.rows(self._actor, process, ["id", "title"]):
                key = str(text).strip().casefold()
                found[key] = None if key in found else id
            self._known[process] = found
        return self._known[process].get(title.strip().casefold())


def plan(workspace: Workspace, sheet: Sheet, columns: Columns | None = None, language: str = "en") -> Plan:
    """What the columns are taken for: guessed, then as told."""
    view = workspace.settings.get()
    found = sheets.guess(sheet, day_first=language != "en", currency=view.currency)
    return (columns or Columns()).onto(found)


def make_process(workspace: Workspace, actor: Actor, plan: Plan, code: str, title: str) -> Process:
    """Make and publish a process with the fields and stages of a plan. Denied; NotAllowed when the code is taken; Invalid."""
    process = sheets.propose(plan, code, title, workspace.reader(actor).t)
    with workspace.db.transaction():
        workspace.processes.create(actor, process)
        return workspace.processes.publish(actor, code).process


def bring_in(
    workspace: Workspace, actor: Actor, sheet: Sheet, plan: Plan, process: Process, *,
    progress: Done = quiet, cancel: Callable[[], bool] = lambda: False,
) -> Report:  # fmt: skip
    """Import the rows by the plan, whose codes are those of the process."""
    rows = sheets.rows(sheet, plan, process, lookups(workspace, actor))
    return workspace.imports.run(
        actor, process.code, rows, sheet.name, columns=sheet.columns, total=sum(1 for _ in sheet.rows), responsible=actor.id,
        progress=progress, cancel=cancel,
    )  # fmt: skip


def import_file(
    workspace: Workspace,
    actor: Actor,
    path: Path,
    code: str,
    *,
    title: str = "",
    create: bool = False,
    columns: Columns | None = None,
    progress: Done = quiet,
) -> Report:
    """Read a CSV or XLSX file into a process; with `create`, into a new one made from the file.

    NotFound without `create` when there is no such process; NotAllowed with it when there is one; Unreadable; Denied.
    """
    sheet = sheets.read(path.name, path)
    found = plan(workspace, sheet, columns, workspace.reader(actor).locale)
    version = workspace.processes.published(code)
    if create and version is not None:
        raise NotAllowed("process_exists", code, code=code, title=version.process.title)
    if not create and version is None:
        raise NotFound(path=code, what="process")
    process = version.process if version else make_process(workspace, actor, found, code, title or code.replace("_", " ").title())
    fitted = found if create else sheets.match(found, process)
    return bring_in(workspace, actor, sheet, fitted, process, progress=progress)
