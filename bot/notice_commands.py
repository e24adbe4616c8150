"""`shebao notice`: see how a notice goes, and have a running bot send, pause or end it."""

from __future__ import annotations

import datetime
import json

import click

from bot.notices import outbox, store
from bot.notices.states import DeliveryState
from bot.people.store import SHELL
from bot.shell import Shell, help_text, json_option, pass_shell
from knowledge.errors import ShebaoError


class NeedsSecondPerson(ShebaoError):
    """What was written in the shell is sent by an organiser, to whom somebody else agrees."""

    def __init__(self, notice_id: int) -> None:
        super().__init__("error.needs_second_person", id=notice_id)


notice_argument = click.argument("notice_id", metavar="ID", type=click.IntRange(1))


def _now() -> datetime.datetime:
    return datetime.datetime.now(datetime.UTC)


@click.group(help=help_text("cli.notice"))
def notice() -> None:
    """Notices."""


@notice.command("show", help=help_text("cli.notice_show"))
@notice_argument
@json_option
@pass_shell
def notice_show(shell: Shell, notice_id: int, as_json: bool) -> None:
    """Shows where a notice stands."""
    with shell.database() as db:
        standing = store.standing(db, notice_id)
        counts = outbox.counts(db, notice_id)
    deliveries = {str(state): count for state, count in counts.items() if count}
    if as_json:
        send_at = standing.send_at.isoformat() if standing.send_at else None
        shown = {
            "id": notice_id,
            "state": standing.state,
            "deliveries": deliveries,
            "recipients": standing.recipients,
            "send_at": send_at,
            "urgent": standing.urgent,
            "pause_reason": standing.pause_reason,
        }
        click.echo(json.dumps(shown, ensure_ascii=False))
        return
    click.echo(f"{notice_id}\t{standing.state}")
    for state, count in deliveries.items():
        click.echo(f"{state}\t{count}")


@notice.command("send", help=help_text("cli.notice_send"))
@notice_argument
@click.option("--at", metavar="TIME", help=help_text("cli.option.at"))
@click.option("--urgent", is_flag=True, help=help_text("cli.option.urgent"))
@pass_shell
def notice_send(shell: Shell, notice_id: int, at: str | None, urgent: bool) -> None:
    """Has a running bot send the notice, now or later."""
    now = _now()
    moment = _moment(shell, at, now) if at else now
    with shell.database() as db:
        own = store.standing(db, notice_id).created_by == SHELL
        if shell.config.approve_notices and own:
            raise NeedsSecondPerson(notice_id)
        store.schedule(db, notice_id, at=moment, urgent=urgent, actor=SHELL, now=now)
    shown = moment.astimezone(shell.config.timezone).strftime("%Y-%m-%d %H:%M")
    shell.tell("cli.notice_scheduled", id=notice_id, time=shown)
    quiet_until = None if urgent else shell.config.quiet_hours.until(moment)
    if quiet_until is not None:
        local = quiet_until.astimezone(shell.config.timezone).strftime("%Y-%m-%d %H:%M")
        shell.tell("cli.notice_quiet", time=local)


def _moment(shell: Shell, written: str, now: datetime.datetime) -> datetime.datetime:
    """A time in the set time zone, or with its own.

    Raises:
        click.BadParameter: it is none, or is past.
    """
    try:
        moment = datetime.datetime.fromisoformat(written)
    except ValueError:
        raise click.BadParameter(shell.say("expected.time"), param_hint="--at") from None
    if moment.tzinfo is None:
        moment = moment.replace(tzinfo=shell.config.timezone)
    if moment < now:
        raise click.BadParameter(shell.say("expected.future_time"), param_hint="--at")
    return moment


@notice.command("pause", help=help_text("cli.notice_pause"))
@notice_argument
@pass_shell
def notice_pause(shell: Shell, notice_id: int) -> None:
    """Pauses a notice within a second."""
    with shell.database() as db:
        store.pause(db, notice_id, actor=SHELL, now=_now())
    shell.tell("cli.notice_paused", id=notice_id)


@notice.command("resume", help=help_text("cli.notice_resume"))
@notice_argument
@pass_shell
def notice_resume(shell: Shell, notice_id: int) -> None:
    """Lets a paused notice go on."""
    with shell.database() as db:
        store.resume(db, notice_id, actor=SHELL, now=_now())
    shell.tell("cli.notice_resumed", id=notice_id)


@notice.command("cancel", help=help_text("cli.notice_cancel"))
@notice_argument
@pass_shell
def notice_cancel(shell: Shell, notice_id: int) -> None:
    """Ends a notice for good within a second."""
    with shell.database() as db:
        store.cancel(db, notice_id, actor=SHELL, now=_now())
        while outbox.sweep(db):
            pass
        sent = outbox.counts(db, notice_id)[DeliveryState.SENT]
    shell.tell("cli.notice_cancelled", id=notice_id, sent=sent)


@notice.command("retry", help=help_text("cli.notice_retry"))
@notice_argument
@click.option("--unknown", is_flag=True, help=help_text("cli.option.unknown"))
@pass_shell
def notice_retry(shell: Shell, notice_id: int, unknown: bool) -> None:
    """Tries the failed deliveries again."""
    with shell.database() as db:
        count = outbox.retry(db, notice_id, actor=SHELL, now=_now(), unknown=unknown)
    shell.tell("cli.notice_retried", id=notice_id, count=count)
