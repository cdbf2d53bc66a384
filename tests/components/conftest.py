"""One lab server and one Chromium for the whole folder; each test gets a fresh page."""

import os
import shutil
import socket
import subprocess
import sys
import time
import urllib.request
from pathlib import Path

import pytest

pytest.importorskip("playwright")
from playwright.sync_api import sync_playwright  # noqa: E402

HERE = Path(__file__).resolve().parent
FLAGS = [
    "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-background-networking",
    "--disable-component-update", "--disable-sync",
]


def chromium():
    found = os.environ.get("VORONKA_CHROMIUM") or shutil.which("chromium") or "/usr/bin/chromium"
    if not Path(found).exists():
        pytest.skip("no Chromium: set VORONKA_CHROMIUM")
    return found


def free_port():
    with socket.socket() as s:
        s.bind(("127.0.0.1", 0))
        return s.getsockname()[1]


@pytest.fixture(scope="session")
def lab(tmp_path_factory):
    port = free_port()
    log = tmp_path_factory.mktemp("lab") / "server.log"
    with log.open("w") as out:
        server = subprocess.Popen(
            [sys.executable, "-m", "streamlit", "run", "lab.py", "--server.port", str(port), "--server.address", "127.0.0.1"],
            cwd=HERE, stdout=out, stderr=subprocess.STDOUT,
        )
    url = f"http://127.0.0.1:{port}"
    for _ in range(150):
        try:
            urllib.request.urlopen(f"{url}/_stcore/health", timeout=1).read()
            break
        except OSError:
            if server.poll() is not None:
                break
            time.sleep(0.1)
    if server.poll() is not None:
        pytest.fail(log.read_text())
    yield url
    server.terminate()
    try:
        server.wait(5)
    except subprocess.TimeoutExpired:
        server.kill()


@pytest.fixture(scope="session")
def browser():
    with sync_playwright() as p:
        b = p.chromium.launch(executable_path=chromium(), args=FLAGS)
        yield b
        b.close()


class Lab:
    """What the tests do on a lab page."""

    def __init__(self, page, url):
        self.page, self.url = page, url

    def open(self, name, **query):
        self.page.goto(f"{self.url}/?" + "&".join(f"{k}={v}" for k, v in {"c": name, **query}.items()))
        self.page.wait_for_selector(".vk > *", state="attached")
        self.page.wait_for_selector('[data-testid="stCode"]')
        return self.page

    def events(self, name=None):
        import json

        told = json.loads(self.page.locator('[data-testid="stCode"] code').inner_text())
        return [e["value"] for e in told if name in (None, e["event"])]

    def wait(self, name, count=1, timeout=6.0):
        """The values of event `name` once there are `count` of them."""
        end = time.monotonic() + timeout
        while time.monotonic() < end:
            got = self.events(name)
            if len(got) >= count:
                return got
            self.page.wait_for_timeout(40)
        raise AssertionError(f"{name}: wanted {count}, told {self.events()}")

    def until(self, check, timeout=6.0):
        end = time.monotonic() + timeout
        while time.monotonic() < end:
            if check():
                return
            self.page.wait_for_timeout(30)
        raise AssertionError("it did not come true")

    def centre(self, locator):
        box = locator.bounding_box()
        return box["x"] + box["width"] / 2, box["y"] + box["height"] / 2

    def grab(self, locator):
        x, y = self.centre(locator)
        self.page.mouse.move(x, y)
        self.page.mouse.down()
        self.page.mouse.move(x + 8, y + 8, steps=3)

    def drag(self, locator, x, y):
        self.grab(locator)
        self.page.mouse.move(x, y, steps=8)
        self.page.mouse.up()

    def rerun(self):
        self.page.get_by_role("button", name="Rerun").click()
        self.page.wait_for_selector('[data-testid="stApp"][data-test-script-state="notRunning"]')


@pytest.fixture
def on(browser, lab):
    context = browser.new_context(viewport={"width": 1440, "height": 900})
    page = context.new_page()
    page.set_default_timeout(6000)
    yield Lab(page, lab)
    evil = page.evaluate("window.__evil ?? 0")
    context.close()
    assert not evil, "a text ran as HTML"
