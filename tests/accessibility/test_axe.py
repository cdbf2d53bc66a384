"""Every page, light and dark, under axe: nothing serious or critical beyond what an empty Streamlit page has by itself."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any, Literal, NamedTuple

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Page, expect

from model.filter import Condition
from running import PASSWORD, Serve, Site, Visit, WorkspaceAt, settle, wait_for

HEAVY = ("serious", "critical")
RULES: dict[Literal["light", "dark"], dict[str, Any]] = {
    "light": {"type": "tag", "values": ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa"]},
    "dark": {"type": "rule", "values": ["color-contrast"]},
}
"""What is asked in each scheme: in the dark only the colours are other ones."""
LET_PASS = {
    # The whole board is one stop of the Tab key: arrows go from card to card and scroll to them.
    ("scrollable-region-focusable", ".list"),
}
"""Rules, and how the target ends that is let pass."""
IN_SCHEME = """scheme => {
  const [r] = getComputedStyle(document.querySelector('[data-testid=stApp]') ?? document.body).backgroundColor.match(/[0-9]+/g)
  return (Number(r) < 128) === (scheme === 'dark')
}"""
DEEPEST = "let el = document.activeElement; while (el?.shadowRoot?.activeElement) el = el.shadowRoot.activeElement;"
FOCUSED = f"([selector, text]) => {{ {DEEPEST} return el.matches(selector) && el.textContent.includes(text) }}"
SHOWS_FOCUS = f"""() => {{
  {DEEPEST}
  const marked = node => {{
    const style = getComputedStyle(node)
    return (style.outlineStyle !== 'none' && style.outlineWidth !== '0px') || style.boxShadow !== 'none'
  }}
  return marked(el) || marked(el.parentElement) || el.matches('input, textarea')
}}"""
PAGES = (
    "/home", "/board?process=candidates", "/list?process=deals", "/card?id={element}", "/card?new=candidates", "/card?id=999999",
    "/tasks", "/inbox", "/search?q=an", "/processes", "/designer?process=candidates", "/designer?process=candidates&tab=stages",
    "/designer?process=candidates&tab=access", "/designer?process=candidates&tab=robots",
    "/designer?process=candidates&tab=versions", "/importing", "/funnel?process=deals", "/robots?process=candidates",
    "/people", "/settings", "/profile",
)  # fmt: skip


class World(NamedTuple):
    """The running app, and the element whose card is opened."""

    site: Site
    element: int


@pytest.fixture(scope="module")
def world(tmp_path_factory: pytest.TempPathFactory, workspace_at: WorkspaceAt, serve: Serve) -> World:
    folder = tmp_path_factory.mktemp("axe")
    workspace = workspace_at(folder, demo=True)
    actor = workspace.actor(1)
    on_call = Condition(field="stage", op="eq", value="call")
    element = workspace.elements.find(actor, "candidates", on_call, limit=1)[0].id
    workspace.tasks.add(actor, element, "Call back", actor.id, "2020-01-02T03:04:05.000Z")
    workspace.elements.comment(actor, element, "A comment")
    workspace.inbox.notify(1, "A notification", element)
    return World(serve(folder), element)


def heavy(page: Page, scheme: Literal["light", "dark"] = "light") -> Iterator[str]:
    """What axe finds serious or critical, one line for each place."""
    options = {"resultTypes": ["violations"], "runOnly": RULES[scheme]}
    found: list[dict[str, Any]] = Axe().run(page, options=options).response["violations"]
    for rule in found:
        for node in rule["nodes"] if rule["impact"] in HEAVY else []:
            target = str(node["target"][-1][-1] if isinstance(node["target"][-1], list) else node["target"][-1])
            if not any(rule["id"] == name and target.endswith(end) for name, end in LET_PASS):
                yield f"{rule['id']}: {node['html'][:120]}: {node['failureSummary'].splitlines()[1].strip()}"


def faults(page: Page, site: Site, paths: Iterable[str]) -> list[str]:
    """Open each path in turn, in both schemes; what is wrong there."""
    found = []
    for path in paths:
        page.goto(site.url + path)
        settle(page)
        page.locator("h1, [data-testid=stAlert], [class*=st-key-frame-empty]").first.wait_for()
        for scheme in RULES:
            page.emulate_media(color_scheme=scheme)
            wait_for(page, IN_SCHEME, arg=scheme)
            found += [f"{path} {scheme}: {fault}" for fault in heavy(page, scheme)]
    return found


def test_no_page_has_a_heavy_fault(world: World, visit: Visit) -> None:
    paths = [path.format(element=world.element) for path in PAGES]
    assert faults(visit(world.site), world.site, paths) == []


def test_the_gate_has_no_heavy_fault(world: World, visit: Visit) -> None:
    assert faults(visit(world.site, login=None), world.site, ["/", "/?signin=wrong_login", "/?signin=signed_out"]) == []


def test_set_up_has_no_heavy_fault(visit: Visit, serve: Serve, tmp_path: Path) -> None:
    site = serve(tmp_path)
    page = visit(site, login=None)
    assert faults(page, site, ["/", "/?language=ru"]) == []
    for name in ("person", "login", "password"):
        page.fill(f"#{name}", "x")
    page.fill("#repeat", "y")
    page.keyboard.press("Enter")
    page.locator("#repeat-said").wait_for()
    assert list(heavy(page)) == []


def test_axe_finds_what_is_wrong(world: World, visit: Visit) -> None:
    page = visit(world.site, login=None)
    page.evaluate("document.querySelector('h1').insertAdjacentHTML('afterend', '<button></button>')")
    assert [fault.split(":")[0] for fault in heavy(page)] == ["button-name"]


def test_a_day_of_work_needs_no_mouse(world: World, visit: Visit) -> None:
    page = visit(world.site, login=None)
    keys = page.keyboard
    tab_to(page, "input[name=username]")
    keys.type("admin")
    keys.press("Tab")
    keys.type(PASSWORD)
    keys.press("Enter")
    page.locator(".st-key-nav").wait_for()
    settle(page)
    tab_to(page, ".st-key-nav-boards a", "Candidates")
    keys.press("Enter")
    card = page.locator('[data-col="call"] .card').first
    card.wait_for()
    settle(page)
    name = card.locator(".title").inner_text()
    tab_to(page, ".card")
    keys.press("ArrowRight")
    expect(card).to_be_focused()
    keys.press("Control+ArrowRight")
    expect(page.locator('[data-col="interview"] .title', has_text=name)).to_be_visible()
    keys.press("Enter")
    expect(page.get_by_role("heading", name=name)).to_be_visible()
    page.locator("textarea").wait_for()
    settle(page)
    tab_to(page, "textarea")
    keys.type("Without a mouse")
    keys.press("Tab")
    keys.press("Enter")
    expect(page.get_by_text("Without a mouse").first).to_be_visible()


def tab_to(page: Page, selector: str, text: str = "") -> None:
    """Press Tab until the focus stands on it; every stop on the way has to show that it is focused."""
    for _ in range(120):
        if page.evaluate(FOCUSED, [selector, text]):
            assert page.evaluate(SHOWS_FOCUS), f"the focus on {selector} is not to be seen"
            return
        page.keyboard.press("Tab")
    raise AssertionError(f"the Tab key does not reach {selector} {text}")
