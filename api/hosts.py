"""Which names the server answers to. Another site's name that leads here (DNS rebinding) would make its scripts ours."""

from __future__ import annotations

import ipaddress
import re
import socket
from urllib.parse import urlsplit

from starlette.responses import PlainTextResponse
from starlette.types import ASGIApp, Receive, Scope, Send

from api.places import GetWorkspace
from locales import Language
from model.errors import NotAllowed
from settings import Settings

OPEN = "/health"
"""Asked by whatever watches the server, under whatever name; it tells nothing that a site could use."""
NAME = re.compile(r"[\w.:\[\]-]{1,255}")


class Hosts:
    """ASGI middleware. Names that lead to this machine alone, addresses as figures, which no name can stand for, and those of
    the settings pass; the rest is told what to set.
    """

    def __init__(self, app: ASGIApp, get: GetWorkspace) -> None:
        self.app, self._get = app, get
        self._names: frozenset[str] | None = None
        self._passed: set[bytes] = set()

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Turn away, or pass on."""
        if scope["type"] not in ("http", "websocket"):
            return await self.app(scope, receive, send)
        told = next((value for name, value in scope["headers"] if name == b"host"), b"")
        if told in self._passed:
            return await self.app(scope, receive, send)
        host = told.decode("latin-1")
        if self._is_ours(host):
            self._passed = {*list(self._passed)[:99], told}  # asked with every request: most come by one name
            return await self.app(scope, receive, send)
        if scope["type"] == "http" and scope["path"].startswith(OPEN):
            return await self.app(scope, receive, send)
        if scope["type"] == "websocket":
            await receive()
            return await send({"type": "websocket.close", "code": 4400})
        shown = host if NAME.fullmatch(host) else "?"
        words = Language(self._get().environment.language).explain(NotAllowed("unknown_host", host=shown))
        await PlainTextResponse(words, 400, {"Connection": "close"})(scope, receive, send)

    def _is_ours(self, host: str) -> bool:
        if self._names is None:
            self._names = names(self._get().environment)
        name = hostname(host)
        return bool(name) and (_is_address(name) or any(_fits(name, known) for known in self._names))


def names(settings: Settings) -> frozenset[str]:
    """The names of the settings, and those that nobody else can have."""
    machine = socket.gethostname().lower()
    told = {name.strip().lower().rstrip(".") for name in settings.hosts.split(",")}
    return frozenset({"localhost", "*.localhost", machine, f"{machine}.local", settings.host.lower(), *told} - {""})


def hostname(host: str) -> str:
    """Host without its port; empty for what is none."""
    try:
        found = urlsplit(f"//{host}")
        _ = found.port
    except ValueError:
        return ""
    return (found.hostname or "").rstrip(".") if NAME.fullmatch(host) else ""


def _is_address(name: str) -> bool:
    try:
        ipaddress.ip_address(name)
    except ValueError:
        return False
    return True


def _fits(name: str, known: str) -> bool:
    """Whether this is a known name, or stands below `*.example.com`; `*` is every name."""
    return known in ("*", name) or (known.startswith("*.") and name.endswith(known[1:]))
