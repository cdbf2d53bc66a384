"""Procrastinate as the carrier of work: a commit that leaves something to do leaves a job with it, workers take the jobs.

A job says only that there is work; what it is, the rows say. A job that is lost loses nothing, one too many finds nothing to do.
Procrastinate's tables stand in the workspace's own schema, not among ours in `tables`: what copies documents does not see them.
In `meta`, `procrastinate` says which of its migrations was the last.
"""

import asyncio
import logging
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path
from threading import Event

from procrastinate import App, PsycopgConnector
from procrastinate.exceptions import ConnectorException
from procrastinate.jobs import Status
from procrastinate.schema import SchemaManager

from store.errors import StoreError
from store.postgres.connections import Address, Connection
from store.postgres.schema import LOCK

QUEUE, DRAIN, STRIKE_OFF = "voronka", "drain", "strike_off"
LEAVE = (
    f"INSERT INTO procrastinate_jobs (queue_name, task_name, queueing_lock) SELECT '{QUEUE}', '{DRAIN}', '{DRAIN}'"
    " WHERE EXISTS (SELECT FROM {} WHERE {}) ON CONFLICT DO NOTHING"
)
"""Leaves a job when a table has such rows. Where a job waits already it does nothing; Procrastinate's own function would raise an
error there, and so undo everything else in the transaction."""
TRYING = 2  # seconds until a connection that has gone is tried again
PATIENCE = 0.05  # seconds in which the end is noticed
log = logging.getLogger(__name__)


def install(db: Connection) -> None:
    """Make Procrastinate's tables, or bring them up to what the installed version wants. StoreError: a later one has."""
    while not _step(db):
        pass


def _step(db: Connection) -> bool:
    """Take one step with the record of it, both or none; True when there is none left."""
    steps = {_number(path): path for path in Path(SchemaManager.get_migrations_path()).glob("*.sql")}
    with db.transaction():
        db.execute(LOCK)
        (found,) = db.execute("SELECT value FROM meta WHERE key = 'procrastinate'").fetchone() or (0,)
        if found > max(steps):
            raise StoreError("a later version of Procrastinate has been at work in the database; install that one here, too")
        if found == max(steps):
            return True
        reached = min(number for number in steps if number > found) if found else max(steps)
        db.execute(steps[reached].read_text("utf-8") if found else SchemaManager.get_schema())
        record = "INSERT INTO meta VALUES ('procrastinate', %s) ON CONFLICT (key) DO UPDATE SET value = excluded.value"
        db.execute(record, (reached,))
        return False


def _number(migration: Path) -> int:
    """03.04.00_50_post_... is 3040050: they are taken in this order, and later ones are greater."""
    return int(migration.name[:11].replace(".", "").replace("_", ""))


def take(address: Address, stop: Event, work: Callable[[], object]) -> None:
    """Do the work for each job, one at a time, until told to stop; a connection that has gone is opened again."""
    logging.getLogger("procrastinate").setLevel(logging.CRITICAL)  # it shows tracebacks of connections that go
    while not stop.is_set():
        try:
            asyncio.run(_take(address, stop, work))
        except Exception as error:
            log.warning("No jobs from PostgreSQL at %s (%s); trying again", address.shown, address.hide(error))
            stop.wait(TRYING)


async def _take(address: Address, stop: Event, work: Callable[[], object]) -> None:
    """Do so while the connections last; StoreError when one has gone."""
    taking = asyncio.create_task(_jobs(address, work))
    while not stop.is_set() and not taking.done():
        await asyncio.sleep(PATIENCE)
    taking.cancel()
    with suppress(asyncio.CancelledError):
        await taking
        raise StoreError("a connection was lost")


async def _jobs(address: Address, work: Callable[[], object]) -> None:
    """Procrastinate's worker, with the two tasks that it knows. When it is cancelled, it ends with its job."""
    app = App(connector=PsycopgConnector(conninfo=address.url, kwargs=address.options, min_size=1, max_size=2, timeout=10))
    app.task(name=DRAIN, queue=QUEUE)(work)

    @app.periodic(cron="* * * * *")  # without a periodic task, Procrastinate 3.10 does not notice that it hears nothing more
    @app.task(name=STRIKE_OFF, queue=QUEUE, queueing_lock=STRIKE_OFF)
    async def strike_off(timestamp: int) -> None:
        """Take away the jobs of workers that have died: what they were to do, others have found since."""
        for job in await app.job_manager.get_stalled_jobs(queue=QUEUE):
            with suppress(ConnectorException):  # it has come to its end just now
                await app.job_manager.finish_job(job, Status.ABORTED, delete_job=True)

    async with app.open_async():
        await app.run_worker_async(queues=[QUEUE], delete_jobs="always", install_signal_handlers=False)
