"""Sign-in, sign-out, and entering by ticket: the routes that set the session cookie. Streamlit itself cannot."""

from __future__ import annotations

import re
from datetime import timedelta
from urllib.parse import quote, urlencode

from starlette.requests import Request
from starlette.responses import RedirectResponse, Response
from starlette.routing import Route

from api import face, form
from api.face import Faces, faces_of
from api.origin import same_origin as same_origin
from api.places import GetWorkspace
from api.threads import Threads
from locales import Language
from model.errors import SignedOut, VoronkaError
from runtime.attempts import KNOWN_FOR
from runtime.sessions import LASTS
from workspace import DEVICE_COOKIE, SESSION_COOKIE, Workspace

LOCAL = re.compile(r"^/(?![/\\])[^\\\x00-\x1f]*$")
"""A path on this server: one slash, no host, no control characters."""
TOLD = ("signin", "minutes")
"""What an address carries for the sign-in page: a code and, with `too_many_attempts`, how long to wait."""
SAID = ("wrong_login", "too_many_attempts", "signed_out", "bad_origin", "bad_form", "already_set_up")
"""Codes that it takes."""
CALM = ("signed_out", "already_set_up")
HASHED, QUEUE = 3, 40
"""Sign-ins at once, each of which takes 64 MB and all processors for a moment, and those that wait for their turn."""


def safe_next(wanted: object) -> str:
    """Where to go on: a relative address of ours, else the start page. Never another site, never a route of this file."""
    text = str(wanted or "/")
    return text if LOCAL.match(text) and len(text) < 2000 and not text.startswith("/session/") else "/"


def back(to: str, **said: object) -> Response:
    """Back to the page, with the code of what happened."""
    query = urlencode(said)
    return RedirectResponse(f"{to}{'&' if '?' in to else '?'}{query}" if query else to, 303)


def enter(request: Request, to: str, token: str) -> Response:
    """Go on with this session."""
    response = RedirectResponse(to, 303)
    _keep(request, response, SESSION_COOKIE, token, LASTS)
    return response


def _keep(request: Request, response: Response, name: str, value: str, lasts: timedelta, path: str = "/") -> None:
    """A cookie that no script may read."""
    secure = request.url.scheme == "https" or request.headers.get("x-forwarded-proto") == "https"
    response.set_cookie(name, value, int(lasts.total_seconds()), httponly=True, samesite="lax", secure=secure, path=path)


def sign_in_page(request: Request, reader: Language, name: str) -> Response:
    """The form, at whatever address was asked for, with what happened to the last attempt."""
    code = request.query_params.get("signin", "")
    minutes = request.query_params.get("minutes", "")
    number = int(minutes) if re.fullmatch(r"[0-9]{1,3}", minutes) else 1
    words = reader.t(f"error.{code}", minutes=number, n=number) if code in SAID else ""
    return gate(reader, name, _here(request), words, code)


def gate(reader: Language, name: str, to: str, words: str = "", code: str = "", login: str = "", status: int = 200) -> Response:
    """The form for a way on, with what is wrong beside its input."""
    wrong = words if code == "wrong_login" else ""
    return face.page(
        "sign_in", reader, status, name=name, next=to, login=login, wrong=wrong, told="" if wrong else words, calm=code in CALM
    )


def _here(request: Request) -> str:
    """This very address, without what it tells us: where to go on after signing in."""
    query = urlencode([(name, value) for name, value in request.query_params.multi_items() if name not in TOLD])
    return quote(request.url.path) + (f"?{query}" if query else "")


def routes(get: GetWorkspace) -> list[Route]:
    """The routes under /session, but for set-up."""
    hashing, asking, faces = Threads(HASHED, QUEUE), Threads(4, 60), faces_of(get)

    async def sign_in(request: Request) -> Response:
        to, login = "/", ""
        try:
            given = await form.read(request)
            to, login = safe_next(given.get("next")), given.get("username", "")[:200]
            password = given.get("password", "")[:2000]
            token, device = await hashing.run(_signed_in, get(), login, password, *_browser(request))
        except Exception as error:
            refused = faces.known(error)
            if refused is None:
                raise
            return _refused(faces, refused, to, login)
        response = enter(request, to, token)
        _keep(request, response, DEVICE_COOKIE, device, KNOWN_FOR, "/session")
        return response

    async def entered(request: Request) -> Response:
        try:
            token = await asking.run(get().sessions.redeem, request.query_params.get("ticket", ""), agent(request))
        except SignedOut:
            return back("/", signin="signed_out")
        return enter(request, "/", token)

    async def sign_out(request: Request) -> Response:
        if not same_origin(request):
            return back("/", signin="bad_origin")
        await asking.run(get().sessions.sign_out, request.cookies.get(SESSION_COOKIE, ""))
        response = RedirectResponse("/", 303)
        response.delete_cookie(SESSION_COOKIE, path="/", httponly=True, samesite="lax")
        return response

    async def again(request: Request) -> Response:
        return back("/")

    return [
        Route("/session/sign-in", sign_in, methods=["POST"]),
        Route("/session/sign-in", again, methods=["GET"]),
        Route("/session/enter", entered, methods=["GET"]),
        Route("/session/sign-out", sign_out, methods=["POST"]),
    ]


def _refused(faces: Faces, refused: VoronkaError, to: str, login: str) -> Response:
    """Back to where the form stood; what is only busy is told at once, so that the next press tries again."""
    problem = refused.problems[0]
    if face.status_of(refused) == 503:
        return gate(faces.reader, faces.name, to, faces.reader.explain(refused), problem.code, login, 503)
    minutes = {"minutes": problem.context["minutes"]} if "minutes" in problem.context else {}
    return back(to, signin=problem.code, **minutes)


def _signed_in(workspace: Workspace, login: str, password: str, address: str, browser: str, device: str) -> tuple[str, str]:
    """The session's token, and what the browser is known by the next time."""
    token = workspace.sessions.sign_in(login, password, address, browser, device)
    return token, workspace.sessions.remember(token, device)


def _browser(request: Request) -> tuple[str, str, str]:
    """Where it is, what it calls itself, and what it is known by."""
    return request.client.host if request.client else "", agent(request), request.cookies.get(DEVICE_COOKIE, "")[:200]


def agent(request: Request) -> str:
    """What the browser calls itself."""
    return request.headers.get("user-agent", "")[:300]
