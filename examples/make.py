"""Builds what Voronka ships as a demo: `python -m examples.make`. The same input gives the same bytes."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from pathlib import Path

from examples import candidates, deals, team
from examples.parts import Say, saying
from packages import EXAMPLES, SUFFIX, TEAM

MADE: Mapping[str, Callable[[Say], bytes]] = {
    f"deals{SUFFIX}": deals.package,
    f"candidates{SUFFIX}": candidates.package,
    TEAM: team.team,
}
LANGUAGES = ("en", "ru")


def files() -> dict[Path, bytes]:
    """Each shipped file and what belongs in it."""
    return {EXAMPLES / lang / name: make(saying(lang)) for lang in LANGUAGES for name, make in MADE.items()}


def main() -> None:
    """Write them all."""
    for path, data in files().items():
        path.parent.mkdir(exist_ok=True)
        path.write_bytes(data)


if __name__ == "__main__":
    main()
