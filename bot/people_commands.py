"""`shebao people`: subscribers of another bot with the same token, taken over or handed on."""

from __future__ import annotations

from pathlib import Path

import click

from bot.notices.subscribing import store
from bot.notices.subscribing.people_file import read_people, write_people
from bot.shell import Shell, help_text, pass_shell
from knowledge.base import FOLDER
from knowledge.contacts import read_contacts

in_argument = click.argument("file", type=click.Path(exists=True, dir_okay=False, path_type=Path))
out_argument = click.argument("file", type=click.Path(dir_okay=False, path_type=Path))


@click.group(help=help_text("cli.people"))
def people() -> None:
    """People."""


@people.command("import", help=help_text("cli.people_import"))
@in_argument
@click.option("--dry-run", is_flag=True, help=help_text("cli.option.dry_run"))
@pass_shell
def people_import(shell: Shell, file: Path, dry_run: bool) -> None:
    """Takes everybody in the file over, or nobody."""
    regions = read_contacts(FOLDER / "contacts.yaml").regions
    found = read_people(file, regions)
    if dry_run:
        shell.tell("cli.people_checked", count=len(found))
        return
    with shell.database() as db:
        store.import_people(db, found)
    shell.tell("cli.people_imported", count=len(found))


@people.command("export", help=help_text("cli.people_export"))
@out_argument
@pass_shell
def people_export(shell: Shell, file: Path) -> None:
    """Writes everybody who is known."""
    with shell.database() as db:
        try:
            count = write_people(file, store.export_people(db))
        except OSError as error:
            raise click.FileError(str(file), error.strerror) from error
    shell.tell("cli.people_exported", count=count, file=file)
