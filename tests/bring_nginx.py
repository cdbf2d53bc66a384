"""Bring an nginx to test with, for `make test`: the system's, else Debian's package."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys

PLACES = os.pathsep.join([os.environ.get("PATH", os.defpath), "/usr/sbin", "/usr/local/sbin"])
"""Where servers live is often not on the path of people."""


def nginx() -> str | None:
    """The program."""
    return shutil.which("nginx", path=PLACES)


def from_debian() -> bool:
    """Debian's package, where this user may install it; the server is not started (RUNLEVEL)."""
    if not shutil.which("apt-get") or os.geteuid() != 0:
        return False
    print("No nginx here: installing Debian's package.")
    quiet = {**os.environ, "DEBIAN_FRONTEND": "noninteractive", "RUNLEVEL": "1"}
    update = ["apt-get", "update", "-qq"]
    install = ["apt-get", "install", "-y", "-qq", "--no-install-recommends", "nginx-light"]
    return all(subprocess.run(command, env=quiet, stdout=subprocess.DEVNULL).returncode == 0 for command in (update, install))


def main() -> int:
    """0 when there is one in the end."""
    if nginx() or (from_debian() and nginx()):
        return 0
    print(
        "There is no nginx, and it could not be brought. The tests need one: install the package `nginx-light`.", file=sys.stderr
    )
    return 1


if __name__ == "__main__":
    sys.exit(main())
