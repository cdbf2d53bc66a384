"""What the benches stand on: a workspace with the 8,800 deals, a graph of robots, the app as `voronka run` starts it."""

from __future__ import annotations

import os
import socket
import subprocess
import sys
import time
import urllib.request
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

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


def with_deals(folder: Path) -> tuple[Workspace, Actor]:
    """A workspace with the process `deals` and its 8,800 elements with their history."""
    made, actor = empty(folder)
    made.import_file(actor, DEALS, "deals", create=True)
    return made, actor


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
    start = "import cli; from streamlit.web.cli import main; cli.send_at_once(); main()"
    with _served(["-c", start, "run", str(ROOT / "bench" / "bare.py"), *flags], folder, PYTHONPATH=str(ROOT)) as url:
        yield url


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
