"""What a person waits for, in a real Chromium on the board of 8,800 deals, beside the least that Streamlit can show (bare.py).

Times are taken inside the pages, by their own clocks (pages.js), from the click or the release of the mouse to the frame after
the one that shows it. Page runs per second come from sessions without a browser (visits.py): Chromium costs more than pages do.
"""

from __future__ import annotations

import shutil
import statistics
import time
from collections.abc import Iterator
from pathlib import Path

from playwright.sync_api import Browser, BrowserContext, Page, sync_playwright

from bench import stand, visits
from bench.measure import Figure, of
from model.access import Actor
from workspace import SESSION_COOKIE, Workspace

ROUNDS, STARTS = 15, 3
SESSIONS, SECONDS = 20, 10.0
PAUSE = 600
"""Milliseconds between two drops, in which what the last one set off comes to rest."""
SCRIPT = Path(__file__).with_suffix(".js")
BOARD, QUERY = "/board?process=deals", "process=deals"
FULL, BARE = "() => bench.isFull()", "() => document.querySelector('[data-testid=\"stText\"]') !== null"
FIRST = "test => bench.seen(eval(test)).then(at => at - performance.timeOrigin)"


def figures(folder: Path) -> Iterator[Figure]:
    """First paint, drops and their effects, runs per second."""
    made, actor = stand.with_deals(folder / "data")
    with stand.bare(folder) as bare, stand.app(folder / "data") as url:
        with sync_playwright() as playwright:
            browser = playwright.chromium.launch(executable_path=shutil.which("chromium"), args=["--no-sandbox"])
            cookie = _signed_in(browser, url)
            yield from _paints(browser, url, bare, cookie)
            yield from _drops(browser, url, bare, cookie)
            stand.publish(made, actor, stand.GRAPH)
            yield from _effects(browser, url, cookie, made, actor)
            browser.close()
        yield from _runs(url, bare, cookie)
    yield of("The first page that a server runs", [_first_run(folder, cookie) for _ in range(STARTS)])
    made.db.close()


def _signed_in(browser: Browser, url: str) -> str:
    """The token of a new session."""
    context = browser.new_context()
    form: dict[str, str | float | bool] = {"username": stand.LOGIN, "password": stand.PASSWORD, "next": "/health"}
    context.request.post(f"{url}/session/sign-in", form=form, headers={"origin": url})
    found = {each["name"]: each["value"] for each in context.cookies()}
    context.close()
    return str(found[SESSION_COOKIE])


def _context(browser: Browser, url: str, cookie: str) -> BrowserContext:
    """A browser that has never been here, but is signed in."""
    context = browser.new_context(viewport={"width": 1440, "height": 900})
    context.add_init_script(path=SCRIPT)
    context.add_cookies([{"name": SESSION_COOKIE, "value": cookie, "url": url}])
    return context


# --- first paint -------------------------------------------------------------------------------------------------------


def _paints(browser: Browser, url: str, bare: str, cookie: str) -> Iterator[Figure]:
    _painted(browser, url + BOARD, cookie, FULL)  # what the server does once is not what a person waits for each day
    _painted(browser, bare, cookie, BARE)
    ours, least = [], []
    for _ in range(ROUNDS):
        ours.append(_painted(browser, url + BOARD, cookie, FULL))
        least.append(_painted(browser, bare, cookie, BARE))
    for number, (what, aim) in enumerate([("in a new browser", 1.5), ("once more (reload)", None)]):
        floor = statistics.median(times[number] for times in least)
        yield of(f"First paint of the board, {what}", [times[number] for times in ours], "bare page", floor, aim)


def _painted(browser: Browser, url: str, cookie: str, test: str) -> tuple[float, float]:
    """Seconds from the start of the navigation until the page is there: in a new browser, and once more."""
    context = _context(browser, url, cookie)
    page = context.new_page()
    page.goto(url, wait_until="commit")
    first = page.evaluate(FIRST, test)
    page.wait_for_timeout(PAUSE)
    page.reload(wait_until="commit")
    second = page.evaluate(FIRST, test)
    context.close()
    return first / 1000, second / 1000


# --- drops -------------------------------------------------------------------------------------------------------------


def _drops(browser: Browser, url: str, bare: str, cookie: str) -> Iterator[Figure]:
    """Cards dropped by the mouse while a second browser looks at the same board."""
    floor = _least(browser, bare)
    mine, theirs = _boards(browser, url, cookie, 2)
    shown, stored, seen = [], [], []
    for number in _cards(mine, ROUNDS):
        _await(mine, "shown", f"bench.card({number}, 'engaging')")
        _await(mine, "stored", f"bench.card({number}, 'engaging')?.ariaBusy === 'false'")
        _await(theirs, "seen", f"bench.card({number}, 'engaging')")
        released = _drop(mine, number)
        shown.append(_since(mine, "shown", released))
        stored.append(_since(mine, "stored", released))
        seen.append(_since(theirs, "seen", released))
        mine.wait_for_timeout(PAUSE)
    _close(mine, theirs)
    yield of("Drop -> shown where it was dropped", shown, "bare click", floor)
    yield of("Drop -> stored -> repainted", stored, "bare click", floor, aim=0.3)
    yield of("Drop -> seen in a second browser", seen, "bare click", floor, aim=0.3)


def _least(browser: Browser, bare: str) -> float:
    """Median seconds from a click on the bare page to its answer."""
    context = _context(browser, bare, "")
    page = context.new_page()
    page.goto(bare)
    times = []
    for number in range(2, ROUNDS + 2):
        page.wait_for_timeout(PAUSE)
        _await(page, "run", f"document.querySelector('[data-testid=\"stText\"]')?.textContent === 'run {number}'")
        page.get_by_role("button", name="again").click()
        times.append(_since(page, "run", float(page.evaluate("bench.released"))))
    context.close()
    return statistics.median(times)


def _effects(browser: Browser, url: str, cookie: str, made: Workspace, actor: Actor) -> Iterator[Figure]:
    """The same with a robot that listens, until what it did is in the store, and until the card shows it."""
    (page,) = _boards(browser, url, cookie, 1)
    stored, shown = [], []
    for number in _cards(page, ROUNDS):
        _await(page, "effect", f"bench.card({number}, 'engaging')?.textContent.includes({stand.DONE!r})")
        released = _drop(page, number)
        while not made.elements.get(actor, number).title.endswith(stand.DONE):
            time.sleep(0.001)
        stored.append(time.time() - released / 1000)
        shown.append(_since(page, "effect", released))
        page.wait_for_timeout(PAUSE)
    _close(page)
    yield of("Drop -> robots' effect in the store", stored, aim=0.5)
    yield of("Drop -> robots' effect on the board", shown, "their effect in the store", statistics.median(stored), aim=0.5)


def _boards(browser: Browser, url: str, cookie: str, count: int) -> list[Page]:
    pages = [_context(browser, url, cookie).new_page() for _ in range(count)]
    for page in pages:
        page.goto(url + BOARD, wait_until="commit")
        page.evaluate(FIRST, FULL)
        page.wait_for_timeout(PAUSE)
    return pages


def _close(*pages: Page) -> None:
    for page in pages:
        page.context.close()


def _cards(page: Page, count: int) -> Iterator[int]:
    """So many times the first card of the first column."""
    for _ in range(count):
        yield int(page.locator('.col[data-col="prospecting"] .item').first.get_attribute("data-id") or 0)


def _await(page: Page, name: str, condition: str) -> None:
    """Let the page note when this comes true."""
    page.evaluate(f"() => {{ bench.awaited.{name} = bench.seen(() => {condition}) }}")


def _since(page: Page, name: str, start: float) -> float:
    """Seconds from a moment of the pages' clocks until what was awaited."""
    return float(page.evaluate(f"() => bench.awaited.{name}") - start) / 1000


def _drop(page: Page, number: int) -> float:
    """Drag a card to the next column by the mouse; the moment it was let go."""
    start = page.locator(f'.item[data-id="{number}"]').bounding_box()
    end = page.locator('.col[data-col="engaging"]').bounding_box()
    if not start or not end:
        raise RuntimeError(f"card {number} is not in sight")
    page.mouse.move(start["x"] + 30, start["y"] + 15)
    page.mouse.down()
    page.mouse.move(start["x"] + 40, start["y"] + 25, steps=3)
    page.mouse.move(end["x"] + end["width"] / 2, end["y"] + 160, steps=8)
    page.mouse.up()
    return float(page.evaluate("bench.released"))


# --- runs --------------------------------------------------------------------------------------------------------------


def _runs(url: str, bare: str, cookie: str) -> Iterator[Figure]:
    """One session that is answered at once, then many at a time."""
    for sessions in (1, SESSIONS):
        least = visits.clicking(bare, sessions=sessions, seconds=SECONDS)
        for what, poke in [("Whole page of the board", False), ("The board alone (its fragment)", True)]:
            ours = visits.clicking(url, "board", QUERY, cookie, sessions=sessions, seconds=SECONDS, poke=poke)
            if sessions == 1:
                yield of(f"{what}: one run", ours.times, "bare page", statistics.median(least.times))
            else:
                yield Figure(f"{what}: {sessions} sessions", ours.rate, beside="bare page", floor=least.rate, unit="/s")


def _first_run(folder: Path, cookie: str) -> float:
    """Seconds that the board takes right after a start."""
    with stand.app(folder / "data") as url:
        return visits.clicking(url, "board", QUERY, cookie, sessions=1, seconds=0).first
