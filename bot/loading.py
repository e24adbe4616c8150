"""From settings to knowledge that can be asked: what the command and the bot share."""

from __future__ import annotations

import datetime
import gc
import sqlite3
from dataclasses import dataclass
from pathlib import Path

from sqlite_utils.db import Database as Connection

from bot import schema
from bot.notices import schema as notices_schema
from knowledge.base import FAQ_FOLDER, KnowledgeBase, assemble, shipped_outside, shipped_segmenter
from knowledge.database import open_database
from knowledge.errors import UnusableDatabase
from knowledge.kept_index import index_of
from knowledge.outside import Topic
from knowledge.store import KnowledgeStore, ReleaseReport
from knowledge.subject import subjects

# Tables beyond those of the knowledge.
MIGRATIONS = (schema.migrations, notices_schema.migrations)


@dataclass(frozen=True, slots=True)
class Loaded:
    """An open database, what the shipped files changed in it, and the knowledge it holds.

    Attributes:
        outside: the topics that are none of ours.
        edits: how often entries had been edited when they were read.
    """

    connection: Connection
    report: ReleaseReport
    base: KnowledgeBase
    outside: list[Topic]
    edits: int


def load(path: Path) -> Loaded:
    """The database at ``path`` is made or migrated, holds the shipped entries, and is read.

    Raises:
        ShebaoError: the database or a shipped file cannot be used.
    """
    connection = open_database(path, *MIGRATIONS)
    # Of the million objects that are made here none is garbage: looking for some takes a fifth of the time.
    collecting = gc.isenabled()
    gc.disable()
    try:
        store = KnowledgeStore(connection)
        report = store.apply_release(FAQ_FOLDER, now=datetime.datetime.now(datetime.UTC))
        edits, entries = store.edits(), store.entries()
        segmenter, outside = shipped_segmenter(), shipped_outside()
        index = index_of(connection, subjects(entries, outside), segmenter)
        base = assemble(entries, segmenter, index, outside)
        return Loaded(connection, report, base, outside, edits)
    except sqlite3.DatabaseError as error:
        connection.close()
        raise UnusableDatabase(str(path), str(error)) from error
    except BaseException:
        connection.close()
        raise
    finally:
        if collecting:
            gc.enable()
