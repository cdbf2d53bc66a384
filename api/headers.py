"""Headers that every answer carries: no guessed types, no frames of other sites, no addresses for them, no foreign scripts."""

from __future__ import annotations

import base64
import hashlib
import re
from collections.abc import Iterable

from starlette.datastructures import MutableHeaders
from starlette.types import ASGIApp, Message, Receive, Scope, Send

HEADERS = {
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "SAMEORIGIN",
    "Referrer-Policy": "same-origin",
    "Permissions-Policy": "camera=(), microphone=(), geolocation=()",
}
PARTS = ("text/javascript", "application/javascript", "text/css", "font/")
"""What is no document and needs no policy: a first visit asks for a hundred of them."""
INLINE = re.compile(r"<script>(.*?)</script>", re.DOTALL)
POLICY = (
    "default-src 'self'",
    "script-src 'self' blob:",  # Streamlit's front end makes a blob of each component's own script
    "style-src 'self' 'unsafe-inline'",  # it writes all of its styles into the page
    "img-src 'self' data:",  # icons of its style sheets, and the one of the tab
    "font-src 'self' data:",  # its signs
    "object-src 'none'",
    "base-uri 'self'",
    "form-action 'self'",
    "frame-ancestors 'self'",
)
"""What is beyond 'self' was measured: without it pages are not drawn, or what is named beside it is missing."""


def inline(html: str) -> list[str]:
    """The scripts that stand in a page."""
    return INLINE.findall(html)


def policy(scripts: Iterable[str] = ()) -> str:
    """What pages may load and run: our own, and these scripts within them."""
    hashes = (base64.b64encode(hashlib.sha256(text.encode()).digest()).decode() for text in scripts)
    more = "".join(f" 'sha256-{found}'" for found in hashes)
    return "; ".join(rule + more if rule.startswith("script-src") else rule for rule in POLICY)


class SecurityHeaders:
    """ASGI middleware that adds them where an answer does not bring its own. `scripts` are those that stand within pages."""

    def __init__(self, app: ASGIApp, scripts: Iterable[str] = ()) -> None:
        self.app, self._policy = app, policy(scripts)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass everything on."""

        async def with_headers(message: Message) -> None:
            if message["type"] == "http.response.start":
                headers = MutableHeaders(scope=message)
                for name, value in HEADERS.items():
                    headers.setdefault(name, value)
                if not headers.get("content-type", "").startswith(PARTS):
                    headers.setdefault("Content-Security-Policy", self._policy)
            await send(message)

        await self.app(scope, receive, with_headers if scope["type"] == "http" else send)
