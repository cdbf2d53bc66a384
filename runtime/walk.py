"""One pass over a run's graph: what can go on goes on, in topological order, until all is done, waiting or failed.

A node is *reached* when a wire that was taken leads to it, *dead* when no wire can be taken any more (it is skipped, and so is
what hangs on it alone), and *open* while something before it still waits.
"""

from __future__ import annotations

import copy
import logging
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any, Literal

from model.access import Actor
from model.clock import Clock, stamp
from model.errors import Denied, VoronkaError
from model.event import Event
from model.graph import FAILED, Node, Plan
from model.language import Reader
from model.robot import Pause, Robot
from model.run import NodeState, TraceStep
from runtime.program import Compiled, Program
from runtime.runs import Runs
from runtime.step import Deeds, RobotStep, Spot
from store import Database

log = logging.getLogger(__name__)

TRACE_LIMIT = 200
"""Steps that a run's trace keeps; the oldest go first."""
TEXT_LIMIT = 500
"""Characters of one text in a trace."""
_OPEN = frozenset({"memory", "sent", "due", "event", "outbox", "what"})
"""What is kept of a node only until it is through."""
LONGEST_DELAY = timedelta(days=30)
"""However often a retry doubles, it comes within this."""

Reach = Literal["reached", "dead", "open"]
Wake = Mapping[str, Any]


def has_left(record: Mapping[str, Any]) -> bool:
    """Whether a node is through: it was left by a port (perhaps in spite of an error)."""
    return record.get("state") in ("done", "failed") and bool(record.get("port"))


def reach(plan: Plan, nodes: Mapping[str, Mapping[str, Any]], name: str, wait_for_all: bool) -> Reach:
    """How a node that has not begun stands. A node with several wires into it goes on with the first that was taken."""
    taken = still_open = 0
    for source, port in plan.into[name]:
        record = nodes.get(source, {})
        if has_left(record):
            taken += record["port"] == port
        elif record.get("state") != "skipped":
            still_open += 1
    if taken and not (wait_for_all and still_open):
        return "reached"
    return "open" if still_open else "dead"


@dataclass
class Passage:
    """A run on its way through its graph: the stored document (changed in place) and what the robots share."""

    id: int
    doc: dict[str, Any]
    program: Program
    compiled: Compiled
    actor: Actor
    event: Event
    deeds: Deeds
    wakes: dict[str, list[dict[str, Any]]] = field(default_factory=dict)
    ended: bool = False
    """A Stop was reached: nothing else of this run happens."""

    @property
    def spot(self) -> Spot:
        """What a robot may know of the run that it is part of."""
        return Spot(self.compiled.plan, self.doc["nodes"], self.doc["started_at"])

    def record(self, name: str) -> dict[str, Any]:
        """The state of a node, made at its first mention."""
        found: dict[str, Any] = self.doc["nodes"].setdefault(name, {"state": "", "port": "", "attempt": 1})
        return found

    def states(self) -> set[str]:
        """The states that the nodes of this run are in; a failed node that was left counts as done."""
        return {"done" if has_left(r) else r["state"] for r in self.doc["nodes"].values()}


class Walker:
    """Walks runs. Everything happens inside the caller's transaction; each node has a savepoint of its own."""

    def __init__(self, db: Database, clock: Clock, runs: Runs) -> None:
        self._db, self._clock, self._runs = db, clock, runs

    def walk(self, passage: Passage) -> None:
        """Take a run as far as it goes now and store it: ready, waiting, done or failed."""
        for name in passage.compiled.plan.order:
            if passage.ended:
                break
            self._visit(passage, name)
        self._settle(passage)

    def _visit(self, passage: Passage, name: str) -> None:
        record = passage.record(name)
        if record["state"] in ("waiting", "retrying"):
            self._resume(passage, name, record)
        elif record["state"] == "":
            self._enter(passage, name, record)

    def _enter(self, passage: Passage, name: str, record: dict[str, Any]) -> None:
        if name in passage.compiled.triggers:
            begins = name == passage.doc["trigger"]
            record.update(state="done" if begins else "skipped", port="done" if begins else "")
            return
        robot = passage.compiled.robots[name]
        waits = not isinstance(robot, VoronkaError) and robot.waits_for_all()
        found = reach(passage.compiled.plan, passage.doc["nodes"], name, waits)
        if found == "dead":
            record["state"] = "skipped"
        elif found == "reached":
            self._perform(passage, name, record, None)

    def _resume(self, passage: Passage, name: str, record: dict[str, Any]) -> None:
        for what in passage.wakes.get(name, ()):
            if record["state"] not in ("waiting", "retrying"):
                return
            self._perform(passage, name, record, record.get("what") if what["what"] == "retry" else what)

    def _perform(self, passage: Passage, name: str, record: dict[str, Any], what: Wake | None) -> None:
        """Let a robot work inside a savepoint, and note what became of it."""
        node, robot = passage.compiled.plan.nodes[name], passage.compiled.robots[name]
        step: RobotStep | None = None
        try:
            with self._db.transaction():
                memory = copy.deepcopy(record["memory"]) if "memory" in record else {}
                step = RobotStep(passage.deeds, node, record, memory, what, passage.spot)
                outcome = _work(robot, step)
        except Exception as error:
            passage.deeds.forget()
            self._failed(passage, node, record, error, what)
            return
        if isinstance(outcome, Pause):
            record.update(memory=step.memory, sent=step.sent)
            self._pause(passage, name, record, outcome, step)
            return
        if record.get("waited"):
            self._runs.drop_timers(passage.id, name)
        record.update(state="done", port=outcome, **({"heard": step.heard} if step.heard else {}))
        for key in record.keys() & _OPEN:
            del record[key]
        self._trace(passage, name, "done", record, step.words, step.changes)
        passage.ended = not isinstance(robot, VoronkaError) and robot.ends_run

    def _pause(self, passage: Passage, name: str, record: dict[str, Any], pause: Pause, step: RobotStep) -> None:
        due = stamp(pause.until) if pause.until is not None else None
        first = record["state"] != "waiting"
        if record.get("waited"):
            self._runs.drop_timers(passage.id, name)
        record.update(state="waiting", waited=True, due=due, event=pause.event, outbox=pause.outbox)
        self.set_wait(passage.id, passage.doc, name, pause)
        if first or step.words or step.changes:
            self._trace(passage, name, "waiting", record, step.words or _waits(pause, passage.deeds.reader), step.changes)

    def set_wait(self, run: int, doc: Mapping[str, Any], name: str, pause: Pause) -> None:
        """Note in the timers what a paused node waits for (an outbox row wakes it by itself)."""
        if pause.until is not None or pause.event:
            self._runs.set_timer(run, doc, name, "wake", pause.until, pause.event)

    def _failed(self, passage: Passage, node: Node, record: dict[str, Any], error: Exception, what: Wake | None) -> None:
        words = self._explain(passage, node, error)
        if record["attempt"] <= node.retries:
            due = self._clock.now() + _delay(node, record["attempt"])
            record.update(state="retrying", waited=True, what=what, due=stamp(due), event="", outbox=None)
            reader = passage.deeds.reader
            told = reader.t("trace.retry", problem=words["problem"], when=reader.datetime(due))
            self._trace(passage, node.id, "retrying", record, told, {})
            self._runs.set_timer(passage.id, passage.doc, node.id, "retry", due)
            record["attempt"] += 1
            return
        record.update(state="failed", port="", what=what, due=None, event="", outbox=None)
        if node.continue_on_error:
            record["port"] = _way_out(passage.compiled, node.id)
        else:
            reason = "robot_failed" if isinstance(error, VoronkaError) else "robot_broken"
            passage.doc.update(reason=reason, context=words)
        self._trace(passage, node.id, "failed", record, words["problem"], {})

    def _explain(self, passage: Passage, node: Node, error: Exception) -> dict[str, Any]:
        """What went wrong, as codes and as words for people. What is no error of ours goes into the log with its traceback."""
        reader = passage.deeds.reader
        title = node.title or reader.t(f"robot.{node.kind}.title")
        context: dict[str, Any] = {"node": node.id, "robot": title, "code": "robot_broken", "problem": ""}
        if isinstance(error, VoronkaError):
            found = error.problems[0]
            words = " ".join(dict.fromkeys(map(reader.say, error.problems[:5])))
            if isinstance(error, Denied):
                words = f"{reader.t('trace.acts_for', name=passage.actor.name)} {words}"
            return context | {"code": found.code, "path": found.path, "problem": words[:TEXT_LIMIT]}
        log.error("Robot %s of run %d broke", node.id, passage.id, exc_info=error)
        return context | {"problem": reader.t("error.robot_broken")}

    def _trace(
        self, passage: Passage, name: str, state: NodeState, record: Mapping[str, Any], words: str, changes: Mapping[str, Any]
    ) -> None:
        at = stamp(self._clock.now())
        trace: list[TraceStep] = passage.doc["trace"]
        trace.append({
            "node": name, "at": at, "state": state, "port": record["port"], "text": words[:TEXT_LIMIT],
            "changes": _short(changes), "attempt": record["attempt"],
        })  # fmt: skip
        del trace[:-TRACE_LIMIT]

    def _settle(self, passage: Passage) -> None:
        """Store the run as it stands at the end of the pass."""
        states = passage.states()
        if not passage.ended and "failed" in states:
            self._runs.finish(passage.id, passage.doc, "failed", passage.doc["reason"], passage.doc["context"])
        elif not passage.ended and states & {"waiting", "retrying"}:
            dues = [r["due"] for r in passage.doc["nodes"].values() if r["state"] in ("waiting", "retrying") and r.get("due")]
            state = "ready" if self._runs.has_wakes(passage.id) else "waiting"
            passage.doc.update(state=state, due=min(dues, default=None))
            self._runs.save(passage.id, passage.doc)
        else:
            _skip_rest(passage.doc["nodes"])
            self._runs.finish(passage.id, passage.doc, "done")


def _work(robot: Robot | VoronkaError, step: RobotStep) -> str | Pause:
    """Run a robot and hold it to its contract."""
    if isinstance(robot, VoronkaError):
        raise robot
    outcome = robot.run(step)
    if isinstance(outcome, Pause):
        if outcome.until is None and not outcome.event and outcome.outbox is None:
            raise ValueError(f"{robot.kind} pauses without saying what for")
    elif outcome not in (robot.outlets() or ("",)):
        raise ValueError(f"{robot.kind} has no port {outcome!r}")
    return outcome


def _skip_rest(nodes: Mapping[str, dict[str, Any]]) -> None:
    for record in nodes.values():
        if record["state"] in ("", "waiting", "retrying"):
            record.update(state="skipped", due=None)


def _delay(node: Node, attempt: int) -> timedelta:
    return min(timedelta(minutes=node.retry_minutes * 2.0 ** (attempt - 1)), LONGEST_DELAY)


def _way_out(compiled: Compiled, name: str) -> str:
    """The port of a node whose error is passed over: `failed` when a wire hangs on it, else its first."""
    robot = compiled.robots[name]
    outlets = robot.outlets() if isinstance(robot, Robot) else ("done",)
    return FAILED if FAILED in compiled.plan.out[name] else outlets[0]


def _short(changes: Mapping[str, Any]) -> dict[str, Any]:
    return {code: [_cut(each) for each in pair] for code, pair in changes.items()}


def _cut(value: Any) -> Any:
    return value[:TEXT_LIMIT] if isinstance(value, str | list) else value


def _waits(pause: Pause, reader: Reader) -> str:
    """What a paused robot waits for, in words."""
    if pause.outbox is not None:
        return reader.t("trace.outbox")
    when = reader.datetime(pause.until) if pause.until is not None else ""
    if not pause.event:
        return reader.t("trace.until", when=when)
    return reader.t("trace.event_until", when=when) if when else reader.t("trace.event")
