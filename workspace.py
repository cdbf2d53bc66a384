"""Workspace: what pages, routes, the command line and notebooks hold. It bundles the services and acts as a given user."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import packages
import sheets
from locales import Language
from model.access import SYSTEM_ACTOR, Actor
from model.clock import Clock, stamp
from model.errors import NotAllowed
from model.field import FieldType
from model.filter import ALL, Filter
from model.kind import Catalog
from model.robot import Robot, Trigger
from packages import Progress, silent
from settings import Settings
from sheets import Columns, Done, quiet
from store import Database

if TYPE_CHECKING:
    from builder.processes import Processes
    from insight.funnel import Insight
    from member import Member
    from runtime.elements import Elements
    from runtime.engine import Engine
    from runtime.export import Exports, Format
    from runtime.files import Files
    from runtime.imports import Imports, Report
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
    exports: Exports
    engine: Engine
    timers: Timers
    outbox: Outbox
    worker: Worker
    insight: Insight
    readers: Readers

    @property
    def is_set_up(self) -> bool:
        """Whether somebody has set the workspace up: before that there is nobody to sign in."""
        return self.settings.get().set_up_at is not None

    def as_user(self, login: str) -> Member:
        """What somebody may see and do, for notebooks; NotFound."""
        from member import Member  # here, because pandas takes its time

        return Member(self, login)

    def work(self) -> None:
        """Let the robots do all that is due now, as the worker would; for notebooks and scripts."""
        while self.worker.step():
            pass

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
        progress: Progress = silent,
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
                packages.install_demo(self, self.actor(admin.id), language, progress)
            progress(1.0, "setup.doing.done")
        return admin

    def install(self, actor: Actor, data: bytes, progress: Progress = silent) -> list[str]:
        """Bring in a package: processes, published, with their roles and elements. Codes of the processes.

        One transaction. Denied; Unreadable when it is no package; NotAllowed("process_exists") when a code is taken.
        """
        return packages.install(self, actor, data, progress)

    def import_file(
        self, actor: Actor, path: Path, code: str, *, title: str = "", create: bool = False,
        columns: Columns | None = None, progress: Done = quiet,
    ) -> Report:  # fmt: skip
        """Read a CSV or XLSX file into a process, or with `create` into a new one; see `sheets.import_file`."""
        return sheets.import_file(self, actor, path, code, title=title, create=create, columns=columns, progress=progress)

    @classmethod
    def open(cls, path: str | Path) -> Workspace:
        """The workspace in a data folder, for notebooks: `Workspace.open("data").as_user("anna")`."""
        from wiring import build

        return build(Settings(data=Path(path)))
