"""A page that looks again and again whether something has ended is left in the middle of a look: the next page is whole."""

from __future__ import annotations

from pathlib import Path

import pytest
from playwright.sync_api import Page, expect

from builder.presets import preset
from model.graph import Graph, Node, Wire
from running import Serve, Site, Visit, WorkspaceAt


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory, workspace_at: WorkspaceAt, serve: Serve) -> Site:
    """Nobody works, so a run stays ready for ever."""
    folder: Path = tmp_path_factory.mktemp("leaving")
    workspace = workspace_at(folder)
    admin = workspace.administrator()
    nodes = (Node(id="h", kind="by_hand"), Node(id="c", kind="add_comment", params={"text": "Done"}, x=280))
    graph = Graph(code="hand", title="By hand", nodes=nodes, edges=(Wire(source="h", target="c"),))
    process = preset("scratch", "orders", "Orders", workspace.reader(admin).t)
    workspace.processes.create(admin, process.model_copy(update={"graphs": (graph,)}))
    workspace.processes.publish(admin, "orders")
    workspace.engine.start(admin, workspace.elements.create(admin, "orders", {"title": "One"}).id, "hand")
    return serve(folder, VORONKA_WORKER="false")


SLOW = """() => { const Real = window.WebSocket;
  window.WebSocket = class extends Real {
    addEventListener(kind, told, ...more) {
      super.addEventListener(kind, kind === 'message' ? e => setTimeout(() => told(e), 400) : told, ...more) }
    set onmessage(told) { super.onmessage = e => setTimeout(() => told(e), 400) } } }"""
"""A line on which whatever the server says takes its time."""


def heading(page: Page, text: str) -> None:
    expect(page.get_by_role("heading", name=text).first).to_be_visible(timeout=10_000)


def test_robots_at_work_are_left_at_any_moment(site: Site, visit: Visit) -> None:
    page = visit(site, "/tasks")
    page.add_init_script(f"({SLOW})()")
    page.goto(f"{site.url}/robots?process=orders")
    for turn in range(6):
        open_card = page.locator("[class*=st-key-goto-] button")
        expect(open_card).to_be_enabled(timeout=20_000)
        page.wait_for_timeout(160 * turn)
        if turn % 2:
            page.get_by_role("link", name="Tasks").click()
        else:
            open_card.click()
        title = "Tasks" if turn % 2 else "One"
        heading(page, title)
        page.wait_for_timeout(900)
        heading(page, title)
        assert not page.get_by_role("heading", name="Robots").count()
        page.get_by_role("link", name="Robots").click()
        heading(page, "Robots")
