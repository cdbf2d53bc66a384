"""Where a request comes from."""

from __future__ import annotations

from urllib.parse import urlsplit

from starlette.requests import HTTPConnection


def same_origin(connection: HTTPConnection) -> bool:
    """Whether a browser sent this from one of our own pages. Browsers always say where a post or a socket comes from."""
    origin = connection.headers.get("origin", "")
    return bool(origin) and urlsplit(origin).netloc.lower() == connection.headers.get("host", "").lower()
