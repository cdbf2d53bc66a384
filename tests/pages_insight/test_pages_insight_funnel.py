"""The funnel page in a browser: what a press shows and how one gets back, whose deals are counted, the PDFs."""

from __future__ import annotations

from pathlib import Path

import pytest
from playwright.sync_api import Page, expect

from insight.report import FunnelReport
from model.access import Actor
from running import Serve, Site, Visit, WorkspaceAt, settle
from workspace import Workspace

expect.set_options(timeout=15_000)


class Sales:
    """The demo's deals as they run."""

    def __init__(self, workspace: Workspace, site: Site) -> None:
        self.workspace, self.site = workspace, site
        self.admin: Actor = workspace.administrator()

    def report(self, people: list[int | None] | None = None) -> FunnelReport:
        """What the page should say."""
        return self.workspace.insight.funnel(self.admin, "deals", people=people)


@pytest.fixture(scope="module")
def sales(tmp_path_factory: pytest.TempPathFactory, workspace_at: WorkspaceAt, serve: Serve) -> Sales:
    folder: Path = tmp_path_factory.mktemp("insight-funnel")
    return Sales(workspace_at(folder, demo=True), serve(folder))


@pytest.fixture
def page(sales: Sales, visit: Visit) -> Page:
    opened = visit(sales.site, "/funnel?process=deals")
    expect(opened.locator(".stage").first).to_be_visible()
    return opened


def metric(page: Page, name: str) -> str:
    label = page.locator("[data-testid=stMetricLabel]", has=page.get_by_text(name, exact=True))
    return page.locator("[data-testid=stMetric]", has=label).locator("[data-testid=stMetricValue]").inner_text()


def press(page: Page, stage: str) -> None:
    page.locator(f'.stage[data-id="{stage}"]').click()


def test_a_press_shows_how_many_stand_there_and_back_takes_it_away(sales: Sales, page: Page) -> None:
    count = next(s.count for s in sales.report().stages if s.code == "engaging")
    press(page, "engaging")
    expect(page.get_by_role("heading", name=f"Engaging: {count} elements")).to_be_visible()
    page.get_by_role("button", name="Back").click()
    expect(page.get_by_role("heading", name="Time on a stage")).to_be_visible()
    expect(page.locator('.stage[aria-pressed="true"]')).to_have_count(0)


def test_all_of_a_stage_are_shown_in_the_list_and_the_funnel_stays_whole(sales: Sales, page: Page) -> None:
    report = sales.report()
    won = next(s.count for s in report.stages if s.code == "won")
    press(page, "won")
    page.get_by_role("button", name="Show all in the list").click()
    expect(page.get_by_text(f"of {won}").first).to_be_visible()
    expect(page.get_by_role("button", name="Filter · 1")).to_be_visible()
    page.get_by_text("Funnel", exact=True).first.click()
    expect(page.locator(".stage").first).to_be_visible()
    expect(page.locator("[data-testid=stMetric]").first).to_contain_text(str(report.open))


def test_the_figures_follow_the_responsible(sales: Sales, page: Page) -> None:
    person = max((p for p in sales.report().people if p.user), key=lambda p: p.count)
    name = sales.workspace.people.names()[person.user or 0]
    page.get_by_role("combobox", name="Responsible").fill(name)
    page.get_by_role("option", name=name).click()
    settle(page)
    expect(page.locator("[data-testid=stMetricValue]").first).to_have_text(str(person.open))
    assert (metric(page, "Won"), metric(page, "Lost")) == (str(person.won), str(person.lost))
    stage = next(s for s in sales.report([person.user]).stages if s.count > 1)
    press(page, stage.code)
    expect(page.get_by_role("heading", name=f"{stage.title}: {stage.count} elements")).to_be_visible()


def test_what_nothing_matches_says_so_and_is_taken_back(page: Page) -> None:
    search = page.get_by_placeholder("Search", exact=True)
    search.fill("no deal is called so")
    search.press("Enter")
    expect(page.get_by_text("Nothing matches this period")).to_be_visible()
    page.get_by_role("button", name="Show everything").click()
    expect(page.locator(".stage").first).to_be_visible()
    expect(search).to_have_value("")


@pytest.mark.parametrize(("button", "name"), [("PDF", "deals-funnel.pdf"), ("Process passport", "deals-passport.pdf")])
def test_the_pdfs_are_pdfs(page: Page, button: str, name: str) -> None:
    with page.expect_download() as loading:
        page.get_by_role("button", name=button, exact=True).click()
    assert loading.value.suggested_filename == name
    assert Path(loading.value.path()).read_bytes().startswith(b"%PDF-")


def _passport(page: Page) -> None:
    with page.expect_download() as loading:
        page.get_by_role("button", name="Process passport", exact=True).click()
    assert loading.value.suggested_filename == "deals-passport.pdf"
    assert Path(loading.value.path()).read_bytes().startswith(b"%PDF-")


def test_the_passport_is_also_where_the_process_is_designed(sales: Sales, visit: Visit) -> None:
    page = visit(sales.site, "/designer?process=deals&tab=versions")
    _passport(page)
    page.goto(f"{sales.site.url}/processes")
    page.locator(".st-key-process-card-deals [data-testid=stMenuButton] button").click()
    page.get_by_role("menuitem", name="Process passport").or_(page.get_by_role("option", name="Process passport")).click()
    expect(page.get_by_role("dialog")).to_be_visible()
    _passport(page)
