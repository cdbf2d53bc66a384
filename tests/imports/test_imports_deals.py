"""The 8,800 real deals: imported with their history, and the funnel's figures against a count of one's own on the CSV."""

from __future__ import annotations

import csv
import statistics
from collections import Counter, defaultdict
from collections.abc import Iterator
from datetime import date, datetime
from typing import Any

import pytest
from imports_world import CRM

from insight.report import as_json
from model.access import Actor
from model.filter import Condition
from settings import Settings
from workspace import Workspace, build

PIPELINE = CRM / "sales_pipeline.csv"
Rows = list[dict[str, Any]]


@pytest.fixture(scope="module")
def sold(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[Workspace, Actor, list[tuple[int, int]]]]:
    """A workspace on disk into which the deals were imported, and what the progress told."""
    workspace = build(Settings(data=tmp_path_factory.mktemp("deals")))
    workspace.set_up("Sales", "en", "admin", "Admin", "correct horse 1")
    actor, told = workspace.administrator(), []
    report = workspace.import_file(actor, PIPELINE, "deals", create=True, progress=lambda done, total: told.append((done, total)))
    assert (report.created, report.view.skipped, report.view.people, report.view.state) == (8800, 0, 30, "done")
    yield workspace, actor, told
    workspace.db.close()


@pytest.fixture(scope="module")
def given() -> Rows:
    """The rows of the file with days and numbers as such."""
    with PIPELINE.open() as file:
        rows: Rows = list(csv.DictReader(file))
    for row in rows:
        row["from"], row["to"] = (_day(row[name]) for name in ("engage_date", "close_date"))
        row["value"] = float(row["close_value"] or 0)
    return rows


def _day(text: str) -> date | None:
    return datetime.strptime(text, "%m/%d/%Y").date() if text else None


def _won_days(rows: Rows) -> list[int]:
    return [(r["to"] - r["from"]).days for r in rows if r["deal_stage"] == "Won"]


def test_the_figures_that_everybody_knows(sold: Any) -> None:
    workspace, actor, _ = sold
    found = as_json(workspace.insight.funnel(actor, "deals"))
    assert {s["title"]: s["count"] for s in found["stages"]} == {
        "Prospecting": 500, "Engaging": 1589, "Won": 4238, "Lost": 2473,
    }  # fmt: skip
    assert {s["title"]: s["sum"] for s in found["stages"]}["Won"] == 10_005_534
    assert (found["win_rate"], found["median_won_days"]) == (0.6315, 57)


def test_progress_is_told_in_order_up_to_the_end(sold: Any) -> None:
    told = sold[2]
    assert told[-1] == (8800, 8800) and len(told) >= 8
    assert told == sorted(told) and {total for _, total in told} == {8800}


def test_every_figure_is_that_of_the_file(sold: Any, given: Rows) -> None:
    workspace, actor, _ = sold
    report = workspace.insight.funnel(actor, "deals")
    stages = {s.title: s for s in report.stages}
    counts, sums = Counter(r["deal_stage"] for r in given), defaultdict(float)
    for row in given:
        sums[row["deal_stage"]] += row["value"]
    assert {t: (s.count, s.sum) for t, s in stages.items()} == {t: (counts[t], sums[t]) for t in stages}
    ended = sorted((r["to"] - r["from"]).days for r in given if r["to"])
    assert stages["Engaging"].times.count == len(ended) == 6711
    assert stages["Engaging"].median_days == statistics.median(ended)
    assert stages["Engaging"].p90_days == pytest.approx(statistics.quantiles(ended, n=10, method="inclusive")[8])
    assert stages["Engaging"].reached == 8300 and stages["Engaging"].conversion == 8300 / 8800
    assert stages["Won"].conversion == 4238 / 8300 and stages["Lost"].conversion is None
    assert report.median_won_days == statistics.median(_won_days(given))
    assert {(f.source, f.target): f.count for f in report.flow} == {("engaging", "won"): 4238, ("engaging", "lost"): 2473}
    assert [(x.stage, x.count, x.sum) for x in report.lost_at] == [("engaging", 2473, 0)]


def test_people_periods_and_filters_are_those_of_the_file(sold: Any, given: Rows) -> None:
    workspace, actor, _ = sold
    ids = {name: user for user, name in workspace.people.names().items()}
    report = workspace.insight.funnel(actor, "deals")
    agents = Counter(r["sales_agent"] for r in given)
    assert {p.user: p.count for p in report.people} == {ids[name]: n for name, n in agents.items()}
    agent = agents.most_common(1)[0][0]
    own = [r for r in given if r["sales_agent"] == agent]
    report = workspace.insight.funnel(actor, "deals", people=[ids[agent]])
    assert (report.total, report.sum_won) == (len(own), sum(r["value"] for r in own))
    assert report.median_won_days == statistics.median(_won_days(own))
    since, until = date(2017, 4, 1), date(2017, 6, 30)
    closed = [r for r in given if r["to"] and since <= r["to"] <= until]
    report = workspace.insight.funnel(actor, "deals", since=since, until=until, by="closed")
    assert (report.won, report.lost) == tuple(sum(r["deal_stage"] == s for r in closed) for s in ("Won", "Lost"))
    begun = [r for r in given if r["from"] and since <= r["from"] <= until]
    assert workspace.insight.funnel(actor, "deals", since=since, until=until).total == len(begun)
    product = next(o["code"] for o in _options(workspace, "product") if o["title"] == "GTX Basic")
    chosen = Condition(field="product", value=product)
    assert workspace.insight.funnel(actor, "deals", filter=chosen).total == sum(r["product"] == "GTX Basic" for r in given)


def _options(workspace: Workspace, code: str) -> list[dict[str, str]]:
    field = workspace.processes.published("deals").process.field(code)  # type: ignore[union-attr]
    return field.params["options"]  # type: ignore[no-any-return,union-attr]


def test_the_board_counts_the_same(sold: Any) -> None:
    workspace, actor, _ = sold
    totals = workspace.elements.totals(actor, "deals")
    assert {stage: (t.count, t.sum) for stage, t in totals.items()} == {
        s.code: (s.count, s.sum) for s in workspace.insight.funnel(actor, "deals").stages
    }


def test_a_deal_has_its_history(sold: Any) -> None:
    workspace, actor, _ = sold
    (deal,) = workspace.elements.find(actor, "deals", Condition(field="title", value="1C1I7A6R"))
    moved, created = workspace.elements.history(actor, deal.id)
    assert (created.kind, created.at[:10], created.changes["stage"]) == ("created", "2016-10-20", [None, "engaging"])
    assert (moved.kind, moved.at[:10], moved.changes["stage"]) == ("moved", "2017-03-01", ["engaging", "won"])
    assert deal.closed_at == moved.at and created.note == moved.note == "import"
    assert workspace.people.names()[deal.responsible] == "Moses Frase"
    prospect = workspace.elements.find(actor, "deals", Condition(field="stage", value="prospecting"), limit=1)[0]
    assert len(workspace.elements.history(actor, prospect.id)) == 1
