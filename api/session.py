"""Sign-in, sign-out, and entering by ticket: the routes that set the session cookie. Streamlit itself cannot."""

from __future__ import annotations

import re
from urllib.parse import urlencode, urlsplit

from starlette.concurrency import run_in_threadpool
from starlette.requests import HTTPConnection, Request
from starlette.responses import RedirectResponse, Response
from starlette.routing import Route

from api.places import GetWorkspace
from model.errors import SignedOut, VoronkaError
from runtime.sessions import LASTS
from workspace import SESSION_COOKIE

LOCAL = re.compile(r"^/(?![/\\])[^\\\x00-\x1f]*$")
"""A path on this server: one slash, no host, no control characters."""


def safe_next(wanted: object) -> str:
    """Where to go on: a relative address of ours, else the start page. Never another site, never a route of this file."""
    text = str(wanted or "/")
    return text if LOCAL.match(text) and len(text) < 2000 and not text.startswith("/session/") else "/"


def same_origin(connection: HTTPConnection) -> bool:
    """Whether a browser sent this from one of our own pages. Browsers always say where a post or a socket comes from."""
    origin = connection.headers.get("origin", "")
    return bool(origin) and urlsplit(origin).netloc.lower() == connection.headers.get("host", "").lower()


def _back(to: str, **said: object) -> Response:
    """Back to the page, with the code of what happened."""
    query = urlencode(said)
    return RedirectResponse(f"{to}{'&' if '?' in to else '?'}{query}", 303)


def _enter(request: Request, to: str, token: str) -> Response:
    response = RedirectResponse(to, 303)
    secure = request.url.scheme == "https" or request.headers.get("x-forwarded-proto") == "https"
    response.set_cookie(
        SESSION_COOKIE, token, max_age=int(LASTS.total_seconds()), httponly=True, samesite="lax", secure=secure, path="/"
    )
    return response


def routes(get: GetWorkspace) -> list[Route]:
    """The routes under /session."""

    async def sign_in(request: Request) -> Response:
        form = await request.form(max_files=0, max_fields=8, max_part_size=16_384)
        to = safe_next(form.get("next"))
        if not same_origin(request):
            return _back(to, signin="bad_origin")
        login, password = str(form.get("username", ""))[:200], str(form.get("password", ""))[:2000]
        address = request.client.host if request.client else ""
        try:
            token = await run_in_threadpool(get().sessions.sign_in, login, password, address, _agent(request))
        except VoronkaError as refused:
            problem = refused.problems[0]
            minutes = {"minutes": problem.context["minutes"]} if "minutes" in problem.context else {}
            return _back(to, signin=problem.code, **minutes)
        return _enter(request, to, token)

    async def enter(request: Request) -> Response:
        try:
            token = await run_in_threadpool(get().sessions.redeem, request.query_params.get("ticket", ""), _agent(request))
        except SignedOut:
            return _back("/", signin="signed_out")
        return _enter(request, "/", token)

    async def sign_out(request: Request) -> Response:
        if not same_origin(request):
            return _back("/", signin="bad_origin")
        await run_in_threadpool(get().sessions.sign_out, request.cookies.get(SESSION_COOKIE, ""))
        response = RedirectResponse("/", 303)
        response.delete_cookie(SESSION_COOKIE, path="/", httponly=True, samesite="lax")
        return response

    return [
        Route("/session/sign-in", sign_in, methods=["POST"]),
        Route("/session/enter", enter, methods=["GET"]),
        Route("/session/sign-out", sign_out, methods=["POST"]),
    ]


def _agent(request: Request) -> str:
    return request.headers.get("user-agent", "")[:300]
