"""Letters on the wire: a real mail server on this machine that keeps every line, STARTTLS, a login, users who mean no good."""

from __future__ import annotations

import base64
import socketserver
import ssl
import threading
from collections.abc import Iterator
from datetime import UTC, datetime
from email import message_from_bytes, policy
from email.message import EmailMessage
from pathlib import Path

import pytest
from engine_world import World, graph, say
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from model.errors import Invalid
from runtime.outside.mail import Letter, MailServer, Smtp

CERTIFICATE = Path(__file__).parent / "localhost.pem"
"""Made for these tests, good for 100 years: a certificate of `localhost` and its key."""
LOGIN, PASSWORD = "robots@example.com", "a pass word"


class Server(socketserver.ThreadingTCPServer):
    """Keeps what it was told. With a `context` it offers STARTTLS and takes letters from those who sign in inside it."""

    allow_reuse_address = daemon_threads = True

    def __init__(self, context: ssl.SSLContext | None = None, offers: bool = True) -> None:
        super().__init__(("127.0.0.1", 0), _Talk)
        self.context, self.offers, self.password = context, offers, PASSWORD
        self.said: list[tuple[bool, str]] = []
        """(inside TLS, line) of every command."""
        self.letters: list[bytes] = []

    def handle_error(self, request: object, client_address: object) -> None:
        """Whoever hangs up in the middle of the handshake does so on purpose."""

    @property
    def port(self) -> int:
        return int(self.server_address[1])

    @property
    def commands(self) -> list[str]:
        return [line.split(" ")[0].upper() for _, line in self.said]

    @property
    def recipients(self) -> list[str]:
        return [line.partition("<")[2].partition(">")[0] for _, line in self.said if line.upper().startswith("RCPT")]


class _Talk(socketserver.StreamRequestHandler):
    server: Server
    safe, known = False, False

    def _say(self, *lines: str) -> None:
        self.wfile.write("".join(f"{line}\r\n" for line in lines).encode())

    def handle(self) -> None:
        self._say("220 here")
        while line := self.rfile.readline().decode().rstrip("\r\n"):
            self.server.said.append((self.safe, line))
            word = line.split(" ")[0].upper()
            if word == "QUIT":
                return self._say("221 bye")
            getattr(self, f"_{word.lower()}", lambda _: self._say("250 ok"))(line)

    def _ehlo(self, line: str) -> None:
        more = ["STARTTLS"] if self.server.context and self.server.offers and not self.safe else []
        more += ["AUTH PLAIN"] if self.safe else []
        self._say(*(f"250-{each}" for each in ("here", *more)), "250 8BITMIME")

    def _starttls(self, line: str) -> None:
        assert self.server.context
        self._say("220 go on")
        self.request = self.server.context.wrap_socket(self.request, server_side=True)
        self.rfile, self.wfile, self.safe = self.request.makefile("rb"), self.request.makefile("wb", 0), True

    def finish(self) -> None:
        super().finish()
        self.request.close()

    def _auth(self, line: str) -> None:
        self.known = base64.b64decode(line.split(" ")[2]).decode().split("\0")[1:] == [LOGIN, self.server.password]
        self._say("235 welcome" if self.known else "535 who are you?")

    def _mail(self, line: str) -> None:
        self._say("530 sign in first" if self.server.context and not self.known else "250 ok")

    def _data(self, line: str) -> None:
        self._say("354 go on")
        body = b""
        while (each := self.rfile.readline()) != b".\r\n":
            body += each.removeprefix(b".")
        self.server.letters.append(body)
        self._say("250 taken")


def serving(server: Server) -> Iterator[Server]:
    with server:
        threading.Thread(target=server.serve_forever, args=(0.01,), daemon=True).start()
        yield server
        server.shutdown()


@pytest.fixture
def plain() -> Iterator[Server]:
    yield from serving(Server())


@pytest.fixture
def safe() -> Iterator[Server]:
    yield from serving(Server(_served()))


def _served() -> ssl.SSLContext:
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(CERTIFICATE)
    return context


def office(world: World, server: Server, **more: object) -> None:
    told = {"smtp_host": "localhost", "smtp_port": server.port, "smtp_tls": False, "smtp_from": "Robots <robots@example.com>"}
    world.ws.settings.save(world.actor(), **{**told, **more})


def read(data: bytes) -> EmailMessage:
    return message_from_bytes(data, policy=policy.default)  # type: ignore[arg-type, return-value]


# what users write


HOSTILE = "Hi\r\nBcc: evil@example.com\r\n\r\nFree money"
HEADERS = {
    "from", "to", "subject", "date", "message-id", "auto-submitted", "content-type", "content-transfer-encoding", "mime-version",
}  # fmt: skip


def send(world: World, **values: object) -> None:
    """Publish a graph whose letter is made of what users type, and make an element that says these things."""
    spec = ("send_mail", {"to": "{company}", "subject": "About {title}: {notes}", "body": "{notes}"})
    world.publish(graph(wires="t m, m s, m.no_address n", t=("element_created", {}), m=spec, s=say("sent"), n=say("nobody")))
    world.make(**values)
    world.work()


@pytest.mark.parametrize(
    "to",
    [
        "a@example.com\r\nBcc: evil@example.com", "a@example.com>\r\nRCPT TO:<evil@example.com", "<evil@example.com>",
        "a@example.com\nDATA\n.", "\"a b\"@example.com", "a@example.com evil@example.com", "a@[127.0.0.1]", "@example.com",
        "a@exa\x00mple.com", "a\u2028@example.com", "evil@example.com(comment)", "a@" + "x" * 300 + ".com",
    ],
)  # fmt: skip
def test_what_is_no_address_gets_no_letter(world: World, plain: Server, to: str) -> None:
    office(world, plain)
    try:
        send(world, company=to)
    except Invalid:  # the field has refused it already
        return
    assert plain.letters == [] and "evil@example.com" not in plain.recipients
    assert [row.state for row in world.ws.outbox.rows(world.actor())] in ([], ["failed"])


def test_good_addresses_among_bad_ones_are_written_to(world: World, plain: Server) -> None:
    office(world, plain)
    send(world, company="ok@example.com, <evil@example.com>; ответ@пример.рф, second@почта.рф", notes="x")
    assert plain.recipients == ["ok@example.com", "second@xn--80a1acny.xn--p1ai"]


@pytest.mark.parametrize("where", ["title", "notes"])
def test_text_of_users_never_becomes_a_header_or_a_command(world: World, plain: Server, where: str) -> None:
    office(world, plain)
    send(world, company="ok@example.com", **{"notes": "x", where: HOSTILE})
    (data,) = plain.letters
    letter = read(data)
    assert {name.lower() for name in letter} == HEADERS and letter["To"] == "ok@example.com"
    assert "Free money" in letter["Subject"] and "evil" in letter["Subject"]
    assert plain.recipients == ["ok@example.com"] and plain.commands.count("MAIL") == 1


def test_a_dot_alone_on_its_line_ends_no_letter(world: World, plain: Server) -> None:
    office(world, plain)
    send(world, company="ok@example.com", notes="one\n.\nMAIL FROM:<evil@example.com>\n..two")
    (data,) = plain.letters
    assert read(data).get_content().split() == ["one", ".", "MAIL", "FROM:<evil@example.com>", "..two"]
    assert plain.commands.count("MAIL") == 1


@settings(max_examples=20, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.text(max_size=80), st.text(max_size=200), st.text(max_size=40))
def test_any_text_makes_one_letter_with_the_same_headers(plain: Server, subject: str, body: str, name: str) -> None:
    before = len(plain.letters)
    sayable = [text.encode("utf-8", "replace").decode() for text in (subject, body, name)]
    letter = Letter(
        "robots@example.com", "ok@example.com", sayable[0], sayable[1], "<1@x>", datetime(2026, 1, 1, tzinfo=UTC),
        ((f"{sayable[2]}.pdf", b"x"),),
    )  # fmt: skip
    Smtp().send(MailServer("127.0.0.1", plain.port, tls=False), letter)
    assert len(plain.letters) == before + 1
    got = read(plain.letters[-1])
    assert {n.lower() for n in got} <= HEADERS and got["To"] == "ok@example.com"
    assert [part.get_payload(decode=True) for part in got.iter_attachments()] == [b"x"]


# the way there


@pytest.fixture
def trusted(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[World]:
    """A workspace on a machine that trusts our own certificate."""
    monkeypatch.setenv("SSL_CERT_FILE", str(CERTIFICATE))
    world = World(tmp_path)
    yield world
    world.ws.db.close()


SECURE = {"smtp_tls": True, "smtp_user": LOGIN, "smtp_password": PASSWORD}


@pytest.mark.parametrize("password", [PASSWORD, "пароль с пробелом"])
def test_starttls_comes_before_the_password_and_the_letter(trusted: World, safe: Server, password: str) -> None:
    safe.password = password
    office(trusted, safe, **{**SECURE, "smtp_password": password})
    send(trusted, company="ok@example.com", notes="secret")
    assert len(safe.letters) == 1 and read(safe.letters[0])["To"] == "ok@example.com"
    assert [line.split(" ")[0] for inside, line in safe.said if not inside] == ["ehlo", "STARTTLS"]
    assert trusted.ws.outbox.rows(trusted.actor())[0].state == "sent"


def _unsent(world: World, server: Server) -> None:
    """The letter waits for its next try; neither it nor the password was said where others can read along."""
    send(world, company="ok@example.com", notes="secret")
    (row,) = world.ws.outbox.rows(world.actor())
    assert (row.state, row.attempts) == ("waiting", 1) and row.next_at and server.letters == []
    assert not any(line.split(" ")[0].upper() in ("AUTH", "MAIL", "DATA") for inside, line in server.said if not inside)


def test_a_certificate_that_nobody_vouches_for_gets_nothing(world: World, safe: Server) -> None:
    office(world, safe, **SECURE)
    _unsent(world, safe)
    assert not any(inside for inside, _ in safe.said)


def test_a_certificate_of_another_name_gets_nothing(trusted: World, safe: Server) -> None:
    office(trusted, safe, **SECURE, smtp_host="127.0.0.1")
    _unsent(trusted, safe)


def test_a_server_that_offers_no_starttls_gets_nothing(trusted: World, safe: Server) -> None:
    safe.offers = False
    office(trusted, safe, **SECURE)
    _unsent(trusted, safe)


def test_a_wrong_password_is_told_and_can_be_corrected(trusted: World, safe: Server) -> None:
    office(trusted, safe, **{**SECURE, "smtp_password": "wrong"})
    _unsent(trusted, safe)
    assert "535" in str(trusted.ws.outbox.rows(trusted.actor())[0].result)
    trusted.ws.settings.save(trusted.actor(), smtp_password=PASSWORD)
    trusted.work(hours=1)
    assert trusted.ws.outbox.rows(trusted.actor())[0].state == "sent" and len(safe.letters) == 1
