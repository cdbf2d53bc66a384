"""One lab server for the whole folder; each test gets a fresh page of it."""

from __future__ import annotations

import subprocess
import sys
import time
import urllib.request
from collections.abc import Iterator
from typing import Any

import pytest
from lab_hands import Lab

from running import ROOT, Contexts, free_port

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


def _opened(lender: Contexts, lab: str, **options: Any) -> Iterator[Lab]:
    context = lender.lend(**options)
    page = context.new_page()
    opened = Lab(page, lab)
    yield opened
    evil = page.evaluate("window.__evil ?? 0")
    lender.give_back(context)
    assert not evil, "a text ran as HTML"
    assert not opened.errors


@pytest.fixture
def on(contexts: Contexts, lab: str) -> Iterator[Lab]:
    """A lab page on a desktop."""
    yield from _opened(contexts, lab)


@pytest.fixture
def phone(contexts: Contexts, lab: str) -> Iterator[Lab]:
    """A lab page on a phone with a touch screen."""
    yield from _opened(contexts, lab, viewport={"width": 390, "height": 844}, has_touch=True, is_mobile=True)
