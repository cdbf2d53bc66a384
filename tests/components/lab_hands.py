"""What the tests do on a lab page: open it, drag, touch, wait for events."""

from __future__ import annotations

import json
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

from playwright.sync_api import Locator, Page

from running import READY, still


class Lab:
    """What the tests do on a lab page."""

    def __init__(self, page: Page, url: str) -> None:
        self.page, self.url = page, url
        self.errors: list[str] = []
        page.set_default_timeout(15_000)
        page.on("pageerror", lambda error: self.errors.append(str(error)))

    def open(self, name: str, **query: Any) -> Page:
        """The page of a component; `query` chooses among its sample data."""
        self.page.goto(f"{self.url}/?" + "&".join(f"{k}={v}" for k, v in {"c": name, **query}.items()))
        self.page.wait_for_selector(".vk > *", state="attached")
        self.page.wait_for_selector('[data-testid="stText"]')
        return self.page

    def events(self, name: str | None = None) -> list[Any]:
        """The values that were told to Python so far, oldest first."""
        told = json.loads(self.page.locator('[data-testid="stText"]').inner_text())
        return [e["value"] for e in told if name in (None, e["event"])]

    def wait(self, name: str, count: int = 1) -> list[Any]:
        """The values of event `name` once there are `count` of them."""
        self.until(lambda: len(self.events(name)) >= count)
        return self.events(name)

    def until(self, check: Callable[[], bool], timeout: float = 6.0) -> None:
        """Waits for `check`, at most `timeout` seconds."""
        end = time.monotonic() + timeout
        while not check():
            assert time.monotonic() < end, f"it did not come true; told: {self.events()}"
            self.page.wait_for_timeout(30)

    def settled(self) -> None:
        """Waits until Python has nothing more to do."""
        self.page.wait_for_timeout(150)
        self.page.wait_for_selector(READY)

    def still(self, locator: Locator) -> None:
        """Waits until Python has nothing more to do and an element has come to rest."""
        self.settled()
        still(locator)

    def centre(self, locator: Locator) -> tuple[float, float]:
        """The middle of an element, in pixels of the window."""
        box = locator.bounding_box()
        assert box is not None
        return box["x"] + box["width"] / 2, box["y"] + box["height"] / 2

    def grab(self, locator: Locator) -> None:
        """Presses the mouse on an element and pulls a little."""
        x, y = self.centre(locator)
        self.page.mouse.move(x, y)
        self.page.mouse.down()
        self.page.mouse.move(x + 8, y + 8, steps=3)

    def drag(self, locator: Locator, x: float, y: float) -> None:
        """Drags an element to a point of the window and drops it."""
        self.grab(locator)
        self.page.mouse.move(x, y, steps=8)
        self.page.mouse.up()

    @contextmanager
    def finger(self, locator: Locator, hold: int = 400) -> Iterator[Callable[[float, float], None]]:
        """A finger on an element for `hold` ms; gives what moves it; it is lifted at the end."""
        x, y = self.centre(locator)
        session = self.page.context.new_cdp_session(self.page)

        def touch(kind: str, *at: float) -> None:
            points = [{"x": at[0], "y": at[1]}] if at else []
            session.send("Input.dispatchTouchEvent", {"type": kind, "touchPoints": points})

        def move(to_x: float, to_y: float) -> None:
            for k in range(1, 9):
                touch("touchMove", x + (to_x - x) * k / 8, y + (to_y - y) * k / 8)

        touch("touchStart", x, y)
        self.page.wait_for_timeout(hold)
        yield move
        touch("touchEnd")

    def rerun(self) -> None:
        """Runs the page once more with the same data."""
        self.page.get_by_role("button", name="Rerun").click()
        self.settled()
