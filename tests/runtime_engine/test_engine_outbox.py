"""Letters and calls: real servers on this machine, the visible outbox, and what must not go out."""

from __future__ import annotations

import json
import socketserver
import threading
import time
from collections.abc import Iterator
from datetime import UTC, datetime
from email import message_from_bytes, policy
from email.message import EmailMessage
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

import pytest
from engine_world import Spec, World, graph, say

from model.errors import Denied, NotAllowed
from runtime.outside import http
from runtime.outside.http import CallRefused, HttpCaller, Request, is_private
from runtime.outside.mail import Letter, MailRefused, addresses, compose

# mail


class SmtpServer(socketserver.ThreadingTCPServer):
    """Takes letters as a mail server does; `refuse` is answered to whom and `busy` to how many letters."""

    allow_reuse_address = daemon_threads = True

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), _Smtp)
        self.letters: list[EmailMessage] = []
        self.envelopes: list[list[str]] = []
        self.refuse, self.busy = "", 0


class _Smtp(socketserver.StreamRequestHandler):
    server: SmtpServer

    def _say(self, line: str) -> None:
        self.wfile.write(f"{line}\r\n".encode())

    def handle(self) -> None:
        self._say("220 here")
        to: list[str] = []
        while line := self.rfile.readline().decode().strip():
            word = line.split(" ", 1)[0].upper()
            if word == "RCPT":
                refused = bool(self.server.refuse) and self.server.refuse in line
                to += [] if refused else [line.partition("<")[2].partition(">")[0]]
                self._say("550 no such user" if refused else "250 ok")
            elif word == "DATA":
                self._take(to)
            elif word == "QUIT":
                return self._say("221 bye")
            else:
                self._say("250 ok")

    def _take(self, to: list[str]) -> None:
        self._say("354 go on")
        body = b""
        while (line := self.rfile.readline()) != b".\r\n":
            body += line.removeprefix(b".")
        if self.server.busy:
            self.server.busy -= 1
            return self._say("451 later")
        self.server.letters.append(message_from_bytes(body, policy=policy.default))  # type: ignore[arg-type]
        self.server.envelopes.append(to)
        self._say("250 taken")


@pytest.fixture
def smtp() -> Iterator[SmtpServer]:
    with SmtpServer() as server:
        threading.Thread(target=server.serve_forever, args=(0.01,), daemon=True).start()
        yield server
        server.shutdown()


def post_office(world: World, port: int) -> None:
    place = {"smtp_host": "127.0.0.1", "smtp_port": port, "smtp_tls": False, "smtp_from": "Воронка <robots@example.com>"}
    world.ws.settings.save(world.actor(), **place)


MAIL: Spec = ("send_mail", {"to": "{email}, boss@example.com", "subject": "Сделка {title}", "body": "Сумма {amount}\nТекст"})


def mailing(world: World, spec: Spec = MAIL, **values: Any) -> int:
    world.publish(graph(wires="t m, m s", t=("element_created", {}), m=spec, s=say("after")))
    number = world.make(**{"email": "client@example.com", **values})
    world.work()
    return number


def test_a_letter_goes_out(world: World, smtp: SmtpServer) -> None:
    post_office(world, smtp.server_address[1])
    number = mailing(world, amount=100)
    (letter,) = smtp.letters
    assert (letter["Subject"], letter["To"]) == ("Сделка First", "client@example.com, boss@example.com")
    assert letter["From"] == "Воронка <robots@example.com>"
    assert letter.get_content().split() == ["Сумма", "$100", "Текст"]
    assert smtp.envelopes == [["client@example.com", "boss@example.com"]]
    (row,) = world.ws.outbox.rows(world.actor())
    assert (row.state, row.key, row.subject, row.attempts) == ("sent", f"{world.run().id}/m/1", "Сделка First", 1)
    (sent,) = (event for event in world.events(number) if event.kind == "mail_sent")
    assert sent.data == {"to": "client@example.com, boss@example.com", "subject": "Сделка First", "outbox": row.id}
    world.work(days=1)
    assert len(smtp.letters) == 1


def test_a_letter_without_a_server_stays_visible_and_can_be_sent_later(world: World, smtp: SmtpServer) -> None:
    mailing(world)
    (row,) = world.ws.outbox.rows(world.actor())
    assert (row.state, row.reason, world.run().state) == ("held", "no_mail_server", "done")
    t = world.ws.reader(world.actor()).t
    assert t(f"outbox.reason.{row.reason}") == "not sent: no mail server"
    world.work(days=7)
    assert world.ws.outbox.rows(world.actor())[0].state == "held"
    post_office(world, smtp.server_address[1])
    world.ws.outbox.resend(world.actor(), row.id)
    world.work()
    assert world.ws.outbox.rows(world.actor())[0].state == "sent" and len(smtp.letters) == 1
    for act in (world.ws.outbox.resend, world.ws.outbox.discard):
        with pytest.raises(NotAllowed):
            act(world.actor(), row.id)


def test_a_server_that_is_busy_is_tried_again_with_the_same_message_id(world: World, smtp: SmtpServer) -> None:
    post_office(world, smtp.server_address[1])
    smtp.busy = 2
    mailing(world)
    (row,) = world.ws.outbox.rows(world.actor())
    assert (row.state, row.reason, row.next_at) == ("waiting", "mail_server", "2026-11-02T12:01:00.000Z")
    world.work(minutes=1)
    world.work(minutes=4)
    assert world.ws.outbox.rows(world.actor())[0].attempts == 2
    world.work(minutes=1)
    (row,) = world.ws.outbox.rows(world.actor())
    assert (row.state, row.attempts) == ("sent", 3)


def test_a_server_that_is_gone_fails_after_five_tries(world: World, smtp: SmtpServer) -> None:
    smtp.server_close()
    post_office(world, smtp.server_address[1])
    mailing(world)
    for minutes in (1, 5, 30, 120, 999):
        world.work(minutes=minutes)
    (row,) = world.ws.outbox.rows(world.actor())
    assert (row.state, row.attempts, row.reason) == ("failed", 5, "mail_server")


def test_a_refused_recipient_is_not_tried_again(world: World, smtp: SmtpServer) -> None:
    post_office(world, smtp.server_address[1])
    smtp.refuse = "client@example.com"
    mailing(world, ("send_mail", {"to": "email", "subject": "x"}))
    (row,) = world.ws.outbox.rows(world.actor())
    assert (row.state, row.reason) == ("failed", "refused") and "no such user" in row.result["detail"]
    assert row.attempts == 1


def test_nobody_to_write_to(world: World) -> None:
    mailing(world, ("send_mail", {"to": "{email}", "subject": "x"}), email=None)
    assert world.run().trace[0]["port"] == "no_address"
    assert world.ws.outbox.rows(world.actor()) == []


def test_files_of_the_element_go_along(world: World, smtp: SmtpServer) -> None:
    post_office(world, smtp.server_address[1])
    spec: Spec = ("send_mail", {"to": "{email}", "subject": "x", "body": "y", "attach_files": True})
    pdf: Spec = ("make_pdf", {"name": "Счёт", "body": "text", "field": "paper"})
    world.publish(graph(t=("element_created", {}), p=pdf, m=spec))
    world.make(email="client@example.com")
    world.work()
    (letter,) = smtp.letters
    (attached,) = letter.iter_attachments()
    assert (attached.get_filename(), attached.get_content_type()) == ("Счёт.pdf", "application/pdf")


def test_a_robot_that_fails_later_neither_takes_back_nor_repeats_a_letter(world: World, smtp: SmtpServer) -> None:
    post_office(world, smtp.server_address[1])
    world.publish(graph(t=("element_created", {}), m=MAIL, x=("move_stage", {"stage": "lost"})))
    world.make(email="a@example.com")
    world.work()
    assert (world.run().state, len(smtp.letters)) == ("failed", 1)
    world.ws.engine.retry(world.actor(), world.run().id)
    world.work()
    assert len(smtp.letters) == 1


def test_the_outbox_is_for_who_looks_after_the_robots(world: World) -> None:
    mailing(world)
    (row,) = world.ws.outbox.rows(world.actor("dora"), "deals")
    assert world.ws.outbox.rows(world.actor("root")) == [row]
    world.publish(graph(t=("element_created", {}), s=say()), grants=())
    assert world.ws.outbox.rows(world.actor("anna")) == []
    with pytest.raises(Denied):
        world.ws.outbox.rows(world.actor("anna"), "deals")
    with pytest.raises(Denied):
        world.ws.outbox.resend(world.actor("dora"), row.id)
    world.ws.outbox.discard(world.actor(), row.id)
    assert world.ws.outbox.rows(world.actor()) == []


def test_a_sender_that_died_is_taken_over(on_disk: World, smtp: SmtpServer) -> None:
    on_disk.publish(graph(t=("element_created", {}), m=MAIL))
    post_office(on_disk, smtp.server_address[1])
    on_disk.make(email="a@example.com")
    on_disk.ws.engine.drain()
    assert on_disk.ws.outbox._claim() is not None
    on_disk.restart()
    on_disk.work()
    assert smtp.letters == []
    on_disk.work(minutes=5)
    assert len(smtp.letters) == 1


@pytest.mark.parametrize("text", ["a@b.c\nBcc: x@y.z", "<a@b.c>", "a b@c.d", "a@", "@b", "a@b@c", "", "a@b c", "{x}@y.z\0"])
def test_strange_addresses_are_refused(text: str) -> None:
    assert addresses(text) == []
    with pytest.raises(MailRefused):
        compose(Letter("robots@example.com", text, "s", "b", "<1@x>", datetime(2026, 1, 1, tzinfo=UTC)))


def test_no_text_becomes_a_header() -> None:
    letter = Letter("Name\r\nBcc: x@y.z <a@example.com>", "ok@example.com", "Hi\r\nBcc: evil@example.com\u2028X: y", "b", "<1@x>",
                    datetime(2026, 1, 1, tzinfo=UTC), (("a\r\nX: y.pdf", b"x"),))  # fmt: skip
    text = compose(letter).as_bytes().decode()
    assert not any(line.lower().startswith(("bcc:", "x:")) for line in text.splitlines())


# calls


class _Web(BaseHTTPRequestHandler):
    server: WebServer

    def do_POST(self) -> None:
        size = int(self.headers.get("Content-Length", 0))
        self.server.calls.append((self.command, self.path, dict(self.headers), self.rfile.read(size).decode()))
        status, location = self.server.answers.get(self.path, (200, ""))
        time.sleep(self.server.slow)
        self.send_response(status)
        if location:
            self.send_header("Location", location)
        self.end_headers()
        self.wfile.write(b"answer")

    do_GET = do_PUT = do_POST

    def log_message(self, *_: Any) -> None:
        pass


class WebServer(ThreadingHTTPServer):
    """Answers 200 unless told otherwise by path."""

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), _Web)
        self.calls: list[tuple[str, str, dict[str, str], str]] = []
        self.answers: dict[str, tuple[int, str]] = {}
        self.slow = 0.0

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.server_address[1]}"


@pytest.fixture
def web() -> Iterator[WebServer]:
    with WebServer() as server:
        threading.Thread(target=server.serve_forever, args=(0.01,), daemon=True).start()
        yield server
        server.shutdown()


def calling(world: World, **params: Any) -> int:
    nodes: dict[str, Spec] = {"t": ("element_created", {}), "c": ("call_webhook", params), "ok": say("ok"), "no": say("no")}
    world.publish(graph(wires="t c, c ok, c.failed no", **nodes))
    number = world.make(company='Acme "&" Co', amount=5)
    world.work()
    return number


def test_a_private_address_is_refused_by_default(world: World, web: WebServer) -> None:
    number = calling(world, url=web.url)
    (row,) = world.ws.outbox.rows(world.actor())
    assert (row.state, row.reason, web.calls) == ("failed", "private_address", [])
    assert world.comments(number) == ["no"]
    assert "private network" in world.run().trace[-2]["text"]


def test_a_call_is_made_when_the_setting_allows_it(world: World, web: WebServer) -> None:
    world.ws.settings.save(world.actor(), private_calls=True)
    body = '{"name": "{company}", "sum": "{amount|number}", "list": ["{title}"]}'
    number = calling(
        world, url=web.url + "/hook?id={id}", body=body, headers="X-Key: {title}\nContent-Type: application/x\nbroken"
    )
    ((method, path, headers, sent),) = web.calls
    assert (method, path, headers["X-Key"]) == ("POST", f"/hook?id={number}", "First")
    assert headers["Content-Type"] == "application/x" and headers["Idempotency-Key"] == f"{world.run().id}/c/1"
    assert json.loads(sent) == {"name": 'Acme "&" Co', "sum": "5", "list": ["First"]}
    assert world.comments(number) == ["ok"] and world.run().state == "done"
    assert [step["text"] for step in world.run().trace if step["node"] == "c"] == ["Waits for the answer", "Answer 200"]


def test_an_answer_of_the_4xx_kind_is_a_failure_and_5xx_is_tried_again(world: World, web: WebServer) -> None:
    world.ws.settings.save(world.actor(), private_calls=True)
    web.answers = {"/gone": (404, ""), "/ill": (503, "")}
    assert world.comments(calling(world, url=web.url + "/gone")) == ["no"]
    number = calling(world, url=web.url + "/ill")
    assert (world.comments(number), len(web.calls)) == ([], 2)
    web.answers = {}
    world.work(minutes=1)
    assert (world.comments(number), len(web.calls)) == (["ok"], 3)
    assert web.calls[1][2]["Idempotency-Key"] == web.calls[2][2]["Idempotency-Key"]


def test_a_run_waits_for_its_answer_through_a_restart(on_disk: World, web: WebServer) -> None:
    on_disk.ws.settings.save(on_disk.actor(), private_calls=True)
    web.answers = {"/ill": (503, "")}
    number = calling(on_disk, url=web.url + "/ill")
    assert on_disk.run().state == "waiting"
    on_disk.restart()
    web.answers = {}
    on_disk.work(minutes=1)
    assert on_disk.comments(number) == ["ok"]


def test_discarding_a_call_lets_the_run_go_on_by_failed(world: World, web: WebServer) -> None:
    world.ws.settings.save(world.actor(), private_calls=True)
    web.answers = {"/ill": (503, "")}
    number = calling(world, url=web.url + "/ill")
    world.ws.outbox.discard(world.actor(), world.ws.outbox.rows(world.actor())[0].id)
    world.work()
    assert world.comments(number) == ["no"]


@pytest.mark.parametrize(
    "target", ["http://127.0.0.1:1/", "http://[::1]/", "http://169.254.169.254/latest/meta-data", "http://10.0.0.1"]
)
def test_a_redirect_into_the_private_network_is_refused(web: WebServer, target: str) -> None:
    """The first address is allowed as a public one would be: its name is resolved by the test."""
    web.answers = {"/": (302, target)}
    public = iter([False])

    caller = HttpCaller(lambda host, port: ["127.0.0.1"] if host == "public.example" else [host.strip("[]")])
    real = http.is_private
    try:
        http.is_private = lambda address: next(public, None) is None and real(address)
        with pytest.raises(CallRefused) as refused:
            caller.call(Request("GET", f"http://public.example:{web.server_address[1]}/"))
    finally:
        http.is_private = real
    assert refused.value.reason == "private_address"
    assert len(web.calls) == 1


def test_redirects_are_followed_three_times_and_lose_their_headers_elsewhere(web: WebServer) -> None:
    web.answers = {"/1": (302, "/2"), "/2": (307, f"http://localhost:{web.server_address[1]}/3"), "/loop": (302, "/loop")}
    answer = HttpCaller().call(Request("POST", web.url + "/1", {"Authorization": "secret"}, b"x"), private=True)
    assert answer.status == 200
    assert [(call[0], call[1], "Authorization" in call[2]) for call in web.calls] == [
        ("POST", "/1", True), ("GET", "/2", True), ("GET", "/3", False),
    ]  # fmt: skip
    with pytest.raises(CallRefused) as refused:
        HttpCaller().call(Request("GET", web.url + "/loop"), private=True)
    assert refused.value.reason == "too_many_redirects" and len(web.calls) == 3 + 4


def test_a_call_takes_no_longer_than_its_limit(web: WebServer, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(http, "TIME_LIMIT", 0.2)
    web.slow = 1.5
    started = time.monotonic()
    with pytest.raises(OSError):
        HttpCaller().call(Request("GET", web.url), private=True)
    assert time.monotonic() - started < 1.2


@pytest.mark.parametrize(
    "url",
    ["file:///etc/passwd", "ftp://x/", "gopher://x", "http://", "//x", "http://user@host/", "http://a b/", "http://x:99999/", "http://x:0/",
     "http://[::1", "javascript:alert(1)", "http://\u0000/", "", "x" * 5000],
)  # fmt: skip
def test_strange_urls_are_refused(url: str) -> None:
    with pytest.raises((CallRefused, OSError)) as refused:
        HttpCaller(lambda host, port: []).call(Request("GET", url))
    assert not isinstance(refused.value, CallRefused) or refused.value.reason == "bad_url"


@pytest.mark.parametrize(
    "address",
    ["127.0.0.1", "10.1.2.3", "172.16.0.1", "192.168.1.1", "169.254.169.254", "0.0.0.0", "100.64.0.1", "224.0.0.1", "240.0.0.1",
     "::1", "::", "fe80::1", "fe80::1%eth0", "fc00::1", "ff02::1", "::ffff:127.0.0.1", "::ffff:10.0.0.1", "64:ff9b::7f00:1",
     "2002:7f00:1::", "2002:a00:1::", "255.255.255.255",
     "192.0.0.192", "192.0.0.1", "192.0.2.1", "192.88.99.1", "198.18.0.1", "198.19.255.255", "198.51.100.1", "203.0.113.1",
     "168.63.129.16", "239.255.255.255", "0.1.2.3", "fec0::1", "3fff::1", "3fff:fff::1", "100::1", "100:0:0:1::1", "2001::1",
     "2001:0:4136:e378:8000:63bf:3fff:fdd2", "2001:10::1", "2001:20::1", "2001:2::1", "2001:1ff::1", "2001:db8::1", "5f00::1",
     "4000::1", "::7f00:1", "::808:808", "64:ff9b::a00:1", "64:ff9b:1::808:808",
     "2002:c058:6301::", "::ffff:192.88.99.1", "::ffff:0:10.0.0.1", "fd00:ec2::254"],
)  # fmt: skip
def test_private_addresses(address: str) -> None:
    assert is_private(address)


@pytest.mark.parametrize(
    "address",
    [
        "8.8.8.8",
        "93.184.216.34",
        "2606:2800:220:1::1",
        "::ffff:8.8.8.8",
        "64:ff9b::808:808",
        "192.0.1.1",
        "192.88.98.1",
        "198.17.0.1",
        "198.20.0.1",
        "223.255.255.255",
        "2001:200::1",
        "2a00:1450::1",
        "2002:808:808::",
    ],
)
def test_public_addresses(address: str) -> None:
    assert not is_private(address)


def test_one_private_address_of_a_name_is_a_trap() -> None:
    with pytest.raises(CallRefused) as refused:
        HttpCaller(lambda host, port: ["8.8.8.8", "127.0.0.1"]).call(Request("GET", "http://example.com/"))
    assert refused.value.reason == "private_address"


@pytest.mark.parametrize(
    "headers", [{"Host": "x"}, {"X": "a\r\nY: b"}, {"A b": "c"}, {"": "x"}, {"X": "é"}, {"Content-Length": "1"}]
)
def test_strange_headers_are_refused(headers: dict[str, str]) -> None:
    with pytest.raises(CallRefused) as refused:
        HttpCaller(lambda host, port: ["127.0.0.1"]).call(Request("GET", "http://x/", headers), private=True)
    assert refused.value.reason == "bad_header"
