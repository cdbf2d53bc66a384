"""Every page of a workspace full of markup: it is shown as it was written, nothing of it runs, and nothing breaks."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from types import SimpleNamespace
from typing import Any, cast
from urllib.parse import quote

import pytest
from hostile_world import MARK, Hostile, nasty, seed, twisted
from playwright.sync_api import FilePayload, Page, expect

from pages.parts import filters
from running import ROOT, Serve, Site, Visit, settle

ALL_TEXT = """() => {
  const parts = [];
  const walk = (node) => {
    for (const child of node.childNodes) {
      if (child.nodeType === 3) parts.push(child.data);
      else if (child.nodeType === 1 && !["SCRIPT", "STYLE", "NOSCRIPT"].includes(child.tagName)) {
        if (child.shadowRoot) walk(child.shadowRoot);
        const block = !["inline", "contents"].includes(getComputedStyle(child).display);
        if (block) parts.push("\\n");
        walk(child);
        if (block) parts.push("\\n");
      }
    }
  };
  walk(document.body);
  return parts.join("");
}"""
"""All text of the page, also inside our components."""
INJECTED = 'img[src="x"], #j, [onerror], [onload], a[href^="javascript:"], svg[onload]'
AREAS = "|".join(
    sorted({key.split(".")[0] for path in (ROOT / "locales" / "en").glob("*.json") for key in json.loads(path.read_text())})
)
RAW = re.compile(rf"(?<![\w./@-])(?:{AREAS})\.[a-z_]+(?:\.[a-z_0-9]+)*(?![\w@/])")
CODE = re.compile(r"\bNone\b|\bundefined\b|\[object Object\]|\bNaN\b|Traceback|\bnull\b")


@pytest.fixture(scope="module")
def hostile(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Hostile]:
    found = seed(tmp_path_factory.mktemp("hostile"))
    yield found
    found.workspace.db.close()


@pytest.fixture(scope="module")
def site(hostile: Hostile, serve: Serve) -> Site:
    return serve(hostile.workspace.environment.data, VORONKA_WORKER="false")


def text_of(page: Page) -> str:
    """The text once it stays the same for a while."""
    before, same = "", 0
    for _ in range(60):
        settle(page)
        now = str(page.evaluate(ALL_TEXT))
        same = same + 1 if now == before else 0
        if same >= 3:
            break
        before = now
        page.wait_for_timeout(120)
    return before


def look(page: Page, where: str) -> list[str]:
    """What is wrong with a page."""
    text = text_of(page)
    wrong = [f"{where}: not as written: {found!r}" for found in twisted(text)]
    if page.evaluate("() => window.hit"):
        wrong.append(f"{where}: a script ran: {page.evaluate('() => window.hit')}")
    if count := page.locator(INJECTED).count():
        wrong.append(f"{where}: {count} injected: {page.locator(INJECTED).first.evaluate('e => e.outerHTML')}")
    calm = "\n".join(line for line in text.splitlines() if MARK not in line)
    wrong += [f"{where}: {found!r}" for found in {*CODE.findall(calm), *RAW.findall(calm)}]
    wrong += [f"{where}: exception {shown}" for shown in page.locator('[data-testid="stException"]').all_inner_texts()]
    if MARK not in text:
        wrong.append(f"{where}: none of the texts is there")
    return wrong


PAGES = (
    "/", "/board?process=nasty", "/list?process=nasty", "/card?id={element}", "/card?id={other}", "/card?new=nasty", "/tasks",
    "/inbox", "/search?q=img", "/funnel?process=nasty", "/robots?process=nasty", "/processes", "/importing",
    "/importing?process=nasty", "/importing?report={imported}", "/people?tab=users", "/people?tab=departments",
    "/people?tab=roles",
    "/settings?tab=general", "/settings?tab=mail", "/settings?tab=outbox", "/settings?tab=webhooks", "/profile",
    "/designer?process=nasty&tab=fields", "/designer?process=nasty&tab=stages", "/designer?process=nasty&tab=access",
    "/designer?process=nasty&tab=robots", "/designer?process=nasty&tab=versions",
)  # fmt: skip


@pytest.mark.parametrize("language", ["en", "ru"])
def test_pages_show_what_was_written(hostile: Hostile, site: Site, visit: Visit, language: str) -> None:
    ws = hostile.workspace
    ws.people.change_user(hostile.admin, hostile.admin.user, language=language)
    page = visit(site)
    wrong: list[str] = []
    for path in PAGES if language == "en" else PAGES[:11]:
        where = path.format(element=hostile.element, other=hostile.other, imported=hostile.imported)
        page.goto(site.url + where)
        wrong += look(page, where)
    assert not wrong, "\n".join(wrong)


POPOVERS = ("/card?id={element}", "/list?process=nasty", "/board?process=nasty", "/funnel?process=nasty", "/processes")


def test_popovers_show_what_was_written(hostile: Hostile, site: Site, visit: Visit) -> None:
    page = visit(site)
    wrong: list[str] = []
    opened = 0
    for path in POPOVERS:
        where = path.format(element=hostile.element)
        page.goto(site.url + where)
        text_of(page)
        buttons = page.locator('[data-testid="stMain"] [data-testid="stPopover"] button:visible')
        for n in range(buttons.count()):
            buttons.nth(n).click()
            wrong += look(page, f"{where} popover {n}")
            page.keyboard.press("Escape")
            opened += 1
    assert opened >= 4
    assert not wrong, "\n".join(wrong)


def test_what_a_stage_asks_for_is_shown_as_written(hostile: Hostile, site: Site, visit: Visit) -> None:
    page = visit(site, f"/card?id={hostile.other}")
    page.locator(".step").last.click()
    page.get_by_role("menuitem", name="Slost").click()
    expect(page.get_by_role("dialog")).to_be_visible()
    wrong = look(page, "dialog of a stage")
    assert "Slost" in page.get_by_role("dialog").inner_text()
    assert not wrong, "\n".join(wrong)


def test_a_file_on_its_way_in_is_shown_as_written(hostile: Hostile, site: Site, visit: Visit) -> None:
    hostile.workspace.people.change_user(hostile.admin, hostile.admin.user, language="en")
    page = visit(site, "/importing?process=nasty")
    head, cells = ("title", nasty("Icolumn2"), "stage"), (nasty("Icell2"), nasty("Icell3"), nasty("Istage"))
    lines = "\n".join(";".join('"' + cell.replace('"', '""') + '"' for cell in row) for row in (head, cells, cells))
    file: FilePayload = {"name": "<b id=j>.csv", "mimeType": "text/csv", "buffer": lines.encode()}
    page.locator('input[type="file"]').set_input_files(file)
    expect(page.get_by_role("tab", name="Stages")).to_be_visible()
    wrong = []
    for tab in ("Columns", "Stages", "People"):
        page.get_by_role("tab", name=tab).click()
        wrong += look(page, f"import preview, {tab}")
    assert not wrong, "\n".join(wrong)


ODD = ("²", "9" * 5000)
ADDRESSES = (
    "/card?id={}", "/card?new={}", "/card", "/importing?report={}", "/importing?process={}", "/board?process={}",
    "/list?process={}", "/funnel?process={}", "/robots?process={}", "/designer?process={}",
    "/designer?process=nasty&tab={}&item={}&node={}", "/designer?process=nasty&tab=versions&item={}",
    "/people?tab={}", "/settings?tab={}", "/search?q={}", "/?signin={}&minutes={}",
)  # fmt: skip


@pytest.mark.parametrize("odd", ODD)
def test_addresses_that_somebody_made_up(hostile: Hostile, site: Site, visit: Visit, odd: str) -> None:
    page = visit(site)
    wrong: list[str] = []
    for address in ADDRESSES:
        page.goto(site.url + address.format(*[quote(odd)] * 3))
        text = text_of(page)
        wrong += [f"{address}: exception" for _ in page.locator('[data-testid="stException"]').all()]
        wrong += [f"{address}: {found}" for found in re.findall(r"[^\n]*(?:unexpected|Traceback)[^\n]*", text)]
    assert not wrong, "\n".join(wrong)


@pytest.mark.parametrize("typed", ["²", "#²", "9" * 5000, "#", "\\", "%_'\"; --", "(?:*", "\u202e", "\ud800"])
def test_searches_that_somebody_made_up(hostile: Hostile, typed: str) -> None:
    ws, admin = hostile.workspace, hostile.admin
    version = ws.processes.published("nasty")
    assert version
    found = filters.search(version.process, typed, cast(Any, SimpleNamespace(workspace=ws)))
    assert ws.elements.count(admin, "nasty", found) == len(ws.elements.find(admin, "nasty", found))
    ws.elements.search(admin, typed)


def test_the_gate_itself_is_asked_odd_things(site: Site, visit: Visit) -> None:
    page = visit(site, f"/?signin=too_many_attempts&minutes={quote('²')}", login=None)
    expect(page.locator("input[name=username]")).to_be_visible()
