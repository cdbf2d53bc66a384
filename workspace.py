"""Workspace: what pages, routes, the command line and notebooks hold: the services, and what is done with several of them."""

from __future__ import annotations

import threading
from collections.abc import Iterable
from dataclasses import fields
from pathlib import Path
from typing import TYPE_CHECKING, Literal

import packages
import sheets
from model.access import SYSTEM_ACTOR, Actor
from model.clock import Clock, stamp
from model.errors import NotAllowed, VoronkaError
from packages import Progress, silent
from runtime.imports import Report
from runtime.outside.passwords import Passwords
from runtime.people import User as Person
from services import Services
from settings import Settings
from sheets import Columns, Done, quiet
from store import StoreError
from wiring import address, assemble, refusal

if TYPE_CHECKING:
    from member import Member

SESSION_COOKIE, DEVICE_COOKIE = "voronka_session", "voronka_device"


class Workspace(Services):
    """One workspace: set up, filled from packages and tables, and acted in as a given user."""

    def as_user(self, login: str) -> Member:
        """What somebody may see and do, for notebooks; NotFound."""
        from member import Member  # here, because pandas takes its time

        return Member(self, login)

    def work(self) -> None:
        """Let the robots do all that is due now, as the worker would; for notebooks and scripts."""
        while self.worker.step():
            pass

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

    def refusal(self, error: Exception) -> VoronkaError | None:
        """What an error of the store means for people; None for any other error."""
        return refusal(error, address(self.environment)) if isinstance(error, StoreError) else None

    def install(self, actor: Actor, data: bytes, progress: Progress = silent) -> list[str]:
        """Bring in a package: processes, published, with their roles and elements. Codes of the processes.

        One transaction. Denied; Unreadable when it is no package; NotAllowed("process_exists") when a code is taken.
        """
        return packages.install(self, actor, data, progress)

    def import_file(
        self, actor: Actor, path: Path, code: str, *, title: str = "", create: bool = False,
        columns: Columns | None = None, keys: Iterable[str] = (), again: bool = False,
        decimal: Literal["", ".", ","] = "", progress: Done = quiet,
    ) -> Report:  # fmt: skip
        """Read a CSV or XLSX file into a process, a new one or by `keys` over what is there; see `sheets.import_file`."""
        return sheets.import_file(
            self, actor, path, code, title=title, create=create, columns=columns, keys=tuple(keys), again=again, decimal=decimal,
            progress=progress,
        )  # fmt: skip

    @classmethod
    def open(cls, path: str | Path) -> Workspace:
        """The workspace in a data folder, for notebooks: `Workspace.open("data").as_user("anna")`."""
        return build(Settings(data=Path(path)))


def build(
    settings: Settings | None = None,
    clock: Clock | None = None,
    url: str | None = None,
    passwords: Passwords | None = None,
    make: bool = True,
) -> Workspace:
    """Open a workspace: that of the settings' data folder, or with `url` "memory://" one that is forgotten.

    make: whether a new one is made where there is none; otherwise that is NotAllowed("no_workspace").
    Unreadable when the data folder cannot be used.
    """
    made = assemble(settings or Settings(), clock, url, passwords, make)
    return Workspace(**{f.name: getattr(made, f.name) for f in fields(made)})


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
