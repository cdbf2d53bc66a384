"""The first rows of a sheet as the elements they will be: values as people will see them, problems beside them."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import timedelta
from itertools import islice

from model.clock import moment
from model.errors import Problem
from model.field import Field, FieldType
from model.importing import ImportRow
from model.kind import Catalog
from model.language import Reader
from model.process import Process


@dataclass(frozen=True, slots=True)
class PreviewRow:
    """One row: `shown` is {code: text} of what it will hold, `problems` by code what keeps it from going in."""

    number: int
    shown: Mapping[str, str]
    problems: Mapping[str, tuple[Problem, ...]]


@dataclass(frozen=True, slots=True)
class Preview:
    """`columns` are the codes to show, in order: title, stage, responsible, the fields, created_at, closed_at."""

    columns: tuple[str, ...]
    rows: tuple[PreviewRow, ...]


def preview(rows: Iterable[ImportRow], process: Process, types: Catalog[FieldType], reader: Reader, n: int = 20) -> Preview:
    """Look at the first `n` rows; the process may be one that does not exist yet. Nothing is written."""
    first = list(islice(rows, n))
    fields = [f for f in process.fields if any(f.code in r.values or f.code in r.people for r in first) or _wrong(f, first)]
    stage = ("stage",) if process.has_stages else ()
    columns = ("title", *stage, "responsible", *(f.code for f in fields), "created_at", "closed_at")
    return Preview(columns, tuple(_row(row, process, fields, types, reader) for row in first))


def _wrong(field: Field, rows: Iterable[ImportRow]) -> bool:
    return any(p.path == field.code for row in rows for p in row.problems)


def _row(row: ImportRow, process: Process, fields: Iterable[Field], types: Catalog[FieldType], reader: Reader) -> PreviewRow:
    stage = process.stage(row.last_stage)
    shown = {
        "title": row.title,
        "stage": stage.title if stage else "",
        "responsible": reader.person(row.responsible) if row.responsible else "",
        "created_at": _day(row.created_at, reader),
        "closed_at": _day(row.closed_at or "", reader),
    }
    shown |= {f.code: _shown(f, row, types, reader) for f in fields}
    problems: dict[str, tuple[Problem, ...]] = {}
    for problem in row.problems:
        problems[problem.path] = (*problems.get(problem.path, ()), problem)
    return PreviewRow(row.number, {**shown, **row.people}, problems)


def _shown(field: Field, row: ImportRow, types: Catalog[FieldType], reader: Reader) -> str:
    if field.code not in row.values:
        return ""
    value, kind = row.values[field.code], field.type(types)
    return ", ".join(kind.show(each, reader) for each in value) if field.multiple else kind.show(value, reader)


def _day(at: str, reader: Reader) -> str:
    """A time; midnight in the reader's zone is how a file's day is kept, so it shows as the day."""
    if not at:
        return ""
    local = moment(at).astimezone(reader.zone)
    midnight = timedelta(hours=local.hour, minutes=local.minute, seconds=local.second) == timedelta()
    return reader.date(local.date()) if midnight else reader.datetime(at)
