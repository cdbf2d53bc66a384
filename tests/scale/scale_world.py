"""Several processes over one PostgreSQL: writers and `voronka worker`s, what they leave behind, and nginx before two apps."""

from __future__ import annotations

import os
import re
import shutil
import signal
import subprocess
import sys
import time
from collections import Counter
from collections.abc import Callable, Mapping
from datetime import UTC, datetime, timedelta
from itertools import pairwise
from pathlib import Path
from typing import Any

import pytest
from tinydb import where

from bring_programs import program
from model.access import Actor
from model.field import Field
from model.graph import Graph, Node, Wire
from model.process import Funnel, Process, Stage
from running import LOGIN, PASSWORD, ROOT, free_port
from runtime.integrity import Integrity
from runtime.outside.passwords import Passwords
from settings import Settings
from workspace import Workspace, build

HERE = Path(__file__).parent
CERTIFICATE = HERE.parent / "runtime_engine" / "localhost.pem"
EFFECTS = ("greet", "mark", "job")
"""The robots of a welcome that leave an event."""
PATIENCE = 40


class ShiftedClock:
    """Goes as the real one does, so much before or behind it."""

    def __init__(self, **shift: float) -> None:
        self._shift = timedelta(**shift)

    def now(self) -> datetime:
        return datetime.now(UTC) + self._shift

    def move(self, **how: float) -> None:
        self._shift += timedelta(**how)


def chain(code: str, trigger: tuple[str, dict[str, Any]], *robots: tuple[str, str, dict[str, Any]]) -> Graph:
    """A graph of one trigger and robots (id, kind, parameters) that follow one another."""
    nodes = [Node(id="t", kind=trigger[0], params=trigger[1]), *(Node(id=i, kind=kind, params=p) for i, kind, p in robots)]
    edges = [Wire(source=a.id, target=b.id, port="done") for a, b in pairwise(nodes)]
    return Graph(code=code, title=code.title(), nodes=tuple(nodes), edges=tuple(edges))


WELCOME = chain(
    "welcome", ("element_created", {}), ("greet", "add_comment", {"text": "hello {title}"}),
    ("mark", "set_fields", {"values": {"mark": "marked {id}"}}),
    ("job", "create_element", {"process": "jobs", "values": {"title": "job of {id}"}}),
)  # fmt: skip
WAITING = chain(
    "waiting", ("element_created", {}), ("wait", "wait_for", {"duration": 0.05}), ("bye", "add_comment", {"text": "bye {title}"})
)
BEAT = chain("beat", ("every", {"interval": 60, "for_each": False}), ("made", "create_element",
             {"process": "jobs", "values": {"title": "tick"}}))  # fmt: skip


def opened(folder: Path, url: str, clock: Any = None, carrier: Any = "notify") -> Workspace:
    """The workspace in a PostgreSQL database, with passwords that cost nothing."""
    settings = Settings(_env_file=None, data=folder, database_url=url, carrier=carrier)
    return build(settings, clock, None, Passwords(1, 8, 1))


def set_up(workspace: Workspace, *graphs: Graph) -> Actor:
    """Make it one with orders, for which these graphs act, and jobs, which they make."""
    workspace.set_up("Test", "en", LOGIN, "Anna Admin", PASSWORD)
    actor = workspace.administrator()
    stages = tuple(
        Stage(code=s, title=s.title(), semantics={"won": "S", "lost": "F"}.get(s, "P")) for s in ("new", "won", "lost")
    )  # type: ignore[arg-type]
    orders = Process(code="orders", title="Orders", funnels=(Funnel(code="main", title="Main", stages=stages),),
                     fields=(Field(code="mark", title="Mark"),), graphs=graphs)  # fmt: skip
    for process in (Process(code="jobs", title="Jobs"), orders):
        workspace.processes.create(actor, process)
        workspace.processes.publish(actor, process.code)
    return actor


class Crowd:
    """Processes that work on one workspace; what is left of them is killed at the end."""

    def __init__(self, folder: Path, url: str) -> None:
        self.carrier = "notify"
        self._told = {"VORONKA_DATA": str(folder), "VORONKA_DATABASE_URL": url, "PYTHONPATH": str(ROOT)}
        self._folder = folder
        self._started: list[tuple[subprocess.Popen[bytes], Path]] = []

    def workers(self, count: int) -> list[subprocess.Popen[bytes]]:
        """So many `voronka worker`, each of which has said that it works."""
        started = [self._start(str(ROOT / "cli.py"), "worker") for _ in range(count)]
        for process, log in self._started[-count:]:
            until(lambda: log.stat().st_size or process.poll() is not None)  # noqa: B023  called at once
            assert process.poll() is None, log.read_text()
        return started

    def writer(self, name: str, count: int) -> subprocess.Popen[bytes]:
        """Somebody else who makes so many orders, one after the other: `name 0`, `name 1` ..."""
        return self._start(str(HERE / "scale_writer.py"), name, str(count))

    def end(self) -> None:
        """Ask all to end, as a service manager does; each must do so, unless it was killed."""
        for process, _ in self._started:
            process.terminate()
        for process, log in self._started:
            try:
                code = process.wait(20)
            except subprocess.TimeoutExpired:
                process.kill()
                process.wait()
                pytest.fail(f"it does not end; it said:\n{log.read_text()}")
            assert code in (0, -signal.SIGKILL), log.read_text()
            assert "Traceback" not in log.read_text(), log.read_text()

    def _start(self, *command: str) -> subprocess.Popen[bytes]:
        log = self._folder / f"process-{len(self._started)}.log"
        with log.open("wb") as out:
            process = subprocess.Popen(
                [sys.executable, "-u", *command], cwd=self._folder, stdout=out, stderr=subprocess.STDOUT,
                env={**os.environ, **self._told, "VORONKA_CARRIER": self.carrier},
            )  # fmt: skip
        self._started.append((process, log))
        return process


def until(done: Callable[[], object], seconds: float = PATIENCE, every: float = 0.2) -> None:
    """Wait until something is so; look every so many seconds."""
    end = time.monotonic() + seconds
    while not done():
        assert time.monotonic() < end, f"it did not come true within {seconds} s"
        time.sleep(every)


def ended(workspace: Workspace, graph: str) -> int:
    """How many runs of a graph are done; a run that ended otherwise is a failure."""
    runs, mine = workspace.db.table("runs"), where("graph") == graph
    assert not runs.search(mine & where("state").one_of(["failed", "stopped"]))
    return int(runs.count(mine & (where("state") == "done")))


def effects(workspace: Workspace, graph: str) -> dict[str, Counter[int]]:
    """For each node of a graph, by element: how many events its robot has left, read straight from the log of events."""
    found: dict[str, Counter[int]] = {}
    runs = {run.doc_id: run for run in workspace.db.table("runs").search() if run["graph"] == graph}
    for event in workspace.db.table("events").search():
        if event["run"] in runs and event["chain"][-1].split("/")[1] == graph:
            node = event["chain"][-1].rsplit("/", 1)[1]
            found.setdefault(node, Counter())[runs[event["run"]]["element"]] += 1
    return found


def faults(workspace: Workspace) -> list[str]:
    """Everything that does not hold in a workspace."""
    found = Integrity(workspace.db, workspace.types, workspace.environment.data / "files").faults()
    return [f"{fault.path} {fault.code}" for fault in found]


def once(workspace: Workspace, count: int) -> None:
    """Every order has each of the welcome's effects exactly once, and nothing else has come of it."""
    orders = {doc.doc_id: doc for doc in workspace.db.table("elements").search() if doc["process"] == "orders"}
    jobs = Counter(doc["title"] for doc in workspace.db.table("elements").search() if doc["process"] == "jobs")
    assert len(orders) == count
    assert effects(workspace, "welcome") == {node: Counter(list(orders)) for node in EFFECTS}
    assert jobs == Counter(f"job of {number}" for number in orders)
    assert all(doc["values"]["mark"] == f"marked {number}" for number, doc in orders.items())
    assert faults(workspace) == []


def _change(path: Path, changes: Mapping[str, str]) -> None:
    text = path.read_text()
    for pattern, wanted in changes.items():
        text, count = re.subn(pattern, wanted, text)
        assert count, f"deploy/nginx/{path.name} has no {pattern}"
    path.write_text(text)


class Nginx:
    """nginx with deploy/nginx as it stands, but for places, ports, name and certificate, before apps on these ports.

    told: what else is to be written into voronka-site.conf, by pattern: times that a test would have to wait for.
    """

    def __init__(self, folder: Path, ports: list[int], told: Mapping[str, str] = {}) -> None:
        nginx = program("nginx")
        if nginx is None:
            pytest.fail("There is no nginx. `make test` brings one; by hand: `apt-get install nginx-light`.", pytrace=False)
        self._folder, port, plain = folder, free_port(), free_port()
        self.url, self.plain = f"https://localhost:{port}", f"http://localhost:{plain}"
        self.log = folder / "access.log"
        shutil.copytree(ROOT / "deploy" / "nginx", folder, dirs_exist_ok=True)
        servers = "".join(f"server 127.0.0.1:{p} max_fails=1 fail_timeout=10s;" for p in ports)
        changes = {
            r"/etc/nginx": str(folder),
            r"(    server 127\S+:85.*\n)+": servers,
            r"listen 80\b": f"listen 127.0.0.1:{plain}",
            r"listen 443\b": f"listen 127.0.0.1:{port}",
            r"voronka\.example\.com": "localhost",
            r"/etc/ssl/voronka/\w+\.pem": str(CERTIFICATE),
        }
        _change(folder / "voronka.conf", changes)
        _change(folder / "voronka-site.conf", {r"/etc/nginx": str(folder), **told})
        (folder / "nginx.conf").write_text(_AROUND.format(folder=folder))
        self._process = subprocess.Popen([nginx, "-p", str(folder), "-c", str(folder / "nginx.conf"), "-e", "stderr"])

    def served(self, token: str) -> list[tuple[str, int, str]]:
        """(path, status, the last instance asked) of each request with this session."""
        rows = [line.split("\t") for line in self.log.read_text().splitlines()]
        return [(path, int(status), by.split(", ")[-1]) for cookie, path, status, by in rows if cookie == token]

    def stop(self) -> None:
        self._process.terminate()
        assert self._process.wait(10) == 0


_AROUND = """
daemon off; master_process off; pid {folder}/pid; error_log stderr warn;
events {{ }}
http {{
    log_format told "$cookie_voronka_session\\t$uri\\t$status\\t$upstream_addr";
    access_log {folder}/access.log told;
    client_body_temp_path {folder}/t1; proxy_temp_path {folder}/t2; fastcgi_temp_path {folder}/t3;
    uwsgi_temp_path {folder}/t4; scgi_temp_path {folder}/t5;
    include {folder}/voronka.conf;
}}
"""
