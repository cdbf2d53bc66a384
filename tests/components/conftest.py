"""One lab server for the whole folder; each test gets a fresh page of it."""

from __future__ import annotations

import subprocess
import sys
import time
import urllib.request
from collections.abc import Iterator

import pytest
from lab_hands import Lab
from playwright.sync_api import Browser, BrowserContext

from running import ROOT, free_port

START_SECONDS = 30


@pytest.fixture(scope="session")
def lab(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """The address of a running lab (lab.py)."""
    port = free_port()
    log = tmp_path_factory.mktemp("lab") / "server.log"
    command = [sys.executable, "-m", "streamlit", "run", "tests/components/lab.py", "--server.address", "127.0.0.1"]
    with log.open("w") as out:
        server = subprocess.Popen([*command, "--server.port", str(port)], cwd=ROOT, stdout=out, stderr=subprocess.STDOUT)
    url = f"http://127.0.0.1:{port}"
    end = time.monotonic() + START_SECONDS
    while not _answers(f"{url}/_stcore/health"):
        if server.poll() is not None or time.monotonic() > end:
            server.kill()
            pytest.fail(log.read_text())
        time.sleep(0.1)
    yield url
    server.terminate()
    server.wait(10)


def _answers(url: str) -> bool:
    try:
        urllib.request.urlopen(url, timeout=1).read()
    except OSError:
        return False
    return True


def _opened(context: BrowserContext, lab: str) -> Iterator[Lab]:
    page = context.new_page()
    opened = Lab(page, lab)
    yield opened
    evil = page.evaluate("window.__evil ?? 0")
    context.close()
    assert not evil, "a text ran as HTML"
    assert not opened.errors


@pytest.fixture
def on(browser: Browser, lab: str) -> Iterator[Lab]:
    """A lab page on a desktop."""
    yield from _opened(browser.new_context(viewport={"width": 1440, "height": 900}), lab)


@pytest.fixture
def phone(browser: Browser, lab: str) -> Iterator[Lab]:
    """A lab page on a phone with a touch screen."""
    yield from _opened(browser.new_context(viewport={"width": 390, "height": 844}, has_touch=True, is_mobile=True), lab)
