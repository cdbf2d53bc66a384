"""Workspace: what pages, routes, the command line and notebooks hold. It bundles the services and acts as a given user."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from locales import Language
from model.access import SYSTEM_ACTOR, Actor
from model.clock import Clock, stamp
from model.errors import NotAllowed, SignedOut
from model.field import FieldType
from model.kind import Catalog
from model.robot import Robot, Trigger
from settings import Settings
from store import Database

if TYPE_CHECKING:
    from builder.processes import Processes
    from insight.funnel import Insight
    from runtime.elements import Elements
    from runtime.engine import Engine
    from runtime.files import Files
    from runtime.imports import Imports
    from runtime.inbox import Inbox
    from runtime.outbox import Outbox
    from runtime.people import People
    from runtime.people import User as Person
    from runtime.sessions import Sessions
    from runtime.tasks import Tasks
    from runtime.timers import Timers
    from runtime.worker import Worker
    from runtime.workspace_settings import WorkspaceSettings

SESSION_COOKIE = "voronka_session"

Progress = Callable[[float, str], None]
"""Told of long work: the share that is done (0..1) and a key of the locales that says what is being done."""


def _silent(share: float, key: str) -> None:
    """Nobody watches."""


@dataclass(frozen=True)
class Workspace:
    """The services of one workspace. Every call that touches data takes the Actor; `wiring` builds it."""

    environment: Settings
    db: Database
    clock: Clock
    types: Catalog[FieldType]
    robots: Catalog[Robot]
    triggers: Catalog[Trigger]
    settings: WorkspaceSettings
    people: People
    sessions: Sessions
    processes: Processes
    elements: Elements
    tasks: Tasks
    inbox: Inbox
    files: Files
    imports: Imports
    engine: Engine
    timers: Timers
    outbox: Outbox
    worker: Worker
    insight: Insight

    @property
    def is_set_up(self) -> bool:
        """Whether somebody has set the workspace up: before that there is nobody to sign in."""
        return self.settings.get().set_up_at is not None

    def actor(self, user_id: int) -> Actor:
        """Who acts, with their rights as they stand now; SignedOut when inactive or unknown."""
        return self.people.actor(user_id)

    def administrator(self) -> Actor:
        """The first active administrator: who the command line acts as. SignedOut before the set-up."""
        found = [u.id for u in self.people.users() if u.admin]
        if not found:
            raise SignedOut("not_set_up")
        return self.actor(min(found))

    def reader(self, actor: Actor | None) -> Language:
        """How somebody reads: their language, the workspace's zone and currency, names that they may see. None: anybody."""
        view = self.settings.get()
        if actor is None:
            return Language(view.language if view.set_up_at else self.environment.language, view.zone, view.currency)
        return Language(
            self._language(actor) or view.language, view.zone, view.currency,
            person=_Names(self.people.names),
            element=lambda id: self.elements.titles(actor, [id]).get(id, f"#{id}"),
            file=lambda id: self.files.names(actor, [id]).get(id, f"#{id}"),
        )  # fmt: skip

    def _language(self, actor: Actor) -> str:
        return self.people.user(actor.user).language if actor.user else ""

    def set_up(
        self,
        name: str,
        language: str,
        login: str,
        person: str,
        password: str,
        *,
        email: str = "",
        zone: str = "UTC",
        currency: str = "USD",
        demo: bool = False,
        progress: Progress = _silent,
    ) -> Person:
        """Make the workspace and its first administrator, once. With `demo`, the shipped packages with their data.

        One transaction: a failure leaves nothing behind. NotAllowed("already_set_up"); Invalid with each problem by its name.
        """
        with self.db.transaction():
            if self.is_set_up:
                raise NotAllowed("already_set_up")
            progress(0.0, "setup.doing.workspace")
            now = stamp(self.clock.now())
            self.settings.save(SYSTEM_ACTOR, name=name, language=language, zone=zone, currency=currency, set_up_at=now)
            admin = self.people.add_user(SYSTEM_ACTOR, login, person, password, email, admin=True)
            if demo:
                self._demo(self.actor(admin.id), language, progress)
            progress(1.0, "setup.doing.done")
        return admin

    def _demo(self, actor: Actor, language: str, progress: Progress) -> None:
        """Install what Voronka ships."""

    @classmethod
    def open(cls, path: str | Path) -> Workspace:
        """The workspace in a data folder, for notebooks: `Workspace.open("data").as_user("anna")`."""
        from wiring import build

        return build(Settings(data=Path(path)))


class _Names:
    """Names by user id, read once for the one who asks and again when somebody is missing."""

    def __init__(self, load: Callable[[], dict[int, str]]) -> None:
        self._load, self._known = load, dict[int, str]()

    def __call__(self, user: int) -> str:
        if user not in self._known:
            self._known = self._load()
        return self._known.get(user, f"#{user}")
