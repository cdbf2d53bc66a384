"""The 8,800 real deals: the command line, the funnel page and the board say the same."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest
from journey import column
from playwright.sync_api import expect

from running import ROOT, Serve, Site, Visit, WorkspaceAt

COUNTS = {"prospecting": 500, "engaging": 1589, "won": 4238, "lost": 2473}
COLUMNS = {"stage": "deal_stage", "title": "opportunity_id", "responsible": "sales_agent", "amount": "close_value",
           "created": "engage_date", "closed": "close_date"}  # fmt: skip


def _voronka(folder: Path, *arguments: str) -> subprocess.CompletedProcess[str]:
    environment = {**os.environ, "VORONKA_DATA": str(folder), "VORONKA_LANGUAGE": "en"}
    return subprocess.run(
        [sys.executable, str(ROOT / "cli.py"), *arguments],
        capture_output=True,
        text=True,
        check=True,
        env=environment,
        cwd=folder,
    )


@pytest.fixture(scope="module")
def deals(tmp_path_factory: pytest.TempPathFactory, workspace_at: WorkspaceAt, serve: Serve) -> Site:
    """A workspace with the imported deals, by the command line, and the app on it."""
    folder = tmp_path_factory.mktemp("deals")
    workspace_at(folder)
    told = [text for role, name in COLUMNS.items() for text in (f"--{role}-column", name)]
    _voronka(folder, "import", str(ROOT / "examples/crm_sales/sales_pipeline.csv"), "--process", "deals", "--create", *told)
    return serve(folder)


def test_the_command_line(deals: Site) -> None:
    told = json.loads(_voronka(deals.folder, "funnel", "deals", "--json").stdout)
    assert {s["code"]: s["count"] for s in told["stages"]} == COUNTS
    assert next(s["sum"] for s in told["stages"] if s["code"] == "won") == 10_005_534
    assert round(told["win_rate"], 4) == 0.6315 and told["median_won_days"] == 57


def test_the_funnel_page(deals: Site, visit: Visit) -> None:
    page = visit(deals, "/funnel?process=deals")
    figures = page.locator("[data-testid=stMetric]")
    for words in ("2,089", "4,238", "$10,005,534", "63.15%", "57"):
        expect(figures.filter(has_text=words).first).to_be_visible()


def test_the_board(deals: Site, visit: Visit) -> None:
    page = visit(deals, "/board?process=deals")
    for stage, count in COUNTS.items():
        expect(column(page, stage).locator(".n")).to_have_text(f"{count:,}")
    expect(column(page, "won")).to_contain_text("$10,005,534")
