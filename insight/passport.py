"""The process passport: a PDF of what was published, for people who have to know or to sign it."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime

from insight.drawing import HEADED, Describe, NamePort, draw, picture, scale_of
from insight.handout import head
from insight.paper import MakePaper, Paper
from model.access import Action, Level
from model.field import Field
from model.graph import Graph
from model.language import Reader
from model.process import Process, Version


def write_passport(
    make: MakePaper, version: Version, reader: Reader, now: datetime,
    describe: Describe | None = None, port: NamePort | None = None,
) -> bytes:  # fmt: skip
    """Write the version down in the reader's language; `describe` and `port` say what robots and wires are called in pictures."""
    process = version.process
    title = reader.t("insight.passport.title", title=process.title)
    paper = make(title, now)
    paper.heading(title)
    published = reader.datetime(version.published_at)
    who = reader.person(version.published_by)
    paper.paragraph(
        reader.t("insight.passport.version", code=process.code, number=version.number, at=published, who=who or "—"), 9, "#52606D"
    )
    if version.note:
        paper.paragraph(version.note, 9, "#52606D")
    if process.description:
        paper.paragraph(process.description)
    _fields(paper, process, reader)
    _stages(paper, process, reader)
    _rights(paper, process, reader)
    _graphs(paper, process, reader, describe, port)
    return paper.save()


def _fields(paper: Paper, process: Process, reader: Reader) -> None:
    paper.heading(reader.t("insight.passport.fields"), 2)
    if not process.fields:
        paper.paragraph(reader.t("insight.passport.no_fields"))
        return
    sections = {s.code: s.title for s in process.sections}
    paper.table(
        head(reader, "field", "code", "type", "section", "notes"),
        [
            [f.title, f.code, reader.t(f"field.{f.kind}.title"), sections.get(f.section, ""), _field_notes(f, process, reader)]
            for f in process.fields
        ],
        widths=(2, 1.5, 1.4, 1.3, 2.8),
    )


def _field_notes(field: Field, process: Process, reader: Reader) -> str:
    stages = {s.code: s.title for s in process.stages()}
    at = ", ".join(stages.get(code, code) for code in field.required_at)
    notes = [
        reader.t("insight.passport.required") if field.required else "",
        reader.t("insight.passport.required_at", stages=at) if at else "",
        reader.t("insight.passport.multiple") if field.multiple else "",
        reader.t("insight.passport.amount") if field.code == process.amount_field else "",
        field.help,
    ]
    return "\n".join(note for note in notes if note)


def _stages(paper: Paper, process: Process, reader: Reader) -> None:
    paper.heading(reader.t("insight.passport.stages"), 2)
    if not process.funnels:
        paper.paragraph(reader.t("insight.passport.no_stages"))
    for funnel in process.funnels:
        paper.heading(funnel.title, 3)
        paper.table(
            head(reader, "stage", "code", "kind", "probability", "norm_hours"),
            [
                [
                    s.title, s.code, reader.t(f"insight.semantics.{s.semantics}"),
                    "—" if s.probability is None else reader.t("insight.percent", value=reader.number(s.probability)),
                    "—" if s.norm_hours is None else reader.number(s.norm_hours),
                ]
                for s in funnel.stages
            ],
            widths=(2.6, 1.6, 1.4, 1.1, 1.3),
            align=("left", "left", "left", "right", "right"),
        )  # fmt: skip


def _rights(paper: Paper, process: Process, reader: Reader) -> None:
    """Roles against actions; what differs at a stage stands in a table of its own."""
    paper.heading(reader.t("insight.passport.rights"), 2)
    paper.paragraph(reader.t("insight.passport.rights_note"), 8, "#52606D")
    titles = {role.code: role.title for role in process.roles}
    general = {(g.role, g.action): g.level for g in process.grants if not g.stage}
    roles = list(dict.fromkeys([*titles, *(g.role for g in process.grants)]))
    if not roles:
        paper.paragraph(reader.t("insight.passport.no_rights"))
        return
    paper.table(
        [*head(reader, "role"), *(reader.t(f"insight.action.{a.value}") for a in Action)],
        [[titles.get(role, role), *(_general(general.get((role, a)), reader) for a in Action)] for role in roles],
        widths=(1.3, *[1] * len(Action)),
        size=6.8,
    )
    special = [g for g in process.grants if g.stage]
    if special:
        stages = {s.code: s.title for s in process.stages()}
        paper.heading(reader.t("insight.passport.stage_rights"), 3)
        paper.table(
            head(reader, "role", "stage", "action", "level"),
            [
                [
                    titles.get(g.role, g.role),
                    stages.get(g.stage, g.stage),
                    reader.t(f"insight.action.{g.action.value}"),
                    _level(g.level, reader),
                ]
                for g in special
            ],
        )


def _general(level: Level | None, reader: Reader) -> str:
    return _level(level, reader) if level else "—"


def _level(level: Level, reader: Reader) -> str:
    return reader.t(f"insight.level.{level.name.lower()}")


def _rules(graph: Graph, reader: Reader) -> Iterator[str]:
    """How runs of a graph keep out of each other's way, where that is not the usual."""
    if graph.mode != "parallel":
        mode = reader.t(f"graph.mode.{graph.mode}")
        yield reader.t("insight.passport.mode", mode=mode[:1].lower() + mode[1:])
    if graph.stop_on_leave:
        yield reader.t("insight.passport.stop_on_leave")


def _graphs(paper: Paper, process: Process, reader: Reader, describe: Describe | None, port: NamePort | None) -> None:
    if not process.graphs:
        paper.heading(reader.t("insight.passport.robots"), 2)
        paper.paragraph(reader.t("insight.passport.no_robots"))
    for place, graph in enumerate(process.graphs):
        drawn = picture(graph, process, describe, port) if graph.nodes else None
        tall = drawn.height * scale_of(paper, drawn) if drawn else 0
        if place == 0:
            paper.heading(reader.t("insight.passport.robots"), 2, keep=HEADED / 2 + tall)
        paper.heading(graph.title, 3, keep=HEADED / 3 + tall)
        if not graph.enabled:
            paper.paragraph(reader.t("insight.passport.disabled"), 9, "#52606D")
        for rule in _rules(graph, reader):
            paper.paragraph(rule, 9, "#52606D")
        if drawn:
            draw(paper, drawn)
        else:
            paper.paragraph(reader.t("insight.passport.empty_graph"))
