"""What the journeys share: finding things on the pages as a person does, and dragging them."""

from __future__ import annotations

from collections.abc import Callable

from playwright.sync_api import Locator, Page

from running import settle

SELLER, SELLER_PASSWORD = "kary", "correct horse 2"


def card(page: Page, title: str) -> Locator:
    """A card on the board by its title."""
    return page.locator(".item .card", has_text=title).first


def column(page: Page, stage: str) -> Locator:
    """A column of the board by its stage's code."""
    return page.locator(f'.col[data-col="{stage}"]')


def count(page: Page, stage: str) -> int:
    """The count in a column's head."""
    digits = "".join(c for c in column(page, stage).locator(".n").inner_text() if c.isdigit())
    return int(digits)


def drag(page: Page, what: Locator, to: Locator) -> None:
    """Drag with the mouse, as a hand does: press, a few steps, release."""
    what.scroll_into_view_if_needed()
    start, end = what.bounding_box(), to.bounding_box()
    assert start and end
    page.mouse.move(start["x"] + 30, start["y"] + 15)
    page.mouse.down()
    page.mouse.move(start["x"] + 40, start["y"] + 25, steps=3)
    page.mouse.move(end["x"] + end["width"] / 2, end["y"] + min(end["height"] / 2, 160), steps=8)
    page.mouse.up()


def stage_on_bar(page: Page, stage: str) -> Locator:
    """A stage of the bar on a card."""
    return page.locator(f'.step[data-id="{stage}"]')


def eventually(page: Page, check: Callable[[], bool], seconds: float = 10) -> None:
    """Wait until something is so in the store: what was done on a page has still to arrive there."""
    for _ in range(int(seconds * 10)):
        if check():
            return
        page.wait_for_timeout(100)
    raise AssertionError("it did not come true in time")


def press(page: Page, name: str) -> None:
    """Press a button by its name and wait for the page."""
    page.get_by_role("button", name=name, exact=True).first.click()
    settle(page)
