"""A workspace with real processes and people, in which sheets are read, imported and exported."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from io import BytesIO
from pathlib import Path
from typing import Any

import openpyxl

from builder import sheets
from builder.sheets import Lookups, Plan, Sheet
from locales import Language
from model.access import Actor
from model.errors import NotFound
from model.field import FieldType
from model.importing import ImportRow
from model.kind import Catalog
from model.process import Process, Version
from runtime.elements import Elements
from runtime.export import Exports
from runtime.imports import Imports
from runtime.outside.passwords import Passwords
from runtime.people import People
from store import Database

CRM = Path(__file__).parents[2] / "examples" / "crm_sales"
TYPES: Catalog[FieldType] = Catalog.scan("builder.fields", FieldType)


class FakeClock:
    """A clock that stands still until it is moved."""

    def __init__(self) -> None:
        self.time = datetime(2026, 11, 21, 12, 0, tzinfo=UTC)

    def now(self) -> datetime:
        return self.time

    def move(self, **how: float) -> None:
        self.time += timedelta(**how)


class Shelf:
    """A library of published processes."""

    def __init__(self) -> None:
        self.versions: dict[str, Version] = {}

    def publish(self, process: Process) -> Process:
        self.versions[process.code] = Version(process=process, number=1, published_at="2026-11-21", published_by=1)
        return process

    def published(self, code: str) -> Version | None:
        return self.versions.get(code)

    def version(self, code: str, number: int) -> Version:
        if code not in self.versions:
            raise NotFound(path=code)
        return self.versions[code]

    def codes(self) -> list[str]:
        return list(self.versions)


@dataclass
class Place:
    """Everything that an import needs."""

    db: Database
    clock: FakeClock = field(default_factory=FakeClock)
    library: Shelf = field(default_factory=Shelf)

    def __post_init__(self) -> None:
        self.people = People(self.db, self.clock, Passwords())
        self.root = Actor(1, "Root", admin=True)
        self.db.table("users").insert(
            {"login": "root", "name": "Root", "email": "", "password": "", "admin": True, "active": True, "department": None,
             "language": "", "created_at": ""}
        )  # fmt: skip
        self.elements = Elements(self.db, self.clock, self.library, TYPES)
        self.imports = Imports(self.db, self.clock, self.library, self.elements, self.people)
        self.exports = Exports(self.library, self.elements, TYPES)

    def user(self, login: str, *, roles: frozenset[str] = frozenset()) -> Actor:
        """A user with roles, who is no administrator."""
        doc = {"login": login, "name": login.title(), "email": "", "password": "", "admin": False, "active": True,
               "department": None, "language": "", "created_at": ""}  # fmt: skip
        return Actor(self.db.table("users").insert(doc), login.title(), roles=roles)

    def lookups(self) -> Lookups:
        return Lookups(TYPES, self.imports.person_lookup(), self.imports.element_lookup(self.root))

    def rows(self, sheet: Sheet, plan: Plan, process: Process) -> Iterator[ImportRow]:
        return sheets.rows(sheet, plan, process, self.lookups())

    def bring(self, sheet: Sheet, plan: Plan, process: Process, actor: Actor | None = None, **more: Any) -> Any:
        """Publish the process if it is new, and import the sheet."""
        if process.code not in self.library.versions:
            self.library.publish(process)
        return self.imports.run(
            actor or self.root, process.code, self.rows(sheet, plan, process), sheet.name, columns=sheet.columns, **more
        )

    def bring_new(self, name: str, data: Any, code: str) -> tuple[Any, Process, Plan]:
        """Read, guess, propose and import at once."""
        sheet = sheets.read(name, data)
        plan = sheets.guess(sheet)
        process = sheets.propose(plan, code, code.title(), words)
        return self.bring(sheet, plan, process), process, plan


def words(key: str, **context: Any) -> str:
    return Language("en").t(key, **context)


def book(rows: list[list[Any]], others: dict[str, list[list[Any]]] | None = None) -> bytes:
    """An XLSX with these rows on its first worksheet, and more worksheets by name."""
    made = openpyxl.Workbook()
    for row in rows:
        made.active.append(row)
    for title, more in (others or {}).items():
        page = made.create_sheet(title)
        for row in more:
            page.append(row)
    file = BytesIO()
    made.save(file)
    return file.getvalue()
