"""The server goes, by a new version or a fall, and comes back as one that knows nobody: open pages go on as if it had not."""

from __future__ import annotations

import re
from dataclasses import dataclass

import pytest
from journey import card, column, drag, eventually
from playwright.sync_api import Page, expect

from model.access import Actor
from running import Serve, Site, Visit, WorkspaceAt, hold_ticks, settle, tick, wait_for
from workspace import Workspace


@dataclass
class House:
    """A workspace with a server that can be started anew at its old address."""

    workspace: Workspace
    actor: Actor
    site: Site
    serve: Serve

    def start_anew(self, *pages: Page) -> None:
        """Kill the server, start another, and wait until these pages have found it."""
        self.site.process.kill()
        for page in pages:
            page.wait_for_selector('[data-testid="stApp"]:not([data-test-connection-state="CONNECTED"])')
        self.site = self.serve(self.site.folder, VORONKA_PORT=self.site.url.rsplit(":", 1)[1])
        for page in pages:
            page.wait_for_selector('[data-testid="stApp"][data-test-connection-state="CONNECTED"]', timeout=30_000)
            page.wait_for_timeout(300)
            settle(page)


@pytest.fixture(scope="module")
def house(serve: Serve, workspace_at: WorkspaceAt, tmp_path_factory: pytest.TempPathFactory) -> House:
    folder = tmp_path_factory.mktemp("house")
    workspace = workspace_at(folder, demo=True)
    return House(workspace, workspace.administrator(), serve(folder), serve)


def test_open_pages_outlive_the_server(house: House, visit: Visit) -> None:
    elements = house.workspace.elements
    number = elements.create(house.actor, "deals", {"title": "Evergreen", "stage": "prospecting"}).id
    board = visit(house.site, "/board?process=deals")
    editing, writing = visit(house.site, f"/card?id={number}"), visit(house.site, f"/card?id={number}")
    editing.get_by_role("button", name=re.compile("Edit")).first.click()
    editing.get_by_label("Title").fill("Evergreen and tall")
    writing.get_by_placeholder("Write a comment").fill("Written before the fall")
    expect(card(board, "Evergreen")).to_be_visible()
    elements.comment(house.actor, number, "Heard before the fall")  # Streamlit itself runs a page again whose last run was a part
    expect(editing.get_by_text("Heard before the fall")).to_be_visible()
    settle(editing)
    elements.update(house.actor, number, {"title": "Evergreen of others"})
    house.start_anew(board, editing, writing)

    editing.get_by_role("button", name="Save", exact=True).click()
    expect(editing.get_by_text("Now: Evergreen of others")).to_be_visible()
    editing.get_by_role("button", name="Save", exact=True).click()
    expect(editing.get_by_role("heading", name="Evergreen and tall")).to_be_visible()
    writing.get_by_role("button", name="Send").click()
    expect(writing.get_by_text("Written before the fall")).to_be_visible()
    drag(board, card(board, "Evergreen"), column(board, "engaging"))
    expect(column(board, "engaging").locator(".card", has_text="Evergreen")).to_be_visible()
    eventually(board, lambda: elements.get(house.actor, number).stage == "engaging")
    assert elements.get(house.actor, number).title == "Evergreen and tall"
    assert "Written before the fall" in {e.data.get("text") for e in elements.history(house.actor, number)}


def test_news_in_the_tick_of_the_reunion_do_not_keep_it_from_the_server(house: House, visit: Visit) -> None:
    number = house.workspace.elements.create(house.actor, "deals", {"title": "Perennial", "stage": "prospecting"}).id
    board = visit(house.site, "/board?process=deals")
    expect(card(board, "Perennial")).to_be_visible()
    hold_ticks(board)
    house.start_anew(board)
    board.wait_for_timeout(3000)  # by now the board has found news, too
    tick(board)
    settle(board)
    drag(board, card(board, "Perennial"), column(board, "engaging"))
    eventually(board, lambda: house.workspace.elements.get(house.actor, number).stage == "engaging")


def _listen(page: Page) -> None:
    """From here on `line` is the connection by which the page has told something last."""
    page.evaluate("""() => {
      const {send} = WebSocket.prototype
      WebSocket.prototype.send = function (data) { if (this.url.includes('_stcore')) window.line = this; send.call(this, data) }
    }""")


def _lose_for_a_moment(page: Page) -> None:
    page.evaluate("""() => {
      window.states = []
      const app = document.querySelector('[data-testid="stApp"]'), state = () => app.dataset.testConnectionState
      new MutationObserver(() => states.push(state())).observe(app, {attributeFilter: ['data-test-connection-state']})
      line.close()
    }""")
    wait_for(page, "states.length > 1 && states.at(-1) === 'CONNECTED'")


def test_a_press_in_the_tick_in_which_the_connection_is_back_is_heard(house: House, visit: Visit) -> None:
    house.workspace.elements.create(house.actor, "deals", {"title": "Hardy", "stage": "prospecting"})
    board = visit(house.site, "/board?process=deals")
    _listen(board)
    board.get_by_placeholder("Search").first.fill("hardy")
    expect(board.locator(".item .card")).to_have_count(1)
    settle(board)
    hold_ticks(board)
    _lose_for_a_moment(board)
    wait_for(board, "ticks.length")
    card(board, "Hardy").click()
    tick(board)
    expect(board.get_by_role("heading", name="Hardy")).to_be_visible()


def test_a_connection_that_was_lost_for_a_moment_closes_no_dialog(house: House, visit: Visit) -> None:
    page = visit(house.site, "/people")
    _listen(page)
    page.get_by_role("button", name="New user").click()
    dialog = page.get_by_role("dialog")
    dialog.get_by_label("Name").fill("Typed in between")
    dialog.get_by_label("Login").fill("typed")
    _lose_for_a_moment(page)
    page.wait_for_timeout(500)
    settle(page)
    dialog.get_by_role("button", name="Add").click()
    expect(dialog).to_be_hidden()
    assert "Typed in between" in house.workspace.people.names().values()
