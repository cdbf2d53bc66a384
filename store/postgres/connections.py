"""PostgreSQL connections: how they are set up, what their errors mean, and word of what others commit."""

import getpass
import logging
import os
import re
import socket
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

import psycopg
from psycopg import conninfo, errors
from psycopg.types.string import TextLoader
from psycopg_pool import ConnectionPool, PoolClosed, PoolTimeout

from store import patience
from store.errors import Busy, Damaged, Forbidden, Full, StoreError, Unknown, Unreachable

Connection = psycopg.Connection[tuple[Any, ...]]
READERS = 8  # connections that read at a time; more readers wait for one
PATIENCE = 0.5  # seconds in which a listener sees that it is to end
ALIVE = {"keepalives_idle": 30, "keepalives_interval": 10, "keepalives_count": 3}
"""After a minute, whoever is connected to a machine that has vanished knows (seconds, seconds, times). By themselves, systems
wait for hours, and what has vanished within a transaction would keep everybody from writing as long."""
log = logging.getLogger(__name__)


class Address:
    """A URL taken apart. Only `shown`, which leaves the password out, may appear in a message or a log."""

    def __init__(self, url: str) -> None:
        told = _taken_apart(url)
        self.url = url
        named = f"voronka {os.getpid()} at {socket.gethostname()}"
        alive = {name: told.get(name, usual) for name, usual in ALIVE.items()}
        self.options: dict[str, Any] = {"connect_timeout": 10, "fallback_application_name": named, **alive}
        """What each connection is opened with besides."""
        self._password, self._user = str(told.get("password") or ""), str(told.get("user") or getpass.getuser())
        chosen = re.search(r"search_path=\"?(\w+)", str(told.get("options") or ""))
        self._schema = chosen[1] if chosen else "public"
        self.shown = f"{told.get('user', '')}@{told.get('host', 'localhost')}:{told.get('port', 5432)}/{told.get('dbname', '')}"

    def hide(self, text: object) -> str:
        """A message of the server or the driver on one line, without the password and its last stop."""
        found = " ".join(str(text).split()).rstrip(".?! ")
        return found.replace(self._password, "***") if self._password else found

    def connect(self) -> Connection:
        """A connection in autocommit mode. Unreachable when there is none to be had."""
        try:
            db = psycopg.connect(self.url, autocommit=True, **self.options)
        except psycopg.Error as error:
            raise Unreachable(self.shown, self.hide(error)) from None  # what psycopg raises may hold the address
        try:
            prepare(db)
        except BaseException:
            db.close()
            raise
        return db

    @contextmanager
    def plain_errors(self) -> Iterator[None]:
        """psycopg's errors as ours."""
        try:
            yield
        except (errors.DataCorrupted, errors.IndexCorrupted, errors.UndefinedTable, errors.UndefinedColumn) as error:
            raise Damaged(f"the PostgreSQL database is damaged, restore it from a backup: {self.hide(error)}") from error
        except errors.InsufficientPrivilege as error:
            raise Forbidden(self.shown, self.hide(error), self._user, self._schema) from error
        except errors.LockNotAvailable as error:
            raise Busy(f"somebody else has been writing for {patience.WAIT:.0f} seconds; try again later") from error
        except errors.DiskFull as error:
            raise Full(f"there is no room left on the disk of PostgreSQL at {self.shown}") from error
        except PoolTimeout as error:
            raise Unreachable(self.shown, "it has not answered in time") from error
        except PoolClosed as error:
            raise StoreError("the database is closed") from error
        except psycopg.OperationalError as error:
            raise Unreachable(self.shown, f"the connection was lost: {self.hide(error)}") from error
        except psycopg.Error as error:
            raise StoreError(f"the database refused: {self.hide(error)}") from error


def _taken_apart(url: str) -> dict[str, Any]:
    """The parts of an address. Unknown when it cannot be read, or when a letter that should be encoded has moved a part of the
    password into the name of the host, the port or the database, which messages tell.
    """
    try:
        told: dict[str, Any] = conninfo.conninfo_to_dict(url)
        names = f"{told.get('host', '')}{told.get('dbname', '')}"
        sound = "@" not in names and all(port.isdigit() for port in str(told.get("port") or 0).split(","))
    except psycopg.Error:  # its text would show parts of the URL, perhaps of the password
        sound = False
    if not sound or url.partition("?")[0].count("@") > 1:
        raise Unknown(
            "the address of the PostgreSQL database cannot be read: write postgresql://user:password@host:5432/database,"
            " with @ : / # % in the password as %40 %3A %2F %23 %25"
        )
    return told


def prepare(db: Connection) -> None:
    """Set a connection up: documents are handed out as the text they are."""
    db.adapters.register_loader("json", TextLoader)
    told = db.info.get_parameters()
    alive = {f"tcp_{name}": int(told.get(name, usual)) for name, usual in ALIVE.items()}  # the server is to look as often
    patient = {"lock_timeout": milliseconds(first_wait()), "idle_in_transaction_session_timeout": milliseconds(patience.STALLED)}
    asked = {**patient, "client_encoding": "UTF8", "standard_conforming_strings": "on", **alive}
    db.execute("; ".join(f"SET {name} = '{value}'" for name, value in asked.items()))


def first_wait() -> float:
    """Seconds that a lock is waited for before one looks who holds it."""
    return min(patience.WAIT, patience.STALLED)


def milliseconds(seconds: float) -> str:
    """A time as PostgreSQL takes it."""
    return f"{1000 * seconds:.0f}ms"


def pool(address: Address) -> "ConnectionPool[Connection]":
    """Connections that read. Each is used by one thread at a time, and sees the last commit."""
    quiet = logging.getLogger("psycopg.pool")
    quiet.setLevel(logging.ERROR)  # its warnings show the server's words at every attempt to connect again
    return ConnectionPool(
        address.url,
        connection_class=psycopg.Connection,
        kwargs={"autocommit": True, **address.options},
        min_size=1,
        max_size=READERS,
        configure=prepare,
        timeout=15,
        reconnect_timeout=15,
        open=True,
    )


def listen(address: Address, channel: str, mine: str, ended: threading.Event, tell: Callable[[], None]) -> None:
    """Hears (see store.news) what others than `mine` say in a channel; a connection that has gone is opened again."""
    while not ended.is_set():
        try:
            with address.connect() as db:
                db.execute(f"LISTEN {channel}")
                tell()  # what was said meanwhile, nobody has heard
                while not ended.is_set():
                    if any(news.payload != mine for news in list(db.notifies(timeout=PATIENCE, stop_after=1))):
                        tell()
        except (StoreError, psycopg.Error):
            log.warning("No word of other instances from the database; trying again")
            ended.wait(2)
