"""Letters on the wire: a real mail server on this machine that keeps every line, STARTTLS, a login, users who mean no good."""

from __future__ import annotations

import base64
import os
import re
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
from hypothesis import HealthCheck, example, given, settings
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


def worded(text: str, way: str) -> str:
    """A text as mail writes it inside a header, with whatever it holds."""
    data = text.encode("utf-8", "surrogatepass")
    held = base64.b64encode(data).decode() if way == "b" else "".join(f"={each:02X}" for each in data)
    return f"=?utf-8?{way}?{held}?="


SLY = "=?utf-8?q?x=0d=0aReply-To:_evil@example.com=0d=0a=0d=0aFree_money?="
"""A word that Python decodes into header lines and a body, when it is put into a header as it stands."""
HARD = st.text(st.sampled_from("=?utf-8qQbB_ \t\r\n\0\x0b\x1c\x7f\x85\u2028\u2029\ud800\udcff;\"'\\/<>@,().йx:"), max_size=60)
SURE = st.sampled_from([SLY, "data:text/x\r\nBcc: evil@example.com,y", "data:multipart/mixed,y", "a.eml"])
TEXTS = st.recursive(
    SURE | HARD | st.text(max_size=80), lambda inner: st.builds(worded, inner, st.sampled_from("qb")), max_leaves=3
)
ANSWER = "=?utf-8?b?0J7RgtCy0LXRgg==?="
STRANGE = re.compile(r"[\x00-\x1f\x7f-\x9f\u2028\u2029\ud800-\udfff]|=\?")
TOP = ["From", "To", "Subject", "Date", "Message-ID", "Auto-Submitted", "MIME-Version", "Content-Type"]
PART = ["Content-Type", "Content-Transfer-Encoding"]
FILE = [*PART, "Content-Disposition", "MIME-Version"]


def wire(data: bytes) -> list[tuple[list[str], bytes]]:
    """The letter and each of its parts, cut apart by hand: (names of headers, what is below them)."""
    boundary = re.search(rb'boundary="([^"]+)"', data)
    pieces = data.split(b"--" + boundary[1]) if boundary else [data]
    assert pieces.pop() == b"--\r\n" and len(pieces) == 3
    cut = [piece.removeprefix(b"\r\n").partition(b"\r\n\r\n") for piece in pieces]
    names = [
        [line.partition(b":")[0].decode() for line in re.split(rb"\r\n(?![ \t])|\r(?!\n)|(?<!\r)\n", head)] for head, _, _ in cut
    ]
    return list(zip(names, (below for _, _, below in cut), strict=True))


def read_as(text: str) -> str:
    """A body as the other side reads it: ends of lines in one way, no half characters."""
    return re.sub("[\ud800-\udfff]", "\ufffd", text.replace("\r\n", "\n").replace("\r", "\n")).rstrip("\n")


@settings(
    max_examples=2000 if os.environ.get("VORONKA_TORTURE") else 50, deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)  # fmt: skip
@given(TEXTS, TEXTS, TEXTS, TEXTS)
@example(SLY, "b", "b", "b")
@example(worded(SLY, "b"), "b", worded(worded(SLY, "q"), "q"), worded(SLY, "q"))
@example("s", "\ud800 b", "data:text/x\r\nBcc: evil@example.com,y", "n")
def test_any_text_makes_one_letter_with_our_headers_and_the_body_given(
    plain: Server, subject: str, body: str, file: str, name: str
) -> None:
    before, sender = len(plain.letters), '"{}" <robots@example.com>'.format(re.sub(r'["\\]', "", name))
    letter = Letter(sender, "ok@example.com", subject, body, "<1@x>", datetime(2026, 1, 1, tzinfo=UTC), ((file, b"x"),))
    Smtp().send(MailServer("127.0.0.1", plain.port, tls=False), letter)
    (data,) = plain.letters[before:]
    (top, _), (first, _), (second, attached) = wire(data)
    assert (sorted(top), sorted(first), sorted(second)) == (sorted(TOP), sorted(PART), sorted(FILE))
    got = read(data)
    seen, (at,) = got["From"].addresses[0], got.iter_attachments()
    assert (seen.addr_spec, got["To"], base64.b64decode(attached)) == ("robots@example.com", "ok@example.com", b"x")
    assert not any(STRANGE.search(text) for text in (got["Subject"], seen.display_name, at.get_filename() or ""))
    assert read_as(got.get_body().get_content()) == read_as(body)  # type: ignore[union-attr]


@pytest.mark.parametrize(
    "text", ["Договор № 5 — «Ромашка»", "a = b? c?= d", "=?utf-8?b?0J7RgtCy0LXRgg==?=", 'a@b.c, <x> (y); "z"']
)
def test_a_subject_and_a_file_read_as_they_were_written(plain: Server, text: str) -> None:
    said = {"=?utf-8?b?0J7RgtCy0LXRgg==?=": "Ответ"}.get(text, text)
    letter = Letter("r@x.com", "ok@x.com", text, "b", "<1@x>", datetime(2026, 1, 1, tzinfo=UTC), ((f"{text} 1.pdf", b"x"),))
    Smtp().send(MailServer("127.0.0.1", plain.port, tls=False), letter)
    got = read(plain.letters[0])
    (attached,) = got.iter_attachments()
    assert (got["Subject"], attached.get_filename(), attached.get_content_type()) == (said, f"{said} 1.pdf", "application/pdf")


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
