"""The only place that chooses: the store's engine, the catalogs, the clock, the doors to the outside."""

from __future__ import annotations

import threading
from datetime import UTC, datetime
from pathlib import Path

from tinydb import where
from tinydb.queries import QueryInstance

from builder.processes import Processes
from insight.funnel import Insight
from model.access import Actor
from model.clock import Clock
from model.errors import NotFound, Unreadable
from model.field import FieldType
from model.filter import Asking, Filter
from model.kind import Catalog
from model.robot import Robot, Trigger
from runtime import lookup
from runtime.access import visible
from runtime.elements import Elements
from runtime.files import Files
from runtime.inbox import Inbox
from runtime.outside.passwords import Passwords
from runtime.outside.pdf import Paper
from runtime.people import People
from runtime.sessions import Sessions
from runtime.tables import PROMOTED
from runtime.tasks import Tasks
from runtime.workspace_settings import WorkspaceSettings
from settings import Settings
from store import Database, Damaged, StoreError, open_database
from workspace import Workspace

DATABASE = "voronka.db"


class WallClock:
    """The time of this machine."""

    def now(self) -> datetime:
        """The time now, in UTC."""
        return datetime.now(UTC)


def open_data(folder: Path) -> Database:
    """The database of a data folder, both made when missing. Unreadable: no permission, damaged, or newer than this program."""
    try:
        folder.mkdir(parents=True, exist_ok=True)
        return open_database(f"sqlite:///{folder.resolve() / DATABASE}", promoted=PROMOTED)
    except OSError as error:
        raise Unreadable("data_folder", str(folder), folder=str(folder), why=error.strerror or str(error)) from error
    except Damaged as error:
        raise Unreadable("data_damaged", str(folder), folder=str(folder)) from error
    except StoreError as error:
        raise Unreadable("data_folder", str(folder), folder=str(folder), why=str(error)) from error


def build(settings: Settings | None = None, clock: Clock | None = None, url: str | None = None) -> Workspace:
    """Open a workspace: that of the settings' data folder, or with `url` "memory://" one that is forgotten."""
    settings = settings or Settings()
    clock = clock or WallClock()
    db = open_database(url, promoted=PROMOTED) if url else open_data(settings.data)
    types = Catalog.scan("builder.fields", FieldType)
    robots = Catalog.scan("runtime.robots", Robot)
    triggers = Catalog.scan("runtime.triggers", Trigger)
    people = People(db, clock, Passwords())
    kept = WorkspaceSettings(db)
    processes = Processes(
        db, clock, types, robots, triggers, people.ensure_roles,
        has_data=lambda process, field: _has_data(db, process, field),
        stage_in_use=lambda process, stage: _stage_in_use(db, process, stage),
        template_problems=lambda text, process: lookup.problems(text, process, processes),
    )  # fmt: skip
    elements = Elements(db, clock, processes, types)

    def readable(actor: Actor, code: str, found: Filter) -> QueryInstance:
        version = processes.published(code)
        if version is None:
            raise NotFound(path=code, what="process")
        return visible(version.process, actor, Asking(me=actor.id, now=clock.now().astimezone(kept.get().tz)), found)

    return Workspace(
        environment=settings, db=db, clock=clock, types=types, robots=robots, triggers=triggers, settings=kept, people=people,
        sessions=Sessions(db, clock, people), processes=processes, elements=elements,
        tasks=Tasks(db, clock, elements), inbox=Inbox(db, clock),
        files=Files(db, clock, settings.data / "files", elements, settings.upload_megabytes * 1024 * 1024),
        imports=None, engine=None, timers=None, outbox=None, worker=None,
        insight=Insight(db, processes, clock, readable, Paper),
    )  # fmt: skip


def _has_data(db: Database, process: str, field: str) -> bool:
    found = (where("process") == process) & where("values")[field].exists()
    return bool(db.table("elements").count(found))


def _stage_in_use(db: Database, process: str, stage: str) -> int:
    found = (where("process") == process) & (where("stage") == stage)
    return int(db.table("elements").count(found))


_lock = threading.Lock()
_current: list[Workspace] = []


def current() -> Workspace:
    """The workspace of this process, opened when first asked for: pages, routes and the worker share it."""
    with _lock:
        if not _current:
            _current.append(build())
        return _current[0]


def use(workspace: Workspace | None) -> None:
    """Make this the workspace of the process; None: open it anew when next asked for."""
    with _lock:
        _current[:] = [workspace] if workspace else []
