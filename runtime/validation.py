"""What may be written: one validator per process version, compiled once. It gathers all problems, each with its field's code."""

from __future__ import annotations

import math
import re
from collections.abc import Collection, Mapping
from dataclasses import dataclass, replace
from typing import Any

from model.element import Element
from model.errors import BadValue, Problem
from model.field import SYSTEM, Control, Field, FieldType, Reading
from model.kind import Catalog
from model.process import Process, Stage, Version
from runtime.access import nearest
from runtime.references import References

ENTERABLE = ("title", "stage", "funnel", "responsible")
"""System values that a caller may give; the others are kept by the service."""
TITLE_LIMIT = 255
TEXT_LIMIT = 100_000
"""Longest text of one value, in characters: an element's document must stay something that a board can load."""
LIST_LIMIT = 1000
"""Most values of one multiple field."""
_UNPRINTABLE = re.compile("[\x00-\x1f\x7f-\x9f\ud800-\udfff]")
"""Control characters, and halves of a surrogate pair."""


@dataclass(frozen=True, slots=True)
class Rule:
    """A field, ready to parse."""

    code: str
    title: str
    type: FieldType
    multiple: bool
    required: bool
    required_at: frozenset[str]

    @classmethod
    def of(cls, field: Field, types: Catalog[FieldType]) -> Rule:
        """Compile a field; UnknownKind or pydantic's ValidationError when it is not sound."""
        at = frozenset(field.required_at)
        return cls(field.code, field.title, field.type(types), field.multiple, field.required, at)

    @property
    def target(self) -> str:
        """For links: the code of the process they lead to, empty for any."""
        return str(getattr(self.type, "process", "") or "")

    def parse(self, raw: Any, reading: Reading) -> Any:
        """The stored value, None when empty; BadValue says what is wrong."""
        if not self.multiple:
            if isinstance(raw, list | tuple | set):
                raise BadValue("one_value_only", self.code)
            return self._one(raw, reading)
        if isinstance(raw, str) or not isinstance(raw, list | tuple | set):
            raw = [raw]
        if len(raw) > LIST_LIMIT:
            raise BadValue("too_many_values", self.code, limit=LIST_LIMIT)
        values = [value for value in (self._one(each, reading) for each in raw) if value is not None]
        return values or None

    def _one(self, raw: Any, reading: Reading) -> Any:
        if raw is None or (isinstance(raw, str) and not raw.strip()):
            return None
        _refuse_unstorable(raw)
        value = self.type.parse(raw, reading)
        _refuse_unstorable(value)
        return None if value == "" else value


class Validator:
    """The rules of one process version. Nothing here asks for rights; `references` answers for the actor."""

    def __init__(self, version: Version, types: Catalog[FieldType]) -> None:
        self.version = version
        self.process: Process = version.process
        self.rules = {field.code: Rule.of(field, types) for field in self.process.fields}
        self.stages: dict[str, Stage] = {stage.code: stage for stage in self.process.stages()}
        self.funnel_of = {stage.code: funnel.code for funnel in self.process.funnels for stage in funnel.stages}
        self.first = {funnel.code: funnel.stages[0].code for funnel in self.process.funnels if funnel.stages}
        self._defaults = {f.code: f.default for f in self.process.fields if f.default is not None}

    def links_to(self, process: str) -> list[str]:
        """Codes of the link fields that may hold elements of this process."""
        return [r.code for r in self.rules.values() if r.type.control is Control.ELEMENT and r.target in ("", process)]

    def texts(self) -> list[str]:
        """Codes of the fields whose values are words to search in."""
        return [r.code for r in self.rules.values() if r.type.control in (Control.TEXT, Control.LONG_TEXT)]

    def semantics(self, stage: str) -> str:
        """P, S or F; a process without stages is always in progress."""
        return self.stages[stage].semantics if stage in self.stages else "P"

    def with_defaults(self, values: Mapping[str, Any]) -> dict[str, Any]:
        """What a new element is entered with: the fields' defaults where the caller names nothing."""
        return {**self._defaults, **values}

    def entered(
        self, values: Mapping[str, Any], reading: Reading, references: References, element: Element | None
    ) -> tuple[dict[str, Any], list[Problem]]:
        """Parse what was entered for an element (None: a new one) into stored form by code, None meaning empty."""
        found: dict[str, Any] = {}
        problems: list[Problem] = []
        for code, raw in values.items():
            try:
                found[code] = self._parse(code, raw, reading)
            except BadValue as refused:
                problems.append(replace(refused.problems[0], path=code))
        problems += self._place(found, element)
        problems += self._dangling(found, references, element)
        return found, problems

    def missing(self, values: Mapping[str, Any], stage: str, touched: Collection[str] | None = None) -> list[Problem]:
        """The required fields that are empty at a stage; only among the `touched` ones if those are named."""
        return [
            Problem(rule.code, "required" if rule.required else "required_at_stage", self._required_words(rule, stage))
            for rule in self.rules.values()
            if (rule.required or stage in rule.required_at)
            and rule.code not in values
            and (touched is None or rule.code in touched)
        ]

    def _required_words(self, rule: Rule, stage: str) -> dict[str, Any]:
        return {"field": rule.title, "stage": self.stages[stage].title if stage in self.stages else ""}

    def _parse(self, code: str, raw: Any, reading: Reading) -> Any:
        if code in self.rules:
            return self.rules[code].parse(raw, reading)
        if code == "title":
            return parse_title(raw)
        if code == "responsible":
            return parse_person(raw)
        if code in ("stage", "funnel"):
            return str(raw or "")
        if code in SYSTEM:
            raise BadValue("kept_by_voronka", code, field=code)
        raise BadValue("unknown_field", code, field=code, nearest=nearest(code, [*self.rules, *ENTERABLE]))

    def _place(self, found: dict[str, Any], element: Element | None) -> list[Problem]:
        """Settle stage and funnel in `found`: a named funnel means its first stage, a stage brings its funnel along."""
        stage, funnel = found.pop("stage", ""), found.pop("funnel", "")
        if (stage or funnel) and not self.stages:
            return [Problem("stage", "no_stages", {"process": self.process.title})]
        if funnel and funnel not in self.first:
            return [Problem("funnel", "unknown_funnel", {"funnel": funnel, "nearest": nearest(funnel, self.first)})]
        if stage and stage not in self.stages:
            return [Problem("stage", "unknown_stage", {"stage": stage, "nearest": nearest(stage, self.stages)})]
        if stage and funnel and self.funnel_of[stage] != funnel:
            return [Problem("stage", "stage_of_other_funnel", {"stage": stage, "funnel": funnel})]
        if not stage:
            stage = self._default_stage(funnel, element)
        if stage or element is None:
            found |= {"stage": stage, "funnel": self.funnel_of.get(stage, "")}
        return []

    def _default_stage(self, funnel: str, element: Element | None) -> str:
        if element is not None:
            return self.first[funnel] if funnel and funnel != element.funnel else ""
        return self.first[funnel] if funnel else next(iter(self.first.values()), "")

    def _dangling(self, found: Mapping[str, Any], references: References, element: Element | None) -> list[Problem]:
        """Ids that point nowhere, among those that were not there before."""
        problems = []
        for code, value in found.items():
            before = many(element.get(code)) if element is not None else []
            fresh = [each for each in many(value) if each not in before]
            problems += [p for p in (self._pointing(code, each, references, element) for each in fresh) if p is not None]
        return problems

    def _pointing(self, code: str, value: Any, references: References, element: Element | None) -> Problem | None:
        rule = self.rules.get(code)
        control = Control.PERSON if code == "responsible" else rule.type.control if rule else None
        if control is Control.PERSON and not references.person(value):
            return Problem(code, "no_such_person", {"id": value})
        if control is Control.ELEMENT and rule and not references.element(value, rule.target):
            return Problem(code, "no_such_element", {"id": value})
        if control is Control.FILE and not references.file(value, element.id if element else None):
            return Problem(code, "no_such_attachment", {"id": value})
        return None


def parse_title(raw: Any) -> str:
    """A title: stripped, on one line; BadValue when it is too long or holds control characters."""
    text = " ".join(str(raw if raw is not None else "").split())
    if len(text) > TITLE_LIMIT:
        raise BadValue("too_long", "title", limit=TITLE_LIMIT, length=len(text))
    if _UNPRINTABLE.search(text):
        raise BadValue("bad_characters", "title")
    return text


def parse_person(raw: Any) -> int | None:
    """A user id, None for nobody."""
    if raw is None or raw == "" or raw == 0:
        return None
    text = str(raw)
    if isinstance(raw, bool) or not text.isdecimal() or len(text) > 15:
        raise BadValue("not_a_person", "responsible", value=text[:80])
    return int(text)


def parse_text(raw: Any, path: str, limit: int = TEXT_LIMIT) -> str:
    """A text of several lines, ends stripped; BadValue when it is too long or cannot be stored."""
    text = str(raw if raw is not None else "").strip()
    if len(text) > limit:
        raise BadValue("too_long", path, limit=limit, length=len(text))
    if "\0" in text or not _is_unicode(text):
        raise BadValue("bad_characters", path)
    return text


def many(value: Any) -> list[Any]:
    """A value as a list: what a multiple field holds, or the one, or none."""
    return [] if value is None else list(value) if isinstance(value, list) else [value]


def _refuse_unstorable(value: Any) -> None:
    """BadValue for what JSON cannot hold faithfully: NUL, lone surrogates, NaN, numbers beyond 64 bit."""
    if isinstance(value, str):
        if "\0" in value or not _is_unicode(value):
            raise BadValue("bad_characters")
        if len(value) > TEXT_LIMIT:
            raise BadValue("too_long", limit=TEXT_LIMIT, length=len(value))
    elif isinstance(value, float) and not math.isfinite(value):
        raise BadValue("not_finite", value=str(value))
    elif isinstance(value, int) and not -(2**63) <= value < 2**63:
        raise BadValue("number_too_big", value=f"{str(value)[:40]}…" if abs(value) < 10**40 else "9…")


def _is_unicode(value: str) -> bool:
    try:
        value.encode()
    except UnicodeEncodeError:
        return False
    return True
