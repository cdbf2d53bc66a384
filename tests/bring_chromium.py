"""Bring a Chromium to test with, for `make test`: the system's, else Debian's package, else the one that Playwright downloads."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

from playwright.sync_api import Error, sync_playwright

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))

from running import FLAGS, chromium

Step = Callable[[], bool]


def starts() -> bool:
    """Whether the tests will find a browser, and it starts."""
    with sync_playwright() as playwright:
        try:
            playwright.chromium.launch(executable_path=chromium(), args=FLAGS).close()
        except Error:
            return False
    return True


def from_debian(package: str = "chromium") -> bool:
    """Debian's package, where this user may install it; a server in it is not started (RUNLEVEL)."""
    if not shutil.which("apt-get") or os.geteuid() != 0:
        return False
    print(f"Installing Debian's package {package}.")
    quiet = {**os.environ, "DEBIAN_FRONTEND": "noninteractive", "RUNLEVEL": "1"}
    update = ["apt-get", "update", "-qq"]
    install = ["apt-get", "install", "-y", "-qq", "--no-install-recommends", package]
    return all(subprocess.run(command, env=quiet, stdout=subprocess.DEVNULL).returncode == 0 for command in (update, install))


def from_playwright() -> bool:
    """Playwright's own download; as root with the system's libraries that it needs."""
    print("No Chromium here: asking Playwright to download its own.")
    more = ["--with-deps"] if hasattr(os, "geteuid") and os.geteuid() == 0 else []
    return subprocess.run([sys.executable, "-m", "playwright", "install", *more, "chromium"]).returncode == 0


def main() -> int:
    """0 when there is a browser in the end."""
    steps: tuple[Step, ...] = (lambda: True, from_debian, from_playwright)
    if any(step() and starts() for step in steps):
        return 0
    print(
        "There is no Chromium that starts, and none could be brought. The tests need one: install the package `chromium` (or\n"
        f"Google Chrome), or set VORONKA_CHROMIUM to the browser's program. Looked at: {chromium() or 'nothing on the PATH'}.",
        file=sys.stderr,
    )
    return 1


if __name__ == "__main__":
    sys.exit(main())
