"""The one door for writes. Every write is one transaction: rights, validation, the element, its events, the listeners.

Every read goes through the reader's rights: what somebody may not see is not found, not counted and not summed up.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

from locales import reading_of
from model import access
from model.access import Action, Actor
from model.clock import Clock, stamp
from model.element import Element
from model.errors import BadValue, Invalid, NotFound, Stale
from model.event import Cause, Event, EventKind
from model.field import FieldType, Reading
from model.filter import ALL, Asking, Condition, Filter, any_of
from model.kind import Catalog
from runtime import bulk, finding
from runtime.access import Sort, order, paths, visible
from runtime.bulk import Prepared
from runtime.counting import Counts
from runtime.history import EventLog, put_back
from runtime.library import Library
from runtime.references import References
from runtime.validation import Validator, many, parse_text
from runtime.workspace_settings import WorkspaceSettings
from store import Database

__all__ = ["Elements", "Listener", "Prepared", "Total"]

Listener = Callable[[Event, Element | None], None]
COMMENT_LIMIT = 20_000
NOBODY = Cause()


@dataclass(frozen=True, slots=True)
class Total:
    """How many elements, and the sum of the process's amount field (2 decimals, 0 without such a field)."""

    count: int
    sum: float


class Elements:
    """Elements of all processes, behind rights. `library` gives the processes, `types` their field types."""

    def __init__(self, db: Database, clock: Clock, library: Library, types: Catalog[FieldType]) -> None:
        self._db, self._clock, self._library, self._types = db, clock, library, types
        self._table = db.table("elements")
        self._counts = Counts(db, self._table)
        self._log = EventLog(db)
        self._settings = WorkspaceSettings(db)
        self._validators: dict[str, Validator] = {}
        self._listeners: list[Listener] = []
        self._bookkeepers: list[Listener] = []
        self._mourners: list[Callable[[Collection[int]], None]] = []

    # writing

    def create(
        self, actor: Actor, process: str, values: Mapping[str, Any], *, cause: Cause = NOBODY, at: datetime | None = None
    ) -> Element:
        """Make an element. values: fields by code, and title, stage, funnel, responsible (default: the actor).

        at: when it came into being, aware; default now. NotFound (process), Denied, Invalid with every problem.
        """
        with self._db.transaction():
            rules = self.rules(process)
            access.require_any(rules.process, actor, Action.ADD)
            given = rules.with_defaults({"responsible": actor.id, **values})
            entered, problems = rules.entered(given, self._reading(), self._references(actor), None)
            stage = entered.get("stage", "")
            if not any(p.path in ("stage", "funnel", "responsible") for p in problems):
                access.require(rules.process, actor, Action.ADD, stage, entered["responsible"])
            system, fields = _split(entered)
            problems += [p for p in rules.missing(fields, stage) if p.path not in {q.path for q in problems}]
            _refuse(problems)
            now = stamp(at or self._clock.now())
            element = self._stored(self._new(rules, system, fields, now, _who(actor, cause)))
            changes = {code: [None, value] for code, value in {**_placed(element), **element.values}.items() if value is not None}
            data = {"to_semantics": rules.semantics(stage)}
            self._tell(actor, "created", element, cause, changes, data, now)
            return element

    def update(
        self,
        actor: Actor,
        id: int,
        values: Mapping[str, Any],
        *,
        expect: int | None = None,
        cause: Cause = NOBODY,
        quiet: bool = False,
    ) -> Element:
        """Change fields, title, responsible or stage; nothing is written when nothing really changes.

        expect: the version that the caller saw. What others changed meanwhile is kept, also where `values` still hold what
        was seen; Stale when both sides changed the same. quiet: robots do not hear of it.
        NotFound, Denied, Invalid with every problem.
        """
        with self._db.transaction():
            element, rules = self._seen(actor, id)
            access.require(rules.process, actor, Action.CHANGE, element.stage, element.responsible)
            entered, problems = rules.entered(values, self._reading(), self._references(actor), element)
            entered = self._merged(element, expect, _titled(entered, rules, id))
            changes = {code: [element.get(code), value] for code, value in entered.items()}
            changes = {code: pair for code, pair in changes.items() if not _same(*pair)}
            if "stage" in changes:
                access.require(rules.process, actor, Action.CHANGE, changes["stage"][1], element.responsible)
            changed = self._changed(element, rules, changes, _who(actor, cause))
            problems += rules.missing(changed.values, changed.stage, None if "stage" in changes else changes)
            _refuse(problems)
            return self._put(actor, element, changed, rules, changes, cause, quiet) if changes else element

    def move(
        self,
        actor: Actor,
        id: int,
        stage: str,
        *,
        values: Mapping[str, Any] | None = None,
        expect: int | None = None,
        cause: Cause = NOBODY,
    ) -> Element:
        """Move to a stage of any funnel, filling in the same step what the stage requires. Errors as in `update`."""
        return self.update(actor, id, {**(values or {}), "stage": stage}, expect=expect, cause=cause)

    def delete(self, actor: Actor, id: int, *, cause: Cause = NOBODY) -> None:
        """Put into the bin: invisible everywhere else, and restorable. NotFound, Denied."""
        with self._db.transaction():
            element, rules = self._seen(actor, id)
            access.require(rules.process, actor, Action.DELETE, element.stage, element.responsible)
            self._bin(actor, element, stamp(self._clock.now()), "deleted", cause)

    def restore(self, actor: Actor, id: int, *, cause: Cause = NOBODY) -> Element:
        """Take out of the bin; whoever may delete it may. NotFound when it is not in the bin (or not to be seen), Denied."""
        with self._db.transaction():
            element, rules = self._seen(actor, id, deleted=True)
            access.require(rules.process, actor, Action.DELETE, element.stage, element.responsible)
            return self._bin(actor, element, None, "restored", cause)

    def comment(self, actor: Actor, id: int, text: str, *, cause: Cause = NOBODY) -> Event:
        """Write on the timeline; whoever may read it may. Invalid when the text is empty, too long or cannot be stored."""
        with self._db.transaction():
            element, _ = self._seen(actor, id)
            words = parse_text(text, "text", COMMENT_LIMIT)
            if not words:
                raise BadValue("required", "text", field="")
            return self._tell(actor, "commented", element, cause, {}, {"text": words}, stamp(self._clock.now()))

    def undo(self, actor: Actor, event: int) -> Element:
        """Put back what a change, a move or a deletion replaced, through the same door.

        NotFound; NotAllowed("cannot_undo") for other kinds; NotAllowed("changed_since", fields=) when it was changed since.
        """
        with self._db.transaction():
            found = self._log.get(event)
            if found is None or found.element is None:
                raise NotFound(path=str(event), what="event")
            cause = Cause(note="undo")
            if found.kind == "deleted":
                return self.restore(actor, found.element, cause=cause)
            element, rules = self._seen(actor, found.element)
            return self.update(actor, element.id, put_back(found, element, rules.process), cause=cause)

    def create_many(
        self, actor: Actor, process: str, prepared: Iterable[Prepared], cause: Cause = NOBODY, run_robots: bool = False
    ) -> list[int | Invalid]:
        """Bring in many elements with their history, in one transaction: for each its id, or why it was not taken.

        Needs the import right over each row's responsible person. Listeners (robots) hear of it only with `run_robots`, and
        then of each element once, as created where it stands: what is past by then starts nothing.
        """
        with self._db.transaction():
            rules = self.rules(process)
            access.require_any(rules.process, actor, Action.IMPORT)
            maker = bulk.Maker(
                rules, actor, self._reading(), self._references(actor), stamp(self._clock.now()), _who(actor, cause)
            )
            made = [maker.make(each) for each in prepared]
            good = [each for each in made if isinstance(each, bulk.Made)]
            ids = iter(self._table.insert_multiple(each.element.doc() for each in good))
            result: list[int | Invalid] = [each if isinstance(each, Invalid) else next(ids) for each in made]
            self._after_bulk(rules, good, [each for each in result if isinstance(each, int)], cause, run_robots)
            return result

    def delete_many(self, actor: Actor, ids: Iterable[int], *, cause: Cause = NOBODY) -> list[int]:
        """Put many into the bin, in one transaction; the ids of those that the actor may read and delete. The others stay."""
        with self._db.transaction():
            now, by = stamp(self._clock.now()), _who(actor, cause)
            there = self._in_order(actor, ids, (Action.READ, Action.DELETE))
            gone = {e.id: e._replace(deleted_at=now, version=e.version + 1, updated_at=now, updated_by=by) for e in there}
            binned = {"deleted_at": now, "updated_at": now, "updated_by": by}
            self._table.update(lambda doc: doc.update(binned, version=doc["version"] + 1), doc_ids=gone)
            events = [_event(actor, "deleted", element, cause, {}, {}, now) for element in gone.values()]
            stored = self._log.append_all(events)
            self._tell_deleted(list(gone))
            for event in stored:
                self._hear(event, gone[event.element or 0])
            return list(gone)

    def emit(self, event: Event) -> Event:
        """Append an event of a sibling service (tasks, files, engine) and tell the listeners; the same with its id.

        Whoever emits has checked the rights.
        """
        with self._db.transaction():
            return self._announce(event, self._table.get_as(event.element, Element.of) if event.element is not None else None)

    def on_event(self, listener: Listener, *, also_quiet: bool = False) -> None:
        """Call `listener(event, element)` inside the transaction of each event; its exceptions undo the write.

        also_quiet: it keeps account of what stands in elements, and hears of what robots do not hear of as well.
        """
        self._listeners.append(listener)
        if also_quiet:
            self._bookkeepers.append(listener)

    def on_deleted(self, listener: Callable[[Collection[int]], None]) -> None:
        """Call `listener(ids)` once for all the elements that go into the bin together, before their events are told."""
        self._mourners.append(listener)

    # reading

    def look_ahead(self, ids: Iterable[int]) -> None:
        """See Table.look_ahead. Nothing is told, so nobody's right is asked for."""
        self._table.look_ahead(ids)

    def get(self, actor: Actor, id: int) -> Element:
        """One element; NotFound when there is none that the actor may read."""
        return self._seen(actor, id)[0]

    def find(
        self,
        actor: Actor,
        process: str,
        filter: Filter = ALL,
        *,
        sort: Sort | None = None,
        limit: int | None = None,
        offset: int = 0,
    ) -> list[Element]:
        """The matching elements that the actor may read. sort: pairs (code, descending); without one, by id.

        Invalid with path "filter" when filter or sort name an unknown field.
        """
        rules = self.rules(process)
        found = visible(rules.process, actor, self._asking(actor), filter)
        docs = self._table.search(found, sort=order(rules.process, sort), limit=limit, offset=offset)
        return [Element.of(doc.doc_id, doc) for doc in docs]

    def rows(
        self,
        actor: Actor,
        process: str,
        codes: Iterable[str],
        filter: Filter = ALL,
        *,
        sort: Sort | None = None,
        limit: int | None = None,
        offset: int = 0,
    ) -> list[tuple[Any, ...]]:
        """The values of these codes (fields or system values, "id" included) of the matching elements, None where empty."""
        rules = self.rules(process)
        found = visible(rules.process, actor, self._asking(actor), filter)
        columns = paths(rules.process, codes, "codes")
        return self._table.select(columns, found, sort=order(rules.process, sort), limit=limit, offset=offset)

    def count(self, actor: Actor, process: str, filter: Filter = ALL) -> int:
        """How many matching elements the actor may read."""
        return self._table.count(visible(self.rules(process).process, actor, self._asking(actor), filter))

    def totals(self, actor: Actor, process: str, filter: Filter = ALL, by: str = "stage") -> dict[Any, Total]:
        """Count and sum of the amount field for each value of `by` among the matching elements that the actor may read."""
        home = self.rules(process).process
        found = visible(home, actor, self._asking(actor), filter)
        sums = [home.path(home.amount_field)] if home.amount_field else []
        groups = self._counts.group(paths(home, [by]), found, sums)
        return {g["key"][0]: Total(g["count"], round(g["sums"][0], 2) if sums else 0) for g in groups}

    def search(self, actor: Actor, text: str, limit: int = 50) -> list[Element]:
        """Elements of every process whose title or texts hold the words, letter case aside, or of this number (`12`, `#12`).

        Best first: the number, titles that begin so, titles that hold it, other texts; then the newest.
        """
        places = [(rules, visible(rules.process, actor, self._asking(actor), ALL)) for rules in self._all_rules()]
        ids = finding.ranked(self._table, places, text, limit)
        return self._in_order(actor, ids)[:limit]

    def linked(self, actor: Actor, id: int) -> list[Element]:
        """Elements that this one links to, and those that link to it, as far as the actor may read them; by id."""
        element, rules = self._seen(actor, id)
        ids = finding.link_ids(rules, element)
        for other in self._all_rules():
            holding = any_of(Condition(field=code, op="eq", value=id) for code in other.links_to(element.process))
            found = visible(other.process, actor, self._asking(actor), holding)
            ids |= {number for (number,) in self._table.select(["doc_id"], found)}
        return self._in_order(actor, sorted(ids - {id}))

    def linking(self, actor: Actor, process: str, ids: Iterable[int]) -> set[int]:
        """Ids of elements that link to any of these of a process and are not among them, as far as the actor may read them."""
        held, found = set(ids), set[int]()
        for other in self._all_rules():
            seen = visible(other.process, actor, self._asking(actor), ALL)
            for code in other.links_to(process):
                rows = self._table.select(["doc_id", f"values.{code}"], seen)
                found |= {number for number, value in rows if not held.isdisjoint(many(value))}
        return found - held

    def several(self, actor: Actor, ids: Iterable[int]) -> dict[int, Element]:
        """Those of these elements that the actor may read, by id."""
        return {element.id: element for element in self._in_order(actor, ids)}

    def titles(self, actor: Actor, ids: Iterable[int]) -> dict[int, str]:
        """Titles by id, of those elements that the actor may read."""
        return {element.id: element.title for element in self._in_order(actor, ids)}

    def ways(self, actor: Actor, process: str, filter: Filter = ALL) -> dict[int, list[tuple[str, str]]]:
        """The stages that the matching elements came to, by id and oldest first: (stage, stamp). It began on the first one."""
        mine = {number for (number,) in self.rows(actor, process, ["id"], filter)}
        return {number: way for number, way in self._log.ways(process).items() if number in mine}

    def changeable(self, actor: Actor, ids: Iterable[int]) -> set[int]:
        """Those of these elements that the actor may read and change."""
        return {element.id for element in self._in_order(actor, ids, (Action.READ, Action.CHANGE))}

    def history(self, actor: Actor, id: int, limit: int = 200) -> list[Event]:
        """What happened to an element, newest first; NotFound when the actor may not read it."""
        self._seen(actor, id)
        return self._log.of(id, limit)

    def bin(self, actor: Actor, process: str) -> list[Element]:
        """The deleted elements of a process that the actor may restore, last deleted first."""
        rules = self.rules(process)
        found = visible(rules.process, actor, self._asking(actor), ALL, actions=(Action.READ, Action.DELETE), deleted=True)
        docs = self._table.search(found, sort=[("deleted_at", True), ("doc_id", True)])
        return [Element.of(doc.doc_id, doc) for doc in docs]

    def may(self, actor: Actor, element: Element, action: Action) -> bool:
        """Whether the actor may do this to an element as it stands (what buttons and sibling services ask)."""
        process = self.rules(element.process).process
        return bool(access.decide(process, actor, action, element.stage, element.responsible))

    def require(self, actor: Actor, element: Element, action: Action) -> None:
        """Raise Denied, saying which right is missing, unless `may`."""
        access.require(self.rules(element.process).process, actor, action, element.stage, element.responsible)

    # inside

    def rules(self, process: str) -> Validator:
        """The compiled rules of the version in force; NotFound when the process was never published."""
        found = self._rules(process)
        if found is None:
            raise NotFound(path=process, what="process")
        return found

    def _rules(self, process: str) -> Validator | None:
        version = self._library.published(process)
        if version is None:
            return None
        known = self._validators.get(process)
        if known is None or (known.version is not version and known.version != version):
            known = self._validators[process] = Validator(version, self._types)
        return known

    def _all_rules(self) -> list[Validator]:
        return [found for found in map(self._rules, self._library.codes()) if found is not None]

    def _seen(self, actor: Actor, id: int, *, deleted: bool = False) -> tuple[Element, Validator]:
        """An element that the actor may read, with its rules; for all else the same NotFound, so that nothing shows."""
        element = self._table.get_as(id, Element.of) if isinstance(id, int) and 0 < id < 2**63 else None
        rules = self._rules(element.process) if element is not None and (element.deleted_at is not None) == deleted else None
        if element and rules and access.decide(rules.process, actor, Action.READ, element.stage, element.responsible):
            return element, rules
        raise NotFound(path=str(id)[:40], what="element")

    def _in_order(self, actor: Actor, ids: Iterable[int], actions: Iterable[Action] = (Action.READ,)) -> list[Element]:
        """Those of these elements to which the actor may do all `actions`, in the order of the ids."""
        wanted, asked = list(dict.fromkeys(ids)), list(actions)
        versions = {code: self._library.published(code) for code in self._library.codes()}
        homes = {code: version.process for code, version in versions.items() if version is not None}
        found = {doc.doc_id: Element.of(doc.doc_id, doc) for doc in self._table.get(doc_ids=wanted) if doc["deleted_at"] is None}
        return [
            found[number]
            for number in wanted
            if number in found
            and (home := homes.get(found[number].process)) is not None
            and all(access.decide(home, actor, a, found[number].stage, found[number].responsible) for a in asked)
        ]

    def _references(self, actor: Actor) -> References:
        return References(
            self._db, lambda element: element.process in self._library.codes() and self.may(actor, element, Action.READ)
        )

    def _reading(self) -> Reading:
        """How texts that robots fill in are read: the marks are those of the workspace's language."""
        settings = self._settings.get()
        return replace(reading_of(settings.language), day_first=True, zone=settings.tz)

    def _asking(self, actor: Actor) -> Asking:
        return Asking(me=actor.id, now=self._clock.now().astimezone(self._settings.get().tz))

    def _new(self, rules: Validator, system: Mapping[str, Any], fields: Mapping[str, Any], now: str, by: int | None) -> Element:
        stage = system["stage"]
        return Element(
            id=0,
            process=rules.process.code,
            title=system.get("title", ""),
            funnel=system["funnel"],
            stage=stage,
            responsible=system["responsible"],
            created_at=now,
            created_by=by,
            updated_at=now,
            updated_by=by,
            moved_at=now,
            closed_at=now if rules.semantics(stage) != "P" else None,
            values=dict(fields),
        )

    def _stored(self, element: Element) -> Element:
        """Insert; an empty title becomes the element word with the number it is given."""
        number = self._table.insert(element.doc())
        if element.title:
            return element.stored(number, element.title)
        title = default_title(self.rules(element.process), number)
        self._table.update({"title": title}, doc_ids=[number])
        return element.stored(number, title)

    def _changed(self, element: Element, rules: Validator, changes: Mapping[str, list[Any]], by: int | None) -> Element:
        now = stamp(self._clock.now())
        system, fields = _split({code: pair[1] for code, pair in changes.items()})
        kept = {code: value for code, value in element.values.items() if code not in changes} | fields
        moved: dict[str, Any] = {}
        if "stage" in system:
            ended = rules.semantics(system["stage"]) != "P"
            moved = {"moved_at": now, "closed_at": now if ended else None}
        return element._replace(**system, **moved, values=kept, version=element.version + 1, updated_at=now, updated_by=by)

    def _put(
        self,
        actor: Actor,
        before: Element,
        after: Element,
        rules: Validator,
        changes: Mapping[str, Any],
        cause: Cause,
        quiet: bool = False,
    ) -> Element:
        self._table.replace(after.id, after.doc(), made=(Element.of, after))  # `before` was read in this very transaction
        moved = "stage" in changes
        data = {"from_semantics": rules.semantics(before.stage), "to_semantics": rules.semantics(after.stage)} if moved else {}
        self._tell(actor, "moved" if moved else "changed", after, cause, changes, data, after.updated_at, quiet)
        return after

    def _bin(self, actor: Actor, element: Element, at: str | None, kind: EventKind, cause: Cause) -> Element:
        now, by = stamp(self._clock.now()), _who(actor, cause)
        after = element._replace(deleted_at=at, version=element.version + 1, updated_at=now, updated_by=by)
        self._table.replace(element.id, after.doc(), expect=element.version)
        if kind == "deleted":
            self._tell_deleted([element.id])
        self._tell(actor, kind, after, cause, {}, {}, now)
        return after

    def _merged(self, element: Element, expect: int | None, entered: dict[str, Any]) -> dict[str, Any]:
        """What the caller really changed since the version it saw; Stale when others changed the same values meanwhile.

        Even to the same value: who counts up from what they saw must not be told that it was done.
        """
        if expect is None or expect == element.version:
            return entered
        seen = self._log.seen_at(element.id, expect)
        mine = {code: value for code, value in entered.items() if code not in seen or not _same(seen[code], value)}
        if seen.keys() & mine.keys():
            theirs = {code: element.get(code) for code in seen}
            raise Stale(str(element.id), mine, theirs, version=element.version)
        return mine

    def _tell(
        self,
        actor: Actor,
        kind: EventKind,
        element: Element,
        cause: Cause,
        changes: Mapping[str, Any],
        data: Mapping[str, Any],
        at: str,
        quiet: bool = False,
    ) -> Event:
        return self._announce(_event(actor, kind, element, cause, changes, data, at), element, quiet)

    def _announce(self, event: Event, element: Element | None, quiet: bool = False) -> Event:
        stored = self._log.append(event)
        self._hear(stored, element, quiet)
        return stored

    def _tell_deleted(self, ids: Collection[int]) -> None:
        for listener in self._mourners if ids else ():
            listener(ids)

    def _hear(self, event: Event, element: Element | None, quiet: bool = False) -> None:
        for listener in self._bookkeepers if quiet else self._listeners:
            listener(event, element)

    def _after_bulk(self, rules: Validator, made: list[bulk.Made], ids: list[int], cause: Cause, run_robots: bool) -> None:
        """Give default titles, write the history and tell the listeners of what `create_many` stored."""
        events: list[Event] = []
        elements: dict[int, Element] = {}
        for each, number in zip(made, ids, strict=True):
            title = each.element.title or default_title(rules, number)
            if not each.element.title:
                self._table.update({"title": title}, doc_ids=[number])
            elements[number] = each.element.stored(number, title)
            events += each.events(elements[number], cause)
        for event in self._log.append_all(events):
            for listener in self._listeners if run_robots and event.kind == "created" else ():
                element = elements[event.element or 0]
                listener(bulk.as_it_stands(event, element, rules), element)


def default_title(rules: Validator, number: int) -> str:
    """What an element without a title is called: `Deal #12`."""
    return f"{rules.process.element_title or rules.process.title} #{number}"


def _event(
    actor: Actor, kind: EventKind, element: Element, cause: Cause, changes: Mapping[str, Any], data: Mapping[str, Any], at: str
) -> Event:
    """What happened to an element, which is given as it stands afterwards."""
    by, data = _who(actor, cause), {**data, "version": element.version}
    return Event(kind, element.process, element.id, at, by, cause.chain, cause.run, cause.note, changes, data)


def _who(actor: Actor, cause: Cause) -> int | None:
    return cause.user if cause.user is not None else actor.id


def _titled(entered: Mapping[str, Any], rules: Validator, number: int) -> dict[str, Any]:
    return {**entered, "title": entered["title"] or default_title(rules, number)} if "title" in entered else dict(entered)


def _placed(element: Element) -> dict[str, Any]:
    """The system values that a history shows."""
    found = {code: element.get(code) for code in ("title", "funnel", "stage", "responsible")}
    return {code: value for code, value in found.items() if value not in ("", None)}


def _split(entered: Mapping[str, Any]) -> tuple[dict[str, Any], dict[str, Any]]:
    """System values, and fields that are not empty."""
    system = {code: value for code, value in entered.items() if code in ("title", "funnel", "stage", "responsible")}
    return system, {code: value for code, value in entered.items() if code not in system and value is not None}


def _same(before: Any, after: Any) -> bool:
    return bool(before == after) and isinstance(before, bool) == isinstance(after, bool)


def _refuse(problems: list[Any]) -> None:
    if problems:
        raise Invalid(problems)
