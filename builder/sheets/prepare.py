"""Rows of a sheet as elements to be, by a plan. A row that cannot be one says why; the others are not held up by it."""

from __future__ import annotations

import difflib
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, tzinfo
from typing import Any

from builder.fields.datetime import DateTime
from builder.fields.string import String
from builder.sheets.plan import ColumnPlan, Plan
from builder.sheets.sheet import Sheet, SheetRow
from model.errors import BadValue, Problem
from model.field import Field, FieldType, Reading
from model.importing import ImportRow
from model.kind import Catalog
from model.process import Process

TITLE = String(max_length=255)
MOMENT = DateTime()
REMEMBERED = 20_000
"""Parsed values kept for each column: most columns say the same things again and again."""


@dataclass(frozen=True)
class Lookups:
    """What rows are understood with. `person(text)` and `element(process, title)` give an id or None."""

    types: Catalog[FieldType]
    person: Callable[[str], int | None] = lambda text: None
    element: Callable[[str, str], int | None] = lambda process, title: None
    zone: tzinfo = UTC
    """Where times without a zone, and days, are meant."""


@dataclass(frozen=True, slots=True)
class _New:
    """A person who is not there yet."""

    name: str


class _Cell:
    """Parses the cells of one column into a stored value, None when empty, a _New person, or a Problem."""

    def __init__(self, path: str, parse: Callable[[Any], Any], separator: str = "", multiple: bool = False) -> None:
        self._path, self._parse, self._separator, self._multiple = path, parse, separator, multiple
        self._known: dict[Any, Any] = {}

    def __call__(self, raw: Any) -> Any:
        if raw is None or (isinstance(raw, str) and not raw.strip()):
            return None
        key = (type(raw), raw)
        if key not in self._known:
            if len(self._known) >= REMEMBERED:
                self._known.clear()
            self._known[key] = self._tried(raw)
        return self._known[key]

    def _tried(self, raw: Any) -> Any:
        try:
            if not self._multiple:
                return self._parse(raw)
            parts = raw.split(self._separator) if self._separator and isinstance(raw, str) else [raw]
            values = [self._parse(part) for part in parts if not isinstance(part, str) or part.strip()]
            return [value for value in values if value is not None]
        except BadValue as refused:
            found = refused.problems[0]
            return None if found.code == "empty_value" else Problem(self._path, found.code, found.context)


def rows(sheet: Sheet, plan: Plan, process: Process, lookups: Lookups) -> Iterator[ImportRow]:
    """Every row of the sheet, read by the plan for this process, whose codes the plan's columns and stages name."""
    prepare = _Preparer(sheet, plan, process, lookups)
    return map(prepare.row, sheet.rows)


class _Preparer:
    """The plan, compiled: which cell goes where and how it is parsed."""

    def __init__(self, sheet: Sheet, plan: Plan, process: Process, lookups: Lookups) -> None:
        self._plan, self._process, self._lookups = plan, process, lookups
        self._reading = plan.reading(lookups.zone)
        place = {name: n for n, name in enumerate(sheet.columns)}
        self._fields = [(place[c.name], f.code, self._cell(c, f)) for c, f in self._taken() if c.name in place]
        self._system = {
            path: (place[c.name], _Cell(path, parse)) for path, c, parse in self._roles() if c is not None and c.name in place
        }
        held = {place: code for place, code, _ in self._fields}
        self._held = {path: held.get(place, "") for path, (place, _) in self._system.items()}
        self._stages = self._stage_codes()
        self._semantics = {s.code: s.semantics for s in process.stages()}

    def _taken(self) -> Iterator[tuple[ColumnPlan, Field]]:
        for column in self._plan.columns:
            field = self._process.field(column.code) if column.code else None
            if field is not None:
                yield column, field

    def _roles(self) -> Iterator[tuple[str, ColumnPlan | None, Callable[[Any], Any]]]:
        plan = self._plan
        yield "title", plan.role("title") or self._first_text(), lambda raw: self._title(raw, cut=plan.role("title") is None)
        yield "responsible", plan.role("responsible"), self._person
        yield "created_at", plan.role("created"), lambda raw: MOMENT.parse(raw, self._reading)
        yield "closed_at", plan.role("closed"), lambda raw: MOMENT.parse(raw, self._reading)
        if self._process.has_stages:
            yield "stage", plan.role("stage"), self._stage

    def _first_text(self) -> ColumnPlan | None:
        return next((c for c, f in self._taken() if f.kind in ("string", "text")), None)

    def _title(self, raw: Any, cut: bool) -> str:
        if cut:
            raw = str(raw).strip()[: TITLE.max_length]  # the whole text stands in its field
        return TITLE.parse(raw, self._reading)

    def _cell(self, column: ColumnPlan, field: Field) -> _Cell:
        kind = field.type(self._lookups.types)
        parse: Callable[[Any], Any] = _Parse(kind, self._plan.reading(self._lookups.zone, column))
        if field.kind == "link":
            target = str(getattr(kind, "process", ""))
            parse = lambda raw: self._link(target, raw)  # noqa: E731
        elif field.kind == "employee":
            parse = lambda raw: self._person(raw, create=not field.multiple)  # noqa: E731
        return _Cell(field.code, parse, column.separator, field.multiple)

    def _link(self, target: str, raw: Any) -> int | None:
        title = TITLE.parse(raw, self._reading)
        found = self._lookups.element(target, title)
        if found is None and self._plan.unknown_link == "error":
            raise BadValue("no_such_linked", value=title[:80], process=target)
        return found

    def _person(self, raw: Any, create: bool = True) -> int | _New | None:
        name = TITLE.parse(raw, self._reading)
        found = self._lookups.person(name)
        if found is not None or self._plan.unknown_person == "empty":
            return found
        if self._plan.unknown_person == "create" and create:
            return _New(name[:120])
        raise BadValue("no_such_name", value=name[:80])

    def _stage(self, raw: Any) -> str:
        value = TITLE.parse(raw, self._reading)
        code = self._stages.get(value.casefold(), "")
        if code:
            return code
        if self._plan.unknown_stage == "first":
            return self._default_stage()
        near = difflib.get_close_matches(value.casefold(), list(self._stages), 1)
        raise BadValue("unknown_stage", stage=value[:80], nearest=self._titled(self._stages[near[0]]) if near else "")

    def _titled(self, code: str) -> str:
        stage = self._process.stage(code)
        return stage.title if stage else code

    def _stage_codes(self) -> Mapping[str, str]:
        """Stage codes by what a cell may say: the process's own words, before them what the plan says."""
        own = {word.casefold(): s.code for s in self._process.stages() for word in (s.code, s.title)}
        planned = {" ".join(s.value.split()).casefold(): s.code for s in self._plan.stages if self._process.stage(s.code)}
        return {**own, **planned}

    def _default_stage(self) -> str:
        chosen = self._process.stage(self._plan.default_stage) or next(self._process.stages(), None)
        return chosen.code if chosen else ""

    def row(self, row: SheetRow) -> ImportRow:
        """One row. Its values are parsed even when some are wrong, so that a preview can show what is right."""
        problems = [Problem("row", "too_many_cells", {"n": row.extra})] if row.extra else []
        values = {code: cell(row.cells[place]) for place, code, cell in self._fields}
        system = {path: cell(row.cells[place]) for path, (place, cell) in self._system.items()}
        problems += [v for v in values.values() if isinstance(v, Problem)]
        problems += [v for path, v in system.items() if isinstance(v, Problem) and not self._is_told(path, values)]
        people = {c: v.name for c, v in {**values, "responsible": system.get("responsible")}.items() if isinstance(v, _New)}
        good = {code: value for code, value in values.items() if value is not None and value != [] and not _special(value)}
        plain = {path: None if _special(value) else value for path, value in system.items()}
        history, wrong = self._history(plain)
        return ImportRow(
            number=row.number,
            cells=row.cells,
            title=plain.get("title") or "",
            values=good,
            stage_named=bool(plain.get("stage")),
            responsible=plain.get("responsible"),
            people=people,
            problems=(*problems, *wrong),
            **history,
        )

    def _is_told(self, path: str, values: Mapping[str, Any]) -> bool:
        """Whether the field that holds the same cell has said already that it is wrong."""
        return isinstance(values.get(self._held[path]), Problem)

    def _history(self, system: Mapping[str, Any]) -> tuple[dict[str, Any], list[Problem]]:
        """Where and when it was created and closed. Only what the file says: no times are made up."""
        created, closed = system.get("created_at") or "", system.get("closed_at")
        stage = (system.get("stage") or self._default_stage()) if self._process.has_stages else ""
        if self._semantics.get(stage, "P") == "P":
            return {"stage": stage, "created_at": created}, []
        if not created or not closed:
            return {"stage": stage, "created_at": created or closed or "", "closed_at": closed}, []
        if closed < created:
            return {"stage": stage}, [
                Problem("closed_at", "closed_before_created", {"created": created[:10], "closed": closed[:10]})
            ]
        begun = self._begun(stage)
        moved = ((stage, closed),) if begun != stage else ()
        return {"stage": begun, "created_at": created, "closed_at": closed, "moved": moved}, []

    def _begun(self, stage: str) -> str:
        """The stage in progress at which an element that ended on `stage` was worked on."""
        if self._process.stage(self._plan.start_stage):
            return self._plan.start_stage
        funnel = self._process.funnel_of(stage)
        return next((s.code for s in funnel.stages if s.semantics == "P"), stage) if funnel else stage


@dataclass(frozen=True, slots=True)
class _Parse:
    """A field type with the reading of the sheet."""

    type: FieldType
    reading: Reading

    def __call__(self, raw: Any) -> Any:
        return self.type.parse(raw, self.reading)


def _special(value: Any) -> bool:
    return isinstance(value, Problem | _New)
