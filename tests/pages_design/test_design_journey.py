"""The designer in a real browser: a process is designed, its robots drawn with the mouse, published, and the robots work."""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import Any

import pytest
from playwright.sync_api import Locator, Page, expect

from builder import edit
from builder.presets import preset
from model.access import Action, Level, Role
from model.graph import Graph, Node, Wire
from running import PASSWORD, Serve, Site, Visit, WorkspaceAt, pick, settle, still, wait_for
from workspace import Workspace


@pytest.fixture(scope="module")
def shop(workspace_at: WorkspaceAt, tmp_path_factory: pytest.TempPathFactory) -> Workspace:
    """A workspace with the draft `orders` and the published `deals`."""
    workspace: Workspace = workspace_at(tmp_path_factory.mktemp("design"))
    admin = workspace.administrator()
    words = workspace.reader(admin).t
    workspace.processes.create(admin, preset("scratch", "orders", "Orders", words))
    workspace.processes.create(admin, preset("all_inclusive", "deals", "Deals", words))
    workspace.processes.publish(admin, "deals", "The beginning")
    return workspace


@pytest.fixture(scope="module")
def site(shop: Workspace, serve: Serve) -> Site:
    return serve(shop.environment.data)


def until(done: Callable[[], Any], seconds: float = 10) -> Any:
    """What `done` gives once it is something; the test fails when it stays empty."""
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        if found := done():
            return found
        time.sleep(0.05)
    raise AssertionError("it did not come about")


def row(page: Page, code: str) -> Locator:
    """A field or a stage in the sorter."""
    return page.locator(f'li.row[data-id="{code}"]')


def tab(page: Page, name: str) -> None:
    page.get_by_test_id("stButtonGroup").get_by_text(name, exact=True).click()
    settle(page)


def choose(page: Page, label: str, option: str) -> None:
    """Choose in a select box."""
    pick(page.get_by_role("combobox", name=label), option)


def centre(found: Locator) -> tuple[float, float]:
    """Its middle."""
    box = found.bounding_box()
    assert box is not None
    return box["x"] + box["width"] / 2, box["y"] + box["height"] / 2


def put(page: Page, kind: str, x: float, y: float) -> Locator:
    """Drag a robot from the palette to a place on the canvas; gives its card."""
    cards = page.locator(".react-flow__node")
    count = cards.count()
    pane = page.locator(".react-flow__pane").bounding_box()
    item = page.locator(f'.palette .item[data-kind="{kind}"]')
    assert pane is not None
    item.scroll_into_view_if_needed()
    sx, sy = centre(item)
    page.mouse.move(sx, sy)
    page.mouse.down()
    page.mouse.move(sx + 12, sy + 12, steps=3)
    page.mouse.move(pane["x"] + x, pane["y"] + y, steps=8)
    page.mouse.up()
    expect(cards).to_have_count(count + 1)
    settle(page)
    card = page.locator(f'.react-flow__node[data-id="{cards.last.get_attribute("data-id")}"]')
    expect(card).to_be_focused()
    still(card)
    return card


def wire(page: Page, source: Locator, port: str, target: Locator) -> None:
    """Draw a wire from a port to a robot."""
    wires = page.locator(".react-flow__edge")
    count = wires.count()
    page.mouse.move(*centre(source.locator(f'[data-handleid="{port}"]')))
    page.mouse.down()
    for _ in range(3):
        page.mouse.move(*centre(target), steps=5)
    page.mouse.up()
    expect(wires).to_have_count(count + 1)


def test_designed_drawn_published_and_the_robots_work(shop: Workspace, site: Site, visit: Visit) -> None:
    admin = shop.administrator()
    words = shop.reader(admin).t
    page = visit(site, "/designer?process=orders", viewport={"width": 1600, "height": 1000})
    page.get_by_role("button", name="Add a field").click()
    expect(page.get_by_role("heading", name="New field")).to_be_visible()
    page.get_by_placeholder("For example, Amount").fill("Budget")
    page.get_by_role("button", name="Money").click()
    expect(row(page, "budget")).to_contain_text("Budget")

    tab(page, "Stages")
    page.get_by_role("button", name="Add: Main funnel").click()
    title = page.get_by_label("Title", exact=True)
    expect(title).to_have_value("New stage")
    title.fill("Contract")
    title.press("Enter")
    expect(page.locator("li.row").filter(has_text="Contract")).to_be_visible()
    stage = until(lambda: next((s for s in shop.processes.draft("orders").stages() if s.title == "Contract"), None))

    tab(page, "Robots")
    page.get_by_role("button", name="New graph").click()
    expect(page.locator(".react-flow__pane")).to_be_visible()
    inspector = page.locator(".st-key-design-inspector")
    start = put(page, "stage_entered", 160, 160)
    expect(inspector.get_by_role("heading", name=words("trigger.stage_entered.title"))).to_be_visible()
    choose(page, words("trigger.stage_entered.param.stages"), "Contract")
    ask = put(page, "condition", 400, 160)
    expect(inspector.get_by_role("heading", name=words("robot.condition.title"))).to_be_visible()
    inspector.get_by_role("button", name=words("forms.add_condition")).click()
    choose(page, words("forms.field"), "Budget")
    choose(page, words("forms.operator"), words("operator.gt"))
    value = inspector.get_by_role("textbox", name=words("forms.value"))
    value.fill("1000")
    value.press("Enter")
    say = put(page, "add_comment", 400, 420)
    expect(inspector.get_by_role("heading", name=words("robot.add_comment.title"))).to_be_visible()
    text = inspector.get_by_role("textbox", name=words("robot.add_comment.param.text"))
    text.fill("Big one: {title}")
    text.press("Control+Enter")
    wire(page, start, "done", ask)
    wire(page, ask, "yes", say)

    def drawn() -> Graph | None:
        graph = shop.processes.draft("orders").graphs[0]
        texts = [n.params.get("text") for n in graph.nodes]
        return graph if len(graph.edges) == 2 and "Big one: {title}" in texts else None

    graph = until(drawn)
    assert [n.kind for n in graph.nodes] == ["stage_entered", "condition", "add_comment"]
    assert graph.nodes[0].params["stages"] == [stage.code]
    assert {(e.source, e.port, e.target) for e in graph.edges} == {
        (graph.nodes[0].id, "done", graph.nodes[1].id), (graph.nodes[1].id, "yes", graph.nodes[2].id),
    }  # fmt: skip
    expect(ask).to_contain_text("Budget")

    page.get_by_role("button", name="Publish", exact=True).click()
    page.get_by_label("What is new").fill("Robots greet big orders")
    page.get_by_role("button", name="Publish the version").click()
    expect(page.get_by_text("Version 1 is published")).to_be_visible()
    page.get_by_role("button", name="Open the board").click()
    page.wait_for_url("**/board?process=orders")

    for budget, heard in ((5000, ["Big one: Large"]), (10, [])):
        made = shop.elements.create(admin, "orders", {"title": "Large" if heard else "Small", "budget": budget})
        shop.elements.move(admin, made.id, stage.code)
        until(lambda made=made: [r for r in shop.engine.runs(admin, element=made.id) if r.state == "done"])
        said = [e.data["text"] for e in shop.elements.history(admin, made.id) if e.kind == "commented"]
        assert said == heard


def test_somebody_else_was_quicker_and_nothing_is_lost(shop: Workspace, site: Site, visit: Visit) -> None:
    admin = shop.administrator()
    page = visit(site, "/designer?process=deals&item=client_name")
    title = page.get_by_label("Title", exact=True)
    expect(title).to_have_value("Client")
    draft = shop.processes.draft("deals")
    shop.processes.save(admin, edit.change_field(draft, "comment", title="Remark"))
    title.fill("Customer")
    title.press("Enter")
    expect(page.get_by_text("Your last change is kept")).to_be_visible()
    expect(row(page, "comment")).to_contain_text("Remark")
    expect(row(page, "client_name")).to_contain_text("Client")
    page.get_by_role("button", name="Make my change too").click()
    expect(row(page, "client_name")).to_contain_text("Customer")
    merged = shop.processes.draft("deals")
    assert [f.title for f in merged.fields if f.code in ("client_name", "comment")] == ["Customer", "Remark"]


def test_what_is_wrong_blocks_and_leads_to_its_place(shop: Workspace, site: Site, visit: Visit) -> None:
    admin = shop.administrator()
    bad = Graph(
        code="bad", title="Letters", edges=(Wire(source="t", target="m"),),
        nodes=(Node(id="t", kind="element_created"), Node(id="m", kind="send_mail", x=300)),
    )  # fmt: skip
    shop.processes.save(admin, edit.set_graph(shop.processes.draft("deals"), bad))
    page = visit(site, "/designer?process=deals")
    page.get_by_role("button", name="Publish", exact=True).click()
    dialog = page.get_by_role("dialog")
    expect(dialog.get_by_text("errors stand in the way")).to_be_visible()
    expect(dialog.get_by_role("button", name="Publish the version")).to_have_count(0)
    dialog.get_by_role("button", name="Robots › Letters › Send a letter").first.click()
    expect(dialog).to_have_count(0)
    inspector = page.locator(".st-key-design-inspector")
    expect(inspector.get_by_role("heading", name="Send a letter")).to_be_visible()
    expect(page.locator('.react-flow__node[data-id="m"] .badge')).to_have_text("2")
    assert shop.processes.published("deals").number == 1  # type: ignore[union-attr]
    shop.processes.discard(admin, "deals")


def test_stage_in_use_stays_undo_and_redo_work(shop: Workspace, site: Site, visit: Visit) -> None:
    admin = shop.administrator()
    shop.processes.discard(admin, "deals")
    shop.elements.create(admin, "deals", {"title": "Stands here", "stage": "preparation"})
    page = visit(site, "/designer?process=deals&tab=stages&item=preparation")
    page.get_by_role("button", name="Remove: Preparation").click()
    expect(page.get_by_text("“Preparation”").first).to_be_visible()
    expect(page.get_by_role("button", name="Open the board and move them")).to_be_visible()
    assert shop.processes.draft("deals").stage("preparation")
    page.get_by_role("button", name="Remove: Agreement").click()
    expect(row(page, "agreement")).to_have_count(0)
    page.locator(".st-key-design-head").get_by_role("button", name="Undo").click()
    expect(row(page, "agreement")).to_have_count(1)
    page.locator(".st-key-design-head").get_by_role("button", name="Redo").click()
    expect(row(page, "agreement")).to_have_count(0)
    assert shop.processes.draft("deals").stage("agreement") is None


def test_rights_are_given_and_versions_come_back(shop: Workspace, site: Site, visit: Visit) -> None:
    admin = shop.administrator()
    shop.processes.discard(admin, "deals")
    page = visit(site, "/designer?process=deals&tab=access")
    choose(page, "Manager · Delete", "Own and department")
    granted = until(lambda: [g for g in shop.processes.draft("deals").grants if (g.role, g.action) == ("manager", Action.DELETE)])
    assert [(g.level, g.stage) for g in granted] == [(Level.DEPARTMENT, "")]
    choose(page, "Rights for", "Success")
    choose(page, "Manager · Change", "No access")
    until(lambda: [g for g in shop.processes.draft("deals").grants if (g.stage, g.level) == ("success", Level.NONE)])
    tab(page, "Versions")
    page.get_by_role("button", name="View").first.click()
    expect(page.get_by_text("The beginning")).to_be_visible()
    expect(page.locator(".react-flow__node")).to_have_count(3)
    page.get_by_role("button", name="Restore as draft").click()
    until(lambda: shop.processes.changes("deals") == [])


def toggle(page: Page, label: str) -> None:
    page.get_by_test_id("stCheckbox").filter(has_text=label).locator("label").click()
    settle(page)


def choose_robot(page: Page, name: str, title: str) -> Locator:
    """Choose a robot on the canvas and open its name and errors, unless they are open; gives its card."""
    card, inspector = page.locator(f'.react-flow__node[data-id="{name}"]'), page.locator(".st-key-design-inspector")
    card.click()
    expect(inspector.get_by_role("heading", name=title)).to_be_visible()
    settle(page)
    more = inspector.locator("details")
    if more.get_attribute("open") is None:
        more.locator("summary").click()
        wait_for(page, "details => !details.getAnimations().length", arg=more.element_handle())  # it opens slowly
        settle(page)
    expect(page.get_by_role("textbox", name="Own name")).to_be_visible()
    return card


def enter(page: Page, label: str, value: str) -> None:
    """Write into a box for a number."""
    box = page.get_by_role("textbox", name=label, exact=True)
    box.fill(value)
    box.press("Enter")
    settle(page)


def test_how_robots_run_is_set_by_hand(shop: Workspace, site: Site, visit: Visit) -> None:
    admin = shop.administrator()
    shop.processes.discard(admin, "deals")
    calls = Graph(
        code="calls", title="Calls", edges=(Wire(source="t", target="c"), Wire(source="c", target="s")),
        nodes=(Node(id="t", kind="every", params={"interval": 60}),
               Node(id="c", kind="call_webhook", x=300, params={"url": "https://example.com/"}),
               Node(id="s", kind="add_comment", x=600, params={"text": "Done"})),
    )  # fmt: skip
    shop.processes.save(admin, edit.set_graph(shop.processes.draft("deals"), calls))

    def graph() -> Graph:
        found = shop.processes.draft("deals").graph("calls")
        assert found is not None
        return found

    page = visit(site, "/designer?process=deals&tab=robots&item=calls", viewport={"width": 1600, "height": 1000})
    for mode in ("Wait in a queue", "Stop it, start anew", "Do not start"):
        choose(page, "If it is still going on for the element", mode)
        until(lambda mode=mode: shop.reader(admin).t(f"graph.mode.{graph().mode}") == mode)
    toggle(page, "Stop when the element leaves the stage")
    until(lambda: graph().stop_on_leave)
    toggle(page, "Switched on")
    until(lambda: not graph().enabled)
    toggle(page, "Switched on")
    until(lambda: graph().enabled)

    page.locator('.react-flow__node[data-id="t"]').click()
    choose(page, "If it was missed", "leave it out")
    until(lambda: graph().nodes[0].params.get("missed") == "skip")
    choose_robot(page, "c", "Call a webhook")
    enter(page, "Tries after an error", "3")
    until(lambda: graph().nodes[1].retries == 3)
    enter(page, "Minutes before the next try", "5")
    until(lambda: graph().nodes[1].retry_minutes == 5)

    last = choose_robot(page, "s", "Add a comment")
    expect(last.locator('[data-handleid="failed"]')).to_have_count(0)
    toggle(page, "Go on after an error")
    until(lambda: graph().nodes[2].continue_on_error)
    expect(last.locator('[data-handleid="failed"]')).to_have_count(1)
    stop = put(page, "stop", 560, 560)
    wire(page, last, "failed", stop)
    until(lambda: ("s", "failed") in {(each.source, each.port) for each in graph().edges})
    choose_robot(page, stop.get_attribute("data-id") or "", "Stop")
    expect(page.get_by_text("Tries after an error")).to_have_count(0)
    choose_robot(page, "s", "Add a comment")
    toggle(page, "Go on after an error")
    expect(page.locator(".react-flow__edge")).to_have_count(2)
    assert {(each.source, each.port) for each in graph().edges} == {("t", "done"), ("c", "done")}
    shop.processes.discard(admin, "deals")


def test_only_robots_for_those_who_may_only_draw_them(shop: Workspace, site: Site, visit: Visit) -> None:
    admin = shop.administrator()
    drawer = shop.people.add_user(admin, "drawer", "Dora Drawer", PASSWORD)
    shop.people.add_user(admin, "nobody", "Ned Nobody", PASSWORD)
    shop.people.save_role(admin, "drawers", "Drawers", [drawer.id], [])
    draft = edit.set_grant(shop.processes.draft("deals"), Role(code="drawers", title="Drawers"), Action.ROBOTS, Level.ALL)
    shop.processes.save(admin, draft)
    shop.processes.publish(admin, "deals")
    page = visit(site, "/designer?process=deals", login="drawer")
    expect(page.locator(".react-flow__pane")).to_be_visible()
    expect(page.get_by_test_id("stButtonGroup").get_by_text("Fields and card")).to_have_count(0)
    page = visit(site, "/designer?process=deals", login="nobody")
    expect(page.get_by_text("You may not change the settings of")).to_be_visible()
    expect(page.get_by_role("button", name="Publish")).to_have_count(0)
    for address in ("/", "/board"):
        page = visit(site, address, login="nobody")
        expect(page.get_by_text("No process is open to you yet. Ask an administrator for access.")).to_be_visible()
        expect(page.get_by_text("Processes", exact=True)).to_have_count(0)


def test_who_publishes_reads_what_the_robots_of_others_will_do(shop: Workspace, site: Site, visit: Visit) -> None:
    admin = shop.administrator()
    drafter = shop.people.add_user(admin, "drafter", "Boris Drafter", PASSWORD)
    shop.people.save_role(admin, "drafters", "Drafters", [drafter.id], [])
    draft = edit.set_grant(shop.processes.draft("deals"), Role(code="drafters", title="Drafters"), Action.ROBOTS, Level.ALL)
    shop.processes.save(admin, draft)
    shop.processes.publish(admin, "deals")
    out = Graph(
        code="out", title="Prices go out", edges=(Wire(source="t", target="m"),),
        nodes=(Node(id="t", kind="element_created"),
               Node(id="m", kind="send_mail", x=300, params={"to": "rival@example.com", "subject": "{title}", "body": "Hi"})),
    )  # fmt: skip
    shop.processes.save(shop.actor(drafter.id), edit.set_graph(shop.processes.draft("deals"), out))
    page = visit(site, "/designer?process=deals")
    page.get_by_role("button", name="Publish", exact=True).click()
    dialog = page.get_by_role("dialog")
    expect(dialog.get_by_text("rival@example.com")).to_be_visible()
    expect(dialog.get_by_text("Drafted by Boris Drafter.")).to_be_visible()
    publish = dialog.get_by_role("button", name="Publish the version")
    expect(publish).to_be_disabled()
    dialog.get_by_text("I have read what these flows do").click()
    expect(publish).to_be_enabled()
    publish.click()
    expect(dialog.get_by_text("is published")).to_be_visible()
    version = shop.processes.published("deals")
    assert version is not None and version.acts_as("out") == admin.user
