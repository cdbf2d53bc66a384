"""Pages run our own scripts and load from our own server, whatever somebody managed to bring into them."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from hostile_world import Hostile, seed
from playwright.sync_api import Page, expect

from running import Serve, Site, Visit, settle

PAGES = ("/", "/board?process=nasty", "/card?id={element}", "/list?process=nasty", "/designer?process=nasty&tab=robots",
         "/designer?process=nasty&tab=stages", "/designer?process=nasty&tab=fields", "/funnel?process=nasty",
         "/robots?process=nasty", "/importing", "/processes", "/people", "/settings", "/settings?tab=hours", "/profile",
         "/tasks", "/inbox", "/search?q=an")  # fmt: skip
BROUGHT_IN = """() => {
  window.hits = []
  const add = (tag, set) => document.body.append(Object.assign(document.createElement(tag), set))
  add('script', {text: 'window.hits.push("inline")'})
  add('script', {src: 'http://evil.test/x.js'})
  add('img', {src: 'http://evil.test/x.png'})
  document.body.insertAdjacentHTML('beforeend', '<img src="data:," onerror="window.hits.push(`handler`)">')
  setTimeout(() => { try { new Function('window.hits.push("eval")')() } catch {} })  // later: what is asked from outside may
  add('a', {href: 'javascript:window.hits.push("link")', id: 'brought'})
  document.getElementById('brought').click()
}"""


@pytest.fixture(scope="module")
def hostile(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Hostile]:
    found = seed(tmp_path_factory.mktemp("policy"))
    yield found
    found.workspace.db.close()


@pytest.fixture(scope="module")
def site(hostile: Hostile, serve: Serve) -> Site:
    return serve(hostile.workspace.environment.data, VORONKA_WORKER="false")


def test_every_page_keeps_to_the_policy_and_loads_from_us_alone(hostile: Hostile, site: Site, visit: Visit) -> None:
    page = visit(site, "/profile")
    asked: list[str] = []
    page.on("request", lambda request: asked.append(request.url))
    for path in PAGES:
        page.goto(site.url + path.format(element=hostile.element))
        settle(page)
        page.wait_for_load_state("networkidle")
    foreign = [url for url in asked if not url.startswith((site.url, site.url.replace("http", "ws", 1), "data:", "blob:"))]
    assert not foreign and not refused(visit)


def refused(visit: Visit) -> list[str]:
    return [each for each in visit.trouble if "Content Security Policy" in each]


def test_a_script_that_was_brought_in_does_not_run(site: Site, visit: Visit) -> None:
    page = visit(site, "/profile")
    page.evaluate(BROUGHT_IN)
    page.wait_for_timeout(300)
    assert page.evaluate("window.hits") == []
    assert len(refused(visit)) >= 4
    visit.trouble.clear()


def test_a_chart_is_drawn(site: Site, visit: Visit) -> None:
    page: Page = visit(site, "/funnel?process=nasty")
    expect(page.locator("canvas, svg").first).to_be_visible()
