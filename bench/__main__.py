"""Measure everything and print one table: python -m bench [importing pages crowd moves robots peers funnels store scale]"""

from __future__ import annotations

import importlib
import os
import platform
import sys
import tempfile
from datetime import UTC, datetime
from pathlib import Path

from bench.measure import HEAD, WIDTHS, Figure, growth, line

BENCHES = ("importing", "pages", "crowd", "moves", "robots", "peers", "funnels", "store", "scale")


def say(text: str) -> None:
    """A line of the report, at once."""
    sys.stdout.write(text + "\n")
    sys.stdout.flush()


def load() -> str:
    """How busy the machine is with everything that runs on it."""
    return f"{datetime.now(UTC):%Y-%m-%d %H:%M} UTC, load of the last minute {os.getloadavg()[0]:.1f}"


def main() -> None:
    """Run the benches named, or all. The load is told before each: figures of a busy machine say little."""
    names = sys.argv[1:] or list(BENCHES)
    if unknown := set(names) - set(BENCHES):
        sys.exit(f"No such bench: {', '.join(sorted(unknown))}. There are: {', '.join(BENCHES)}.")
    say(f"{os.cpu_count()} cores, {platform.system()} {platform.machine()}, Python {platform.python_version()}\n")
    say(line(HEAD))
    say(line(["-" * width for width in WIDTHS]))
    for name in names:
        say(line([f"**{name}** ({load()})", *[""] * (len(WIDTHS) - 1)]))
        found: list[Figure] = []
        with tempfile.TemporaryDirectory() as folder:
            for figure in importlib.import_module(f"bench.{name}").figures(Path(folder)):
                say(line(figure.cells()))
                found.append(figure)
        for row in growth(found):
            say(line(row))


if __name__ == "__main__":
    main()
