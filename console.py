"""How the command line speaks: its language, its help, its errors and its progress. The words stand in `locales/*/cli.json`."""

from __future__ import annotations

import locale
import os
import sys
import time
from collections.abc import Sequence
from typing import Any

import click
from pydantic import ValidationError

from locales import Language, languages
from model.errors import Problem
from settings import Settings

DONE, REFUSED, MISUSED, PARTLY, BROKEN_OFF = 0, 1, 2, 3, 130
"""Exit codes: done; refused or impossible; called in a wrong way; done, but with rows or faults to look at; stopped by Ctrl+C."""
BAR = 28


def language() -> Language:
    """That of VORONKA_LANGUAGE, else of the terminal (LANG), else English."""
    try:
        settings = Settings()
        told = settings.language if "language" in settings.model_fields_set else ""
    except ValidationError:  # it is told of later, in some language
        told = ""
    terminal = os.environ.get("LC_ALL") or os.environ.get("LC_MESSAGES") or os.environ.get("LANG") or locale.getlocale()[0] or ""
    return Language(told if told in languages() else terminal[:2].lower())


def t(key: str, **context: Any) -> str:
    """Words of the command line."""
    return language().t(f"cli.{key}", **context)


def say(text: str) -> None:
    """One line of the answer."""
    click.echo(text)


def warn(text: str) -> None:
    """One line beside the answer."""
    click.echo(text, err=True)


class Progress:
    """A bar on the error stream, only where somebody watches it. Called with the share done (0..1)."""

    def __init__(self, label: str) -> None:
        self._label, self._shown, self._at = label, False, 0.0
        self._watched = sys.stderr.isatty()

    def __call__(self, share: float) -> None:
        """Draw, at most ten times a second."""
        if not self._watched or (time.monotonic() - self._at < 0.1 and share < 1):
            return
        full = round(BAR * min(1.0, share))
        click.echo(f"\r{self._label} {'█' * full}{'░' * (BAR - full)} {share:4.0%}", nl=False, err=True)
        self._shown, self._at = True, time.monotonic()

    def rows(self, done: int, total: int) -> None:
        """The same for (rows done, rows in all)."""
        self(done / total if total else 0.0)

    def __enter__(self) -> Progress:
        return self

    def __exit__(self, *failure: object) -> None:
        if self._shown:
            click.echo("\r\x1b[K", nl=False, err=True)


def table(head: Sequence[str], rows: Sequence[Sequence[str]]) -> str:
    """Columns beside each other: the first to the left, the others to the right."""
    lines = [head, *rows]
    widths = [max(len(line[n]) for line in lines) for n in range(len(head))]
    padded = [[line[0].ljust(widths[0]), *(c.rjust(w) for c, w in zip(line[1:], widths[1:], strict=True))] for line in lines]
    return "\n".join("  ".join(line).rstrip() for line in padded)


# help


class Spoken(click.Command):
    """A command whose help is in the reader's language: words under `cli.<command>` and `cli.<command>.<parameter>`."""

    def __init__(self, *args: Any, examples: Sequence[str] = (), **more: Any) -> None:
        super().__init__(*args, **more)
        self.examples = examples

    def key(self, ctx: click.Context) -> str:
        """`package.import`; empty for the program itself."""
        return ".".join(ctx.command_path.split()[1:])

    def get_short_help_str(self, limit: int = 45) -> str:
        """Filled in by the group, which knows the command's whole name."""
        return ""

    def format_usage(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        """How it is called."""
        formatter.write_usage(ctx.command_path, " ".join(self.collect_usage_pieces(ctx)), f"{t('usage')} ")

    def format_help_text(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        """What it does."""
        formatter.write_paragraph()
        with formatter.indentation():
            formatter.write_text(t(f"help.{self.key(ctx) or 'voronka'}"))

    def format_options(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        """What it takes."""
        arguments = [(p.make_metavar(ctx), self._about(ctx, p)) for p in self.get_params(ctx) if isinstance(p, click.Argument)]
        options = [
            (record[0], self._about(ctx, p))
            for p in self.get_params(ctx) if isinstance(p, click.Option) and (record := p.get_help_record(ctx))
        ]  # fmt: skip
        for title, rows in (("arguments", arguments), ("options", options)):
            if rows:
                with formatter.section(t(title)):
                    formatter.write_dl(rows)

    def _about(self, ctx: click.Context, parameter: click.Parameter) -> str:
        return t("help.help") if "--help" in parameter.opts else t(f"help.{self.key(ctx)}.{parameter.name}")

    def format_epilog(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        """Examples to copy."""
        if self.examples:
            with formatter.section(t("examples")):
                for line in self.examples:
                    formatter.write(f"{'':>{formatter.current_indent}}{line}\n")


class Group(Spoken, click.Group):
    """Commands below one name; the program itself also tells its exit codes."""

    command_class = Spoken

    def list_commands(self, ctx: click.Context) -> list[str]:
        """In the order they are written in, which is that in which they are needed."""
        return list(self.commands)

    def format_options(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        """The options, then the commands."""
        super().format_options(ctx, formatter)
        key = self.key(ctx)
        rows = [(name, t(f"help.{key}.{name}" if key else f"help.{name}")) for name in self.list_commands(ctx)]
        with formatter.section(t("commands")):
            formatter.write_dl([(name, about.split("\n")[0]) for name, about in rows])

    def format_epilog(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        """Examples, and how it ends."""
        super().format_epilog(ctx, formatter)
        if not self.key(ctx):
            with formatter.section(t("exit_codes")):
                formatter.write_dl([(str(code), t(f"exit.{code}")) for code in (DONE, REFUSED, MISUSED, PARTLY, BROKEN_OFF)])


# errors


def misused(error: click.ClickException) -> str:
    """A wrong call, in words, and where to look."""
    ctx = getattr(error, "ctx", None)
    name = ctx.command_path if ctx else "voronka"
    return f"{_wrong(error)}\n{t('wrong.see', command=f'{name} --help')}"


def _wrong(error: click.ClickException) -> str:
    if isinstance(error, click.NoSuchOption):
        return t("wrong.no_option", option=error.option_name)
    if isinstance(error, click.exceptions.NoSuchCommand):
        return t("wrong.no_command", command=error.command_name)
    if isinstance(error, click.MissingParameter):
        return t("wrong.missing", what=_named(error.param))
    if isinstance(error, click.BadParameter):
        known = getattr(error.param.type, "choices", ()) if error.param else ()
        return t("wrong.choice" if known else "wrong.value", what=_named(error.param), known=list(known))
    return t("wrong.call")


def _named(parameter: click.Parameter | None) -> str:
    if parameter is None:
        return ""
    return parameter.opts[0] if isinstance(parameter, click.Option) else (parameter.name or "").upper()


def bad_settings(error: ValidationError) -> str:
    """Settings that do not fit, each with the name of its variable."""
    reader = language()
    found = []
    for detail in error.errors():
        name = "VORONKA_" + "_".join(map(str, detail["loc"])).upper()
        why = reader.say(Problem("", f"param.{detail['type']}", detail.get("ctx", {})))
        found.append(t("wrong.setting", name=name, why=why))
    return "\n".join(found)
