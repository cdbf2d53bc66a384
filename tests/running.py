"""The real thing, for tests: a set-up workspace, the app as `voronka run` starts it, and a browser that looks at it."""

from __future__ import annotations

import os
import shutil
import signal
import socket
import subprocess
import sys
import time
import urllib.request
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from urllib.parse import urljoin

import pytest
from playwright.sync_api import Browser, BrowserContext, ConsoleMessage, Locator, Page, Playwright, TimeoutError
from playwright.sync_api import Error as BrowserError

from settings import Settings
from workspace import Workspace, build

ROOT = Path(__file__).resolve().parent.parent
LOGIN, PASSWORD = "admin", "correct horse 1"
READY = '[data-testid="stApp"][data-test-script-state="notRunning"], main.plain'
"""What a page shows once Streamlit has stopped running its script; a plain page of the server shows itself."""
FLAGS = ["--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-background-networking",
         "--disable-component-update", "--disable-sync", "--process-per-site",
         "--js-flags=--no-opt --no-maglev"]  # fmt: skip
"""The last two: one process for all pages of a context, so that what one of them has compiled, the next need not; and no page
lives long enough for its scripts to be worth optimizing, which takes a fifth of the processor.
"""
START_SECONDS = 40


@dataclass
class Site:
    """A running app. `folder` is its data folder, `log` what it has said."""

    url: str
    folder: Path
    log: Path
    process: subprocess.Popen[bytes]

    def said(self, lines: int = 60) -> str:
        """The end of the log."""
        return "\n".join(self.log.read_text(errors="replace").splitlines()[-lines:])

    def stop(self) -> int:
        """Ask it to end, as a service manager would; its exit code."""
        if self.process.poll() is None:
            self.process.send_signal(signal.SIGTERM)
            try:
                self.process.wait(10)
            except subprocess.TimeoutExpired:
                self.process.kill()
                self.process.wait()
        return int(self.process.returncode)


Serve = Callable[..., Site]
"""`serve(folder, **environment)`: the app on a free port, unless VORONKA_PORT names one, with this data folder."""
WorkspaceAt = Callable[..., Workspace]
"""`workspace_at(folder, demo=False, language="en")`: the workspace there, set up if it was not."""


def open_workspace(folder: Path, *, demo: bool = False, language: str = "en") -> Workspace:
    """The workspace in a folder with the administrator `admin`; set up when nobody has done so."""
    workspace = build(Settings(data=folder, _env_file=None))
    if not workspace.is_set_up:
        workspace.set_up("Test", language, LOGIN, "Anna Admin", PASSWORD, demo=demo)
    return workspace


def free_port() -> int:
    """A port that nobody listens on just now."""
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        return int(taken.getsockname()[1])


def start(folder: Path, log: Path, **environment: str) -> Site:
    """Start the app and wait until it answers; the test fails with its log when it does not."""
    port = int(environment.get("VORONKA_PORT", 0)) or free_port()
    folder.mkdir(parents=True, exist_ok=True)
    told = {"VORONKA_DATA": str(folder), "VORONKA_PORT": str(port), **environment}
    with log.open("ab") as out:
        command = [sys.executable, str(ROOT / "cli.py"), "run"]
        process = subprocess.Popen(command, cwd=folder, env={**os.environ, **told}, stdout=out, stderr=subprocess.STDOUT)
    site = Site(f"http://127.0.0.1:{port}", folder, log, process)
    end = time.monotonic() + START_SECONDS
    while time.monotonic() < end and process.poll() is None:
        try:
            with urllib.request.urlopen(f"{site.url}/health/ready", timeout=5) as answer:
                answer.read()
            return site
        except OSError:
            time.sleep(0.1)
    site.stop()
    pytest.fail(f"the app did not answer within {START_SECONDS} s; it said:\n{site.said()}")


def chromium() -> str | None:
    """The browser to test with: $VORONKA_CHROMIUM, else the system's; None: the one that Playwright has downloaded."""
    names = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable")
    return os.environ.get("VORONKA_CHROMIUM") or next((path for name in names if (path := shutil.which(name))), None)


def launch(playwright: Playwright) -> Browser:
    """Start it; what is missing is told in words."""
    try:
        return playwright.chromium.launch(executable_path=chromium(), args=FLAGS)
    except BrowserError as error:
        pytest.fail(
            f"{chromium() or 'No Chromium was found; the one of Playwright'} does not start. `make test` brings one; by hand:"
            " `apt-get install chromium`, or `python -m playwright install chromium`, or set VORONKA_CHROMIUM.\n"
            f"{error.message}",
            pytrace=False,
        )


class Contexts:
    """Contexts of a browser. One that is given back is lent again, empty, but for what it has loaded and compiled.

    A page of its own stays behind in it, on an address that shows next to nothing: with the last page its process would go.
    """

    def __init__(self, browser: Browser) -> None:
        self._browser = browser
        self._idle: dict[str, list[BrowserContext]] = {}
        self._lent: dict[BrowserContext, str] = {}
        self._behind: dict[BrowserContext, Page] = {}

    def lend(self, **options: Any) -> BrowserContext:
        """A context without cookies and stored values; options as Playwright has them, the screen being a desktop's."""
        wanted: dict[str, Any] = {"viewport": {"width": 1440, "height": 900}, **options}
        key = repr(sorted(wanted.items()))
        idle = self._idle.get(key)
        context = idle.pop() if idle else self._browser.new_context(**wanted)
        if context not in self._behind:
            self._behind[context] = context.new_page()
        context.set_default_timeout(15_000)
        self._lent[context] = key
        return context

    def give_back(self, context: BrowserContext) -> None:
        """Close its pages and forget whose they were."""
        key = self._lent.pop(context)
        try:
            seen = {urljoin(page.url, "/_stcore/health") for page in self.pages(context)}
            for page in self.pages(context):
                page.close()
            context.clear_cookies()
            for address in seen:
                self._behind[context].goto(address)
                self._behind[context].evaluate("localStorage.clear()")
            self._idle.setdefault(key, []).append(context)
        except BrowserError:  # the server is gone, or a page has crashed
            del self._behind[context]
            context.close()

    def pages(self, context: BrowserContext) -> list[Page]:
        """The pages that somebody opened in it."""
        return [page for page in context.pages if page is not self._behind[context]]


@dataclass
class Visits:
    """Opens pages and watches them: `visit(site, "/board", login="anna")`."""

    lender: Contexts
    contexts: list[BrowserContext] = field(default_factory=list)
    trouble: list[str] = field(default_factory=list)
    servers: list[subprocess.Popen[bytes]] = field(default_factory=list)

    def __call__(
        self, site: Site, path: str = "/", login: str | None = LOGIN, password: str = PASSWORD, **context_options: Any
    ) -> Page:
        """A page in a context of its own, signed in (login None: not), settled on the path."""
        context = self.lender.lend(**context_options)
        self.contexts.append(context)
        self.servers.append(site.process)
        if login is not None:
            form: dict[str, str | float | bool] = {"username": login, "password": password, "next": "/health"}
            answer = context.request.post(f"{site.url}/session/sign-in", form=form, headers={"origin": site.url})
            assert context.cookies(), f"{login} could not sign in: {answer.url}"
        context.on("page", self._watch)
        page = context.new_page()
        page.goto(site.url + path)
        settle(page)
        return page

    def _watch(self, page: Page) -> None:
        page.on("pageerror", lambda error: self.trouble.append(f"uncaught on {page.url}: {error}"))
        page.on("console", self._heard)

    def _heard(self, message: ConsoleMessage) -> None:
        # a board that is open when its session or the server ends asks for news in vain: tests end both on purpose
        gone = any(server.poll() is not None for server in self.servers)
        in_vain = "/live' failed" in message.text and ("403" in message.text or gone)
        in_vain = in_vain or (gone and "ERR_CONNECTION_REFUSED" in message.text)  # a page asks whether it is signed in still
        ours = any(place in message.location.get("url", "") for place in ("/assets/", "/plain/"))
        if message.type == "error" and (ours or "Content Security Policy" in message.text) and not in_vain:
            self.trouble.append(f"console: {message.text} ({message.location['url']})")

    def seen(self) -> str:
        """What the open pages show, for the report of a test that failed: state, inputs and text of each."""
        return "\n".join(_shown(page) for context in self.contexts for page in self.lender.pages(context))

    def close(self) -> list[str]:
        """Close everything; what was wrong on the pages, in words."""
        for context in self.contexts:
            for page in self.lender.pages(context):
                self.trouble += [f"an exception on {page.url}: {shown}" for shown in _exceptions(page)]
            context.remove_listener("page", self._watch)
            self.lender.give_back(context)
        return self.trouble


Visit = Visits
"""The type of the fixture `visit`."""


def settle(page: Page) -> None:
    """Wait until Streamlit has stopped running the page's script, or a plain page is there."""
    page.wait_for_selector(READY, timeout=30_000)


def wait_for(page: Page, expression: str, arg: Any = None) -> None:
    """Wait until this is true of the page. Asked from outside: within, its policy lets no text be evaluated."""
    end = time.monotonic() + 15
    while not page.evaluate(expression, arg):
        assert time.monotonic() < end, f"never came true: {expression}"
        page.wait_for_timeout(50)


def hold_ticks(page: Page) -> None:
    """What the page puts off to its next tick waits until `tick`, as on one that is very busy."""
    page.evaluate("""() => {
      const {setTimeout} = window
      window.ticks = []
      window.setTimeout = (act, ms, ...more) => ms ? setTimeout(act, ms, ...more) : window.ticks.push(() => act(...more))
      window.tick = () => { window.setTimeout = setTimeout; for (const act of window.ticks) act() }
    }""")


def tick(page: Page) -> None:
    """Now."""
    page.wait_for_timeout(200)
    page.evaluate("tick()")


def still(found: Locator) -> None:
    """Wait until an element has come to rest: the canvas glides to what was chosen."""
    box = found.bounding_box()
    while True:
        found.page.wait_for_timeout(300)  # longer than it glides
        before, box = box, found.bounding_box()
        if box == before:
            return


def pick(box: Locator, option: str | None = None) -> None:
    """Choose in a select box: the option of this name, or the first. A run that ends just now closes the list; then once more."""
    page = box.page
    wanted = page.get_by_role("option", name=option, exact=True) if option else page.get_by_role("option").first
    for patience in (2_000, 2_000, 15_000):
        settle(page)
        box.click()
        try:
            wanted.click(timeout=patience)
            break
        except TimeoutError:
            if patience > 2_000:
                raise
            page.keyboard.press("Escape")
    page.wait_for_timeout(200)  # until the run has begun
    settle(page)


def _shown(page: Page) -> str:
    try:
        app = page.locator('[data-testid="stApp"], main.plain')
        state = app.get_attribute("data-test-script-state", timeout=1000)
        inputs = page.locator("input").evaluate_all("all => all.map(i => (i === document.activeElement ? '* ' : '') + i.value)")
        return f"{page.url} is {state}; inputs {inputs}\n{app.inner_text(timeout=1000)[:1500]}"
    except BrowserError as error:
        return f"{page.url} cannot be looked at: {error.message}"


def _exceptions(page: Page) -> list[str]:
    try:
        return page.locator('[data-testid="stException"]').all_inner_texts()
    except BrowserError:  # the test itself closed or crashed it
        return []
