"""The service of this room: every report is asked for here, and rights are looked at first."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Sequence
from datetime import UTC, date, tzinfo
from typing import Protocol

from tinydb import where
from tinydb.queries import QueryInstance

from insight import tally
from insight.drawing import plain
from insight.handout import write_funnel
from insight.history import paths, standings
from insight.overview import Day, my_day
from insight.paper import MakePaper
from insight.passport import write_passport
from insight.report import FunnelReport, Moment, Period, RobotReport
from insight.robots import robot_report
from model.access import Action, Actor, as_filter, may, require_any
from model.calendar import WorkCalendar
from model.clock import Clock, stamp
from model.errors import NotFound
from model.filter import ALL, Filter
from model.graph import Node
from model.language import Reader
from model.process import Funnel, Process, Version
from store import Database

Readable = Callable[[Actor, str, Filter], QueryInstance]
"""(actor, process code, filter) -> the elements that the actor may read AND that match AND are not deleted."""


NodeWords = Callable[[Node, Process, Reader], str]
"""What a robot is called where graphs are drawn."""
PortWords = Callable[[Node, str, Process, Reader], str]
"""What its way out is called there."""


class Library(Protocol):
    """Where published processes are looked up."""

    def published(self, code: str) -> Version | None:
        """The version in force, or None."""

    def codes(self) -> Iterable[str]:
        """Codes of the processes that have a version in force."""


class Insight:
    """Figures over what the actor may see. Reads only; nothing is cached."""

    def __init__(
        self, db: Database, library: Library, clock: Clock, readable: Readable, paper: MakePaper,
        node_words: NodeWords = lambda node, process, reader: plain(node, process),
        port_words: PortWords = lambda node, port, process, reader: port,
        calendar: Callable[[], WorkCalendar] = lambda: WorkCalendar(UTC),
    ) -> None:  # fmt: skip
        self._db = db
        self._library = library
        self._clock = clock
        self._readable = readable
        self._paper = paper
        self._node_words, self._port_words, self._calendar = node_words, port_words, calendar

    def funnel(
        self,
        actor: Actor,
        process: str,
        funnel: str = "",
        filter: Filter = ALL,
        since: date | None = None,
        until: date | None = None,
        people: Iterable[int | None] | None = None,
        *,
        by: Moment = "created",
        zone: tzinfo = UTC,
    ) -> FunnelReport:
        """Count a funnel (the first when none is named) over the elements that were created in the period.

        `by="closed"` takes those closed in it instead. Dates are whole days of `zone`, `until` included; `people` are the
        responsible users (None among them: nobody's elements). Counts and sums are of where the elements stand now, so
        that without a period they are the board's own. A process without stages gives a report without stages.
        Times on a stage are those of finished stays: one that lasts has no length yet.
        NotFound: no such process or funnel. Denied: no right to read any of it.
        """
        design = self._design(process)
        require_any(design, actor, Action.READ)
        chosen = _funnel(design, funnel)
        period = Period(since, until, by, zone)
        asked = self._readable(actor, process, filter) & _among(process, chosen, period)
        if people is not None:
            asked &= where("responsible").one_of(list(people))
        return self._count(design, chosen, period, actor, asked)

    def _count(self, design: Process, chosen: Funnel | None, period: Period, actor: Actor, asked: QueryInstance) -> FunnelReport:
        amount = design.path(design.amount_field) if design.amount_field else ""
        elements = standings(self._db.table("elements"), asked, amount)
        ways = paths(self._db.table("events"), design.code, elements)
        stages = chosen.stages if chosen else ()
        figures = tally.stage_figures(stages, elements, ways)
        return FunnelReport(
            process=design.code,
            title=design.title,
            funnel=chosen.code if chosen else "",
            funnel_title=chosen.title if chosen else "",
            period=period,
            currency=_currency(design),
            made_at=stamp(self._clock.now()),
            made_by=actor.name,
            total=len(elements),
            won=sum(s.count for s in figures if s.semantics == "S"),
            lost=sum(s.count for s in figures if s.semantics == "F"),
            sum_won=round(sum(s.sum for s in figures if s.semantics == "S"), 2),
            sum_open=round(sum(s.sum for s in figures if s.semantics == "P"), 2),
            median_won_days=tally.median_won_days(stages, elements),
            stages=figures,
            flow=tally.flow(stages, ways),
            lost_at=tally.lost_at(stages, elements, ways),
            people=tally.people(stages, elements),
        )

    def funnel_pdf(self, report: FunnelReport, reader: Reader, notes: Sequence[str] = ()) -> bytes:
        """The report as a PDF in the reader's language; `notes` say what else it was narrowed to."""
        return write_funnel(self._paper, report, reader, notes)

    def robots(self, actor: Actor, process: str) -> RobotReport:
        """How the robots of a process do with the elements that the actor may read: the rest is not counted.

        NotFound: no such process. Denied: neither right, to robots nor to settings.
        """
        design = self._design(process)
        _require_design(design, actor)
        return robot_report(self._db.table("runs"), design, self._seen(actor, design))

    def _seen(self, actor: Actor, design: Process) -> Collection[int] | None:
        """The elements that the actor may read; None: all, also those in the bin."""
        if as_filter(design, actor) == ALL:
            return None
        return {id for (id,) in self._db.table("elements").select(["doc_id"], self._readable(actor, design.code, ALL))}

    def passport(self, actor: Actor, process: str, reader: Reader) -> bytes:
        """The published process as a PDF: fields, stages, rights, robots drawn.

        NotFound: no such process. Denied: neither right, to robots nor to settings.
        """
        version = self._version(process)
        _require_design(version.process, actor)
        return write_passport(
            self._paper, version, reader, self._clock.now(),
            lambda node, home: self._node_words(node, home, reader),
            lambda node, port, home: self._port_words(node, port, home, reader),
        )  # fmt: skip

    def my_day(self, actor: Actor) -> Day:
        """What waits for the actor: own open elements of each process, slow ones among them, overdue tasks."""
        versions = map(self._library.published, self._library.codes())
        designs = [v.process for v in versions if v is not None and may(v.process, actor, Action.READ)]
        return my_day(self._db, designs, actor, self._readable, self._clock.now(), self._calendar())

    def _version(self, process: str) -> Version:
        version = self._library.published(process)
        if version is None:
            raise NotFound(path=process, what="process")
        return version

    def _design(self, process: str) -> Process:
        return self._version(process).process


def _require_design(process: Process, actor: Actor) -> None:
    if not may(process, actor, Action.ROBOTS):
        require_any(process, actor, Action.SETTINGS)


def _currency(design: Process) -> str:
    field = design.field(design.amount_field)
    # a money field that says nothing is in the field type's own default
    return str(field.params.get("currency", "USD")) if field and field.kind == "money" else ""


def _funnel(design: Process, code: str) -> Funnel | None:
    if not code:
        return design.funnels[0] if design.funnels else None
    found = design.funnel(code)
    if found is None:
        raise NotFound(path=f"{design.code}/{code}", what="funnel")
    return found


def _among(process: str, funnel: Funnel | None, period: Period) -> QueryInstance:
    asked: QueryInstance = where("process") == process
    if funnel is not None:
        asked &= where("stage").one_of([s.code for s in funnel.stages])
    since, until = period.bounds()
    path = f"{period.by}_at"
    if since is not None:
        asked &= where(path) >= since
    if until is not None:
        asked &= where(path) < until
    if period.by == "closed":
        asked &= where(path) > ""
    return asked
