"""The engine: events start runs, and drained runs do their work. Effects, trace and progress are one commit."""

from __future__ import annotations

import logging
from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from datetime import datetime
from typing import Any

from tinydb import where
from tinydb.table import Document

from model import access
from model.access import SYSTEM_ACTOR, Action, Actor
from model.clock import Clock, moment, stamp
from model.element import Element
from model.errors import NotAllowed, NotFound, SignedOut, VoronkaError
from model.event import DEPTH_LIMIT, Event
from model.filter import ALL
from model.kind import Catalog
from model.robot import Pause, Robot, Trigger
from model.run import Run
from runtime.alarm import Alarm
from runtime.doors import Crew, Doors
from runtime.elements import Elements
from runtime.history import EventLog
from runtime.library import Library
from runtime.newest import newest
from runtime.program import Compiled, Program, Programs, Spot, matches
from runtime.runs import ALIVE, QUEUED, Runs
from runtime.step import Deeds
from runtime.walk import Passage, Walker, has_left
from runtime.watchdog import Watchdog
from store import Database, StoreError

log = logging.getLogger(__name__)

KIN_LIMIT = 200
"""How many runs may come of one event: robots that start themselves twice over never get deep, but soon get many."""
MANY = 100
"""Runs that are stopped or tried again in one commit."""
BATCH = 50
"""Runs that share one commit. More would keep people's own writes waiting."""


class Engine:
    """Starts and walks runs. `on_event` and `on_deleted` are hung into those of `Elements`; `drain` is the worker's."""

    def __init__(
        self,
        db: Database,
        clock: Clock,
        library: Library,
        robots: Catalog[Robot],
        triggers: Catalog[Trigger],
        elements: Elements,
        doors: Doors,
    ) -> None:
        self._db, self._clock, self._library, self._elements, self._doors = db, clock, library, elements, doors
        self.programs = Programs(library, robots, triggers)
        self._runs, self._events = Runs(db, clock), EventLog(db)
        self._walker, self._watchdog = Walker(db, clock, self._runs), Watchdog(db)
        self.alarm = Alarm(db, doors)

    # starting

    def on_event(self, event: Event, element: Element | None) -> None:
        """Wake the runs that wait for this and start those whose trigger it fires. Inside the writing transaction."""
        if event.element is not None and event.id and event.kind not in ("created", "deleted"):
            for row in self._runs.hear(event):
                self._runs.wake(row["run"], row["node"], {"what": "event", "event": event.id})
        program = self.programs.current(event.process)
        if program is None or event.kind not in program.listening:
            return
        fired = [spot for spot in program.hearing(event) if self._fires(spot, program, event, element)]
        if fired:
            self._start_all(program, fired, event, element)

    def on_deleted(self, elements: Collection[int]) -> None:
        """Stop the runs of elements that go into the bin. Inside the writing transaction."""
        self._runs.stop_elements(elements, "element_deleted")

    def _start_all(self, program: Program, fired: list[Spot], event: Event, element: Element | None) -> None:
        """Start the runs of one event, unless robots have led to it that feed themselves."""
        root = self._root(event)
        kin = self._runs.table.count(where("root") == root) if event.run is not None else 0
        if len(event.chain) >= DEPTH_LIMIT:
            self._stop_loop(program, fired[0], event, root, "loop", DEPTH_LIMIT)
        elif kin >= KIN_LIMIT:
            self._stop_loop(program, fired[0], event, root, "loop_wide", KIN_LIMIT)
        else:
            for spot in fired:
                self._admit(program, spot, event, element, root)

    def _admit(self, program: Program, spot: Spot, event: Event, element: Element | None, root: int | None = None) -> int | None:
        """Start a run, if the graph's mode lets it."""
        graph = program.graphs[spot.graph].graph
        doc = self._doc(program, spot, event, "ready") | ({"root": root} if root is not None else {})
        if graph.stop_on_leave and element is not None and element.stage:
            doc["stage"] = element.stage
        return self._runs.admit(doc, graph.mode, event.run)

    def _root(self, event: Event) -> int:
        """What is at the beginning of all that led to this event: an event, or (negative) a run that a time started."""
        parent = self._runs.get(event.run) if event.run is not None else None
        return event.id if parent is None else int(parent.get("root") or parent["event"] or -(event.run or 0))

    def now(self) -> datetime:
        """The time in the zone that the workspace's dates mean."""
        return self._clock.now().astimezone(self._doors.reader(SYSTEM_ACTOR).zone)

    def start(self, actor: Actor, element: int, graph: str) -> Run:
        """Start a graph by hand. NotFound, Denied; NotAllowed("not_by_hand") without such a trigger, ("not_met") if its
        condition does not hold, ("graph_goes_on") if it is one that starts only when none of its runs goes on."""
        with self._db.transaction():
            found = self._elements.get(actor, element)
            program = self.programs.current(found.process)
            if program is None or graph not in program.graphs:
                raise NotFound(path=graph[:40], what="graph")
            access.require(program.process, actor, Action.CHANGE, found.stage, found.responsible)
            title = program.graphs[graph].graph.title
            if not any(s.graph == graph for s in program.listening.get("started", ())):
                raise NotAllowed("not_by_hand", graph, graph=title)
            at = stamp(self._clock.now())
            event = self._elements.emit(Event("started", found.process, element, at, actor.id, data={"graph": graph}))
            made = self._runs.table.search((where("element") == element) & (where("event") == event.id), limit=1)
            if not made:
                place = {"process": found.process, "graph": graph, "element": element}
                if program.graphs[graph].graph.mode == "ignore" and self._runs.alive(place):
                    raise NotAllowed("graph_goes_on", graph, graph=title)
                raise NotAllowed("not_met", graph, graph=title)
            return Run.of(made[0].doc_id, made[0])

    def startable(self, actor: Actor, element: int) -> list[tuple[str, str]]:
        """(code, title) of the graphs that this actor may start by hand for an element now."""
        found = self._elements.get(actor, element)
        program = self.programs.current(found.process)
        if program is None or not self._elements.may(actor, found, Action.CHANGE):
            return []
        now = self.now()
        spots = program.listening.get("started", ())
        codes = {s.graph for s in spots if matches(s.trigger.condition, found, program.process, actor.id, now)}
        return [(code, compiled.graph.title) for code, compiled in program.graphs.items() if code in codes]

    def fire(self, program: Program, spot: Spot, event: Event, element: Element | None) -> bool:
        """Start a run for a time that has come, if its condition holds; for the timers, inside their transaction."""
        return self._fires(spot, program, event, element) and self._admit(program, spot, event, element) is not None

    def _fires(self, spot: Spot, program: Program, event: Event, element: Element | None) -> bool:
        """Whether a trigger fires. One that cannot decide must not undo people's work: it is told once and does not fire."""
        try:
            if not spot.trigger.fires(event, element):
                return False
            condition = spot.trigger.condition
            return element is None or condition == ALL or matches(condition, element, program.process, event.by, self.now())
        except StoreError:  # an event starts its runs, or it did not happen
            raise
        except Exception as error:  # whatever a designer has drawn
            self.alarm.trigger(program, spot, error, event.element)
            return False

    def _doc(self, program: Program, spot: Spot, event: Event, state: str) -> dict[str, Any]:
        code = program.process.code
        return {
            "process": code, "graph": spot.graph, "version": program.version.number, "state": state,
            "element": event.element, "event": event.id, "trigger": spot.node, "started_at": stamp(self._clock.now()),
            "finished_at": None, "due": None, "chain": [*event.chain, f"{code}/{spot.graph}/{spot.node}"],
            "owner": program.version.acts_as(spot.graph), "reason": "", "context": {}, "nodes": {}, "trace": [], "turn": 0,
            "cause": None if event.id else event.doc(),
        }  # fmt: skip

    def _stop_loop(self, program: Program, spot: Spot, event: Event, root: int, reason: str, limit: int) -> None:
        """Record that a chain of robots feeds itself, and tell who published them: once for all that came of one event."""
        if self._runs.table.search((where("root") == root) & where("reason").one_of(["loop", "loop_wide"]), limit=1):
            return
        doc = self._doc(program, spot, event, "stopped")
        names = " → ".join(dict.fromkeys(self._place_title(place) for place in doc["chain"]))
        context = {"names": names, "chain": doc["chain"], "limit": limit}
        run = self._runs.table.insert(
            doc | {"root": root, "reason": reason, "context": context, "finished_at": doc["started_at"]}
        )
        owner = program.version.acts_as(spot.graph)
        if not owner:
            return
        words = self._doors.reader(SYSTEM_ACTOR).t("run.notice.loop", names=names, process=program.process.title)
        try:
            with self._db.transaction():
                self._doors.inbox.notify(owner, words[:2000], element=event.element, process=event.process, run=run)
        except VoronkaError:
            log.warning("Nobody to tell that %s went round in a loop", doc["chain"])

    def _place_title(self, place: str) -> str:
        """`process/graph/node` as people call it."""
        process, graph, _ = place.split("/", 2)
        program = self.programs.current(process)
        if program is None or graph not in program.graphs:
            return place
        return f"{program.process.title}: {program.graphs[graph].graph.title}"

    # working

    def drain(self, limit: int = 200) -> int:
        """Walk ready runs, oldest first, several to a commit; how many were walked."""
        done, full = 0, False
        while done < limit and (full or self._runs.any_ready()):  # nobody is kept from writing only to see that there is nothing
            with self._db.transaction():
                batch = self._runs.ready(min(BATCH, limit - done))
                self._drain(batch)
            done, full = done + len(batch), len(batch) == BATCH
        return done

    def _drain(self, batch: Sequence[Document]) -> None:
        """Walk these runs. What all of them will ask for is read at once."""
        elements = [doc["element"] for doc in batch if doc["element"] is not None]
        self._events.look_ahead(doc["event"] for doc in batch)
        self._elements.look_ahead(elements)
        crew = Crew(self._doors)
        with self._runs.ahead(elements):
            for doc in batch:
                self._take(doc.doc_id, crew)

    def _take(self, number: int, crew: Crew) -> None:
        """Walk one run inside a savepoint; one that breaks the engine itself fails alone."""
        try:
            with self._db.transaction():
                doc = self._runs.get(number)
                if doc is not None and doc["state"] == "ready":
                    self._walk(number, doc, crew)
                    if doc["state"] == "failed":
                        self._tell_owner(number, doc, crew)
        except VoronkaError as error:
            self._fail(number, "robot_failed", {"problem": str(error), "robot": "", "code": error.problem.code})
        except StoreError:  # the disk, the server, another worker: not this run's fault, and not over with it
            raise
        except Exception:
            log.exception("Run %d broke", number)
            self._fail(number, "broken")

    def _walk(self, number: int, doc: dict[str, Any], crew: Crew) -> None:
        found = self._prepared(number, doc, crew)
        if isinstance(found, str):
            # a publisher must not learn by failures how many elements there are that they may not see
            self._runs.finish(number, doc, "stopped" if found.startswith("element_") else "failed", found)
            return
        if any(record.get("waited") for record in doc["nodes"].values()):
            found.wakes = self._runs.take_wakes(number)
        self._walker.walk(found)

    def _prepared(self, number: int, doc: dict[str, Any], crew: Crew) -> Passage | str:
        """A run ready to be walked, or the reason why it cannot be."""
        try:
            program = self.programs.pinned(doc["process"], doc["version"])
            actor = crew.actor(doc["owner"])
        except SignedOut:
            return "owner_gone"
        except NotFound:
            return "version_gone"
        compiled: Compiled | None = program.graphs.get(doc["graph"])
        event = self._event_of(doc)
        if compiled is None or event is None:
            return "version_gone"
        deeds = Deeds(
            self._clock, self._library, self._elements, self._doors, actor, crew.reader(doc["owner"]), program.process,
            doc["graph"], number, event, self._events, crew.contact,
        )  # fmt: skip
        if doc["element"] is not None:
            try:
                deeds.element  # noqa: B018  its first reading decides whether the run can go on
            except NotFound:
                return "element_deleted" if self._is_deleted(doc["element"]) else "element_hidden"
        return Passage(number, doc, program, compiled, actor, event, deeds)

    def _event_of(self, doc: dict[str, Any]) -> Event | None:
        return Event.of(0, doc["cause"]) if doc.get("cause") else self._events.get(doc["event"])

    def _is_deleted(self, element: int) -> bool:
        doc = self._db.table("elements").get(doc_id=element)
        return doc is None or doc["deleted_at"] is not None

    def _tell_owner(self, number: int, doc: dict[str, Any], crew: Crew) -> None:
        """Tell who published a graph that it fails: once for each robot and reason until they look, however many runs do."""
        try:
            reader = crew.reader(doc["owner"])
        except SignedOut:
            return
        program = self.programs.pinned(doc["process"], doc["version"]) if doc["reason"] != "version_gone" else None
        if not doc["owner"] or program is None:
            return
        why = reader.t(f"run.reason.{doc['reason']}", **doc["context"])[:1000]
        graph = program.graphs[doc["graph"]].graph.title if doc["graph"] in program.graphs else doc["graph"]

        def words(times: int) -> str:
            return reader.t("run.notice.failed", graph=graph, process=program.process.title, why=why, n=times)

        more = {"element": doc["element"], "process": doc["process"], "run": number}
        self._doors.inbox.tell_once(doc["owner"], _failure(doc), words, **more)

    def _fail(self, number: int, reason: str, context: dict[str, Any] | None = None) -> None:
        """End a run. One whose very document cannot be worked with is put aside as it is: it must not keep the others waiting."""
        try:
            with self._db.transaction():
                doc = self._runs.get(number)
                if doc is not None:
                    self._runs.finish(number, doc, "failed", reason, context)
        except StoreError:
            raise
        except Exception:
            log.exception("Run %d cannot even be ended", number)
            ended = {"state": "failed", "reason": reason, "finished_at": stamp(self._clock.now()), "due": None}
            self._runs.table.update(ended, doc_ids=[number])

    # people

    def runs(
        self, actor: Actor, process: str | None = None, element: int | None = None, state: str | None = None, limit: int = 100
    ) -> list[Run]:
        """The newest runs of elements that the actor may read; those without an element only for who looks after the robots."""
        found: Any = None
        for path, value in (("process", process), ("element", element), ("state", state)):
            if value is not None:
                found = where(path) == value if found is None else found & (where(path) == value)
        return newest(
            self._runs.table, found, limit, lambda docs: self._readable(actor, [Run.of(doc.doc_id, doc) for doc in docs])
        )

    def run(self, actor: Actor, run: int) -> Run:
        """One run; NotFound when there is none whose element the actor may read."""
        doc = self._runs.get(run)
        seen = self._readable(actor, [Run.of(run, doc)]) if doc is not None else []
        if not seen:
            raise NotFound(path=str(run)[:40], what="run")
        return seen[0]

    def _readable(self, actor: Actor, runs: Iterable[Run]) -> list[Run]:
        listed = list(runs)
        titles = self._elements.titles(actor, {r.element for r in listed if r.element is not None})
        return [r for r in listed if (r.element in titles if r.element is not None else self._looks_after(actor, r.process))]

    def _looks_after(self, actor: Actor, process: str) -> bool:
        program = self.programs.current(process)
        return actor.admin or (program is not None and access.may(program.process, actor, Action.ROBOTS))

    def cancel(self, actor: Actor, run: int) -> None:
        """Stop a run that has not ended. NotFound, Denied; NotAllowed("run_ended")."""
        with self._db.transaction():
            doc = self._changeable(actor, run)
            if doc["state"] not in ALIVE:
                raise NotAllowed("run_ended", str(run))
            self._runs.finish(run, doc, "stopped", "cancelled", {"by": actor.name})

    def retry(self, actor: Actor, run: int, *, current: bool = False) -> None:
        """Let a failed run go on from the node that failed, with its own version or with the one in force.

        The version in force must still have the nodes at which the run stands, by their ids: NotAllowed("retry_node_gone",
        robot=) or ("retry_graph_gone"). Robots that stand before those by now, or hang on what is done, work too.
        NotFound, Denied; NotAllowed("run_not_failed").
        """
        with self._db.transaction():
            doc = self._changeable(actor, run)
            if doc["state"] != "failed":
                raise NotAllowed("run_not_failed", str(run))
            self._doors.inbox.settle(_failure(doc))
            if current:
                self._rebase(doc)
            busy = doc.get("queue") and self._runs.alive(doc)
            doc.update(state="waiting" if busy else "ready", reason=QUEUED if busy else "", context={}, finished_at=None)
            doc["ready_at"] = stamp(self._clock.now())
            for name, record in doc["nodes"].items():
                self._revive(run, doc, name, record)
            self._runs.save(run, doc)

    def _revive(self, run: int, doc: dict[str, Any], name: str, record: dict[str, Any]) -> None:
        """Make one node of a failed run ready to go on."""
        if record["state"] == "failed" and not record["port"]:
            record.update(state="retrying", attempt=record["attempt"] + 1, waited=True)
            self._runs.wakes.insert({"run": run, "node": name, "what": {"what": "retry"}})
        elif record["state"] == "retrying":
            self._runs.set_timer(run, doc, name, "retry", moment(record["due"]))
        elif record["state"] == "waiting":
            due = moment(record["due"]) if record.get("due") else None
            self._walker.set_wait(run, doc, name, Pause(until=due, event=record.get("event", ""), outbox=record.get("outbox")))
            row = record.get("outbox")
            if row is not None and self._doors.outbox.result(row)["state"] != "waiting":
                self._runs.wakes.insert({"run": run, "node": name, "what": {"what": "outbox", "row": row}})

    def _rebase(self, doc: dict[str, Any]) -> None:
        """Put a run onto the version in force."""
        program = self.programs.current(doc["process"])
        compiled = program.graphs.get(doc["graph"]) if program else None
        if program is None or compiled is None:
            raise NotAllowed("retry_graph_gone", doc["graph"])
        pinned = self.programs.pinned(doc["process"], doc["version"]).graphs[doc["graph"]].plan.nodes
        there = compiled.plan.nodes
        for name, record in doc["nodes"].items():
            through = has_left(record) or record["state"] in ("", "skipped")
            if not through and (name not in there or there[name].kind != pinned[name].kind):
                raise NotAllowed("retry_node_gone", name, robot=doc["context"].get("robot") or pinned[name].title or name)
        doc["nodes"] = {name: record for name, record in doc["nodes"].items() if name in there}
        doc.update(version=program.version.number, owner=program.version.acts_as(doc["graph"]))

    def changeable(self, actor: Actor, process: str, states: Iterable[str], graph: str = "", limit: int = 1000) -> list[int]:
        """The newest runs in one of these states that the actor may stop or try again, of a process or one of its graphs."""
        found = (where("process") == process) & where("state").one_of(list(states))
        if graph:
            found &= where("graph") == graph
        docs = self._runs.table.search(found, sort=[("doc_id", True)], limit=limit)
        elements = self._elements.changeable(actor, {doc["element"] for doc in docs if doc["element"] is not None})
        looks_after = self._looks_after(actor, process)
        return [d.doc_id for d in docs if (d["element"] in elements if d["element"] is not None else looks_after)]

    def many(self, act: Callable[[Actor, int], None], actor: Actor, runs: Iterable[int]) -> tuple[int, int]:
        """`retry` or `cancel` for each of these runs, 100 to a commit: how many were, and how many could not be any more."""
        done = refused = 0
        wanted = list(runs)
        for first in range(0, len(wanted), MANY):
            with self._db.transaction():
                for run in wanted[first : first + MANY]:
                    try:
                        with self._db.transaction():
                            act(actor, run)
                        done += 1
                    except VoronkaError:
                        refused += 1
        return done, refused

    def stuck(self, runs: Collection[int]) -> dict[int, str]:
        """Which of these runs cannot move, and why: a code for the locales (`run.stuck.*`)."""
        return self._watchdog.stuck(self._clock.now(), runs)

    def mend(self) -> int:
        """Let runs go on that have lost what should wake them; how many."""
        return self._watchdog.mend(self._runs)

    def _changeable(self, actor: Actor, run: int) -> dict[str, Any]:
        """A run's document, if the actor may change its element (or looks after the robots of a run without one)."""
        found = self.run(actor, run)
        if found.element is not None:
            element = self._elements.get(actor, found.element)
            program = self.programs.current(found.process)
            if program is not None:
                access.require(program.process, actor, Action.CHANGE, element.stage, element.responsible)
        doc: dict[str, Any] = self._runs.table.get(doc_id=run)
        return doc


def _failure(doc: Mapping[str, Any]) -> str:
    """What makes two failures the same one to who looks after the graph."""
    context = doc["context"]
    place = [doc["process"], doc["graph"], doc["version"], context.get("node", ""), doc["reason"], context.get("code", "")]
    return "/".join(map(str, place))
