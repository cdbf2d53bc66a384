"""Set-up: the first page of a new workspace makes it and its administrator, then one is in it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, fields
from functools import cache
from typing import Any

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from api import face, form
from api.face import faces_of
from api.places import GetWorkspace
from api.session import agent, back, enter
from api.threads import Threads
from locales import CURRENCIES, Language, known, languages, zones
from model.errors import BadValue, NotAllowed, VoronkaError
from workspace import Workspace

ZONES = {"ru": "Europe/Moscow", "en": "UTC"}
MONEY = {"ru": "RUB", "en": "USD"}
PLACES = {"login": "login", "name": "person", "password": "password", "email": "email", "repeat": "repeat"}
"""Which input a problem of the new account belongs to."""
SECRET = ("password", "repeat")


@dataclass(frozen=True)
class Wanted:
    """What was typed, as it was typed."""

    language: str
    name: str = ""
    zone: str = ""
    currency: str = ""
    person: str = ""
    login: str = ""
    password: str = ""
    repeat: str = ""
    email: str = ""
    demo: str = ""

    @classmethod
    def of(cls, given: Mapping[str, str]) -> Wanted:
        """From a posted form. Passwords may begin and end with spaces."""
        told = {f.name: given.get(f.name, "") for f in fields(cls)}
        trimmed = {name: value if name in SECRET else value.strip() for name, value in told.items()}
        return cls(**{**trimmed, "language": known(trimmed["language"])})


def set_up_page(language: str) -> Response:
    """The empty form in this language."""
    locale = known(language)
    return _page(Wanted(locale, zone=ZONES[locale], currency=MONEY[locale], demo="yes"))


def _page(wanted: Wanted, faults: Mapping[str, str] = {}, status: int = 200) -> Response:
    reader = Language(wanted.language)
    return face.page(
        "set_up", reader, status, form=wanted, faults={"form": "", **faults}, posted=status != 200,
        first=next((name for name in faults if name != "form"), "name"), languages=languages().items(),
        zones=_zones(reader.locale), currencies=[(code, reader.currency_name(code)) for code in CURRENCIES],
    )  # fmt: skip


@cache
def _zones(locale: str) -> list[tuple[str, str]]:
    """Zones and their names, which take Babel a fifth of a second to write."""
    reader = Language(locale)
    return [(name, reader.zone_name(name)) for name in zones()]


def routes(get: GetWorkspace) -> list[Route]:
    """POST /session/set-up, for a workspace that nobody has set up. One at a time: who comes second is told."""
    threads, looks, faces = Threads(1, 3, None), Threads(2, 20), faces_of(get)

    async def set_up(request: Request) -> Response:
        if await looks.run(lambda: get().is_set_up):
            return back("/", signin="already_set_up")
        wanted = Wanted.of(await form.read(request))
        try:
            token = await threads.run(_made, get(), wanted, agent(request))
        except Exception as error:
            refused = faces.known(error)
            if refused is None:
                raise
            if refused.problem.code == "already_set_up":
                return back("/", signin="already_set_up")
            return _page(wanted, _told(refused, Language(wanted.language)), face.status_of(refused))
        return enter(request, "/", token)

    async def again(request: Request) -> Response:
        return back("/")

    return [Route("/session/set-up", set_up, methods=["POST"]), Route("/session/set-up", again, methods=["GET"])]


def _made(workspace: Workspace, wanted: Wanted, browser: str) -> str:
    """Make the workspace; the token of its administrator's first session."""
    if workspace.is_set_up:  # whoever came first has done so while this one waited
        raise NotAllowed("already_set_up")
    if wanted.password != wanted.repeat:
        raise BadValue("passwords_differ", "repeat")
    admin = workspace.set_up(
        wanted.name or "Voronka", wanted.language, wanted.login, wanted.person, wanted.password, email=wanted.email,
        zone=wanted.zone, currency=wanted.currency, demo=bool(wanted.demo),
    )  # fmt: skip
    return workspace.sessions.redeem(workspace.sessions.ticket(admin.id), browser)


def _told(refused: VoronkaError, reader: Language) -> dict[str, str]:
    found: dict[str, Any] = {}
    for problem in refused.problems:
        found.setdefault(PLACES.get(problem.path, "form"), reader.say(problem))
    return found
