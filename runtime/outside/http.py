"""Calls to other services. The name is resolved first, every address is checked, and the connection goes to the checked one:
a name cannot lead into the private network, not even by answering differently the second time."""

from __future__ import annotations

import contextlib
import http.client
import ipaddress
import re
import socket
import ssl
import threading
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from urllib.parse import SplitResult, quote, urljoin, urlsplit

TIME_LIMIT = 15.0
"""Seconds that a call may take in all."""
ANSWER_LIMIT = 64 * 1024
"""Bytes of an answer that are read."""
REDIRECTS = 3
METHODS = ("GET", "POST", "PUT", "PATCH", "DELETE")
_OURS = frozenset(["host", "content-length", "transfer-encoding", "connection", "expect", "upgrade", "te", "trailer"])
_TOKEN = re.compile(r"[A-Za-z0-9!#$%&'*+.^_`|~-]{1,100}")
_NAT64 = ipaddress.ip_network("64:ff9b::/96")
_MAPPED = ipaddress.ip_network("::ffff:0:0/96")
_UNICAST = ipaddress.ip_network("2000::/3")
"""The public addresses of IPv6 are all in here."""
_SPECIAL = [
    ipaddress.ip_network(each)
    for each in (
        "0.0.0.0/8", "10.0.0.0/8", "100.64.0.0/10", "127.0.0.0/8", "169.254.0.0/16", "172.16.0.0/12", "192.0.0.0/24",
        "192.0.2.0/24",
        "192.88.99.0/24", "192.168.0.0/16", "198.18.0.0/15", "198.51.100.0/24", "203.0.113.0/24", "224.0.0.0/4", "240.0.0.0/4",
        "2001::/23", "2001:db8::/32", "3fff::/20",
        "168.63.129.16/32",  # looks public: in Azure, the machine's own host answers there
    )
]  # fmt: skip
"""What IANA's registries of special-purpose addresses call not globally reachable; Python's own table depends on its version."""

Resolve = Callable[[str, int], list[str]]
Address = ipaddress.IPv4Address | ipaddress.IPv6Address


class CallRefused(Exception):
    """The call must not be made. `reason`: bad_url, bad_header, private_address, too_many_redirects; `detail` which."""

    def __init__(self, reason: str, detail: str = "") -> None:
        super().__init__(f"{reason} {detail}".strip())
        self.reason, self.detail = reason, detail[:300]


@dataclass(frozen=True, slots=True)
class Request:
    """A request. Header names and values are checked before anything is sent."""

    method: str
    url: str
    headers: Mapping[str, str] = field(default_factory=dict)
    body: bytes = b""


@dataclass(frozen=True, slots=True)
class Answer:
    """What came back: the status, and the first 64 KB as text."""

    status: int
    text: str


def is_private(address: str) -> bool:
    """Whether an IP address is anything but a public one: loopback, local network, link-local, metadata, multicast, reserved."""
    found: Address = ipaddress.ip_address(address.partition("%")[0])
    carried = _inside(found)
    reached = carried if found in _NAT64 or found in _MAPPED else [found, *carried]
    return any(map(_special, reached))


def _special(address: Address) -> bool:
    if isinstance(address, ipaddress.IPv6Address) and address not in _UNICAST:
        return True
    return any(address in network for network in _SPECIAL if network.version == address.version)


def _inside(address: Address) -> Sequence[Address]:
    """The IPv4 addresses that an IPv6 address carries to another network."""
    if isinstance(address, ipaddress.IPv4Address):
        return []
    carried: list[Address | None] = [address.ipv4_mapped, address.sixtofour, *(address.teredo or ())]
    if address in _NAT64:
        carried.append(ipaddress.IPv4Address(int(address) & 0xFFFFFFFF))
    return [each for each in carried if each is not None]


def resolve(host: str, port: int) -> list[str]:
    """The addresses of a host, in the order in which the system would try them; OSError when there are none."""
    found = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)
    return list(dict.fromkeys(str(each[4][0]) for each in found))


class HttpCaller:
    """Makes calls with a limit on time, answer and redirects. `resolver` finds the addresses of a host."""

    def __init__(self, resolver: Resolve = resolve, context: ssl.SSLContext | None = None) -> None:
        self._resolve, self._context = resolver, context or ssl.create_default_context()

    def call(self, request: Request, private: bool = False) -> Answer:
        """Make a request and follow at most 3 redirects, each checked anew. `private`: the local network is allowed.

        CallRefused when it must not be made, OSError or HTTPException when it did not work this time.
        """
        _check_headers(request)
        for _ in range(REDIRECTS + 1):
            answer, location = self._once(request, private)
            if not location:
                return answer
            request = _redirected(request, answer.status, urljoin(request.url, location))
        raise CallRefused("too_many_redirects", request.url)

    def _once(self, request: Request, private: bool) -> tuple[Answer, str]:
        url = _checked(request.url)
        host, port = _ascii(url.hostname or ""), url.port or (443 if url.scheme == "https" else 80)
        link = _Link(host, port, self._allowed(host, port, private), self._context if url.scheme == "https" else None)
        watch = threading.Timer(TIME_LIMIT, link.cut)
        watch.daemon = True
        watch.start()
        try:
            link.request(request.method, _target(url), request.body or None, dict(request.headers))
            answer = link.getresponse()
            text = answer.read(ANSWER_LIMIT).decode(errors="replace")
            location = answer.getheader("Location", "") if answer.status in (301, 302, 303, 307, 308) else ""
            return Answer(answer.status, text), location or ""
        finally:
            watch.cancel()
            link.close()

    def _allowed(self, host: str, port: int, private: bool) -> str:
        """The address to connect to. All of a name's addresses must be public: one private one is a trap."""
        try:
            found = self._resolve(host, port)
        except (OSError, UnicodeError) as error:
            raise OSError(f"unknown host {host[:100]}") from error
        if not found:
            raise OSError(f"unknown host {host[:100]}")
        if not private and any(map(is_private, found)):
            raise CallRefused("private_address", host)
        return found[0]


class _Link(http.client.HTTPConnection):
    """A connection to a checked address under the host's name; TLS checks the certificate against that name."""

    def __init__(self, host: str, port: int, address: str, context: ssl.SSLContext | None) -> None:
        super().__init__(host, port, timeout=TIME_LIMIT)
        self.default_port = 443 if context else 80
        self._address, self._tls = address, context
        self._wire: socket.socket | None = None

    def connect(self) -> None:
        """Connect to the address that was checked, not to what the name means by now."""
        self._wire = self.sock = socket.create_connection((self._address, self.port), TIME_LIMIT)
        if self._tls is not None:
            self._wire = self.sock = self._tls.wrap_socket(self.sock, server_hostname=self.host)

    def cut(self) -> None:
        """End the talk from another thread: the time is up."""
        if self._wire is not None:
            with contextlib.suppress(OSError):
                self._wire.shutdown(socket.SHUT_RDWR)


def _checked(text: str) -> SplitResult:
    try:
        url = urlsplit(text.strip())
        port_is_sound = url.port is None or 0 < url.port < 65536
    except ValueError as error:
        raise CallRefused("bad_url", text) from error
    strange = any(char.isspace() or not char.isprintable() for char in text.strip())
    if url.scheme not in ("http", "https") or not url.hostname or not port_is_sound or strange or "@" in url.netloc:
        raise CallRefused("bad_url", text)
    return url


def _ascii(host: str) -> str:
    try:
        return host if ":" in host else host.encode("idna").decode()
    except UnicodeError as error:
        raise CallRefused("bad_url", host) from error


def _target(url: SplitResult) -> str:
    safe = "%/:=&?~#+!$,;'@()*[]"
    return (quote(url.path, safe) or "/") + (f"?{quote(url.query, safe)}" if url.query else "")


def _check_headers(request: Request) -> None:
    if request.method not in METHODS:
        raise CallRefused("bad_header", request.method)
    for name, value in request.headers.items():
        plain = all(char == "\t" or " " <= char <= "~" for char in value)
        if not _TOKEN.fullmatch(name) or name.lower() in _OURS or not plain or len(value) > 4000:
            raise CallRefused("bad_header", name)


def _redirected(request: Request, status: int, location: str) -> Request:
    """The request to make next: a body only where the status keeps it, our headers only to the host they were meant for."""
    before, after = urlsplit(request.url), urlsplit(location)
    same = (before.scheme, before.netloc) == (after.scheme, after.netloc)
    keeps = status in (307, 308) or request.method == "GET"
    headers = dict(request.headers) if same else {k: v for k, v in request.headers.items() if k.lower() == "content-type"}
    if keeps:
        return replace(request, url=location, headers=headers)
    return Request("GET", location, {k: v for k, v in headers.items() if k.lower() != "content-type"})
