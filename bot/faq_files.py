"""`shebao faq export` and `shebao faq import`: the entries as files that people edit."""

from __future__ import annotations

import datetime
import json
import sys
from collections.abc import Callable
from pathlib import Path

import click

from bot.faq_commands import faq
from bot.loading import Loaded
from bot.markup import Line, to_plain
from bot.people.store import SHELL
from bot.sheets import store
from bot.sheets.files import TEXT, WORKBOOK, backup_path, text_files, workbook
from bot.sheets.report import Report
from bot.sheets.words import words_of
from bot.shell import FAILED, Shell, help_text, pass_shell
from bot.store import last_questions
from knowledge.base import KnowledgeBase, assemble
from knowledge.build import build_index
from knowledge.cells import LARGEST_FILE, Table
from knowledge.database import backup
from knowledge.entry import Entry
from knowledge.importing import plan
from knowledge.outlook import outlook
from knowledge.plan import Plan
from knowledge.recognise import read_tables
from knowledge.store import KnowledgeStore
from knowledge.subject import subjects

__all__ = ["faq"]

JSON = ".json"
QUESTIONS_ASKED_AGAIN = 1_000


def _now() -> datetime.datetime:
    return datetime.datetime.now(datetime.UTC)


@faq.command("export", help=help_text("cli.faq_export"))
@click.argument("file", type=click.Path(dir_okay=False, path_type=Path))
@pass_shell
def faq_export(shell: Shell, file: Path) -> None:
    """Writes every entry to a workbook, to two CSV files, or as JSON."""
    ending = file.suffix.casefold()
    if ending not in (WORKBOOK, TEXT, JSON):
        raise click.BadParameter(shell.say("cli.export_kinds"), param_hint="FILE")
    with shell.knowledge() as loaded:
        entries = list(loaded.base.entries.values())
        if ending == WORKBOOK:
            written = {file: workbook(loaded.base, words_of(shell.texts))}
        elif ending == TEXT:
            written = text_files(file, entries, words_of(shell.texts))
        else:
            text = json.dumps([e.as_json() for e in entries], ensure_ascii=False, indent=1)
            written = {file: f"{text}\n".encode()}
    for path, content in written.items():
        _write(path, content)
    shell.tell("cli.exported", count=len(entries), file=", ".join(map(str, written)))


def _write(path: Path, content: bytes) -> None:
    try:
        # Written beside and moved into place, so that a full disk leaves no half a file.
        part = path.with_name(f"{path.name}.part")
        part.write_bytes(content)
        part.replace(path)
    except OSError as error:
        raise click.FileError(str(path), error.strerror) from error


@faq.command("import", help=help_text("cli.faq_import"))
@click.argument(
    "files",
    nargs=-1,
    metavar="FILE...",
    type=click.Path(exists=True, dir_okay=False, path_type=Path),
)
@click.option("--dry-run", is_flag=True, help=help_text("cli.option.dry_run"))
@click.option("--yes", is_flag=True, help=help_text("cli.option.yes"))
@click.option("--undo", is_flag=True, help=help_text("cli.option.undo"))
@pass_shell
def faq_import(shell: Shell, files: tuple[Path, ...], dry_run: bool, yes: bool, undo: bool) -> None:
    """Shows what the files would change; with agreement, changes it. Or takes the last import back."""
    if undo == bool(files) or (undo and dry_run):
        raise click.UsageError(shell.say("cli.files_or_undo"))
    if undo:
        _undo(shell)
        return
    tables = [table for file in files for table in _tables(file)]
    with shell.knowledge() as loaded:
        found = plan(
            tables,
            loaded.base,
            words_of(shell.texts),
            at_version=KnowledgeStore(loaded.connection).at_version,
            today=shell.today(),
        )
        _show(shell, loaded, found)
        if found.problems:
            sys.exit(FAILED)
        if found.changes and not dry_run:
            _apply(shell, loaded, found, yes=yes)
    if found.conflicts:
        sys.exit(FAILED)


def _tables(file: Path) -> list[Table]:
    try:
        with file.open("rb") as opened:
            return read_tables(file.name, opened.read(LARGEST_FILE + 1))
    except OSError as error:
        raise click.FileError(str(file), error.strerror) from error


def _show(shell: Shell, loaded: Loaded, found: Plan) -> None:
    report = Report(shell.texts, shell.language, loaded.base)
    message: list[Line] = report.plan(found)
    if found.changes and not found.problems:
        questions = last_questions(loaded.connection, QUESTIONS_ASKED_AGAIN)
        message += report.effect(outlook(found, loaded.base, _with(loaded), questions))
    click.echo(to_plain(message))


def _with(loaded: Loaded) -> Callable[[list[Entry]], KnowledgeBase]:
    """Gives the knowledge as it would be with other entries."""

    def with_entries(entries: list[Entry]) -> KnowledgeBase:
        before = loaded.base
        asked_about = subjects(entries, loaded.outside)
        index = build_index(asked_about, before.segmenter, before=before.index)
        return assemble(entries, before.segmenter, index, loaded.outside)

    return with_entries


def _apply(shell: Shell, loaded: Loaded, found: Plan, *, yes: bool) -> None:
    if not yes and not click.confirm(shell.say("cli.import_confirm"), err=True):
        shell.tell("cli.import_not_done")
        sys.exit(FAILED)
    kept = backup_path(shell.config.db)
    backup(shell.config.db, kept)
    store.apply(loaded.connection, found, actor=SHELL, now=_now())
    shell.tell("cli.imported", count=len(found.changes), backup=kept)


def _undo(shell: Shell) -> None:
    with shell.database() as db:
        restored = store.undo(db, store.last_import(db), actor=SHELL, now=_now())
    shell.tell("cli.import_undone", count=len(restored))
