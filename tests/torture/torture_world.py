"""What the torture tests share: a seeded workspace in a file or in PostgreSQL, a clock that runs fast, a server that counts its
calls, and child processes that are cheap enough to be killed by the hundred."""

from __future__ import annotations

import json
import multiprocessing
import os
import shutil
import threading
import time
import uuid
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from itertools import pairwise
from multiprocessing.process import BaseProcess
from pathlib import Path
from typing import Any, TypeVar
from urllib.parse import urlsplit, urlunsplit

import psycopg

from model.access import SYSTEM_ACTOR, Actor
from model.field import Field
from model.graph import Graph, Node, Wire
from model.process import Funnel, Process, Stage
from runtime.integrity import Integrity
from runtime.outside.passwords import Passwords
from settings import Settings
from workspace import Workspace, build

START = datetime(2026, 11, 2, 12, tzinfo=UTC)
LONG = os.environ.get("VORONKA_TORTURE", "") not in ("", "0")
FORGE = multiprocessing.get_context("forkserver")
"""Children are forked from a process that has imported everything and has one thread."""
ADDRESS = "address"
"""The file in a data folder that names the database of its workspace, where that is not a file beside it."""
Some = TypeVar("Some")
Tell = Callable[[str], None]
"""`tell("20 rounds, 0 lost")`: one line at the end of `make torture`."""


def often(short: Some, long: Some) -> Some:
    """How often, how many, how long: `short` in every run of the tests, `long` under `make torture`."""
    return long if LONG else short


class FastClock:
    """Begins at `base` and runs `speed` times as fast as the real one."""

    def __init__(self, base: datetime = START, speed: float = 600) -> None:
        self._base, self._speed, self._began = base, speed, time.monotonic()

    def now(self) -> datetime:
        return self._base + timedelta(seconds=(time.monotonic() - self._began) * self._speed)


class StillClock:
    """Stands still until it is moved."""

    def __init__(self, time: datetime = START) -> None:
        self.time = time

    def now(self) -> datetime:
        return self.time

    def move(self, **how: float) -> None:
        self.time += timedelta(**how)


# the workspace

STAGES = ("new", "talk", "won", "lost")
NODES = ("greet", "wait", "call", "job", "mark", "bye")
"""The six robots of the graph that every new order sets going, in their order."""


def chain(code: str, trigger: tuple[str, dict[str, Any]], *robots: tuple[str, str, dict[str, Any]]) -> Graph:
    """A graph of one trigger and robots (id, kind, parameters) that follow one another."""
    nodes = [Node(id="t", kind=trigger[0], params=trigger[1]), *(Node(id=i, kind=kind, params=p) for i, kind, p in robots)]
    edges = [Wire(source=a.id, target=b.id, port="done") for a, b in pairwise(nodes)]
    return Graph(code=code, title=code.title(), nodes=tuple(nodes), edges=tuple(edges))


def orders(url: str) -> Process:
    """Orders: each new one is greeted, waits, calls `url`, makes a job, is marked, and is bid farewell."""
    welcome = chain(
        "welcome", ("element_created", {}),
        ("greet", "add_comment", {"text": "hello {title}"}), ("wait", "wait_for", {"duration": 2}),
        ("call", "call_webhook", {"url": url, "body": "{title}"}),
        ("job", "create_element", {"process": "jobs", "values": {"title": "job of {id}"}, "link_field": "order"}),
        ("mark", "set_fields", {"values": {"mark": "marked {id}"}}), ("bye", "add_comment", {"text": "bye {title}"}),
    )  # fmt: skip
    moved = chain("moved", ("stage_entered", {"stages": ["talk"]}), ("set", "set_fields", {"values": {"talks": "talk {note}"}}))
    echo = chain("echo", ("field_changed", {"field": "mark"}), ("say", "add_comment", {"text": "{mark}"}))
    stages = tuple(Stage(code=s, title=s.title(), semantics={"won": "S", "lost": "F"}.get(s, "P")) for s in STAGES)  # type: ignore[arg-type]
    return Process(
        code="orders", title="Orders", funnels=(Funnel(code="main", title="Main", stages=stages),), graphs=(welcome, moved, echo),
        fields=(Field(code="counter", title="Counter", kind="integer"), Field(code="note", title="Note"),
                Field(code="mark", title="Mark"), Field(code="talks", title="Talks"),
                Field(code="paper", title="Paper", kind="file")),
    )  # fmt: skip


def jobs() -> Process:
    """Jobs, which orders make; each is spoken to by a graph of its own."""
    speak = chain("speak", ("element_created", {}), ("say", "add_comment", {"text": "a job"}))
    return Process(code="jobs", title="Jobs", graphs=(speak,), fields=(
        Field(code="order", title="Order", kind="link", params={"process": "orders"}),))  # fmt: skip


def address(folder: Path) -> str:
    """The database of a folder's workspace; empty: a file in it."""
    named = folder / ADDRESS
    return named.read_text() if named.exists() else ""


def opened(folder: Path, clock: Any = None) -> Workspace:
    """The workspace of a folder, with passwords that cost nothing."""
    url = address(folder)
    memory = url == "memory://"
    settings = Settings(_env_file=None, data=folder, private_calls=True, database_url="" if memory else url)  # type: ignore[call-arg]
    return build(settings, clock, url if memory else None, Passwords(time_cost=1, memory_kib=8, lanes=1))


def placed(folder: Path, url: str) -> Path:
    """A data folder whose database is at an address (empty: in the folder)."""
    folder.mkdir(parents=True, exist_ok=True)
    if url:
        (folder / ADDRESS).write_text(url)
    return folder


def seed(folder: Path, url: str = "http://127.0.0.1:9/") -> Path:
    """Make a workspace with orders and jobs and some orders that are through with their robots; its folder."""
    filled(opened(folder, StillClock(START - timedelta(days=2))), url).db.close()
    return folder


def filled(ws: Workspace, url: str = "http://127.0.0.1:9/", elements: int = 8) -> Workspace:
    """Set it up, with all that a seed has; where its clock is not a still one, the robots have yet to work."""
    ws.set_up("Torture", "en", "admin", "Anna Admin", "correct horse 1")
    root = ws.administrator()
    for process in (jobs(), orders(url)):
        ws.processes.create(root, process)
    for code in ("jobs", "orders"):
        ws.processes.publish(root, code)
    for number in range(elements):
        ws.elements.create(root, "orders", {"title": f"seed {number}", "counter": 0})
    if isinstance(ws.clock, StillClock):
        settle(ws, ws.clock)
    return ws


def settle(ws: Workspace, clock: StillClock) -> None:
    """Let an hour go by, with everything done that comes due."""
    for _ in range(5):
        ws.work()
        clock.move(minutes=10)


def copied(folder: Path, to: Path) -> Path:
    """A copy of a data folder that nobody has open, with a copy of its database."""
    shutil.copytree(folder, to)
    if url := address(folder):
        (to / ADDRESS).write_text(_database(f"copy_{uuid.uuid4().hex[:12]}", url))
    return to


def new_database(server: str) -> str:
    """The address of an empty database of its own on a PostgreSQL server."""
    return _database(f"seed_{uuid.uuid4().hex[:12]}", server, "template0")


def _database(name: str, url: str, template: str = "") -> str:
    parts = urlsplit(url)
    with psycopg.connect(urlunsplit(parts._replace(path="/postgres")), autocommit=True) as db:
        db.execute(f"CREATE DATABASE {name} TEMPLATE {template or parts.path[1:]}")
    return urlunsplit(parts._replace(path=f"/{name}"))


def forgotten(folder: Path) -> None:
    """A copy is needed no more: hundreds of them would fill a disk."""
    if url := address(folder):
        parts = urlsplit(url)
        with psycopg.connect(urlunsplit(parts._replace(path="/postgres")), autocommit=True) as db:
            db.execute(f"DROP DATABASE {parts.path[1:]} WITH (FORCE)")
    shutil.rmtree(folder)


def faults(ws: Workspace) -> list[str]:
    """Everything that does not hold in a workspace."""
    found = Integrity(ws.db, ws.types, ws.environment.data / "files").faults()
    return [f"{p.path} {p.code} {dict(p.context)}" for p in found]


def admin(ws: Workspace) -> Actor:
    return ws.actor(1) if ws.is_set_up else SYSTEM_ACTOR


# what children say


class Sayings:
    """A file of JSON lines: each is on the disk when `say` returns, whoever dies after that."""

    def __init__(self, path: Path) -> None:
        self._file = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o600)

    def say(self, **what: Any) -> None:
        os.write(self._file, json.dumps(what).encode() + b"\n")
        os.fsync(self._file)


def said(path: Path) -> list[dict[str, Any]]:
    """What was said; a line that was cut off by a kill does not count."""
    lines = path.read_bytes().split(b"\n")[:-1] if path.exists() else []
    return [json.loads(line) for line in lines]


@contextmanager
def child(work: Callable[..., None], *given: Any) -> Iterator[BaseProcess]:
    """A child process at work; killed at the end, if it still is."""
    process = FORGE.Process(target=work, args=given, daemon=True)
    process.start()
    try:
        yield process
    finally:
        if process.is_alive():
            process.kill()
        process.join(20)
        assert process.exitcode is not None, "the child does not die"
        code = process.exitcode
        process.close()
        process_codes.append(code)


process_codes: list[int] = []
"""How the children ended, the last one last."""


def through(work: Callable[..., None], *given: Any, seconds: float = 60) -> int:
    """Run a child to its end; its exit code."""
    with child(work, *given) as process:
        process.join(seconds)
        assert process.exitcode is not None, "the child did not come to an end"
    return process_codes[-1]


# the other side


class Receiver:
    """A server that answers every call, and counts how often each idempotency key came."""

    def __init__(self) -> None:
        self.keys: Counter[str] = Counter()
        keys, lock = self.keys, threading.Lock()

        class Handler(BaseHTTPRequestHandler):
            def do_POST(self) -> None:
                self.rfile.read(int(self.headers.get("Content-Length", 0)))
                with lock:
                    keys[self.headers["Idempotency-Key"]] += 1
                self.send_response(200)
                self.send_header("Content-Length", "2")
                self.end_headers()
                self.wfile.write(b"ok")

            def log_message(self, format: str, *args: Any) -> None:
                """Say nothing."""

        self._server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self._server.daemon_threads = True
        self.url = f"http://127.0.0.1:{self._server.server_address[1]}/call"
        self._thread = threading.Thread(target=self._server.serve_forever, args=(0.05,), daemon=True)
        self._thread.start()

    def close(self) -> None:
        self._server.shutdown()
        self._server.server_close()
        self._thread.join(5)
