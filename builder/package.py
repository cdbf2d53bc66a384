"""Packages: whole processes with their roles, robots and sample elements in one JSON file.

The file is canonical (sorted keys, UTF-8, two spaces): the same content gives the same bytes. People and files do not travel:
a responsible person is kept by name, employee and file fields are left out, a link is `{"ref": n}`, the n-th element of the file.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import date, timedelta
from itertools import pairwise
from typing import Any

import orjson
from pydantic import Field as Param
from pydantic import ValidationError

from builder.graphs import nesting
from model.access import Role
from model.clock import moment, stamp
from model.element import Element
from model.errors import Unreadable
from model.kind import Frozen
from model.process import Process

FORMAT = 1
LIMIT = 50 * 1024 * 1024
"""Largest package, in bytes."""
DEPTH = 64
"""How deep its JSON may be nested."""
_LEFT_OUT = ("employee", "file")


class Sample(Frozen):
    """One element of a package. `values` are fields by code in stored form, links as `{"ref": position}`."""

    process: str
    title: str = Param("", max_length=255)
    stage: str = ""
    """Where it was created; empty: the first stage."""
    moved: tuple[tuple[str, str], ...] = ()
    """Moves since, oldest first: (stage, `stamp` text or date)."""
    responsible: str = ""
    """The person's name; empty: nobody."""
    created_at: str = ""
    closed_at: str | None = None
    values: dict[str, Any] = {}

    @property
    def links(self) -> Iterator[tuple[str, int]]:
        """(field, position of the element it leads to)."""
        for code, value in self.values.items():
            for one in value if isinstance(value, list) else [value]:
                if _is_ref(one):
                    yield code, one["ref"]


class Package(Frozen):
    """What a package file holds."""

    format: int = FORMAT
    as_of: str = ""
    """The day the sample elements were taken (`YYYY-MM-DD`): `at` moves them along."""
    processes: tuple[Process, ...]
    elements: tuple[Sample, ...] = ()

    @property
    def process(self) -> Process:
        """The only process, or the first."""
        return self.processes[0]

    @property
    def roles(self) -> tuple[Role, ...]:
        """The roles of all processes, each once."""
        return tuple({role.code: role for process in self.processes for role in process.roles}.values())

    def of(self, process: str) -> list[tuple[int, Sample]]:
        """(position, element) of one process's sample elements."""
        return [(n, sample) for n, sample in enumerate(self.elements) if sample.process == process]

    def at(self, day: date) -> Package:
        """The same with every date of the samples moved, as if they had been taken on this day."""
        if not self.as_of:
            return self
        by = day - date.fromisoformat(self.as_of)
        kinds = {p.code: {f.code: f.kind for f in p.fields} for p in self.processes}
        moved = tuple(_shifted(sample, by, kinds[sample.process]) for sample in self.elements)
        return self.model_copy(update={"elements": moved, "as_of": day.isoformat()})

    def priced(self, currency: str) -> Package:
        """The same with all money in this currency, the figures as they are."""
        return self.model_copy(update={"processes": tuple(_priced(process, currency) for process in self.processes)})

    def dump_bytes(self) -> bytes:
        """The file."""
        return orjson.dumps(self.dump(), option=orjson.OPT_SORT_KEYS | orjson.OPT_INDENT_2 | orjson.OPT_APPEND_NEWLINE)


def pack(
    processes: Process | Iterable[Process],
    elements: Iterable[Element | Sample] = (),
    *,
    names: Mapping[int, str] | None = None,
    ways: Mapping[int, Sequence[tuple[str, str]]] | None = None,
    as_of: str = "",
) -> bytes:
    """Write a package. `names`: of the responsible persons by user id; `ways`: (stage, stamp) of the stages each came to."""
    found = (processes,) if isinstance(processes, Process) else tuple(processes)
    listed = tuple(elements)
    places = {e.id: n for n, e in enumerate(listed) if isinstance(e, Element)}
    known = {p.code: p for p in found}
    samples = tuple(
        e if isinstance(e, Sample) else _sample(e, known[e.process], places, names or {}, (ways or {}).get(e.id, ()))
        for e in listed
    )
    return Package(processes=found, elements=samples, as_of=as_of).dump_bytes()


def unpack(data: bytes) -> Package:
    """Read a package; Unreadable says what is wrong with a file that is none."""
    if len(data) > LIMIT:
        raise Unreadable("package_too_big", limit=LIMIT // 1024 // 1024)
    try:
        found = orjson.loads(data)
    except orjson.JSONDecodeError as refused:
        raise Unreadable("package_not_json", line=refused.lineno) from refused
    if not isinstance(found, dict) or "processes" not in found:
        raise Unreadable("package_none")
    if found.get("format") != FORMAT:
        raise Unreadable("package_other_format", found=str(found.get("format"))[:20], known=FORMAT)
    if nesting(found, DEPTH) > DEPTH:
        raise Unreadable("package_broken", path="")
    try:
        package = Package.read(found)
    except ValidationError as refused:
        raise Unreadable("package_broken", path="/".join(map(str, refused.errors()[0]["loc"]))) from refused
    for place in _wrong(package):
        raise Unreadable("package_broken", path=place)
    return package


def _wrong(package: Package) -> Iterator[str]:
    """Places that speak of what the package does not hold."""
    known = {p.code: p for p in package.processes}
    if not known or len(known) < len(package.processes):
        yield "processes"
    if package.as_of and not _is_day(package.as_of):
        yield "as_of"
    for n, sample in enumerate(package.elements):
        process = known.get(sample.process)
        if process is None:
            yield f"elements/{n}/process"
            continue
        stages = {s.code for s in process.stages()} | {""}
        if sample.stage not in stages or any(stage not in stages for stage, _ in sample.moved):
            yield f"elements/{n}/stage"
        if not all(_is_day(text) for text in (sample.created_at, sample.closed_at, *(at for _, at in sample.moved)) if text):
            yield f"elements/{n}/created_at"
        for code, position in sample.links:
            if not 0 <= position < len(package.elements):
                yield f"elements/{n}/values/{code}"


def _priced(process: Process, currency: str) -> Process:
    told = {"currency": currency}
    fields = (f.model_copy(update={"params": {**f.params, **told}}) if f.kind == "money" else f for f in process.fields)
    return process.model_copy(update={"fields": tuple(fields)})


def _is_day(text: str) -> bool:
    try:
        moment(text)
    except (ValueError, OverflowError):
        return False
    return True


def _is_ref(value: Any) -> bool:
    return isinstance(value, dict) and value.keys() == {"ref"} and type(value["ref"]) is int


def _sample(
    element: Element, process: Process, places: Mapping[int, int], names: Mapping[int, str], way: Sequence[tuple[str, str]]
) -> Sample:
    """One element as it stands now, and how it came there."""
    values: dict[str, Any] = {}
    for field in process.fields:
        value = element.values.get(field.code)
        if field.kind == "link":
            value = _refs(value, places)
        if value is not None and field.kind not in _LEFT_OUT:
            values[field.code] = value
    first, moved = _moves(element, process, way)
    return Sample(
        process=element.process, title=element.title, stage=first, moved=moved, created_at=element.created_at,
        closed_at=element.closed_at, responsible=names.get(element.responsible or 0, ""), values=values,
    )  # fmt: skip


def _moves(element: Element, process: Process, way: Sequence[tuple[str, str]]) -> tuple[str, tuple[tuple[str, str], ...]]:
    """Where it was created and its moves since; stages that the process no longer has are passed over."""
    kept = [step for step in way if process.stage(step[0])] or [(element.stage, element.created_at)]
    if kept[-1][0] != element.stage:
        kept.append((element.stage, element.moved_at))
    return kept[0][0], tuple(after for before, after in pairwise(kept) if before[0] != after[0])


def _refs(value: Any, places: Mapping[int, int]) -> Any:
    """Links to elements that travel along; others are left out."""
    if isinstance(value, list):
        return [{"ref": places[one]} for one in value if one in places] or None
    return {"ref": places[value]} if value in places else None


def _shifted(sample: Sample, by: timedelta, kinds: Mapping[str, str]) -> Sample:
    values = {
        code: _later(value, by) if kinds.get(code) in ("date", "datetime") else value for code, value in sample.values.items()
    }
    return sample.model_copy(
        update={
            "values": values,
            "created_at": _later(sample.created_at, by),
            "closed_at": _later(sample.closed_at, by),
            "moved": tuple((stage, _later(at, by)) for stage, at in sample.moved),
        }
    )


def _later(text: Any, by: timedelta) -> Any:
    """A stored date or time, or a list of them, moved along; what would leave the calendar stays."""
    if isinstance(text, Sequence) and not isinstance(text, str):
        return [_later(one, by) for one in text]
    if not isinstance(text, str) or not text or not _is_day(text):
        return text
    try:
        later = moment(text) + by
    except OverflowError:
        return text
    return later.date().isoformat() if len(text) == 10 else stamp(later)
