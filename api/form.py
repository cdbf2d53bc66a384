"""Forms that strangers post: read up to a limit, and no longer than a while."""

from __future__ import annotations

import asyncio
from urllib.parse import parse_qsl

from starlette.requests import ClientDisconnect, Request

from api.origin import same_origin
from model.errors import BadValue, NotAllowed

LIMIT = 32 * 1024
"""Bytes of a whole form."""
FIELDS = 40
SECONDS = 20
"""How long a form may take to arrive."""


async def read(request: Request) -> dict[str, str]:
    """The fields of a posted form by name. BadValue("bad_form"), NotAllowed("bad_origin") when it is not from our own pages."""
    if not same_origin(request):
        raise NotAllowed("bad_origin")
    try:
        async with asyncio.timeout(SECONDS):
            body = await _body(request)
        return dict(parse_qsl(body.decode("ascii"), keep_blank_values=True, max_num_fields=FIELDS, errors="replace"))
    except (ValueError, TimeoutError, ClientDisconnect) as error:
        raise BadValue("bad_form") from error


async def _body(request: Request) -> bytes:
    body = bytearray()
    async for part in request.stream():
        body += part
        if len(body) > LIMIT:
            raise ValueError("too long")
    return bytes(body)
