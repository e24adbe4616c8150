"""The FAQ as a file to edit, and such files read: what the shell and the chat share."""

from __future__ import annotations

from pathlib import Path

from knowledge.base import KnowledgeBase
from knowledge.delimited import write_delimited
from knowledge.entry import Entry
from knowledge.spreadsheet import (
    ENTRY_COLUMNS,
    PHRASING_COLUMNS,
    Words,
    entry_rows,
    headers,
    phrasing_rows,
    sheets,
)
from knowledge.workbook import write_workbook

WORKBOOK, TEXT = ".xlsx", ".csv"


def workbook(base: KnowledgeBase, words: Words) -> bytes:
    """The whole FAQ as a workbook; takes some seconds, in any thread."""
    return write_workbook(sheets(base, words), words.label("sheet", "lists"))


def text_files(path: Path, entries: list[Entry], words: Words) -> dict[Path, bytes]:
    """The whole FAQ as two CSV files: entries at ``path``, phrasings beside it."""
    beside = path.with_name(f"{path.stem}-phrasings{path.suffix}")
    rows = [[str(value) for value in row] for row in entry_rows(entries, words)]
    return {
        path: write_delimited(headers(ENTRY_COLUMNS, words), rows),
        beside: write_delimited(
            headers(PHRASING_COLUMNS, words), list(phrasing_rows(entries, words))
        ),
    }


def backup_path(database: Path) -> Path:
    """Where the database is copied to before an import: one file, replaced by the next import."""
    return database.with_name(f"{database.stem}.before-import{database.suffix}")
