"""Nobody passes the gate without signing in, whatever address they begin with and however fresh the server is."""

from __future__ import annotations

from pathlib import Path

import pytest
from playwright.sync_api import expect

from running import LOGIN, PASSWORD, Serve, Visit, WorkspaceAt

PATHS = ("/card?id=1", "/board?process=deals", "/people", "/designer?process=deals", "/search?q=a")


@pytest.mark.parametrize("path", PATHS[:2])
def test_the_first_address_after_a_start_shows_only_the_gate(
    path: str, tmp_path: Path, workspace_at: WorkspaceAt, serve: Serve, visit: Visit
) -> None:
    workspace = workspace_at(tmp_path / "data", demo=True)
    secret = workspace.elements.get(workspace.administrator(), 1).title
    site = serve(tmp_path / "data")
    page = visit(site, path, login=None)
    expect(page.locator("input[name=username]")).to_be_visible()
    assert secret not in page.content() and "Deals" not in page.locator("body").inner_text()


def test_after_signing_in_one_is_where_one_wanted_to_go(office, visit: Visit) -> None:
    page = visit(office.site, "/board?process=deals", login=None)
    page.fill("input[name=username]", LOGIN)
    page.fill("input[name=password]", PASSWORD)
    page.keyboard.press("Enter")
    expect(page.locator('.col[data-col="won"]')).to_be_visible()
    assert page.url.endswith("/board?process=deals")


@pytest.mark.parametrize("path", ["/", "/home"])
def test_from_the_root_one_comes_to_my_day(path: str, office, visit: Visit) -> None:
    page = visit(office.site, path, login=None)
    page.fill("input[name=username]", LOGIN)
    page.fill("input[name=password]", PASSWORD)
    page.keyboard.press("Enter")
    expect(page.get_by_role("heading", name="Anna Admin")).to_be_visible()
    page.goto(office.site.url + path)
    expect(page.get_by_role("heading", name="Anna Admin")).to_be_visible()
    assert page.get_by_text("does not seem to exist").count() == 0


@pytest.mark.parametrize("path", PATHS)
def test_no_page_opens_without_a_session(path: str, office, visit: Visit) -> None:
    page = visit(office.site, path, login=None)
    expect(page.locator("input[name=username]")).to_be_visible()


@pytest.mark.parametrize("path", ["/board?process=deals", "/tasks"])
def test_an_open_page_whose_session_is_revoked_shows_the_way_to_sign_in(path: str, office, visit: Visit) -> None:
    page = visit(office.site, path)
    expect(page.get_by_role("link", name="Tasks").first).to_be_visible()
    _revoke_all(office)
    page.fill("input[name=username]", LOGIN)
    page.fill("input[name=password]", PASSWORD)
    page.keyboard.press("Enter")
    expect(page.get_by_role("link", name="Tasks").first).to_be_visible()
    assert page.url.endswith(path)


def test_what_was_typed_outlives_the_session(office, visit: Visit) -> None:
    page = visit(office.site, "/card?id=1")
    page.get_by_placeholder("Write a comment").press_sequentially("Half a tho")
    _revoke_all(office)
    notice = page.get_by_role("dialog", name="Your session has ended")
    expect(notice.get_by_text("Half a tho")).to_be_visible()
    with page.context.expect_page() as opened:
        notice.get_by_role("link", name="Sign in").click()
    again = opened.value
    again.fill("input[name=username]", LOGIN)
    again.fill("input[name=password]", PASSWORD)
    again.keyboard.press("Enter")
    expect(again.get_by_role("heading", name="Anna Admin")).to_be_visible()
    expect(notice).to_be_hidden()
    comment = page.get_by_placeholder("Write a comment")
    expect(comment).to_have_value("Half a tho")
    comment.press_sequentially("ught")
    comment.press("Control+Enter")
    expect(page.get_by_text("Half a thought")).to_be_visible()


def _revoke_all(office) -> None:
    for session in office.workspace.sessions.of(office.admin.user):
        office.workspace.sessions.revoke(office.admin, session.id)


def test_a_wrong_password_is_told_and_the_way_goes_on_and_back(office, visit: Visit) -> None:
    page = visit(office.site, "/card?id=3", login=None)
    page.fill("input[name=username]", LOGIN)
    page.fill("input[name=password]", "not it")
    page.keyboard.press("Enter")
    expect(page.get_by_text("Wrong")).to_be_visible()
    assert "id=3" in page.url
    expect(page.locator("input[name=username]")).to_have_value(LOGIN)
    page.fill("input[name=password]", PASSWORD)
    page.keyboard.press("Enter")
    expect(page.locator(".st-key-nav")).to_be_visible()
    assert page.url.endswith("/card?id=3")
    page.go_back()
    expect(page.locator(".st-key-nav")).to_be_visible()


def test_an_address_that_is_no_page_is_told_in_words(office, visit: Visit) -> None:
    page = visit(office.site, "/no-such-page")
    expect(page.get_by_text("There is no page at that address")).to_be_visible()
    expect(page.get_by_role("heading", name="Anna Admin")).to_be_visible()
    assert "lost" not in page.url and page.get_by_text("does not seem to exist").count() == 0
