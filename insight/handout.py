"""The funnel as a PDF: who asked for which period, the figures, the funnel drawn, the tables."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import pairwise

from insight.paper import Align, MakePaper, Paper
from insight.report import FunnelReport, Period, StageFigures
from model.clock import moment
from model.language import Reader

BAND, GAP = 11.0, 1.0
LEFT, RIGHT = 44.0, 46.0
"""Room for the stage's name and for its figures, mm."""
SLIVER = 0.8
FIGURES: Sequence[Align] = ("left", *("right",) * 6)


def write_funnel(make: MakePaper, report: FunnelReport, reader: Reader, notes: Sequence[str] = ()) -> bytes:
    """Draw and write the report in the reader's language, the notes below the period."""
    title = reader.t("insight.pdf.funnel", title=report.title)
    paper = make(title, moment(report.made_at))
    paper.heading(title)
    if report.funnel_title and report.funnel_title != report.title:
        paper.paragraph(report.funnel_title, 11)
    for line in (period_words(report.period, reader), *notes):
        paper.paragraph(line, 9, "#52606D")
    made = reader.datetime(report.made_at)
    paper.paragraph(reader.t("insight.pdf.made", at=made, who=report.made_by) if report.made_by else made, 9, "#52606D")
    _key_figures(paper, report, reader)
    if not report.stages:
        paper.paragraph(reader.t("insight.pdf.no_stages"))
        return paper.save()
    _drawn(paper, report, reader)
    _stages(paper, report, reader)
    _lost(paper, report, reader)
    _people(paper, report, reader)
    return paper.save()


def period_words(period: Period, reader: Reader) -> str:
    """The period in words: `Created: 1 Jan 2026 - 31 Jan 2026`."""
    since, until = (reader.date(end) if end else "" for end in (period.since, period.until))
    which = f"{'since' if since else ''}{'until' if until else ''}" or "all"
    return reader.t(f"insight.period.{period.by}.{which}", since=since, until=until)


def head(reader: Reader, *keys: str) -> list[str]:
    """The words at the head of a table."""
    return [reader.t(f"insight.column.{key}") for key in keys]


def percent(value: float | None, reader: Reader) -> str:
    """A share as percent, a dash for none."""
    return "—" if value is None else reader.t("insight.percent", value=reader.number(round(value * 100, 2)))


def _amount(value: float | None, report: FunnelReport, reader: Reader) -> str:
    if value is None:
        return "—"
    return reader.money(value, report.currency) if report.currency else reader.number(round(value, 2))


def _days(value: float | None, reader: Reader) -> str:
    return "—" if value is None else reader.number(round(value, 1))


def _key_figures(paper: Paper, report: FunnelReport, reader: Reader) -> None:
    paper.table(
        [reader.t(f"insight.key.{key}") for key in ("total", "open", "won", "lost", "win_rate", "sum_won", "median_won_days")],
        [[
            reader.number(report.total), reader.number(report.open), reader.number(report.won), reader.number(report.lost),
            percent(report.win_rate, reader), _amount(report.sum_won, report, reader), _days(report.median_won_days, reader),
        ]],
        widths=(1.15, 1.1, 1.1, 1.15, 1.2, 1.8, 1.4),
    )  # fmt: skip


def _drawn(paper: Paper, report: FunnelReport, reader: Reader) -> None:
    """Each stage a slice as wide as the number that reached it, narrowing to the next one's."""
    paper.heading(reader.t("insight.pdf.reached"), 2)
    way = [s for s in report.stages if s.semantics != "F"]
    most = max((s.reached for s in way), default=0)
    room = paper.width - LEFT - RIGHT
    for stage, after in pairwise([*way, None]):
        if stage is None:
            break
        upper = max(room * stage.reached / most, SLIVER) if most else SLIVER
        lower = max(room * after.reached / most, SLIVER) if most and after else upper
        paper.figure(BAND)
        middle, bottom = LEFT + room / 2, BAND - GAP
        paper.polygon(
            [(middle - upper / 2, 0), (middle + upper / 2, 0), (middle + lower / 2, bottom), (middle - lower / 2, bottom)],
            stage.color,
        )
        paper.text(0, bottom / 2, LEFT - 3, stage.title, bold=True)
        paper.text(LEFT + room + 3, bottom / 2, RIGHT - 3, _reached(stage, reader), align="right")


def _reached(stage: StageFigures, reader: Reader) -> str:
    found = reader.number(stage.reached)
    return found if stage.conversion is None else f"{found} · {percent(stage.conversion, reader)}"


def _stages(paper: Paper, report: FunnelReport, reader: Reader) -> None:
    paper.heading(reader.t("insight.pdf.stages"), 2)
    paper.table(
        head(reader, "stage", "count", "sum", "reached", "conversion", "median_days", "p90_days"),
        [
            [
                stage.title, reader.number(stage.count), _amount(stage.sum, report, reader), reader.number(stage.reached),
                percent(stage.conversion, reader), _days(stage.median_days, reader), _days(stage.p90_days, reader),
            ]
            for stage in report.stages
        ],
        widths=(2.2, 1.2, 1.8, 1.1, 1.3, 1.2, 1.1),
        align=FIGURES,
    )  # fmt: skip
    paper.paragraph(reader.t("insight.pdf.times_note"), 8, "#52606D")


def _lost(paper: Paper, report: FunnelReport, reader: Reader) -> None:
    if not report.lost_at:
        return
    paper.heading(reader.t("insight.pdf.lost_at"), 2)
    paper.table(
        head(reader, "stage", "count", "sum"),
        [
            [row.title or reader.t("insight.born_lost"), reader.number(row.count), _amount(row.sum, report, reader)]
            for row in report.lost_at
        ],
        widths=(3, 1, 1.5),
        align=("left", "right", "right"),
    )


def _people(paper: Paper, report: FunnelReport, reader: Reader) -> None:
    if not report.people:
        return
    paper.heading(reader.t("insight.pdf.people"), 2)
    paper.table(
        head(reader, "responsible", "count", "open", "won", "lost", "win_rate", "sum_won"),
        [
            [
                reader.person(row.user) if row.user else reader.t("insight.nobody"),
                *(reader.number(n) for n in (row.count, row.open, row.won, row.lost)),
                percent(row.win_rate, reader),
                _amount(row.sum_won, report, reader),
            ]
            for row in report.people
        ],
        widths=(2.2, 1.25, 1.15, 1.2, 1.2, 1.1, 1.8),
        align=FIGURES,
    )  # fmt: skip
