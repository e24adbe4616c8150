"""What every command works with: settings, sentences, knowledge, and errors as one clear line."""

from __future__ import annotations

import datetime
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

import click
from rich.console import Console
from sqlite_utils.db import Database as Connection

from bot.config import Config, InvalidSetting
from bot.loading import MIGRATIONS, Loaded, load
from bot.terminal import terminal_language
from bot.texts import Texts
from knowledge.database import open_database
from knowledge.errors import InvalidKnowledge, Problem, ShebaoError
from knowledge.evaluate import InvalidCase
from knowledge.text import Language

FAILED, WRONG_USAGE = 1, 2
# Ids named after a release; the table `releases` keeps them all.
MOST_NAMED = 10


@dataclass(frozen=True, slots=True)
class Shell:
    """What every command works with.

    Attributes:
        language: language of messages to the person at the terminal.
    """

    texts: Texts
    language: Language
    config: Config

    def say(self, key: str, **values: object) -> str:
        """A sentence in the terminal's language."""
        return self.texts.say(self.language, key, **values)

    def tell(self, key: str, **values: object) -> None:
        """A sentence on stderr."""
        click.echo(self.say(key, **values), err=True)

    @contextmanager
    def knowledge(self) -> Iterator[Loaded]:
        """The knowledge, loaded; what a new release changed is told on stderr."""
        loaded = load(self.config.db)
        try:
            self._tell_release(loaded)
            yield loaded
        finally:
            loaded.connection.close()

    @contextmanager
    def database(self) -> Iterator[Connection]:
        """The database, made or migrated, without the knowledge in it."""
        connection = open_database(self.config.db, *MIGRATIONS)
        try:
            yield connection
        finally:
            connection.close()

    def _tell_release(self, loaded: Loaded) -> None:
        report = loaded.report
        if not report:
            return
        self.tell(
            "release.applied",
            added=len(report.added),
            updated=len(report.updated),
            kept=len(report.kept),
            retired=len(report.retired),
        )
        named = {"updated": report.updated, "kept": report.kept, "retired": report.retired}
        for name, ids in named.items():
            if ids:
                more = " …" if len(ids) > MOST_NAMED else ""
                self.tell(f"release.{name}", ids=", ".join(ids[:MOST_NAMED]) + more)

    def today(self) -> datetime.date:
        """The day, in the set time zone."""
        return datetime.datetime.now(self.config.timezone).date()

    def console(self) -> Console:
        """Prints to stdout; without colours where it is no terminal."""
        return Console(highlight=False)


pass_shell = click.make_pass_decorator(Shell)
TEXTS = Texts()
TERMINAL = terminal_language()


def help_text(key: str) -> str:
    """A sentence in the language of the terminal, for what is said before any command runs."""
    return TEXTS.say(TERMINAL, key)


class ShebaoGroup(click.Group):
    """Turns our errors into one clear line on stderr and an exit code."""

    def invoke(self, ctx: click.Context) -> Any:
        try:
            return super().invoke(ctx)
        except InvalidSetting as error:
            tell_error(error)
            ctx.exit(WRONG_USAGE)
        except ShebaoError as error:
            tell_error(error)
            ctx.exit(FAILED)


def tell_error(error: ShebaoError) -> None:
    """What went wrong stands on stderr: a line, and one more for each problem found."""
    values = dict(error.parameters)
    if isinstance(error, InvalidSetting | InvalidCase):
        values["expected"] = TEXTS.say(TERMINAL, error.expected)
    click.echo(TEXTS.say(TERMINAL, error.key, **values), err=True)
    if isinstance(error, InvalidKnowledge):
        for problem in error.problems:
            click.echo("  " + problem_line(problem), err=True)


def problem_line(problem: Problem) -> str:
    """File, entry, field and what was expected there."""
    expected = TEXTS.say(TERMINAL, problem.key, **problem.parameters)
    return TEXTS.say(
        TERMINAL,
        "error.problem",
        file=problem.file,
        entry=problem.entry,
        field=problem.field,
        expected=expected,
    )


language_option = click.option(
    "--lang",
    "language",
    type=click.Choice([str(x) for x in Language]),
    help=help_text("cli.option.lang"),
)
json_option = click.option("--json", "as_json", is_flag=True, help=help_text("cli.option.json"))
