"""Processes as designed: drafts with their undo, and numbered published versions. The library the other rooms are handed."""

from __future__ import annotations

import threading
from collections.abc import Callable, Collection, Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from tinydb import where
from tinydb.table import Document

from builder import changes as differences
from builder import limits
from builder.changes import Change
from builder.check import problems
from builder.flows import Flow, flows, redrafted
from builder.graphs import NESTING, nesting
from model.access import Action, Actor, Role, level
from model.clock import Clock, stamp
from model.errors import Denied, Invalid, NotAllowed, NotFound, Problem, Stale
from model.field import Field, FieldType
from model.filter import DEPTH
from model.kind import Catalog
from model.process import Process, Version, as_process
from model.robot import Robot, Trigger
from store import Database

UNDO_LIMIT = 50
"""How many states of a draft are kept."""

Doc = dict[str, Any]
HasData = Callable[[str, str], bool]
"""(process, field) -> whether any element, deleted ones included, has a value there."""
StageInUse = Callable[[str, str], int]
"""(process, stage) -> how many elements stand there."""
Sees = Callable[[Process, int], bool]
"""(process, user) -> whether they may read any of its elements."""
StageAwaited = Callable[[str, str], int]
"""(process, stage) -> how many runs that have not ended will move their element there."""
TemplateProblems = Callable[[str, Process], Iterable[Problem]]
"""(template, process) -> what is wrong with it, each with a path inside the template or an empty one."""
IsActive = Callable[[int], bool]
"""Whether robots can act as this user: 0, the system, or somebody who has not left."""


@dataclass(frozen=True, slots=True)
class Row:
    """A process in the gallery. `published` is 0 until it is; `changed`: the draft differs from the published version."""

    code: str
    title: str
    icon: str
    color: str
    published: int
    changed: bool
    description: str
    preset: str
    changed_at: str
    changed_by: int | None
    archived: bool


@dataclass(frozen=True, slots=True)
class VersionRow:
    """A published version in the list of versions."""

    number: int
    published_at: str
    published_by: int
    note: str


@dataclass(frozen=True, slots=True)
class Steps:
    """How many states of the draft can be gone back to and forward to."""

    undo: int
    redo: int


class Processes:
    """Drafts, versions and what may be done to them. Every write is one transaction and checks the actor's rights."""

    def __init__(
        self,
        db: Database,
        clock: Clock,
        types: Catalog[FieldType],
        robots: Catalog[Robot],
        triggers: Catalog[Trigger],
        ensure_roles: Callable[[Iterable[Role]], object],
        *,
        has_data: HasData = lambda process, field: False,
        stage_in_use: StageInUse = lambda process, stage: 0,
        template_problems: TemplateProblems = lambda text, process: (),
        icons: Callable[[], Collection[str]] = tuple,
        is_active: IsActive = lambda user: True,
        sees: Sees = lambda process, user: True,
        stage_awaited: StageAwaited = lambda process, stage: 0,
    ) -> None:
        self._db, self._clock = db, clock
        self._types, self._robots, self._triggers = types, robots, triggers
        self._ensure_roles = ensure_roles
        self._has_data, self._stage_in_use, self._template_problems = has_data, stage_in_use, template_problems
        self._icons = icons
        self._is_active, self._sees, self._stage_awaited = is_active, sees, stage_awaited
        self._table, self._versions, self._history = db.table("processes"), db.table("versions"), db.table("draft_history")
        self._force = db.table("in_force")
        self._listeners: list[Callable[[Version], object]] = []
        self._parsed: dict[tuple[str, int], Version] = {}
        self._numbers: tuple[int, Mapping[str, int]] = (-1, {})
        self._mine = threading.local()

    # --- reading ---------------------------------------------------------------------------------------------------

    def all(self, archived: bool = False, actor: Actor | None = None) -> list[Row]:
        """The gallery in order of title: those in use, or the archived ones; with an actor, those that concern them."""
        docs = [d for d in self._table.search() if bool(d.get("archived_at")) is archived]
        rows = [self._row(doc) for doc in docs if actor is None or self._concerns(doc, actor)]
        return sorted(rows, key=lambda row: (row.title.casefold(), row.code))

    def codes(self) -> Collection[str]:
        """Codes of the processes that have a version in force."""
        return self._in_force().keys()

    def draft(self, code: str) -> Process:
        """The draft; NotFound when there is no such process."""
        return self._draft(self._doc(code))

    def revision(self, code: str) -> int:
        """Number of the draft's state: hand it to `save` as `expect`."""
        return int(self._doc(code)["revision"])

    def published(self, code: str) -> Version | None:
        """The version in force; None when there is no such process, it was never published or is archived."""
        number = self._in_force().get(code)
        return self.version(code, number) if number else None

    def version(self, code: str, number: int) -> Version:
        """A published version, parsed once; NotFound when there is none."""
        known = self._parsed.get((code, number))
        if known is not None:
            return known
        doc = self._versions.get((where("process") == code) & (where("number") == number))
        if doc is None:
            raise NotFound("no_such_version", code, number=number)
        found = Version(process=as_process(doc["data"]), owners=doc.get("owners") or {}, **{k: doc[k] for k in _VERSION})
        if not self._touched(self._db.revision()):
            self._parsed[code, number] = found
        return found

    def versions(self, code: str) -> list[VersionRow]:
        """The published versions, the newest first."""
        rows = self._versions.select(_VERSION, where("process") == code, sort=[("number", True)])
        return [VersionRow(*row) for row in rows]

    def changes(self, code: str) -> list[Change]:
        """The draft against the latest published version; empty when it was never published."""
        doc = self._doc(code)
        if not doc["published"]:
            return []
        before = self.version(code, doc["published"]).process
        return differences.changes(before, self._draft(doc), lambda kind: "trigger" if kind in self._triggers else "robot")

    def flows(self, actor: Actor, code: str) -> list[Flow]:
        """The flows of the draft, and whom each would act as if this actor published it."""
        doc = self._doc(code)
        before = self.version(code, doc["published"]) if doc["published"] else None
        draft = self._draft(doc)
        # drafts of older workspaces do not say who changed which flow: then it was whoever changed the draft
        drafted = doc.get("drafted", {graph.code: [doc["changed_by"] or 0] for graph in draft.graphs})
        return flows(before, draft, actor.user, drafted, self._is_active)

    def problems(self, process: Process) -> list[Problem]:
        """All that is wrong with a process, warnings included."""
        known = {code for (code,) in self._table.select(["code"], where("archived_at") == None)}  # noqa: E711
        return problems(
            process, self._types, self._robots, self._triggers, processes=known, icons=self._icons,
            template_problems=self._template_problems, sees=self._sees, others=self._other,
        )  # fmt: skip

    def _other(self, code: str) -> Process | None:
        """Another process, as its elements are now."""
        version = self.published(code)
        return version.process if version else None

    def steps(self, code: str) -> Steps:
        """How far undo and redo reach."""
        at = self._doc(code)["position"]
        kept = [position for (position,) in self._history.select(["position"], where("process") == code)]
        return Steps(sum(p < at for p in kept), sum(p > at for p in kept))

    def may(self, actor: Actor, code: str, action: Action = Action.SETTINGS) -> bool:
        """Whether the actor may change the draft (`robots`: at least its graphs)."""
        allowed = (Action.SETTINGS,) if action == Action.SETTINGS else (Action.SETTINGS, action)
        return self._allowed(actor, self._doc(code), allowed)

    def may_any(self, actor: Actor) -> bool:
        """Whether there is a process in use whose draft, or at least its graphs, the actor may change."""
        docs = (doc for doc in self._table.search() if not doc.get("archived_at"))
        return any(self._allowed(actor, doc, (Action.SETTINGS, Action.ROBOTS)) for doc in docs)

    # --- writing ---------------------------------------------------------------------------------------------------

    def create(self, actor: Actor, process: Process) -> Process:
        """Start a draft. Denied unless the actor is an administrator; NotAllowed("code_taken"); Invalid("too_deep") as `save`."""
        if not actor.admin:
            raise Denied("admins_only", process.code)
        with self._db.transaction():
            if self._table.contains(where("code") == process.code):
                raise NotAllowed("code_taken", "code", name=process.code)
            now = stamp(self._clock.now())
            data = _stored(process)
            self._table.insert(
                {"code": process.code, "draft": data, "published": 0, "changed_at": now, "changed_by": actor.id,
                 "archived_at": None, "revision": 1, "position": 1, "created_at": now,
                 "drafted": {graph.code: [actor.user] for graph in process.graphs}}
            )  # fmt: skip
            self._history.insert({"process": process.code, "position": 1, "data": data, "at": now, "by": actor.id})
        return process

    def save(self, actor: Actor, process: Process, expect: int | None = None) -> int:
        """Put another whole draft in the place of the present one; gives the new revision.

        Denied without the right (`robots` is enough when only graphs differ); Stale when `expect` is not the present revision;
        NotAllowed when a field with data would change its type or a stage with elements would go; Invalid("too_deep") when
        parameters are nested deeper than any store keeps, or with what `limits` finds too much of.
        """
        with self._db.transaction():
            doc = self._doc(process.code)
            before = self._draft(doc)
            self._require(actor, doc, before, process)
            if expect is not None and expect != doc["revision"]:
                raise _stale(process, before, doc["revision"])
            process = self._kept(before, process)
            if process == before:
                return int(doc["revision"])
            self._guard(before, process)
            position = doc["position"] + 1
            data = _stored(process, before)
            self._remember(actor, process.code, data, position)
            return self._write(actor, doc, before, process, position)

    def undo(self, actor: Actor, code: str) -> Process:
        """Go one state of the draft back; NotAllowed("nothing_to_undo")."""
        return self._step(actor, code, -1, "nothing_to_undo")

    def redo(self, actor: Actor, code: str) -> Process:
        """Take the last undo back; NotAllowed("nothing_to_redo")."""
        return self._step(actor, code, 1, "nothing_to_redo")

    def discard(self, actor: Actor, code: str) -> Process:
        """Make the draft what was published last (undo brings it back); NotAllowed("never_published")."""
        number = self._doc(code)["published"]
        if not number:
            raise NotAllowed("never_published", code)
        self.save(actor, self.version(code, number).process)
        return self.draft(code)

    def publish(
        self, actor: Actor, code: str, note: str = "", *, agreed: Collection[str] = (), expect: int | None = None
    ) -> Version:
        """Freeze the draft as the next version. Invalid(problems) when any is an error; NotAllowed as `save`, or archived.

        New and changed flows act as the actor from now on. Those that somebody else has drafted, or that act as somebody else
        so far, must be among the `agreed` ones: NotAllowed("flows_unread"). Stale when `expect` is not the present revision.
        """
        with self._db.transaction():
            doc = self._doc(code)
            if doc["archived_at"]:
                raise NotAllowed("process_archived", code)
            draft = self._draft(doc)
            if expect is not None and expect != doc["revision"]:
                raise _stale(draft, draft, doc["revision"])
            before = self.version(code, doc["published"]).process if doc["published"] else None
            self._require(actor, doc, before, draft)
            owners = self._owners(actor, code, agreed)
            found = [p for p in self.problems(draft) if p.level == "error"]
            if found:
                raise Invalid(found)
            if before is not None:
                self._guard(before, draft)
                self._await(before, draft)
            version = self._freeze(actor, doc, draft, note, owners)
            self._ensure_roles(draft.roles)
            for listener in self._listeners:
                listener(version)
        return version

    def _owners(self, actor: Actor, code: str, agreed: Collection[str]) -> dict[str, int]:
        """Whom the flows will act as, where it is not the actor; NotAllowed when one is taken over unread."""
        found = self.flows(actor, code)
        unread = [flow.graph.title for flow in found if flow.to_agree and flow.graph.code not in agreed]
        if unread:
            raise NotAllowed("flows_unread", f"{code}/graphs", names=", ".join(unread), n=len(unread))
        return {flow.graph.code: flow.acts_as for flow in found if flow.acts_as != actor.user}

    def on_publish(self, listener: Callable[[Version], object]) -> None:
        """Call it with every new version, inside the transaction that publishes it."""
        self._listeners.append(listener)

    def archive(self, actor: Actor, code: str) -> None:
        """Take a process out of use: nothing of it is lost, and `unarchive` brings it back."""
        self._put_away(actor, code, stamp(self._clock.now()))

    def unarchive(self, actor: Actor, code: str) -> None:
        """Bring an archived process back into use."""
        self._put_away(actor, code, None)

    # --- inside ----------------------------------------------------------------------------------------------------

    def _doc(self, code: str) -> Any:
        doc = self._table.get(where("code") == code)
        if doc is None:
            raise NotFound("no_such_process", code, process=code)
        return doc

    def _draft(self, doc: Doc) -> Process:
        return as_process(doc["draft"])

    def _row(self, doc: Doc) -> Row:
        draft = self._draft(doc)
        number = doc["published"]
        shown = self.version(doc["code"], number).process if number else draft
        return Row(
            doc["code"], shown.title, shown.icon, shown.color, number, bool(number) and shown != draft, shown.description,
            shown.preset, doc["changed_at"], doc["changed_by"], bool(doc["archived_at"]),
        )  # fmt: skip

    def _governing(self, doc: Doc) -> Process:
        """Whose grants count: those of the published version; of the draft as long as there is none."""
        return self.version(doc["code"], doc["published"]).process if doc["published"] else self._draft(doc)

    def _concerns(self, doc: Doc, actor: Actor) -> bool:
        seen = (Action.SETTINGS, Action.ROBOTS) if not doc["published"] else (Action.READ, Action.SETTINGS, Action.ROBOTS)
        return self._allowed(actor, doc, seen)

    def _allowed(self, actor: Actor, doc: Doc, actions: Iterable[Action]) -> bool:
        process = self._governing(doc)
        stages = ["", *(s.code for s in process.stages())]
        return any(level(process, actor, action, s) > 0 for action in actions for s in stages)

    def _require(self, actor: Actor, doc: Doc, before: Process | None, after: Process) -> None:
        """Denied unless the actor may turn one into the other."""
        only_graphs = before is not None and before.model_copy(update={"graphs": after.graphs}) == after
        actions = (Action.SETTINGS, Action.ROBOTS) if only_graphs else (Action.SETTINGS,)
        if not self._allowed(actor, doc, actions):
            raise Denied(path=doc["code"], action=actions[-1].value, process=after.title, reason="no_grant")

    def _guard(self, before: Process, after: Process) -> None:
        """NotAllowed when elements would be left with values of another type or on a stage that is gone."""
        was = {f.code: f for f in (*before.removed_fields, *before.fields)}
        for field in (*after.fields, *after.removed_fields):
            old = was.get(field.code)
            if old and (old.kind, old.multiple) != (field.kind, field.multiple) and self._has_data(after.code, field.code):
                raise NotAllowed("field_type_fixed", f"fields/{field.code}", title=old.title)
        there = {(f.code, s.code) for f in after.funnels for s in f.stages}
        for funnel in before.funnels:
            for stage in funnel.stages:
                count = self._stage_in_use(after.code, stage.code) if (funnel.code, stage.code) not in there else 0
                if count:
                    raise NotAllowed("stage_in_use", f"stages/{stage.code}", title=stage.title, n=count)

    def _await(self, before: Process, after: Process) -> None:
        """NotAllowed when runs that wait would come to a stage that is gone: they keep the version that started them."""
        there = {stage.code for stage in after.stages()}
        for stage in before.stages():
            count = self._stage_awaited(after.code, stage.code) if stage.code not in there else 0
            if count:
                raise NotAllowed("stage_awaited", f"stages/{stage.code}", title=stage.title, n=count)

    def _kept(self, before: Process, after: Process) -> Process:
        """The new draft, with left out fields that have data among the removed ones: data is never orphaned."""
        there = {f.code for f in (*after.fields, *after.removed_fields)}
        missing: dict[str, Field] = {f.code: f for f in (*before.fields, *before.removed_fields) if f.code not in there}
        lost = tuple(f for f in missing.values() if self._has_data(after.code, f.code))
        return after.model_copy(update={"removed_fields": (*after.removed_fields, *lost)}) if lost else after

    def _remember(self, actor: Actor, code: str, data: Doc, position: int) -> None:
        """Add a state to the undo history; what could be redone and what is too old goes."""
        mine = where("process") == code
        self._history.remove(mine & ((where("position") >= position) | (where("position") <= position - UNDO_LIMIT)))
        now = stamp(self._clock.now())
        self._history.insert({"process": code, "position": position, "data": data, "at": now, "by": actor.id})

    def _write(self, actor: Actor, doc: Any, before: Process, process: Process, position: int) -> int:
        revision = int(doc["revision"]) + 1
        changed = {"draft": process.dump(), "revision": revision, "position": position, "changed_by": actor.id}
        changed["drafted"] = redrafted(doc.get("drafted", {}), before, process, actor.user)
        self._table.update({**changed, "changed_at": stamp(self._clock.now())}, doc_ids=[doc.doc_id])
        return revision

    def _step(self, actor: Actor, code: str, by: int, otherwise: str) -> Process:
        with self._db.transaction():
            doc = self._doc(code)
            state = self._history.get((where("process") == code) & (where("position") == doc["position"] + by))
            if state is None:
                raise NotAllowed(otherwise, code)
            before = self._draft(doc)
            process = self._kept(before, as_process(state["data"]))
            self._require(actor, doc, before, process)
            self._guard(before, process)
            self._write(actor, doc, before, process, doc["position"] + by)
        return process

    def _freeze(self, actor: Actor, doc: Any, draft: Process, note: str, owners: dict[str, int]) -> Version:
        number = doc["published"] + 1
        row = {"number": number, "published_at": stamp(self._clock.now()), "published_by": actor.user, "note": note[:1000]}
        self._touch()
        self._versions.insert({"process": draft.code, "data": draft.dump(), "owners": owners, **row})
        self._table.update({"published": number, "drafted": {}}, doc_ids=[doc.doc_id])
        self._write_in_force()
        return Version(process=draft, owners=owners, **row)

    def _put_away(self, actor: Actor, code: str, at: str | None) -> None:
        with self._db.transaction():
            doc = self._doc(code)
            if not self._allowed(actor, doc, (Action.SETTINGS,)):
                raise Denied(path=code, action=Action.SETTINGS.value, process=self._draft(doc).title, reason="no_grant")
            self._touch()
            self._table.update({"archived_at": at}, doc_ids=[doc.doc_id])
            self._write_in_force()

    def _touch(self) -> None:
        """Remember that this thread writes what `_in_force` reads: until its transaction ends it looks for itself."""
        self._mine.since = self._db.revision()

    def _touched(self, revision: int) -> bool:
        return getattr(self._mine, "since", None) == revision and self._db.in_transaction

    def _in_force(self) -> Mapping[str, int]:
        """Published number by code. Looked up once for each commit, so that hot paths neither parse nor query."""
        revision = self._db.revision()
        if self._touched(revision):
            return self._look_up()
        if self._numbers[0] != revision:
            self._numbers = (revision, self._look_up())
        return self._numbers[1]

    def _look_up(self) -> Mapping[str, int]:
        found: Mapping[str, int] | None = self._force.get_as(1, _held)
        return self._published() if found is None else found

    def _published(self) -> dict[str, int]:
        """The same, as the processes have it."""
        used = (where("archived_at") == None) & (where("published") > 0)  # noqa: E711  a Query
        return dict(self._table.select(["code", "published"], used))

    def _write_in_force(self) -> None:
        """Keep the numbers by themselves: they are read after every commit, and beside the drafts that takes long."""
        now = self._published()
        if self._force.contains(doc_id=1):
            self._force.replace(1, now)
        else:
            self._force.insert(Document(now, doc_id=1))


def _held(number: int, doc: Doc) -> Doc:
    return doc


_VERSION = ("number", "published_at", "published_by", "note")


def _stored(process: Process, before: Process | None = None) -> dict[str, Any]:
    """The JSON form; Invalid when parameters are nested too deep to be written, or something is more than is sensible.

    What was too much `before` blocks nobody who changes something else; publishing will.
    """
    known = {(p.path, p.code) for p in limits.problems(before)} if before is not None else set()
    excess = [p for p in limits.problems(process) if (p.path, p.code) not in known]
    if excess:
        raise Invalid(excess)
    parts = {f"fields/{f.code}": f.params | {"default": f.default} for f in (*process.fields, *process.removed_fields)}
    parts |= {f"graphs/{g.code}/nodes/{n.id}": n.params for g in process.graphs for n in g.nodes}
    deep = [Problem(path, "too_deep", {"limit": DEPTH}) for path, params in parts.items() if nesting(params) > NESTING]
    if deep:
        raise Invalid(deep)
    return process.dump()


def _stale(mine: Process, theirs: Process, revision: int) -> Stale:
    """Both sides of a draft that two people changed, by the parts in which they differ."""
    ours, others = mine.dump(), theirs.dump()
    parts = [part for part in ours if ours[part] != others[part]]
    return Stale(mine.code, {p: ours[p] for p in parts}, {p: others[p] for p in parts}, revision=revision)
