"""Bring TinyDB's own tests, for `make test`: they stand in its source on PyPI, of the very version that is locked."""

from __future__ import annotations

import subprocess
import sys
import tarfile
import tempfile
from importlib.metadata import version
from pathlib import Path

VERSION, SHA256 = "4.9.0", "6928b1fa785186bda7952a0ba05aaeedc883ede565ca9c7d608de44e5e75de70"
"""The source that is taken, and what it is known by."""
PLACE = Path(sys.prefix) / f"tinydb-{VERSION}"
"""Where its tests stand, beside the installed packages."""


def fetched(folder: Path) -> Path | None:
    """The source, by pip and checked by it; None when it cannot be had."""
    wanted = folder / "wanted.txt"
    wanted.write_text(f"tinydb=={VERSION} --hash=sha256:{SHA256}\n")
    fetch = ["download", "--quiet", "--require-hashes", "--no-deps", "--no-binary", "tinydb", "--dest", str(folder)]
    if subprocess.run([sys.executable, "-m", "pip", *fetch, "--requirement", str(wanted)]).returncode:
        return None
    return next(folder.glob("tinydb-*.tar.gz"), None)


def unpack(source: Path, into: Path) -> None:
    """Its tests, and nothing else of it."""
    into.mkdir()
    with tarfile.open(source) as archive:
        for member in archive:
            folder, _, name = member.name.rpartition("/")
            if folder == f"tinydb-{VERSION}/tests" and name.endswith(".py") and (file := archive.extractfile(member)):
                (into / name).write_bytes(file.read())


def main() -> int:
    """0 when they are there in the end."""
    if version("tinydb") != VERSION:
        print(f"TinyDB {version('tinydb')} is installed, its tests are those of {VERSION}: see {__file__}.", file=sys.stderr)
        return 1
    if PLACE.is_dir():
        return 0
    print(f"Fetching the source of TinyDB {VERSION} for its tests.")
    with tempfile.TemporaryDirectory(dir=PLACE.parent) as folder:
        source = fetched(Path(folder))
        if source is None:
            print("The source of TinyDB could not be brought from PyPI. The tests need it.", file=sys.stderr)
            return 1
        unpack(source, Path(folder) / "tests")
        (Path(folder) / "tests").rename(PLACE)
    return 0


if __name__ == "__main__":
    sys.exit(main())
