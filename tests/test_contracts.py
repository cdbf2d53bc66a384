"""Who may import whom: the contracts of pyproject.toml, held by the test run too."""

from __future__ import annotations

import pytest
from importlinter.cli import lint_imports  # type: ignore[import-not-found,unused-ignore]

from running import ROOT


def test_the_rooms_keep_to_their_contracts(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    monkeypatch.chdir(ROOT)
    assert lint_imports(cache_dir=None) == 0, capsys.readouterr().out
