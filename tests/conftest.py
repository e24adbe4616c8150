"""What tests share: the shipped knowledge, loaded once, and a database of one's own."""

from __future__ import annotations

import datetime
import shutil
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest
from sqlite_utils.db import Database as Connection

from bot.loading import MIGRATIONS, Loaded
from bot.texts import Texts
from knowledge.base import FAQ_FOLDER, FOLDER, KnowledgeBase, assemble, shipped_outside
from knowledge.database import open_database
from knowledge.kept_index import index_of
from knowledge.segment import Segmenter
from knowledge.store import KnowledgeStore, ReleaseReport
from knowledge.subject import subjects
from knowledge.vocabulary import read_vocabulary

NOW = datetime.datetime(2026, 11, 24, 8, 0, tzinfo=datetime.UTC)


@pytest.fixture(scope="session")
def segmenter() -> Segmenter:
    """jieba with the shipped lexicon."""
    return Segmenter(read_vocabulary(FOLDER / "lexicon"))


@dataclass(frozen=True)
class Shipped:
    """The shipped entries in a database file that must not be written to."""

    path: Path
    base: KnowledgeBase


@pytest.fixture(scope="session")
def shipped(tmp_path_factory: pytest.TempPathFactory, segmenter: Segmenter) -> Shipped:
    """The shipped entries, in a database with their index, and as a knowledge base."""
    return stored(FAQ_FOLDER, tmp_path_factory.mktemp("shipped") / "shebao.db", segmenter)


def stored(folder: Path, path: Path, segmenter: Segmenter) -> Shipped:
    """The entries of a folder, in a new database at the path."""
    connection = open_database(path, *MIGRATIONS)
    store = KnowledgeStore(connection)
    store.apply_release(folder, now=NOW)
    entries, outside = store.entries(), shipped_outside()
    index = index_of(connection, subjects(entries, outside), segmenter)
    base = assemble(entries, segmenter, index, outside)
    connection.execute("PRAGMA wal_checkpoint(TRUNCATE)")
    connection.close()
    return Shipped(path, base)


@pytest.fixture(scope="session")
def base(shipped: Shipped) -> KnowledgeBase:
    """The shipped knowledge."""
    return shipped.base


@pytest.fixture(scope="session")
def texts() -> Texts:
    """Both catalogues."""
    return Texts()


@pytest.fixture
def database(shipped: Shipped, tmp_path: Path) -> Path:
    """A database file with the shipped entries, for one test."""
    path = tmp_path / "data" / "shebao.db"
    path.parent.mkdir()
    shutil.copy(shipped.path, path)
    return path


@pytest.fixture
def connection(database: Path) -> Iterator[Connection]:
    """An open database with the shipped entries, for one test."""
    opened = open_database(database, *MIGRATIONS)
    yield opened
    opened.close()


@pytest.fixture
def loaded(connection: Connection, base: KnowledgeBase) -> Loaded:
    """What the bot starts with."""
    edits = KnowledgeStore(connection).edits()
    return Loaded(connection, ReleaseReport(), base, shipped_outside(), edits)
