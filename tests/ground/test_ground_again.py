"""A test that fails in a browser is tried once more and listed; no other test is."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from running import ROOT

LATE = """
    from pathlib import Path
    def test_that_is_late_once(browser):
        seen = Path(__file__).with_suffix(".seen")
        late, _ = not seen.exists(), seen.touch()
        assert not late
"""
BROKEN = "def test_that_is_broken(browser): assert False\n"
PLAIN = "def test_without_a_browser(): assert False\n"
STAND = """
    import pytest
    @pytest.fixture
    def browser(): return None
    def pytest_collection_modifyitems(items):
        for item in items:
            if "browser" in item.fixturenames: item.add_marker("browser")
    def pytest_configure(config): config.addinivalue_line("markers", "browser: as in ours")
"""


def _run(folder: Path, *tests: str) -> tuple[int, str]:
    for number, text in enumerate((STAND, *tests)):
        lines = text.strip("\n").splitlines()
        cut = len(lines[0]) - len(lines[0].lstrip())
        (folder / (f"test_{number}.py" if number else "conftest.py")).write_text("\n".join(line[cut:] for line in lines))
    (folder / "pytest.ini").write_text("[pytest]\n")
    workers = "2" if len(tests) == 2 else "0"  # what is told must come through from workers, too
    told = subprocess.run([sys.executable, ROOT / "tests/again.py", "-n", workers], cwd=folder, capture_output=True, text=True)
    return told.returncode, told.stdout


@pytest.mark.parametrize(
    ("tests", "code", "said", "unsaid"),
    [
        ([LATE], 0, ["passed the second time: test_1.py::test_that_is_late_once"], ["failed again"]),
        ([LATE, BROKEN], 1, ["passed the second time: test_1.py", "failed again: test_2.py::test_that_is_broken"], []),
        ([LATE, PLAIN], 1, [], ["second time"]),
        ([BROKEN.replace("broken", f"is_broken_{n}") for n in range(13)], 1, ["13 failed"], ["failed again"]),
    ],
)
def test_only_a_few_failures_in_a_browser_are_tried_again(
    tmp_path: Path, tests: list[str], code: int, said: list[str], unsaid: list[str]
) -> None:
    ended, told = _run(tmp_path, *tests)
    assert ended == code, told
    assert all(words in told for words in said), told
    assert not any(words in told for words in unsaid), told


def test_our_own_tests_in_a_browser_are_known() -> None:
    """The mark is set by what a test asks for, not by hand."""
    asked = [sys.executable, "-m", "pytest", "--collect-only", "-q", "-m", "browser", "tests/components/test_components_board.py"]
    told = subprocess.run(asked, cwd=ROOT, capture_output=True, text=True)
    assert told.returncode == 0, told.stdout
