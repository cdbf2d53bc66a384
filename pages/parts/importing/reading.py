"""Reading a file for the import, with its progress told."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

import sheets as tables
from builder import sheets
from builder.sheets import Plan, Sheet
from model.access import Actor
from pages.parts.importing.work import Stopped, Work
from workspace import Workspace

EACH = 2000
"""Rows between two looks at whether somebody pressed Cancel."""


@dataclass(frozen=True)
class Told:
    """What a person said of the file; None: found out."""

    encoding: str | None = None
    delimiter: str | None = None
    sheet: str | None = None
    header: bool = True


@dataclass(frozen=True)
class Read:
    """A file as it was read: its columns and rows, what they were taken for, how many rows there are."""

    name: str
    data: bytes = field(repr=False)
    told: Told
    sheet: Sheet
    plan: Plan
    count: int


def read(workspace: Workspace, actor: Actor, name: str, data: bytes, told: Told, work: Work) -> Read:
    """Read and guess. Unreadable; Stopped."""
    sheet = sheets.read(name, data, encoding=told.encoding, delimiter=told.delimiter, sheet=told.sheet, header=told.header)
    count = sum(1 for _ in _watched(sheet, work).rows)
    plan = tables.plan(workspace, _watched(sheet, work, count), language=workspace.reader(actor).locale)
    return Read(name, data, told, sheet, tables.linked(workspace, actor, plan), count)


def _watched(sheet: Sheet, work: Work, total: int = 0) -> Sheet:
    """The same sheet; going through its rows is told and can be stopped."""

    def records() -> Iterator[Sequence[Any]]:
        for number, record in enumerate(sheet.rows.open()):
            if number % EACH == 0:
                work.tell(number, total)
                if work.stopping():
                    raise Stopped
            yield record

    return replace(sheet, rows=replace(sheet.rows, open=records))
