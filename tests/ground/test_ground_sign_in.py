"""The gate: nobody passes it without a session, not even the first one after a start, on any address."""

from __future__ import annotations

from pathlib import Path

import pytest

from running import LOGIN, PASSWORD, Serve, Site, Visit, WorkspaceAt, settle


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory, workspace_at: WorkspaceAt, serve: Serve) -> Site:
    folder = tmp_path_factory.mktemp("gate")
    workspace_at(folder)
    return serve(folder)


def test_the_first_deep_link_after_a_start_meets_the_gate(visit: Visit, site: Site) -> None:
    page = visit(site, "/tasks?mine=1", login=None)
    assert page.locator('main.plain form input[name="password"]').is_visible()
    assert page.locator('[data-testid="stSidebar"]').count() == 0


def test_every_address_meets_the_gate(visit: Visit, site: Site) -> None:
    page = visit(site, "/", login=None)
    for place in ("board", "list", "card", "funnel", "robots", "search", "inbox", "settings", "people", "nowhere"):
        page.goto(f"{site.url}/{place}?process=deals&id=1")
        settle(page)
        page.locator('main.plain form input[name="password"]').wait_for()
        assert page.locator('[data-testid="stSidebar"]').count() == 0, place


def test_the_form_signs_in_and_leads_to_the_place_asked_for(visit: Visit, site: Site) -> None:
    page = visit(site, "/tasks", login=None)
    page.fill('input[name="username"]', LOGIN)
    page.fill('input[name="password"]', "wrong")
    page.press('input[name="password"]', "Enter")
    page.get_by_role("alert").wait_for()
    assert page.input_value('input[name="username"]') == LOGIN
    page.fill('input[name="password"]', PASSWORD)
    page.click('main.plain form button[type="submit"]')
    page.wait_for_url(f"{site.url}/tasks*")
    page.get_by_test_id("stSidebar").wait_for()
    kept = next(c for c in page.context.cookies() if c["name"] == "voronka_session")
    assert kept["httpOnly"] and kept["sameSite"] == "Lax"
    page.reload()
    settle(page)
    assert page.get_by_test_id("stSidebar").is_visible()


def test_sessions_survive_a_restart(visit: Visit, site: Site, serve: Serve, tmp_path: Path, workspace_at: WorkspaceAt) -> None:
    workspace_at(tmp_path)
    first = serve(tmp_path)
    page = visit(first, "/tasks")
    token = next(c["value"] for c in page.context.cookies() if c["name"] == "voronka_session")
    page.wait_for_load_state("networkidle")  # it has all its scripts
    first.stop()
    second = serve(tmp_path)
    again = visit(second, "/", login=None)
    again.context.add_cookies([{"name": "voronka_session", "value": token, "url": second.url}])
    again.goto(f"{second.url}/tasks")
    again.get_by_test_id("stSidebar").wait_for()
