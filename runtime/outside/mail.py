"""Mail by SMTP. Headers are built by the standard library from checked parts: no user text becomes a header line of its own.

The library decodes words like `=?utf-8?q?...?=` in whatever it is given and writes out what they hold, line ends too. So texts
are decoded here, until nothing is left to decode, then cleaned, and only then handed to it to be encoded.
"""

from __future__ import annotations

import base64
import mimetypes
import re
import smtplib
import ssl
from dataclasses import dataclass, field
from datetime import datetime
from email.errors import HeaderParseError
from email.header import decode_header, make_header
from email.headerregistry import Address
from email.message import EmailMessage
from email.policy import SMTP
from email.utils import format_datetime, parseaddr
from pathlib import PurePath

TIME_LIMIT = 15.0
"""Seconds that one step of talking with the server may take."""
SUBJECT_LIMIT = 250
_ADDRESS = re.compile(r"[A-Za-z0-9.!#$%&'*+/=?^_`{|}~-]{1,64}@[^\s@<>()\[\],;:\\\"\x00-\x20\x7f-\x9f]{1,253}")
_CONTROL = re.compile(r"[\x00-\x1f\x7f-\x9f\u2028\u2029]+")
_HALF = re.compile(r"[\ud800-\udfff]")
_WORD = "=?"
"""How a word that mail programs decode begins."""
_NESTED = 4
"""How many times a text is decoded: one that was written to be decoded more often stays as it is, with its words broken."""


class MailRefused(Exception):
    """The letter will never go out as it is. `reason`: bad_address, bad_sender, refused; `detail` what the server said."""

    def __init__(self, reason: str, detail: str = "") -> None:
        super().__init__(f"{reason} {detail}".strip())
        self.reason, self.detail = reason, detail[:300]


@dataclass(frozen=True, slots=True)
class MailServer:
    """Where to hand letters in. With `tls`: STARTTLS, or TLS from the start on port 465."""

    host: str
    port: int = 587
    user: str = ""
    password: str = field(default="", repr=False)
    tls: bool = True


@dataclass(frozen=True, slots=True)
class Letter:
    """A letter. `to` may hold several addresses apart by commas; `files` are names and bytes; `at` its date."""

    sender: str
    to: str
    subject: str
    body: str
    message_id: str
    at: datetime
    files: tuple[tuple[str, bytes], ...] = ()


def addresses(text: str) -> list[str]:
    """The well-formed addresses in a text, apart by commas or semicolons; what is none of them is left out."""
    return [each.strip() for each in re.split(r"[,;]", text) if _ADDRESS.fullmatch(each.strip())]


def compose(letter: Letter) -> EmailMessage:
    """The message as it goes out. MailRefused for addresses that are none."""
    message = EmailMessage(policy=SMTP)
    name, sender = parseaddr(_clean(letter.sender))
    message["From"] = _address(sender, _line(name), "bad_sender")
    message["To"] = [_address(each.strip(), "", "bad_address") for each in re.split(r"[,;]", letter.to) if each.strip()]
    if not message["To"]:
        raise MailRefused("bad_address")
    message["Subject"] = _line(letter.subject)[:SUBJECT_LIMIT]
    message["Date"] = format_datetime(letter.at)
    message["Message-ID"] = _line(letter.message_id)
    message["Auto-Submitted"] = "auto-generated"
    message.set_content(_HALF.sub("\ufffd", letter.body))
    for file_name, data in letter.files:
        main, sub = _kind(name := _line(file_name))
        message.add_attachment(data, maintype=main, subtype=sub, filename=name)
    return message


class Smtp:
    """Sends letters through an SMTP server."""

    def __init__(self, context: ssl.SSLContext | None = None) -> None:
        self._context = context or ssl.create_default_context()

    def send(self, server: MailServer, letter: Letter) -> None:
        """Hand a letter in. MailRefused when it will never be taken; OSError or SMTPException when it may be later."""
        message = compose(letter)
        try:
            with self._connect(server) as link:
                if server.user:
                    _sign_in(link, server)
                link.send_message(message)
        except smtplib.SMTPRecipientsRefused as refused:
            code, words = next(iter(refused.recipients.values()))
            if code >= 500:
                raise MailRefused("refused", f"{code} {_words(words)}") from refused
            raise
        except smtplib.SMTPDataError as refused:
            if refused.smtp_code >= 500:
                raise MailRefused("refused", f"{refused.smtp_code} {_words(refused.smtp_error)}") from refused
            raise

    def _connect(self, server: MailServer) -> smtplib.SMTP:
        if server.tls and server.port == 465:
            return smtplib.SMTP_SSL(server.host, server.port, timeout=TIME_LIMIT, context=self._context)
        link = smtplib.SMTP(server.host, server.port, timeout=TIME_LIMIT)
        if server.tls:
            try:
                link.starttls(context=self._context)
            except BaseException:
                link.close()
                raise
        return link


def _sign_in(link: smtplib.SMTP, server: MailServer) -> None:
    """`login` of the standard library cannot say letters beyond ASCII; AUTH PLAIN is UTF-8 (RFC 4616)."""
    if (server.user + server.password).isascii():
        link.login(server.user, server.password)
        return
    link.ehlo_or_helo_if_needed()
    said = base64.b64encode("\0".join(("", server.user, server.password)).encode()).decode()
    code, words = link.docmd("AUTH", f"PLAIN {said}")
    if code != 235:
        raise smtplib.SMTPAuthenticationError(code, words)


def _address(text: str, name: str, reason: str) -> Address:
    """One checked address; a domain with letters of other alphabets becomes its ASCII form."""
    if not _ADDRESS.fullmatch(text):
        raise MailRefused(reason, text[:80])
    local, _, domain = text.rpartition("@")
    try:
        return Address(name, addr_spec=f"{local}@{domain.encode('idna').decode()}")
    except (UnicodeError, ValueError, IndexError) as error:
        raise MailRefused(reason, text[:80]) from error


def _kind(name: str) -> tuple[str, str]:
    """What a file is, by its ending alone: of a whole name, `data:...` would be taken at its word."""
    guess = mimetypes.guess_type(f"file{PurePath(name).suffix}")[0] or ""
    main, _, sub = guess.partition("/")
    return (main, sub) if sub and main not in ("message", "multipart") else ("application", "octet-stream")


def _line(text: str) -> str:
    """A text on one line, with nothing left in it that would be decoded, so that it stays inside its header."""
    for _ in range(_NESTED):
        text = _clean(text)
        if _WORD not in text:
            break
        text = _decoded(text)
    return _clean(text).replace(_WORD, "= ?")


def _clean(text: str) -> str:
    return _HALF.sub("\ufffd", _CONTROL.sub(" ", text)).strip()


def _decoded(text: str) -> str:
    try:
        return str(make_header(decode_header(text)))
    except (HeaderParseError, LookupError, ValueError):  # no word after all, or one in letters that nobody knows
        return text


def _words(answer: bytes | str) -> str:
    return answer.decode(errors="replace") if isinstance(answer, bytes) else answer
