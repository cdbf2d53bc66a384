"""The robots page in a browser: a failed run says why, is tried again and goes on; a letter without a mail server."""

from __future__ import annotations

from pathlib import Path

import pytest
from playwright.sync_api import expect

from model.access import Actor
from model.element import Element
from model.graph import Graph, Node, Wire
from running import Serve, Site, Visit, WorkspaceAt, hold_ticks, tick
from workspace import Workspace

expect.set_options(timeout=15_000)

CLOSING = Graph(
    code="close",
    title="Close as won",
    nodes=(
        Node(id="start", kind="by_hand", x=0, y=0),
        Node(
            id="mail",
            kind="send_mail",
            params={"to": "{email}", "subject": "Well met", "body": "Dear friend, <b>hello</b>"},
            x=200,
        ),
        Node(id="move", kind="move_stage", params={"stage": "won"}, x=400, y=0),
        Node(id="say", kind="add_comment", params={"text": "Closed by the robot"}, x=600, y=0),
    ),
    edges=(Wire(source="start", target="mail"), Wire(source="mail", target="move"), Wire(source="move", target="say")),
)

RESTING = Graph(
    code="rest",
    title="Rest",
    nodes=(Node(id="start", kind="by_hand"), Node(id="wait", kind="wait_for", params={"duration": 60}, x=200)),
    edges=(Wire(source="start", target="wait"),),
)


class Office:
    """The demo as it runs, with a graph that moves to a stage which requires an amount and an account."""

    def __init__(self, workspace: Workspace, site: Site) -> None:
        self.workspace, self.site = workspace, site
        self.admin: Actor = workspace.administrator()

    def failed(self, title: str) -> Element:
        """A deal whose run has failed: it has no amount."""
        return self.started(title, "close")

    def started(self, title: str, graph: str) -> Element:
        """A deal for which a graph was started and went as far as it goes."""
        elements, engine = self.workspace.elements, self.workspace.engine
        deal = elements.create(self.admin, "deals", {"title": title, "stage": "prospecting", "email": "ann@example.com"})
        run = engine.start(self.admin, deal.id, graph)
        while engine.run(self.admin, run.id).state == "ready":
            engine.drain()
        return deal


@pytest.fixture(scope="module")
def office(tmp_path_factory: pytest.TempPathFactory, workspace_at: WorkspaceAt, serve: Serve) -> Office:
    folder: Path = tmp_path_factory.mktemp("insight-robots")
    workspace = workspace_at(folder, demo=True)
    admin, draft = workspace.administrator(), workspace.processes.draft("deals")
    workspace.processes.save(admin, draft.model_copy(update={"graphs": (*draft.graphs, CLOSING, RESTING)}))
    workspace.processes.publish(admin, "deals")
    return Office(workspace, serve(folder))


def test_a_failed_run_says_why_and_goes_on_when_it_is_tried_again(office: Office, visit: Visit) -> None:
    deal = office.failed("Bare deal")
    page = visit(office.site, "/robots?process=deals")
    run = page.locator(".st-key-robots-run")
    expect(run).to_contain_text("Bare deal")
    expect(run.get_by_role("alert")).to_contain_text("“Amount” must be filled in")
    expect(run).to_contain_text("Started by: By a button on the card")
    account = office.workspace.elements.find(office.admin, "accounts", limit=1)[0].id
    office.workspace.elements.update(office.admin, deal.id, {"amount": 500, "account": account})
    run.get_by_role("button", name="Try again").click()
    expect(run.get_by_role("alert")).to_have_count(0)
    expect(run).to_contain_text("Closed by the robot")
    expect(run.get_by_role("button", name="Try again")).to_have_count(0)
    assert office.workspace.elements.get(office.admin, deal.id).stage == "won"


def test_the_graph_is_drawn_with_what_the_run_did(office: Office, visit: Visit) -> None:
    office.failed("Drawn deal")
    page = visit(office.site, "/robots?process=deals")
    page.get_by_role("button", name="Show on the graph").click()
    canvas = page.get_by_role("dialog").locator(".react-flow__node")
    expect(canvas).to_have_count(4)
    expect(canvas.filter(has_text="Move to a stage")).to_contain_text("Won")


def test_the_outbox_shows_the_letter_and_why_it_was_not_sent(office: Office, visit: Visit) -> None:
    office.failed("Mailed deal")
    page = visit(office.site, "/robots?process=deals")
    page.get_by_role("tab", name="Outbox").click()
    letter = page.locator(".st-key-robots-letter")
    expect(letter).to_contain_text("Well met")
    expect(letter).to_contain_text("Dear friend, <b>hello</b>")
    expect(letter).to_contain_text("Not sent: no mail server")
    expect(letter.get_by_role("button", name="Send again")).to_be_disabled()
    letter.get_by_role("button", name="Discard").click()
    expect(page.get_by_text("Discarded.")).to_be_visible()


def test_all_failed_runs_are_tried_again_with_the_current_version(office: Office, visit: Visit) -> None:
    deals = [office.failed(f"One of many {n}") for n in range(2)]
    ws, admin = office.workspace, office.admin
    failed = ws.engine.changeable(admin, "deals", ["failed"], "close")
    draft = ws.processes.draft("deals")
    nodes = tuple(n.model_copy(update={"params": {"stage": "engaging"}}) if n.id == "move" else n for n in CLOSING.nodes)
    graphs = tuple(g if g.code != "close" else g.model_copy(update={"nodes": nodes}) for g in draft.graphs)
    ws.processes.save(admin, draft.model_copy(update={"graphs": graphs}))
    ws.processes.publish(admin, "deals")
    page = visit(office.site, "/robots?process=deals")
    expect(page.locator(".st-key-robots-run").get_by_role("button", name="Try again with the current version")).to_be_visible()
    page.get_by_test_id("stButtonGroup").get_by_text("Failed", exact=True).click()
    page.get_by_role("button", name=f"Try all {len(failed)} again").click()
    popover = page.get_by_test_id("stPopoverBody")
    expect(popover).to_contain_text(f"{len(failed)} failed runs go on")
    hold_ticks(page)  # who presses both at once means both
    popover.get_by_text("With the current version").click()
    popover.get_by_role("button", name="Try again").click()
    tick(page)
    expect(page.get_by_text(f"Done: {len(failed)}.")).to_be_visible()
    expect(page.get_by_text("No runs like this.")).to_be_visible()
    assert [ws.elements.get(admin, deal.id).stage for deal in deals] == ["engaging"] * 2


def test_all_that_wait_are_stopped(office: Office, visit: Visit) -> None:
    for number in range(2):
        office.started(f"Resting {number}", "rest")
    engine, admin = office.workspace.engine, office.admin
    waiting = engine.changeable(admin, "deals", ["ready", "waiting"])
    page = visit(office.site, "/robots?process=deals")
    page.get_by_test_id("stButtonGroup").get_by_text("Waiting", exact=True).click()
    page.get_by_role("button", name=f"Stop all {len(waiting)}").click()
    page.get_by_test_id("stPopoverBody").get_by_role("button", name="Stop").click()
    expect(page.get_by_text("No runs like this.")).to_be_visible()
    assert {engine.run(admin, number).state for number in waiting} == {"stopped"}
