"""Many elements at once, with a history of their own: what imports, packages and the demo bring in."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

from model import access
from model.access import Action, Actor
from model.clock import moment, stamp
from model.element import Element
from model.errors import BadValue, Invalid, Problem
from model.event import Cause, Event
from model.field import Reading
from runtime.access import nearest
from runtime.references import References
from runtime.validation import Validator


@dataclass(frozen=True, slots=True)
class Prepared:
    """One element to bring in. `values` are fields by code, entered or stored form; None or absent is empty."""

    values: Mapping[str, Any] = field(default_factory=dict)
    stage: str = ""
    """Where it was created (not where it ends, if there are `moved`); empty: the first stage."""
    title: str = ""
    """Empty: the element word with its number."""
    responsible: int | None = None
    """None: nobody."""
    created_at: str = ""
    """A `stamp` text or a date; empty: now."""
    closed_at: str | None = None
    """When it was won or lost; None: when it came to such a stage."""
    moved: tuple[tuple[str, str], ...] = ()
    """Historic moves, oldest first: (stage it came to, `stamp` text or date). It ends on the last one."""
    import_id: int | None = None


@dataclass(frozen=True, slots=True)
class Made:
    """An element ready to be stored, and the way it came."""

    element: Element
    first: str
    """The stage it was created on."""
    moves: tuple[tuple[str, str], ...]
    rules: Validator

    def events(self, element: Element, cause: Cause) -> Iterator[Event]:
        """Its history; `element` is the same with its id and title."""
        by, rules = element.created_by, self.rules
        made = {"title": element.title, "funnel": rules.funnel_of.get(self.first, ""), "stage": self.first}
        values = {**made, "responsible": element.responsible, **element.values}
        changes = {code: [None, value] for code, value in values.items() if value not in (None, "")}
        yield self._event(
            "created",
            element,
            element.created_at,
            by,
            cause,
            changes,
            {"to_semantics": rules.semantics(self.first), "version": 1},
        )
        before = self.first
        for version, (stage, at) in enumerate(self.moves, 2):
            data = {"from_semantics": rules.semantics(before), "to_semantics": rules.semantics(stage), "version": version}
            yield self._event("moved", element, at, by, cause, self._step(before, stage), data)
            before = stage

    def _step(self, before: str, stage: str) -> dict[str, Any]:
        funnels = [self.rules.funnel_of[before], self.rules.funnel_of[stage]]
        return {"stage": [before, stage]} | ({"funnel": funnels} if funnels[0] != funnels[1] else {})

    def _event(self, kind: Any, element: Element, at: str, by: int | None, cause: Cause, changes: Any, data: Any) -> Event:
        return Event(kind, element.process, element.id, at, by, cause.chain, cause.run, cause.note, changes, data)


def as_it_stands(event: Event, element: Element, rules: Validator) -> Event:
    """The birth of an element as if it had begun where it stands, whatever its past."""
    if not element.stage:
        return event
    placed = {"funnel": [None, element.funnel], "stage": [None, element.stage]}
    return event._replace(
        changes={**event.changes, **placed}, data={**event.data, "to_semantics": rules.semantics(element.stage)}
    )


class Maker:
    """Makes elements of prepared rows by the rules of one process version; a row that does not fit gives Invalid."""

    def __init__(
        self, rules: Validator, actor: Actor, reading: Reading, references: References, now: str, by: int | None
    ) -> None:
        self._rules, self._actor, self._reading, self._references = rules, actor, reading, references
        self._now, self._by = now, by

    def make(self, row: Prepared) -> Made | Invalid:
        """The element of one row, or everything that is wrong with it."""
        given = self._rules.with_defaults(row.values) | {"title": row.title, "responsible": row.responsible, "stage": row.stage}
        entered, problems = self._rules.entered(given, self._reading, self._references, None)
        created, moves, wrong = self._times(row)
        problems += wrong + self._refused(row.responsible)
        if problems:
            return Invalid(problems)
        fields = {code: value for code, value in entered.items() if code in self._rules.rules and value is not None}
        end = moves[-1][0] if moves else entered["stage"]
        missing = self._rules.missing(fields, end)
        if missing:
            return Invalid(missing)
        return Made(self._element(row, entered, fields, created, moves), entered["stage"], moves, self._rules)

    def _element(
        self,
        row: Prepared,
        entered: Mapping[str, Any],
        fields: Mapping[str, Any],
        created: str,
        moves: tuple[tuple[str, str], ...],
    ) -> Element:
        stage, moved = moves[-1] if moves else (entered["stage"], created)
        ended = self._rules.semantics(stage) != "P"
        return Element(
            id=0,
            process=self._rules.process.code,
            title=entered["title"],
            funnel=self._rules.funnel_of.get(stage, ""),
            stage=stage,
            responsible=entered["responsible"],
            created_at=created,
            created_by=self._by,
            updated_at=moved,
            updated_by=self._by,
            moved_at=moved,
            closed_at=(_when(row.closed_at, "closed_at") if row.closed_at else moved) if ended else None,
            version=1 + len(moves),
            import_id=row.import_id,
            values=dict(fields),
        )

    def _times(self, row: Prepared) -> tuple[str, tuple[tuple[str, str], ...], list[Problem]]:
        """When it was created and moved, in stamps, and what is wrong with that."""
        problems = [
            Problem("stage", "unknown_stage", {"stage": stage, "nearest": nearest(stage, self._rules.stages)})
            for stage, _ in row.moved
            if stage not in self._rules.stages
        ]
        try:
            created = _when(row.created_at, "created_at") if row.created_at else self._now
            moves = tuple((stage, _when(at, "moved_at")) for stage, at in row.moved)
            if row.closed_at:
                _when(row.closed_at, "closed_at")
        except BadValue as refused:
            return self._now, (), [*problems, *refused.problems]
        return created, moves, problems

    def _refused(self, responsible: int | None) -> list[Problem]:
        decision = access.decide(self._rules.process, self._actor, Action.IMPORT, "", responsible)
        context = {"action": Action.IMPORT.value, "process": self._rules.process.title, "reason": decision.reason}
        return [] if decision else [Problem("responsible", "denied", context)]


def _when(text: str, path: str) -> str:
    try:
        return stamp(moment(text))
    except (ValueError, OverflowError) as error:
        raise BadValue("not_a_datetime", path, value=text[:40]) from error
