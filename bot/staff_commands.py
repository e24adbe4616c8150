"""`shebao staff` and `shebao audit`: who may do what, and what they did."""

from __future__ import annotations

import asyncio
import csv
import datetime
import json
from dataclasses import asdict, fields
from pathlib import Path

import click

from bot.config import Config
from bot.people import store
from bot.people.roles import STAFF_ROLES, Role
from bot.shell import Shell, help_text, json_option, pass_shell

role_argument = click.argument("role", type=click.Choice([str(role) for role in STAFF_ROLES]))
user_argument = click.argument("user_id", type=click.IntRange(1))


def _now() -> datetime.datetime:
    return datetime.datetime.now(datetime.UTC)


@click.group(help=help_text("cli.staff"))
def staff() -> None:
    """Staff."""


@staff.command("list", help=help_text("cli.staff_list"))
@json_option
@pass_shell
def staff_list(shell: Shell, as_json: bool) -> None:
    """Lists everybody with a role."""
    with shell.database() as db:
        members = store.members(db)
    by_setting = sorted(shell.config.admins)
    if as_json:
        listed = [asdict(member) for member in members]
        listed += [{"user_id": user, "role": "admin", "added_by": None} for user in by_setting]
        click.echo(json.dumps(listed, ensure_ascii=False))
        return
    for member in members:
        click.echo(f"{member.user_id}\t{member.role}\t{member.added_at}")
    for user_id in by_setting:
        click.echo(f"{user_id}\t{Role.ADMIN}\tSHEBAO_ADMINS")


@staff.command("add", help=help_text("cli.staff_add"))
@user_argument
@role_argument
@pass_shell
def staff_add(shell: Shell, user_id: int, role: str) -> None:
    """Gives somebody a role, besides those they have."""
    with shell.database() as db:
        new = store.give_role(db, user_id, Role(role), actor=store.SHELL, now=_now())
    shell.tell("cli.staff_added" if new else "cli.staff_had", id=user_id, role=role)


@staff.command("remove", help=help_text("cli.staff_remove"))
@user_argument
@click.argument("role", type=click.Choice([str(role) for role in STAFF_ROLES]), required=False)
@pass_shell
def staff_remove(shell: Shell, user_id: int, role: str | None) -> None:
    """Takes one role from somebody, or all of them."""
    chosen = Role(role) if role else None
    with shell.database() as db:
        count = store.withdraw(db, user_id, chosen, actor=store.SHELL, now=_now())
    shell.tell("cli.staff_removed", id=user_id, count=count)
    if user_id in shell.config.admins:
        shell.tell("cli.staff_by_setting", id=user_id)


@staff.command("invite", help=help_text("cli.staff_invite"))
@role_argument
@pass_shell
def staff_invite(shell: Shell, role: str) -> None:
    """Prints what gives the role to the first who sends it to the bot."""
    with shell.database() as db:
        secret = store.invite(db, Role(role), actor=store.SHELL, now=_now())
    click.echo(_link(shell.config, secret))
    shell.tell("cli.staff_invited", hours=store.INVITE_HOURS)


def _link(config: Config, secret: str) -> str:
    """A link where Telegram tells the bot's name, else the message to send to it."""
    from telegram.error import TelegramError
    from telegram.helpers import create_deep_linked_url

    from bot.people.staff import INVITE_PREFIX
    from bot.transport import bot_name

    payload = f"{INVITE_PREFIX}_{secret}"
    if config.token is not None:
        try:
            name = asyncio.run(bot_name(config.token, config.api_url, config.proxy))
        except TelegramError:
            pass
        else:
            return create_deep_linked_url(name, payload)
    return f"/start {payload}"


@click.group(help=help_text("cli.audit"))
def audit() -> None:
    """The log of what staff did."""


@audit.command("export", help=help_text("cli.audit_export"))
@click.argument("file", type=click.Path(dir_okay=False, path_type=Path))
@pass_shell
def audit_export(shell: Shell, file: Path) -> None:
    """Writes every act to a CSV file that spreadsheets open."""
    with shell.database() as db:
        acts = list(store.all_acts(db))
    try:
        # With a mark at its start, without which Excel takes Chinese for something else.
        with file.open("w", encoding="utf-8-sig", newline="") as out:
            writer = csv.DictWriter(out, [field.name for field in fields(store.Act)])
            writer.writeheader()
            writer.writerows(asdict(act) for act in acts)
    except OSError as error:
        raise click.FileError(str(file), error.strerror) from error
    shell.tell("cli.audit_exported", count=len(acts), file=file)
