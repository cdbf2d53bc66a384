"""Builds the packages that Voronka ships: `python -m examples.make`. The same input gives the same bytes."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from pathlib import Path

from examples import candidates, deals
from examples.parts import Say, saying
from packages import EXAMPLES, SUFFIX

MADE: Mapping[str, Callable[[Say], bytes]] = {"deals": deals.package, "candidates": candidates.package}
LANGUAGES = ("en", "ru")


def files() -> dict[Path, bytes]:
    """Each shipped file and what belongs in it."""
    return {EXAMPLES / lang / f"{name}{SUFFIX}": make(saying(lang)) for lang in LANGUAGES for name, make in MADE.items()}


def main() -> None:
    """Write them all."""
    for path, data in files().items():
        path.parent.mkdir(exist_ok=True)
        path.write_bytes(data)


if __name__ == "__main__":
    main()
