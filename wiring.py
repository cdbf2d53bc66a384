"""The only place that chooses: the store's engine, the catalogs, the clock, the doors to the outside."""

from __future__ import annotations

import errno
import os
import re
import stat
import time
from collections.abc import Callable
from contextlib import closing, suppress
from dataclasses import replace
from pathlib import Path

from tinydb import where
from tinydb.queries import QueryInstance

import icons
from builder.processes import Processes
from insight.funnel import Insight
from model.access import Action, Actor, may
from model.clock import Clock
from model.errors import NotAllowed, NotFound, NotStored, Unreadable, VoronkaError
from model.field import FieldType
from model.filter import Asking, Filter
from model.graph import Node
from model.kind import Catalog
from model.language import Reader
from model.process import Process
from model.robot import Robot, Trigger
from runtime import backup, describe, lookup
from runtime.access import visible
from runtime.alarm import Stumbles
from runtime.doors import Doors
from runtime.elements import Elements
from runtime.engine import Engine
from runtime.export import Exports
from runtime.files import Files
from runtime.handing import Handing
from runtime.imports import Imports
from runtime.inbox import Inbox
from runtime.outbox import Outbox
from runtime.outside.clock import SystemClock, Ticker
from runtime.outside.http import HttpCaller
from runtime.outside.mail import Smtp
from runtime.outside.passwords import Passwords
from runtime.outside.pdf import Paper, letter
from runtime.pending import moving_to
from runtime.people import People
from runtime.rotation import Rotation
from runtime.sessions import Sessions
from runtime.tables import PROMOTED
from runtime.tasks import Tasks
from runtime.timers import Timers
from runtime.worker import CARRIED, Worker
from runtime.workspace_settings import WorkspaceSettings, WorkspaceView
from services import Readers, Services
from settings import Settings
from store import (
    Absent,
    Busy,
    Carrier,
    Damaged,
    Database,
    Forbidden,
    Full,
    Newer,
    Occupied,
    StoreError,
    Unknown,
    Unreachable,
    Unsure,
    open_database,
)

DATABASE, SQLITE, MEMORY = "voronka.db", "sqlite:///", "memory://"


def open_data(settings: Settings, make: bool = True) -> Database:
    """The workspace's database: that of `database_url`, else the file of the data folder.

    make: whether both, and the folder, are made when missing.

    Unreadable: no permission, damaged, newer than this program, half of a move, away, or not there although other things of a
    workspace are. NotStored: no room, or another program holds it. NotAllowed("carrier_needs_postgresql", "no_workspace").
    """
    folder = settings.data
    if settings.carrier != "notify" and not settings.database_url:
        raise NotAllowed("carrier_needs_postgresql", carrier=settings.carrier)
    try:
        if make:
            folder.mkdir(parents=True, exist_ok=True)
        else:
            _look_for(folder)
    except OSError as error:
        raise Unreadable("data_folder", str(folder), folder=str(folder), why=error.strerror or str(error)) from error
    if (name := backup.unfinished(folder)) is not None:
        raise Unreadable("restore_unfinished", str(folder), folder=str(folder), name=name)
    url = address(settings)
    if not settings.database_url and not (folder / DATABASE).exists() and _leftovers(folder):
        raise Unreadable("data_lost", str(folder), folder=str(folder))  # SQLite would quietly make a new one
    elsewhere = not url.startswith(SQLITE) and _leftovers(folder)
    try:
        db = open_url(url, make and not elsewhere)
    except NotAllowed:
        if elsewhere:
            raise Unreadable("database_empty", database=shown(url), folder=str(folder)) from None
        raise
    code = "database_incomplete" if db.incomplete else "database_empty" if elsewhere and not db.tables() else ""
    if code:
        db.close()
        raise Unreadable(code, database=shown(url), folder=str(folder))
    db.refuse_with(lambda error: refusal(error, url))
    return db


def _look_for(folder: Path) -> None:
    """OSError where there never can be such a folder; one that is not there yet is no fault."""
    with suppress(FileNotFoundError):
        if not stat.S_ISDIR(folder.stat().st_mode):
            raise NotADirectoryError(errno.ENOTDIR, os.strerror(errno.ENOTDIR))


def _leftovers(folder: Path) -> bool:
    """Whether there is in a data folder what only a workspace leaves there: its database, the log of one, attached files."""
    return any(found.is_file() for name in (DATABASE, f"{DATABASE}-wal", "files/??/*") for found in folder.glob(name))


def address(settings: Settings) -> str:
    """The address of the workspace's database."""
    return settings.database_url or file_url(settings)


def file_url(settings: Settings) -> str:
    """The address of the database file in the data folder."""
    return f"{SQLITE}{settings.data.resolve() / DATABASE}"


def open_url(url: str, make: bool = True) -> Database:
    """The database at an address. What it refuses later are errors of the store. Unreadable, NotStored;
    NotAllowed("no_workspace") when there is none and none is to be made.
    """
    if url.startswith(SQLITE):
        _refuse_emptied(Path(url.removeprefix(SQLITE)))
    try:
        if url == MEMORY:
            raise Unknown("it would be forgotten")
        return open_database(url, promoted=PROMOTED, make=make)
    except Absent as error:
        raise no_workspace(url) from error
    except (Busy, Damaged, Full, Newer) as error:
        raise refusal(error, url) from error
    except Unknown as error:
        raise Unreadable("database_unknown") from error
    except (Unreachable, Forbidden) as error:
        told = refusal(error, url).problem
        raise Unreadable(told.code, told.path, **told.context) from error
    except StoreError as error:
        if url.startswith(SQLITE):
            raise Unreadable("data_folder", _place(url), folder=_place(url), why=str(error)) from error
        raise Unreadable("database_url", why=str(error)) from error


def no_workspace(url: str) -> NotAllowed:
    """What is told where there is no workspace, or none that somebody has set up."""
    return NotAllowed("no_workspace", _place(url), place=_place(url))


def _place(url: str) -> str:
    """Where a database is, in words."""
    return str(Path(url.removeprefix(SQLITE)).parent) if url.startswith(SQLITE) else shown(url)


def shown(url: str) -> str:
    """An address as it may be shown: without user and password, and without whatever may be a part of them."""
    kind, found, rest = url.partition("://")
    place = rest.rpartition("@")[2].partition("?")[0] if "?" not in rest.rpartition("@")[0] else ""
    sound = all(re.fullmatch(r"(\[[0-9A-Fa-f:.]+\]|[^:@]*)(:\d*)?", host) for host in place.partition("/")[0].split(","))
    return f"{kind}://{place if sound else '...'}" if found else "..."


def holds_password(url: str) -> bool:
    """Whether there is a password in an address, or what may be one."""
    return ":" in url.partition("://")[2].rpartition("@")[0] or "password=" in url


def migrate(settings: Settings, to: str, tell: Callable[[int, int], object]) -> int:
    """Bring the whole workspace to an empty database of any engine; how many documents. Files stay in the data folder.

    NotAllowed("database_occupied", "database_same", "no_workspace"), Unreadable, NotStored.
    """
    source = address(settings)
    if to == source:
        raise NotAllowed("database_same", database=shown(to))
    with closing(open_url(source, make=False)) as here:
        if not WorkspaceSettings(here).get().set_up_at:
            raise no_workspace(source)
        return _moved(here, to, shown(source), tell)


def _moved(here: Database, to: str, origin: str, tell: Callable[[int, int], object]) -> int:
    with closing(open_url(to)) as there:
        try:
            return here.move_to(there, origin, tell)
        except Occupied as error:
            raise NotAllowed("database_occupied", database=shown(to)) from error
        except StoreError as error:
            raise NotStored("database_trouble", why=str(error)) from error


def restore(settings: Settings, archive: Path, large: bool = False) -> None:
    """Bring a backup into an empty data folder, and its database to `database_url`, if there is one.

    Where that fails, the folder is as empty as before. One that was killed is begun anew by the next; only where all had
    arrived is there nothing left to do. Raises what `backup.restore` and `migrate` do.
    """
    begun = backup.unfinished(settings.data) is not None
    if not (settings.database_url and _is_filled(settings.database_url)):
        backup.restore(archive, settings.data, large)
        _settle(settings)
    elif not begun:
        raise NotAllowed("database_occupied", database=shown(settings.database_url))
    backup.finish(settings.data, elsewhere=bool(settings.database_url))


def _is_filled(url: str) -> bool:
    try:
        with closing(open_url(url, make=False)) as db:
            return bool(db.tables()) and not db.incomplete
    except NotAllowed:  # there is nothing
        return False


def _settle(settings: Settings) -> None:
    """Bring what was unpacked into the data folder to `database_url`, if there is one; what was unpacked goes if that fails."""
    if settings.database_url:
        try:
            migrate(settings.model_copy(update={"database_url": ""}), settings.database_url, lambda done, total: None)
        except BaseException:
            backup.clear(settings.data)
            raise


def _refuse_emptied(path: Path) -> None:
    """Unreadable when there is a database file without a byte in it, of which SQLite would quietly make a new one."""
    for _ in range(20):  # one that another process is making just now is empty for a moment
        try:
            if path.stat().st_size:
                return
        except OSError:  # none, or none that we can reach: whoever opens it will tell
            return
        time.sleep(0.05)
    raise Unreadable("data_emptied", str(path.parent), folder=str(path.parent))


def refusal(error: StoreError, url: str) -> VoronkaError:
    """What the database at an address refuses, with what to do about it."""
    folder = _place(url)
    told = {"folder": folder}
    match error:
        case Damaged():
            return Unreadable("data_damaged", folder, **told)
        case Newer():
            return Unreadable("data_newer", folder, **told)
        case Full():
            return NotStored("disk_full", folder, **told)
        case Busy():
            who = error.holder
            code = _busy(error, url.startswith(SQLITE))
            return NotStored(code, folder, name=who.name, pid=str(who.pid), seconds=round(who.seconds), **told)
        case Unreachable():
            return NotStored("database_unreachable", folder, why=error.why, **told)
        case Forbidden():
            return NotStored("database_forbidden", folder, why=error.why, user=error.user, schema=error.schema, **told)
        case Unsure():
            return NotStored("database_unsure", folder, **told)
    if url.startswith(SQLITE):
        return NotStored("disk_refused", folder, why=str(error.__cause__ or error), **told)
    return NotStored("database_trouble", folder, why=str(error), **told)


def _busy(error: Busy, file: bool) -> str:
    """What is said of the one who is in the way."""
    if error.here:
        return "busy_here"
    return ("data_" if file else "database_") + ("held" if error.holder.pid else "busy")


def assemble(
    settings: Settings, clock: Clock | None = None, url: str | None = None, passwords: Passwords | None = None, make: bool = True
) -> Services:
    """Open the data folder, or with `url` "memory://" one that is forgotten, and tie the rooms together.

    Unreadable when the data folder cannot be used; NotAllowed("no_workspace") where there is none and none is to be made.
    """
    clock = clock or SystemClock()
    db = open_database(url, promoted=PROMOTED) if url else open_data(settings, make)
    carrier = _carrier(settings, db)
    types = Catalog.scan("builder.fields", FieldType)
    robots, triggers = Catalog.scan("runtime.robots", Robot), Catalog.scan("runtime.triggers", Trigger)
    kept, people = WorkspaceSettings(db), People(db, clock, passwords or Passwords())
    processes = _processes(db, clock, types, robots, triggers, people)
    elements = Elements(db, clock, processes, types)
    files = Files(
        db, clock, settings.data / "files", elements, settings.upload_megabytes * 1024 * 1024, settings.upload_refused.split(",")
    )
    tasks, inbox, imports = Tasks(db, clock, elements), Inbox(db, clock), Imports(db, clock, processes, elements, people)
    readers = Readers(settings, kept, people, elements, files)
    outbox = _outbox(db, clock, settings, kept, people, processes, elements, files)
    doors = Doors(
        people, tasks, inbox, files, outbox, Rotation(db), types, readers, lambda title, body: letter(title, body, clock.now()),
        lambda: kept.get().calendar,
    )  # fmt: skip
    engine = Engine(db, clock, processes, robots, triggers, elements, doors)
    timers, stumbles = Timers(db, clock, elements, engine, people), Stumbles(db, clock)
    elements.on_event(engine.on_event)
    elements.on_deleted(engine.on_deleted)
    elements.on_event(timers.on_event, also_quiet=True)
    elements.on_event(Handing(db, elements, inbox, people, readers).on_event)
    processes.on_publish(timers.replan)
    return Services(
        environment=settings, db=db, clock=clock, types=types, robots=robots, triggers=triggers, settings=kept, people=people,
        sessions=Sessions(db, clock, people), processes=processes, elements=elements, tasks=tasks, inbox=inbox, files=files,
        imports=imports, exports=Exports(processes, elements, types), engine=engine, timers=timers, outbox=outbox,
        stumbles=stumbles, worker=Worker(engine, timers, outbox, db, Ticker, carrier, stumbles),
        insight=_insight(db, clock, processes, kept, types, robots, triggers), readers=readers,
    )  # fmt: skip


def _carrier(settings: Settings, db: Database) -> Carrier | None:
    """What brings jobs to the worker; None when it hears of commits. Unreadable when the setting cannot be met."""
    if settings.carrier == "notify":
        return None
    try:
        return db.carry(*CARRIED)
    except StoreError as error:
        db.close()
        raise Unreadable("carrier", why=str(error)) from error


def _processes(
    db: Database, clock: Clock, types: Catalog[FieldType], robots: Catalog[Robot], triggers: Catalog[Trigger], people: People
) -> Processes:
    """The drawing table, told what it may not see: whether fields and stages are in use, and how templates read."""
    elements = db.table("elements")
    found = Processes(
        db, clock, types, robots, triggers, people.ensure_roles,
        has_data=lambda process, field: bool(
            elements.search((where("process") == process) & where("values")[field].exists(), limit=1)
        ),
        stage_in_use=lambda process, stage: int(elements.count((where("process") == process) & (where("stage") == stage))),
        template_problems=lambda text, process: lookup.problems(text, process, found),
        icons=icons.names,
        is_active=people.is_active,
        sees=lambda process, user: _sees(people, process, user),
        stage_awaited=lambda process, stage: moving_to(db, found, robots, process, stage),
    )  # fmt: skip
    return found


def _sees(people: People, process: Process, user: int) -> bool:
    """Whether somebody may read any element of a process; who has no account is told of elsewhere."""
    try:
        return may(process, people.actor(user), Action.READ)
    except VoronkaError:
        return True


def _outbox(
    db: Database, clock: Clock, settings: Settings, kept: WorkspaceSettings, people: People, processes: Processes,
    elements: Elements, files: Files,
) -> Outbox:  # fmt: skip
    """The workspace's mail server goes before that of the environment."""

    def post() -> WorkspaceView:
        view = kept.get()
        view = replace(view, private_calls=view.private_calls or settings.private_calls)
        if view.smtp_host or not settings.smtp_host:
            return view
        names = ("smtp_host", "smtp_port", "smtp_user", "smtp_password", "smtp_from", "smtp_tls")
        return replace(view, **{name: getattr(settings, name) for name in names})

    def attachment(actor: Actor, id: int) -> tuple[str, bytes]:
        row, data = files.open(actor, id)
        return row.name, data

    return Outbox(db, clock, post, Smtp(), HttpCaller(), people, library=processes, elements=elements, attachment=attachment)


def _insight(
    db: Database, clock: Clock, processes: Processes, kept: WorkspaceSettings, types: Catalog[FieldType],
    robots: Catalog[Robot], triggers: Catalog[Trigger],
) -> Insight:  # fmt: skip
    def node_words(node: Node, process: Process, reader: Reader) -> str:
        named = node.title or reader.t(f"{'trigger' if node.kind in triggers else 'robot'}.{node.kind}.title")
        return f"{named}\n{describe.summary(node, process, reader, robots, triggers, types)}"

    def port_words(node: Node, port: str, process: Process, reader: Reader) -> str:
        return describe.port_text(node, port, process, reader, robots, types)

    def readable(actor: Actor, code: str, found: Filter) -> QueryInstance:
        version = processes.published(code)
        if version is None:
            raise NotFound(path=code, what="process")
        return visible(version.process, actor, Asking(me=actor.id, now=clock.now().astimezone(kept.get().tz)), found)

    return Insight(db, processes, clock, readable, Paper, node_words, port_words, lambda: kept.get().calendar)
