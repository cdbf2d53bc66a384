"""A funnel report as what the screen shows: bars, figures, tables, charts. Words and formats only, no counting."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any, TypeAlias

import pandas as pd

from insight.report import FunnelReport, Moment, StageFigures
from model.filter import ALL, Condition, Filter, all_of, any_of
from model.language import Reader
from pages.parts.components import FunnelStage

Rows: TypeAlias = pd.DataFrame
SPANS = ("all", "month", "last_month", "quarter", "year", "30", "90", "365", "own")
LABEL = "#8A949E"
"""Words in charts: readable on light and on dark."""
MONTHS_OF = {"month": 1, "last_month": 1, "quarter": 3, "year": 12}


@dataclass(frozen=True)
class Asked:
    """What a person asked the funnel for: dates (both included), by which moment, of whom (None: of all), what else."""

    since: date | None = None
    until: date | None = None
    by: Moment = "created"
    people: tuple[int | None, ...] | None = None
    chosen: Filter = ALL


def span(name: str, today: date) -> tuple[date | None, date | None]:
    """(since, until) of a named span that holds today; a number is so many days back. `all` and `own` bound nothing."""
    if name.isdigit():
        return today - timedelta(days=int(name)), None
    if name not in MONTHS_OF:
        return None, None
    first = today.replace(day=1)
    if name == "last_month":
        end = first - timedelta(days=1)
        return end.replace(day=1), end
    return first.replace(month=first.month - (first.month - 1) % MONTHS_OF[name]), None


def money(reader: Reader, report: FunnelReport, value: float) -> str:
    """A sum in the report's currency; a plain number when it has none."""
    return reader.money(value, report.currency) if report.currency else reader.number(value)


def percent(reader: Reader, share: float | None) -> str:
    """A share as per cent with up to two decimals; a dash for nothing."""
    return "—" if share is None else reader.t("insight.percent", value=reader.number(round(share * 100, 2)))


def days(reader: Reader, value: float | None) -> str:
    """Days with one decimal; a dash for nothing."""
    return "—" if value is None else reader.t("funnel.days", value=reader.number(round(value, 1)))


def figures(reader: Reader, report: FunnelReport) -> list[tuple[str, str]]:
    """(name, value) of the figures on top."""
    t = reader.t
    return [
        (t("insight.key.open"), reader.number(report.open)),
        (t("insight.key.won"), reader.number(report.won)),
        (t("insight.key.lost"), reader.number(report.lost)),
        (t("insight.key.win_rate"), percent(reader, report.win_rate)),
        (t("insight.key.sum_won"), money(reader, report, report.sum_won)),
        (t("funnel.median_won"), days(reader, report.median_won_days)),
    ]


def bars(reader: Reader, report: FunnelReport) -> list[FunnelStage]:
    """The funnel: a stage in progress or won is as wide as the number that came this far, a lost one as its count."""
    widest = max((max(s.reached, s.count) for s in report.stages), default=0) or 1
    return [
        {
            "id": s.code, "title": s.title, "color": s.color, "count": s.count, "semantics": s.semantics,  # type: ignore[typeddict-item]
            "count_text": reader.number(s.count if s.semantics == "F" else s.reached), "sum_text": _now(reader, report, s),
            "conversion_text": percent(reader, s.conversion) if s.conversion is not None else "",
            "share": (s.count if s.semantics == "F" else s.reached) / widest,
        }
        for s in report.stages
    ]  # fmt: skip


def _now(reader: Reader, report: FunnelReport, stage: StageFigures) -> str:
    """What stands on the stage now, beside the number that came this far; a failure's share of all; and the sum."""
    parts = []
    if stage.semantics == "P":
        parts.append(reader.t("funnel.now", n=stage.count))
    if stage.semantics == "F" and report.total:
        parts.append(reader.t("funnel.of_all", share=percent(reader, round(stage.count / report.total, 3))))
    if stage.sum:
        parts.append(money(reader, report, stage.sum))
    return " · ".join(parts)


def stage_table(reader: Reader, report: FunnelReport) -> Rows:
    """Every figure of every stage."""
    t = reader.t
    return pd.DataFrame(
        {
            t("insight.column.stage"): s.title,
            t("insight.column.count"): reader.number(s.count),
            t("insight.column.sum"): money(reader, report, s.sum),
            t("insight.column.reached"): reader.number(s.reached),
            t("insight.column.conversion"): percent(reader, s.conversion),
            t("insight.column.median_days"): days(reader, s.median_days),
            t("insight.column.p90_days"): days(reader, s.p90_days),
        }
        for s in report.stages
    )


def people_table(reader: Reader, report: FunnelReport) -> Rows:
    """By responsible person, in the order of `by_sum`."""
    t = reader.t
    return pd.DataFrame(
        {
            t("insight.column.responsible"): reader.person(p.user) or t("insight.nobody"),
            t("insight.column.count"): reader.number(p.count),
            t("insight.column.open"): reader.number(p.open),
            t("insight.column.won"): reader.number(p.won),
            t("insight.column.lost"): reader.number(p.lost),
            t("insight.column.win_rate"): percent(reader, p.win_rate),
            t("insight.column.sum_won"): money(reader, report, p.sum_won),
        }
        for p in by_sum(report)
    )


def by_sum(report: FunnelReport) -> list[Any]:
    """The people of a report, the most won first."""
    return sorted(report.people, key=lambda p: (-p.sum_won, -p.won, -p.count))


def flow_table(reader: Reader, report: FunnelReport) -> Rows:
    """Every move between stages, back ones too."""
    t, titles = reader.t, {s.code: s.title for s in report.stages}
    return pd.DataFrame(
        {
            t("funnel.from"): titles[link.source],
            t("funnel.to"): titles[link.target],
            t("insight.column.count"): reader.number(link.count),
            t("funnel.way"): t("funnel.back_move" if link.back else "funnel.forward"),
        }
        for link in report.flow
    )


def sankey(report: FunnelReport) -> dict[str, Any]:
    """The moves between stages, forward ones, as ECharts options."""
    known = {s.code: s for s in report.stages}
    links = [link for link in report.flow if not link.back]
    used = {code for link in links for code in (link.source, link.target)}
    nodes = [
        {"name": code, "itemStyle": {"color": s.color}, "label": {"formatter": _short(s.title, 24)}}
        for code, s in known.items()
        if code in used
    ]
    return {
        "tooltip": {"trigger": "item"},
        "series": [{
            "type": "sankey", "top": 16, "bottom": 16, "left": 8, "right": 140, "data": nodes, "nodeGap": 18,
            "links": [{"source": k.source, "target": k.target, "value": k.count} for k in links],
            "lineStyle": {"color": "gradient", "opacity": 0.35}, "emphasis": {"focus": "adjacency"},
        }],
    }  # fmt: skip


def lost_bars(reader: Reader, report: FunnelReport) -> dict[str, Any]:
    """From which stage the lost ones were lost, the most at the top, as ECharts options."""
    rows = sorted(report.lost_at, key=lambda row: row.count)
    colors = {s.code: s.color for s in report.stages}
    bars = [
        _bar(r.count, colors.get(r.stage, LABEL), f"{reader.number(r.count)} · {percent(reader, r.count / report.lost)}")
        for r in rows
    ]
    return _across([r.title or reader.t("insight.born_lost") for r in rows], [bars])


def time_bars(reader: Reader, report: FunnelReport) -> dict[str, Any]:
    """Days on each stage: the median inside the 90th percentile, in the funnel's order, as ECharts options."""
    rows = [(s, s.times) for s in reversed(report.stages) if s.times]
    return _across(
        [s.title for s, _ in rows],
        [
            [_bar(times.p90, s.color, f"{_days(reader, times.median)} / {days(reader, times.p90)}", "55") for s, times in rows],
            [_bar(times.median, s.color) for s, times in rows],
        ],
    )


def _days(reader: Reader, value: float) -> str:
    return reader.number(round(value, 1))


def _bar(value: float, color: str, label: str = "", veil: str = "") -> dict[str, Any]:
    """A bar of a colour (`veil`: two hex digits that let the ground through) with words behind it."""
    told = {"show": True, "position": "right", "formatter": label, "color": LABEL} if label else {"show": False}
    return {"value": round(value, 2), "itemStyle": {"color": color + veil, "borderRadius": 3}, "label": told}


def _across(names: Sequence[str], series: Sequence[list[dict[str, Any]]]) -> dict[str, Any]:
    """Bars that lie one below the other; those of several series lie on one another."""
    plain = {"axisTick": {"show": False}, "axisLine": {"show": False}}
    return {
        "grid": {"left": 8, "right": 120, "top": 8, "bottom": 8, "containLabel": True},
        "xAxis": {"type": "value", "show": False},
        "yAxis": {"type": "category", "data": [_short(name, 22) for name in names], **plain},
        "series": [{"type": "bar", "data": data, "barMaxWidth": 26, "barGap": "-100%", "silent": True} for data in series],
    }


def _short(title: str, most: int) -> str:
    return title if len(title) <= most else f"{title[: most - 1]}…"


def narrowed(report: FunnelReport, asked: Asked, stage: str) -> Filter:
    """What the report counted on a stage, as one filter for lists and boards."""
    since, until = report.period.bounds()
    moment = f"{report.period.by}_at"
    parts: list[Filter] = [asked.chosen, Condition(field="stage", op="eq", value=stage)]
    if since:
        parts.append(Condition(field=moment, op="ge", value=since))
    if until:
        parts.append(Condition(field=moment, op="lt", value=until))
    if report.period.by == "closed":
        parts.append(Condition(field=moment, op="not_empty"))
    if asked.people is not None:
        parts.append(of_people(asked.people))
    return all_of(parts)


def of_people(people: Sequence[int | None]) -> Filter:
    """Elements that one of these people is responsible for; None: nobody is."""
    named = [user for user in people if user is not None]
    parts: list[Filter] = [Condition(field="responsible", op="in", value=named)] if named else []
    if None in people:
        parts.append(Condition(field="responsible", op="empty"))
    return any_of(parts)


def when(reader: Reader, at: str | datetime | None) -> str:
    """A time, or a dash."""
    return reader.datetime(at) if at else "—"
