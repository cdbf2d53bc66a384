"""Bring an nginx to test with, for `make test`: the system's, else Debian's package."""

from __future__ import annotations

import os
import shutil
import sys

from bring_chromium import from_debian

PLACES = os.pathsep.join([os.environ.get("PATH", os.defpath), "/usr/sbin", "/usr/local/sbin"])
"""Where servers live is often not on the path of people."""


def nginx() -> str | None:
    """The program."""
    return shutil.which("nginx", path=PLACES)


def main() -> int:
    """0 when there is one in the end."""
    if nginx() or (from_debian("nginx-light") and nginx()):
        return 0
    print(
        "There is no nginx, and it could not be brought. The tests need one: install the package `nginx-light`.", file=sys.stderr
    )
    return 1


if __name__ == "__main__":
    sys.exit(main())
