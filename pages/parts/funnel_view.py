"""A funnel report as what the screen shows: bars, figures, tables, charts. Words and formats only, no counting."""

from __future__ import annotations

from datetime import datetime
from typing import Any, TypeAlias

import pandas as pd

from insight.report import FunnelReport, StageFigures
from model.filter import Condition, Filter
from model.language import Reader
from pages.parts.components import FunnelStage

Rows: TypeAlias = pd.DataFrame


def money(reader: Reader, report: FunnelReport, value: float) -> str:
    """A sum in the report's currency; a plain number when it has none."""
    return reader.money(value, report.currency) if report.currency else reader.number(value)


def percent(reader: Reader, share: float | None) -> str:
    """A share as per cent with one decimal; a dash for nothing."""
    return "—" if share is None else reader.t("insight.percent", value=reader.number(round(share * 100, 2)))


def days(reader: Reader, value: float | None) -> str:
    """Days with one decimal; a dash for nothing."""
    return "—" if value is None else reader.t("funnel.days", value=reader.number(round(value, 1)))


def figures(reader: Reader, report: FunnelReport) -> list[tuple[str, str]]:
    """(name, value) of the five figures on top."""
    t = reader.t
    return [
        (t("insight.key.open"), reader.number(report.open)),
        (t("insight.key.won"), reader.number(report.won)),
        (t("insight.key.sum_won"), money(reader, report, report.sum_won)),
        (t("insight.key.win_rate"), percent(reader, report.win_rate)),
        (t("insight.key.median_won_days"), days(reader, report.median_won_days)),
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
    """What stands on the stage now, beside the number that came this far; and its sum."""
    now = reader.t("funnel.now", n=stage.count) if stage.semantics == "P" else ""
    return " · ".join(part for part in (now, money(reader, report, stage.sum) if stage.sum else "") if part)


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
    """By responsible person, the most won first."""
    t = reader.t
    return pd.DataFrame(
        {
            t("insight.column.responsible"): reader.person(p.user) or t("insight.nobody"),
            t("insight.column.count"): reader.number(p.count),
            t("insight.column.open"): reader.number(p.open),
            t("insight.column.won"): reader.number(p.won),
            t("insight.column.win_rate"): percent(reader, p.win_rate),
            t("insight.column.sum_won"): money(reader, report, p.sum_won),
        }
        for p in sorted(report.people, key=lambda p: -p.sum_won)
    )


def sankey(report: FunnelReport) -> dict[str, Any]:
    """The moves between stages, forward ones, as ECharts options."""
    known = {s.code: s for s in report.stages}
    links = [link for link in report.flow if not link.back and link.source in known and link.target in known]
    used = {code for link in links for code in (link.source, link.target)}
    nodes = [
        {"name": code, "itemStyle": {"color": s.color}, "label": {"formatter": s.title}}
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
    """From which stage the lost ones were lost, as ECharts options."""
    rows = sorted(report.lost_at, key=lambda row: row.count)
    return {
        "grid": {"left": 8, "right": 48, "top": 8, "bottom": 8, "containLabel": True},
        "tooltip": {"trigger": "axis"},
        "xAxis": {"type": "value", "show": False},
        "yAxis": {
            "type": "category",
            "data": [r.title or reader.t("insight.born_lost") for r in rows],
            "axisTick": {"show": False},
        },
        "series": [
            {"type": "bar", "data": [r.count for r in rows], "barMaxWidth": 28, "label": {"show": True, "position": "right"}}
        ],
    }


def period_filter(report: FunnelReport) -> list[Filter]:
    """The report's period as conditions for a list of its elements."""
    since, until = report.period.bounds()
    field = f"{report.period.by}_at"
    found: list[Filter] = []
    if since:
        found.append(Condition(field=field, op="ge", value=since))
    if until:
        found.append(Condition(field=field, op="lt", value=until))
    return found


def when(reader: Reader, at: str | datetime | None) -> str:
    """A time, or a dash."""
    return reader.datetime(at, "short") if at else "—"
