"""Bring what the tests run beside Python and a browser, for `make test`: the system's nginx and graphviz, else Debian's."""

from __future__ import annotations

import os
import shutil
import sys

from bring_chromium import from_debian

PLACES = os.pathsep.join([os.environ.get("PATH", os.defpath), "/usr/sbin", "/usr/local/sbin"])
"""Where servers live is often not on the path of people."""
PACKAGES = {"nginx": "nginx-light", "dot": "graphviz"}
"""Programs, and the packages that bring them."""


def program(name: str) -> str | None:
    """Where a program is."""
    return shutil.which(name, path=PLACES)


def main() -> int:
    """0 when all are there in the end."""
    missing = [name for name, package in PACKAGES.items() if not (program(name) or (from_debian(package) and program(name)))]
    for name in missing:
        print(
            f"There is no {name}, and it could not be brought. Tests need it: install the package `{PACKAGES[name]}`.",
            file=sys.stderr,
        )
    return 1 if missing else 0


if __name__ == "__main__":
    sys.exit(main())
