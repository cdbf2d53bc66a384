"""Services: the rooms' services of one workspace in one bundle, as `wiring` puts it together; what stands on it stands above."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from builder.processes import Processes
from insight.funnel import Insight
from locales import Language
from model.access import Actor
from model.clock import Clock
from model.errors import NotAllowed
from model.field import FieldType
from model.filter import ALL, Filter
from model.kind import Catalog
from model.robot import Robot, Trigger
from runtime.alarm import Stumbles
from runtime.elements import Elements
from runtime.engine import Engine
from runtime.export import Exports, Format
from runtime.files import Files
from runtime.imports import Imports
from runtime.inbox import Inbox
from runtime.outbox import Outbox
from runtime.people import People
from runtime.sessions import Sessions
from runtime.tasks import Tasks
from runtime.timers import Timers
from runtime.worker import Worker
from runtime.workspace_settings import WorkspaceSettings
from settings import Settings
from store import Database


class Readers:
    """Makes a Language for anybody: their language, the workspace's zone and currency, names that they may see."""

    def __init__(
        self, environment: Settings, settings: WorkspaceSettings, people: People, elements: Elements, files: Files
    ) -> None:
        self._environment, self._settings, self._people = environment, settings, people
        self._elements, self._files = elements, files

    def __call__(self, actor: Actor | None) -> Language:
        """The reader of an actor; None: somebody who has not signed in, who is told no names."""
        view = self._settings.get()
        if actor is None:
            return Language(view.language if view.set_up_at else self._environment.language, view.zone, view.currency)
        own = self._people.user(actor.user).language if actor.user else ""
        return Language(
            own or view.language, view.zone, view.currency,
            person=_Names(self._people.names),
            element=lambda id: self._elements.titles(actor, [id]).get(id, f"#{id}"),
            file=lambda id: self._files.names(actor, [id]).get(id, f"#{id}"),
        )  # fmt: skip


class _Names:
    """Names by user id, read once for the one who asks and again when somebody is missing."""

    def __init__(self, load: Callable[[], dict[int, str]]) -> None:
        self._load, self._known = load, dict[int, str]()

    def __call__(self, user: int) -> str:
        if user not in self._known:
            self._known = self._load()
        return self._known.get(user, f"#{user}")


@dataclass(frozen=True)
class Services:
    """The services of one workspace. Every call that touches data takes the Actor."""

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
    exports: Exports
    engine: Engine
    timers: Timers
    outbox: Outbox
    stumbles: Stumbles
    worker: Worker
    insight: Insight
    readers: Readers

    @property
    def is_set_up(self) -> bool:
        """Whether somebody has set the workspace up: before that there is nobody to sign in."""
        return self.settings.get().set_up_at is not None

    def actor(self, user_id: int) -> Actor:
        """Who acts, with their rights as they stand now; SignedOut when inactive or unknown."""
        return self.people.actor(user_id)

    def administrator(self) -> Actor:
        """The first active administrator: who the command line acts as. NotAllowed("not_set_up") before the set-up."""
        found = [u.id for u in self.people.users() if u.admin]
        if not found:
            raise NotAllowed("not_set_up")
        return self.actor(min(found))

    def reader(self, actor: Actor | None) -> Language:
        """How somebody reads; None: anybody before signing in."""
        return self.readers(actor)

    def export(self, actor: Actor, process: str, format: Format, filter: Filter = ALL) -> bytes:
        """The matching elements as csv, xlsx or json, in the actor's language. NotFound, Denied, Invalid."""
        return self.exports.export(actor, process, format, self.reader(actor), filter=filter)
