"""`shebao stats`: what was asked and how it went."""

from __future__ import annotations

import datetime
import json
from dataclasses import asdict

import click

from bot.curation import figures_store
from bot.curation.figures_store import Figures, Period
from bot.markup import to_plain
from bot.shell import Shell, help_text, json_option, pass_shell


@click.command(help=help_text("cli.stats"))
@click.option(
    "--since",
    type=click.Choice([str(period) for period in Period]),
    default=str(Period.WEEK),
    show_default=True,
    help=help_text("cli.option.since"),
)
@json_option
@pass_shell
def stats(shell: Shell, since: str, as_json: bool) -> None:
    """Shows the figures of a period that ends now."""
    # The Telegram library, which this needs for a name, takes a third of a second to import.
    from bot.curation.figures_text import FiguresText

    now = datetime.datetime.now(datetime.UTC)
    span = figures_store.span(Period(since), now, shell.config.timezone)
    with shell.knowledge() as loaded:
        figures = figures_store.figures(loaded.connection, span)
        if as_json:
            click.echo(json.dumps(_as_json(figures), ensure_ascii=False))
            return
        text = FiguresText(shell.texts, loaded.base, shell.config.timezone)
        click.echo(to_plain(text.message(figures, shell.language)))


def _as_json(figures: Figures) -> dict[str, object]:
    totals = {
        "questions": figures.questions,
        "answered": figures.answered,
        "choices": figures.choices,
        "none": figures.none,
    }
    return {"period": str(figures.period), **totals, **asdict(figures)}
