"""Elements do not wait for each other: whatever one of them waits for, the robots, letters and calls of others go on."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import pytest
from engine_world import Spec, World, graph, say
from test_engine_worker import until

from runtime.worker import SENDERS

CALL: Spec = ("call_webhook", {"url": "{notes}"})


class Clinic(ThreadingHTTPServer):
    """Answers at once, but for paths that begin with `/slow`: those when it is let go. `seen` are the paths in their order."""

    daemon_threads = True
    request_queue_size = 64

    def __init__(self) -> None:
        clinic = self

        class Desk(BaseHTTPRequestHandler):
            def do_POST(self) -> None:
                self.rfile.read(int(self.headers.get("Content-Length", 0)))
                clinic.seen.append(self.path)
                if self.path.startswith("/slow"):
                    clinic.let_go.wait(14)
                self.send_response(200)
                self.send_header("Content-Length", "0")
                self.end_headers()

            def log_message(self, *_: Any) -> None:
                pass

        super().__init__(("127.0.0.1", 0), Desk)
        self.seen: list[str] = []
        self.let_go = threading.Event()

    def at(self, path: str) -> str:
        return f"http://127.0.0.1:{self.server_address[1]}{path}"


@pytest.fixture
def clinic() -> Iterator[Clinic]:
    with Clinic() as made:
        threading.Thread(target=made.serve_forever, args=(0.01,), daemon=True).start()
        yield made
        made.let_go.set()
        made.shutdown()


@pytest.fixture(params=["memory", "sqlite", "postgres"])
def busy(request: pytest.FixtureRequest, tmp_path: Path, clinic: Clinic) -> Iterator[World]:
    """A workspace of each engine whose worker is at work as in the app; let go and stopped at the end."""
    url = {"memory": "memory://", "sqlite": None}.get(request.param, "")
    more = {"database_url": request.getfixturevalue("postgres_url")} if request.param == "postgres" else {}
    world = World(tmp_path, url or None, private_calls=True, **more)
    stop = threading.Event()
    worker = threading.Thread(target=world.ws.worker.run, args=(stop,))
    worker.start()
    yield world
    clinic.let_go.set()
    stop.set()
    worker.join(20)
    assert not worker.is_alive()
    world.ws.db.close()


def test_slow_calls_hold_up_no_call_and_no_letter_of_other_elements(busy: World, clinic: Clinic) -> None:
    mail: Spec = ("send_mail", {"to": "a@example.com", "subject": "s", "body": "b"})
    letter = graph("letter", t=("comment_added", {"contains": "write"}), m=mail)
    busy.publish(graph(t=("element_created", {}), c=CALL, s=say("answered")), letter)
    slow = [busy.make(notes=clinic.at(f"/slow/{number}")) for number in range(SENDERS - 1)]
    assert until(lambda: len(clinic.seen) == SENDERS - 1), "all of them are on their way together"
    quick = [busy.make(notes=clinic.at(f"/quick/{number}")) for number in range(3)]
    assert until(lambda: all(busy.comments(number) == ["answered"] for number in quick))
    busy.ws.elements.comment(busy.actor(), quick[0], "write to them")
    assert until(lambda: [row.reason for row in busy.ws.outbox.rows(busy.actor()) if row.kind == "mail"] == ["no_mail_server"])
    assert all(busy.comments(number) == [] for number in slow)
    clinic.let_go.set()
    assert until(lambda: all(busy.comments(number) == ["answered"] for number in slow))
    assert len(clinic.seen) == len(set(clinic.seen)) == SENDERS + 2, "each call was made once"


def test_calls_of_one_element_go_out_one_after_the_other_in_their_order(busy: World, clinic: Clinic) -> None:
    busy.publish(graph(t=("field_changed", {"field": "notes"}), c=CALL, s=say("answered")))
    number = busy.make()
    paths = ["/slow", *(f"/{place}" for place in range(5))]
    for path in paths:
        busy.change(number, notes=clinic.at(path))
        assert until(lambda: {run.state for run in busy.runs()} == {"waiting"})
    other = busy.make(notes="")
    busy.change(other, notes=clinic.at("/other"))
    assert until(lambda: busy.comments(other) == ["answered"])
    assert clinic.seen == ["/slow", "/other"], "what was written later waits for what was written first"
    clinic.let_go.set()
    assert until(lambda: len(busy.comments(number)) == len(paths))
    assert [path for path in clinic.seen if path != "/other"] == paths


def test_waiting_runs_hold_up_nobody(busy: World) -> None:
    """A hundred elements wait for a time, an event or their turn; what comes to others, and to them, is done at once."""
    waits: dict[str, Spec] = {"t": ("element_created", {}), "w": ("wait_for", {"duration": 60}), "s": say("late")}
    move: Spec = ("wait_event", {"event": "moved"})
    queue = graph("queue", "t w, w.happened s", t=("comment_added", {"contains": "go"}), w=move, s=say("moved"))
    busy.publish(
        graph("waits", **waits), queue.model_copy(update={"mode": "queue"}),
        graph("quick", t=("field_changed", {"field": "company"}), s=say("{company}")),
    )  # fmt: skip
    with busy.ws.db.transaction():
        numbers = [busy.make() for _ in range(30)]
    for _ in range(2):
        for number in numbers:
            busy.ws.elements.comment(busy.actor(), number, "go")
    with busy.ws.db.transaction():
        for number in numbers:
            busy.change(number, company="x")
    assert until(lambda: len(busy.runs(limit=500, state="done")) == 30)
    assert len(busy.runs(limit=500, state="waiting")) == 90
    for number in (numbers[0], numbers[-1]):
        assert busy.comments(number) == ["go", "go", "x"]
    busy.change(numbers[-1], stage="talk")
    assert until(lambda: "moved" in busy.comments(numbers[-1])), "one that waits goes on although 29 before it still do"
    busy.clock.move(hours=1)
    assert until(lambda: all("late" in busy.comments(number) for number in numbers))
