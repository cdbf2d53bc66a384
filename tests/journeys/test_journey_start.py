"""First start: an empty folder becomes a workspace with the demo, in the browser."""

from __future__ import annotations

from pathlib import Path

import pytest
from playwright.sync_api import Page, expect

from running import Serve, Visit, settle


def _fill(page: Page, **values: str) -> None:
    for name, value in values.items():
        page.fill(f"#{name}", value)


def test_a_new_workspace_is_made_and_one_is_in_it(tmp_path: Path, serve: Serve, visit: Visit) -> None:
    site = serve(tmp_path / "data")
    page = visit(site, "/", login=None, timezone_id="Asia/Yekaterinburg")
    expect(page.get_by_label("Time zone")).to_have_value("Asia/Yekaterinburg")
    _fill(page, name="Horns & Hooves", person="Vera Petrova", login="vera", password="correct horse 3", repeat="something else")
    page.get_by_role("link", name="Русский").click()
    expect(page.get_by_label("Валюта")).to_have_value("RUB")
    page.get_by_role("link", name="English").click()
    expect(page.get_by_label("Workspace name")).to_have_value("Horns & Hooves")
    _fill(page, password="correct horse 3", repeat="something else")
    page.get_by_role("button", name="Start").click()
    expect(page.get_by_text("differ")).to_be_visible()
    expect(page.get_by_label("Your name")).to_have_value("Vera Petrova")
    _fill(page, password="correct horse 3", repeat="correct horse 3")
    page.get_by_role("button", name="Start").click()
    expect(page.get_by_role("heading", name="Vera Petrova")).to_be_visible(timeout=30_000)
    settle(page)
    for process in ("Deals", "Candidates"):
        expect(page.locator(".st-key-nav").get_by_role("link", name=process)).to_be_visible()
    page.locator(".st-key-nav").get_by_role("link", name="Candidates").click()
    expect(page.locator(".item .card").first).to_be_visible()
    page.reload()
    settle(page)
    expect(page.locator(".item .card").first).to_be_visible()


@pytest.mark.parametrize("language", ["ru"])
def test_it_speaks_russian_when_told(language: str, tmp_path: Path, serve: Serve, visit: Visit) -> None:
    site = serve(tmp_path / "data", VORONKA_LANGUAGE=language)
    page = visit(site, "/", login=None)
    expect(page.get_by_role("button", name="Начать")).to_be_visible()
    expect(page.locator("html")).to_have_attribute("lang", "ru")
