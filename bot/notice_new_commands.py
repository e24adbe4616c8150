"""`shebao notice new` and `list`: a notice from a file, and which there are."""

from __future__ import annotations

import datetime
import json
from pathlib import Path

import click

from bot.notice_commands import notice
from bot.notices.audience.store import audience_counts
from bot.notices.checking import problems
from bot.notices.composing import store
from bot.notices.reading import InvalidNotice, Known, read_notice, region_names
from bot.people.store import SHELL
from bot.shell import Shell, help_text, json_option, pass_shell
from knowledge.base import FOLDER
from knowledge.contacts import read_contacts
from knowledge.errors import Problem

__all__ = ["notice"]

MOST_LISTED = 1_000


@notice.command("new", help=help_text("cli.notice_new"))
@click.argument("file", type=click.Path(exists=True, dir_okay=False, path_type=Path))
@json_option
@pass_shell
def notice_new(shell: Shell, file: Path, as_json: bool) -> None:
    """Keeps the notice in the file as a draft, and prints its number."""
    now = datetime.datetime.now(datetime.UTC)
    names = region_names(read_contacts(FOLDER / "contacts.yaml").regions)
    with shell.database() as db:
        known = Known(now, shell.config.timezone, names, store.workshops(db))
        written = read_notice(file, known)
        found = problems(written, known, shell.texts)
        if found:
            raise InvalidNotice(
                [Problem(file.name, "-", p.field, p.key, p.parameters) for p in found]
            )
        number = store.create(db, written, actor=SHELL, now=now)
        count = sum(audience_counts(db, written, now).values())
    if as_json:
        click.echo(json.dumps({"id": number, "audience": count}))
        return
    click.echo(number)
    shell.tell("cli.notice_audience", id=number, count=count)


@notice.command("list", help=help_text("cli.notice_list"))
@json_option
@pass_shell
def notice_list(shell: Shell, as_json: bool) -> None:
    """Lists notices, the newest first."""
    with shell.database() as db:
        found = store.listed(db, limit=MOST_LISTED)
    if as_json:
        listed = [
            {
                "id": each.id,
                "state": each.state,
                "title": {"zh": each.notice.title.zh, "en": each.notice.title.en},
                "created_at": each.created_at.isoformat(),
                "send_at": each.send_at.isoformat() if each.send_at else None,
            }
            for each in found
        ]
        click.echo(json.dumps(listed, ensure_ascii=False))
        return
    for each in found:
        click.echo(f"{each.id}\t{each.state}\t{each.notice.title.of(shell.language)}")
