"""Run the tests; those that fail in a browser are tried once more, alone and in a process of their own, and listed.

    python tests/again.py -n 2 -k board     all that pytest takes

A browser on a busy machine may be late once, whatever is tested: that stops nobody, and is told. What fails twice, what fails
without a browser, and more failures than a few are what they look like: the exit code is pytest's.
"""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

FEW = 12
"""More tests than this do not fail by chance: they are not tried again."""


class Failures:
    """A plug-in that keeps the ids of failed tests: `browser` of those that had a browser, `other` of the rest."""

    def __init__(self) -> None:
        self.browser: dict[str, None] = {}
        self.other: dict[str, None] = {}

    def pytest_runtest_logreport(self, report: pytest.TestReport) -> None:
        """Note it, whichever part of the test has failed."""
        if report.failed:
            (self.browser if "browser" in report.keywords else self.other)[report.nodeid] = None


def main(arguments: list[str]) -> int:
    """pytest's exit code, or that of the second try when only tests in a browser have failed."""
    failures = Failures()
    code = int(pytest.main(arguments, plugins=[failures]))
    if code != pytest.ExitCode.TESTS_FAILED or failures.other or not 0 < len(failures.browser) <= FEW:
        return code
    print(f"\nTried once more, alone, for they failed in a browser: {len(failures.browser)}", flush=True)
    return _told(list(failures.browser))


def _told(tests: list[str]) -> int:
    """Try each, and say how each ended."""
    codes = {test: subprocess.run([sys.executable, "-m", "pytest", test], env=_alone()).returncode for test in tests}
    print("\nFailed in a browser the first time:")
    for test, code in codes.items():
        print(f"  {'failed again' if code else 'passed the second time'}: {test}", flush=True)
    return next((code for code in codes.values() if code), 0)


def _alone() -> dict[str, str]:
    """The environment without what ties a process to the workers of the first try."""
    return {name: value for name, value in os.environ.items() if not name.startswith(("PYTEST_XDIST", "PYTEST_CURRENT"))}


if __name__ == "__main__":
    sys.path.insert(0, str(Path(__file__).resolve().parent.parent))
    sys.exit(main(sys.argv[1:]))
