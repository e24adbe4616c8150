"""`shebao faq`: see and check the entries; files of them are in faq_files.py."""

from __future__ import annotations

import json
import sys
from dataclasses import asdict

import click

from bot.asking.answers import Answers
from bot.shell import FAILED, MOST_NAMED, Shell, help_text, json_option, pass_shell, problem_line
from bot.terminal import show
from knowledge import curate
from knowledge.base import KnowledgeBase
from knowledge.errors import NoEntry
from knowledge.text import Language


@click.group(help=help_text("cli.faq"))
def faq() -> None:
    """The entries."""


@faq.command("list", help=help_text("cli.faq_list"))
@json_option
@pass_shell
def faq_list(shell: Shell, as_json: bool) -> None:
    """Lists the entries."""
    with shell.knowledge() as loaded:
        entries = list(loaded.base.entries.values())
    if as_json:
        names = ("id", "scheme", "status", "title", "version")
        listed = [{name: entry.as_json()[name] for name in names} for entry in entries]
        click.echo(json.dumps(listed, ensure_ascii=False))
        return
    for entry in entries:
        click.echo(f"{entry.id}\t{entry.status}\t{entry.title.of(shell.language)}")


@faq.command("show", help=help_text("cli.faq_show"))
@click.argument("entry_id", metavar="ID")
@json_option
@pass_shell
def faq_show(shell: Shell, entry_id: str, as_json: bool) -> None:
    """Shows one entry whole."""
    with shell.knowledge() as loaded:
        entry = loaded.base.entries.get(entry_id)
        if entry is None:
            raise NoEntry(entry_id)
        if as_json:
            click.echo(json.dumps(entry.as_json(), ensure_ascii=False))
            return
        answers = Answers(shell.texts, loaded.base)
        for language in (Language.ZH, Language.EN):
            show(shell.console(), answers.entry(entry, language, None, shell.today()).message)
            for phrasing in entry.phrasings.of(language):
                click.echo(f"  · {phrasing}")
            click.echo()


@faq.command("check", help=help_text("cli.faq_check"))
@pass_shell
def faq_check(shell: Shell) -> None:
    """Checks every entry; fails when one is wrong or a phrasing finds another entry."""
    with shell.knowledge() as loaded:
        base = loaded.base
    problems = curate.check(base, shell.today())
    for problem in problems:
        click.echo(problem_line(problem))
    stolen = curate.stolen_phrasings(base)
    for theft in stolen:
        click.echo(shell.say("check.stolen", **asdict(theft)))
    for name, cited, articles in curate.coverage(base):
        chapter = name.of(shell.language)
        click.echo(shell.say("check.coverage", chapter=chapter, cited=cited, articles=articles))
    _tell_notes(shell, base)
    shell.tell(
        "check.summary",
        entries=len(base.entries),
        phrasings=len(base.index.phrasings.texts),
        problems=len(problems),
        stolen=len(stolen),
    )
    if problems or stolen:
        sys.exit(FAILED)


def _tell_notes(shell: Shell, base: KnowledgeBase) -> None:
    for entry in curate.overdue(base, shell.today()):
        shell.tell("check.overdue", id=entry.id, date=entry.review_by)
    idle = curate.idle_expressions(base)
    if idle:
        named = ", ".join(idle[:MOST_NAMED]) + (" …" if len(idle) > MOST_NAMED else "")
        shell.tell("check.idle_expressions", count=len(idle), named=named)
