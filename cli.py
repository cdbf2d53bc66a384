"""The `voronka` command: the workspace without a browser. It acts as the first administrator, by the same doors as the pages."""

from __future__ import annotations

import errno
import json
import logging
import os
import signal
import socket
import sys
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, Literal

import click
from pydantic import ValidationError

import packages
import wiring
from console import (
    BROKEN_OFF,
    DONE,
    MISUSED,
    PARTLY,
    REFUSED,
    Group,
    Progress,
    bad_settings,
    language,
    misused,
    say,
    t,
    table,
    warn,
)
from insight.report import FunnelReport, as_json
from locales import CURRENCIES, Language, languages
from model.access import Actor
from model.errors import BadValue, NotAllowed, VoronkaError
from runtime import backup as backups
from runtime.imports import Report, reason
from runtime.integrity import Integrity
from settings import Settings
from sheets import ROLES, Columns
from store import StoreError
from workspace import Workspace, build

HERE = Path(__file__).resolve().parent
STREAMLIT: dict[str, str] = {
    "server.headless": "true",
    "server.fileWatcherType": "none",
    "runner.fastReruns": "false",  # with it, a press that is followed at once by another one may be forgotten
    "runner.postScriptGC": "false",
    "runner.magicEnabled": "false",
    "browser.gatherUsageStats": "false",
    "client.toolbarMode": "minimal",
    "client.showErrorDetails": "none",
    "theme.base": str(HERE / "pages" / "theme.toml"),
}
"""What .streamlit/config.toml says to `streamlit run app.py`; a test compares the two."""
AGAIN = 2.0
"""Seconds between two looks for a workspace that is not there yet."""
SHOWN = 20
"""Skipped rows and faults that are told one by one."""
PATH = click.Path(path_type=Path)


@click.group("voronka", cls=Group, examples=["voronka init --admin anna --password-stdin --demo < password.txt", "voronka run"])
def voronka() -> None:
    """The program."""


def kept(make: bool = False) -> Workspace:
    """The workspace of the settings, closed when the command ends. Unreadable; NotAllowed("no_workspace"), but with `make`."""
    workspace = build(make=make)
    click.get_current_context().call_on_close(workspace.db.close)
    if not make and not workspace.is_set_up:
        workspace.db.close()
        raise wiring.no_workspace(wiring.address(workspace.environment))
    return workspace


def opened() -> tuple[Workspace, Actor, Language]:
    """The workspace, its administrator, and how to write figures; NotAllowed("no_workspace"), Unreadable."""
    workspace = kept()
    actor, view = workspace.administrator(), workspace.settings.get()
    names = workspace.people.names()
    reader = Language(language().locale, view.zone, view.currency, person=lambda user: names.get(user, f"#{user}"))
    return workspace, actor, reader


@contextmanager
def about(file: Path) -> Iterator[None]:
    """Name the file that is written, where the system says only that it cannot be."""
    try:
        yield
    except OSError as error:
        error.filename = error.filename or str(file)
        raise


def password(from_stdin: bool) -> str:
    """The first line of the input, or asked for on a terminal without showing it."""
    if from_stdin:
        return sys.stdin.readline().rstrip("\r\n")
    if not sys.stdin.isatty():
        raise BadValue("password_needed", "password")
    return str(click.prompt(t("password"), hide_input=True, confirmation_prompt=t("password_again"), err=True))


@voronka.command(
    examples=[
        "echo 'a long password' | voronka init --admin anna --password-stdin",
        "voronka init --admin anna --name 'Anna Reed' --workspace Acme --language en --currency EUR --demo",
    ]
)
@click.option("--admin", required=True, metavar="LOGIN")
@click.option("--password-stdin", is_flag=True)
@click.option("--name", default="", metavar="NAME")
@click.option("--email", default="", metavar="ADDRESS")
@click.option("--workspace", "title", default="Voronka", metavar="TITLE")
@click.option("--language", "locale", type=click.Choice(list(languages())))
@click.option("--zone", default="UTC", metavar="ZONE")
@click.option("--currency", default="USD", type=click.Choice(CURRENCIES), metavar="CODE")
@click.option("--demo", is_flag=True)
def init(
    admin: str, password_stdin: bool, name: str, email: str, title: str, locale: str | None, zone: str, currency: str, demo: bool
) -> None:
    """Set the workspace up, as the set-up page does."""
    workspace = kept(make=True)
    if workspace.is_set_up:
        raise NotAllowed("already_set_up")
    secret = password(password_stdin)
    with Progress(t("doing.init")) as bar:
        workspace.set_up(
            title,
            locale or language().locale,
            admin,
            name or admin,
            secret,
            email=email,
            zone=zone,
            currency=currency,
            demo=demo,
            progress=lambda share, key: bar(share),
        )
    say(t("done.init", folder=str(workspace.environment.data.resolve())))


@voronka.command(examples=["voronka run", "VORONKA_PORT=9000 VORONKA_DATA=/srv/voronka voronka run"])
def run() -> None:
    """Serve the pages, the routes and the worker until stopped."""
    settings = Settings()
    build(settings).db.close()  # what is wrong with the data folder is told here, in words
    _refuse_taken(settings)
    for name in settings.model_fields_set | {"data"}:  # the app reads them again, perhaps from another folder
        value = settings.data.resolve() if name == "data" else getattr(settings, name)
        os.environ[f"VORONKA_{name.upper()}"] = str(value)
    flags = {
        **STREAMLIT,
        "server.address": settings.host,
        "server.port": settings.port,
        "server.maxUploadSize": settings.upload_megabytes,
        "logger.hideWelcomeMessage": "true",
    }
    say(t("running", url=f"http://{_shown_host(settings.host)}:{settings.port}"))
    from streamlit.web.cli import main as streamlit  # a second that the other commands need not wait for

    from serving import bound_frames, send_at_once

    send_at_once()
    bound_frames()
    streamlit(["run", str(HERE / "app.py"), *(f"--{k}={v}" for k, v in flags.items())], prog_name="voronka run")


def _shown_host(host: str) -> str:
    """The address that a browser on this machine is given."""
    return "localhost" if host in ("127.0.0.1", "0.0.0.0", "::", "::1") else host


def _refuse_taken(settings: Settings) -> None:
    family = socket.AF_INET6 if ":" in settings.host else socket.AF_INET
    try:
        socket.create_server((settings.host, settings.port), family=family).close()
    except (OSError, OverflowError) as error:
        why = getattr(error, "strerror", None) or str(error)
        raise NotAllowed("cannot_listen", host=settings.host, port=settings.port, why=why) from error


@voronka.command(examples=["VORONKA_WORKER=false voronka run &", "voronka worker"])
def worker() -> None:
    """Run robots, waits and the post until stopped."""
    stop = threading.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda *_: stop.set())
    workspace = _waited_for(stop)
    if workspace is not None:
        say(t("working", folder=str(workspace.environment.data.resolve())))
        workspace.worker.run(stop)
    say(t("stopped"))


def _waited_for(stop: threading.Event) -> Workspace | None:
    """The workspace as soon as it can be reached and somebody has set it up; why that is waited for is told once."""
    told = ""
    while not stop.is_set():
        try:
            return kept()
        except VoronkaError as error:
            if error.problem.code not in ("no_workspace", "database_unreachable"):
                raise
            if error.problem.code != told:
                warn(f"{language().explain(error)} {t('waiting')}")
                told = error.problem.code
        stop.wait(AGAIN)
    return None


def _column_options(function: Callable[..., None]) -> Callable[..., None]:
    for role in reversed(ROLES):
        function = click.option(f"--{role}-column", default="", metavar="COLUMN")(function)
    return function


@voronka.command(
    "import",
    examples=[
        "voronka import deals.csv --process deals --create --stage-column deal_stage --amount-column close_value",
        "voronka import more.xlsx --process deals",
        "voronka import deals.csv --process deals --key opportunity_id",
    ],
)
@click.argument("file", type=PATH)
@click.option("--process", "code", required=True, metavar="CODE")
@click.option("--create", is_flag=True)
@click.option("--key", "keys", multiple=True, metavar="COLUMN")
@click.option("--again", is_flag=True)
@click.option("--decimal", default=None, type=click.Choice([".", ","]))
@_column_options
def import_(
    file: Path, code: str, create: bool, keys: tuple[str, ...], again: bool, decimal: Literal[".", ","] | None, **columns: str
) -> None:
    """Bring the rows of a CSV or XLSX file into a process."""
    workspace, actor, reader = opened()
    told = Columns(**{role: columns[f"{role}_column"] for role in ROLES})
    with Progress(t("doing.import")) as bar:
        report = workspace.import_file(
            actor, file, code, create=create, columns=told, keys=keys, again=again, decimal=decimal or "", progress=bar.rows
        )
    say(reader.t("cli.done.import", n=report.created, code=code, id=report.id))
    if keys:
        say(reader.t("cli.done.import_by_key", changed=report.view.changed, same=report.view.same))
    if report.view.skipped:
        _tell_skipped(workspace, report, reader)
        sys.exit(PARTLY)


def _tell_skipped(workspace: Workspace, report: Report, reader: Language) -> None:
    warn(reader.t("cli.skipped", n=report.view.skipped))
    version = workspace.processes.published(report.view.process)
    for row in report.skipped[:SHOWN]:
        why = " ".join(reason(p, reader, version.process if version else None) for p in row.problems)
        warn(f"  {t('row', number=row.number)} {why}")
    if report.view.skipped > SHOWN:
        warn(f"  {t('more', n=report.view.skipped - SHOWN)}")


@voronka.command(
    examples=["voronka export deals --format xlsx -o deals.xlsx", "voronka export deals --format json | jq '.elements | length'"]
)
@click.argument("code")
@click.option("--format", "form", type=click.Choice(["csv", "xlsx", "json"]), required=True)
@click.option("-o", "--output", type=PATH, metavar="FILE")
def export(code: str, form: Any, output: Path | None) -> None:
    """Write the elements of a process."""
    workspace, actor, _ = opened()
    _write(workspace.export(actor, code, form), output)


def _write(data: bytes, output: Path | None) -> None:
    if output is None:
        sys.stdout.buffer.write(data)
        return
    with about(output):
        output.write_bytes(data)
    warn(t("done.written", file=str(output), n=len(data)))


@voronka.command(examples=["voronka funnel deals", "voronka funnel deals --json"])
@click.argument("code")
@click.option("--json", "as_text", is_flag=True)
def funnel(code: str, as_text: bool) -> None:
    """Count the first funnel of a process."""
    workspace, actor, reader = opened()
    report = workspace.insight.funnel(actor, code)
    say(json.dumps(as_json(report), ensure_ascii=False, indent=2) if as_text else _funnel_text(report, reader))


def _funnel_text(report: FunnelReport, reader: Language) -> str:
    head = [t(f"funnel.{name}") for name in ("stage", "count", "sum", "conversion", "median", "p90")]

    def days(value: float | None) -> str:
        return "" if value is None else reader.number(round(value, 1))

    def rate(value: float | None) -> str:
        return "" if value is None else reader.percent(value, 2)

    rows = [
        [s.title, reader.number(s.count), reader.number(s.sum, 0), rate(s.conversion), days(s.median_days), days(s.p90_days)]
        for s in report.stages
    ]
    below = {"win_rate": rate(report.win_rate), "won_days": days(report.median_won_days)}
    return "\n".join([report.title, "", table(head, rows), "", *(t(f"funnel.{k}", value=v or "-") for k, v in below.items())])


@voronka.group(cls=Group)
def package() -> None:
    """Processes as files."""


@package.command(
    "export",
    examples=[
        "voronka package export deals -o deals.voronka.json",
        "voronka package export deals accounts products --elements -o sales.voronka.json",
    ],
)
@click.argument("code", nargs=-1, required=True)
@click.option("-o", "--output", type=PATH, metavar="FILE")
@click.option("--elements", is_flag=True)
def package_export(code: tuple[str, ...], output: Path | None, elements: bool) -> None:
    """Write processes, with their elements if asked for."""
    workspace, actor, _ = opened()
    _write(packages.export(workspace, actor, *code, elements=elements), output)


@package.command("import", examples=["voronka package import deals.voronka.json"])
@click.argument("file", type=PATH)
def package_import(file: Path) -> None:
    """Bring processes in and publish them."""
    workspace, actor, _ = opened()
    with Progress(t("doing.package")) as bar:
        codes = workspace.install(actor, file.read_bytes(), lambda share, key: bar(share))
    say(t("done.package", codes=codes))


@voronka.command(examples=["voronka check && voronka backup nightly.zip"])
def check() -> None:
    """Look the whole workspace over."""
    workspace = kept()
    integrity = Integrity(workspace.db, workspace.types, workspace.environment.data / backups.FILES, workspace.clock.now())
    shown, found = language(), 0
    for fault in integrity.faults():
        say(f"{fault.path or backups.DATABASE}: {shown.say(fault)}")
        found += 1
    if not found:
        say(t("done.check"))
        return
    warn(shown.t("cli.faults", n=found))
    sys.exit(PARTLY)


@voronka.command(examples=["voronka backup voronka-2026-11-21.zip"])
@click.argument("file", type=PATH)
@click.option("--replace", is_flag=True)
def backup(file: Path, replace: bool) -> None:
    """Write everything into one file, while others work."""
    workspace = kept()
    with about(file):
        made, shown = backups.backup(workspace.db, workspace.environment.data, file, replace), language()
    say(t("done.backup", file=str(file), size=shown.number(made.size / 1e6, 1)))
    if made.without:
        warn(shown.t("cli.without", n=len(made.without)))
        for fault in made.without:
            warn(f"  {fault.path}: {shown.say(fault)}")
        sys.exit(PARTLY)


@voronka.command(examples=["VORONKA_DATA=/srv/voronka-new voronka restore voronka-2026-11-21.zip"])
@click.argument("file", type=PATH)
@click.option("--large", is_flag=True)
def restore(file: Path, large: bool) -> None:
    """Unpack a backup into an empty data folder."""
    settings = Settings()
    folder = settings.data
    with about(folder):
        wiring.restore(settings, file, large)
    kept()  # one that this program cannot open is told of now
    say(t("done.restore", folder=str(folder.resolve())))


@voronka.group(cls=Group)
def tinydb() -> None:
    """The database as a plain file."""


@tinydb.command("export", examples=["voronka tinydb export voronka.json"])
@click.argument("file", type=PATH)
def tinydb_export(file: Path) -> None:
    """Write every table, while others work."""
    workspace, shown = kept(), language()
    with about(file):
        count, outside = backups.export_tinydb(workspace.db, file)
    say(shown.t("cli.done.tinydb", n=count, file=str(file)))
    if outside:
        warn(shown.t("cli.outside", n=outside, folder=str(workspace.environment.data / backups.FILES)))


@tinydb.command("import", examples=["VORONKA_DATA=/srv/voronka-new voronka tinydb import voronka.json"])
@click.argument("file", type=PATH)
def tinydb_import(file: Path) -> None:
    """Bring every table into an empty workspace."""
    workspace, shown = kept(make=True), language()
    count = backups.import_tinydb(workspace.db, file, lambda: workspace.is_set_up)
    say(shown.t("cli.done.tinydb_import", n=count, file=str(file)))


@voronka.command(
    examples=["voronka migrate --to-stdin < address.txt", "voronka migrate --to postgresql://voronka@localhost/voronka"]
)
@click.option("--to", default="", metavar="URL")
@click.option("--to-stdin", is_flag=True)
def migrate(to: str, to_stdin: bool) -> None:
    """Bring the whole workspace to another database."""
    if wiring.holds_password(to):
        raise NotAllowed("password_on_command_line")  # everybody on this machine sees it in the list of processes
    if not to and not to_stdin:
        raise click.UsageError("where to?", click.get_current_context())
    to = to or sys.stdin.readline().strip()
    with Progress(t("doing.migrate")) as bar:
        count = wiring.migrate(Settings(), to, bar.rows)
    say(language().t("cli.done.migrate", n=count, database=wiring.shown(to)))


@voronka.group(cls=Group)
def user() -> None:
    """Accounts."""


@user.command(examples=["voronka user add boris --name 'Boris Stone' --email boris@example.com --password-stdin < password.txt"])
@click.argument("login")
@click.option("--password-stdin", is_flag=True)
@click.option("--name", default="", metavar="NAME")
@click.option("--email", default="", metavar="ADDRESS")
@click.option("--admin", is_flag=True)
@click.option("--language", "locale", type=click.Choice(list(languages())))
def add(login: str, password_stdin: bool, name: str, email: str, admin: bool, locale: str | None) -> None:
    """Make an account."""
    workspace, actor, _ = opened()
    workspace.people.add_user(actor, login, name or login, password(password_stdin), email, admin, language=locale or "")
    say(t("done.user", login=login))


def main() -> None:
    """What the `voronka` command calls: runs it and turns whatever goes wrong into words and an exit code."""
    for stream in (sys.stdout, sys.stderr):
        stream.reconfigure(errors="replace")  # type: ignore[union-attr]
    sys.exit(_guarded())


def _guarded() -> int:
    try:
        voronka(prog_name="voronka", standalone_mode=False)
    except click.exceptions.NoArgsIsHelpError as shown:
        say(shown.ctx.get_help() if shown.ctx else "")
        return MISUSED
    except click.ClickException as wrong:
        warn(misused(wrong))
        return MISUSED
    except (click.Abort, KeyboardInterrupt):
        return BROKEN_OFF
    except ValidationError as wrong:
        warn(bad_settings(wrong) if wrong.title == Settings.__name__ else t("unexpected", what=type(wrong).__name__))
        return REFUSED
    except VoronkaError as refused:
        warn(language().explain(refused))
        return REFUSED
    except StoreError as error:
        warn(language().explain(wiring.refusal(error, wiring.address(Settings()))))
        return REFUSED
    except OSError as error:
        return _lost(error)
    except Exception as error:
        logging.getLogger("voronka").debug("failed", exc_info=True)
        warn(t("unexpected", what=f"{type(error).__name__}: {error}"))
        return REFUSED
    return DONE


def _lost(error: OSError) -> int:
    """A file that cannot be read or written; a reader that went away (`voronka export | head`) is no error."""
    if isinstance(error, BrokenPipeError):
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return DONE
    full = error.errno in (errno.ENOSPC, errno.EDQUOT)
    warn(t("file_full" if full else "file_trouble", file=str(error.filename or "?"), why=error.strerror or str(error)))
    return REFUSED


if __name__ == "__main__":
    main()
