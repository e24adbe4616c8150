"""The database is the truth: first start, edits, releases, and databases that cannot be used."""

from __future__ import annotations

import datetime
import sqlite3
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from pathlib import Path

import pytest
from sqlite_utils.db import Database

from knowledge.base import FAQ_FOLDER
from knowledge.database import open_database
from knowledge.entry import Entry, Status, read_entries
from knowledge.errors import InvalidKnowledge, NoEntry, UnusableDatabase
from knowledge.reading import Bilingual
from knowledge.store import KnowledgeStore
from tests.knowledge.test_entry import ENTRY, write

NOW = datetime.datetime(2026, 11, 24, tzinfo=datetime.UTC)
LATER = NOW + datetime.timedelta(days=1)


@pytest.fixture
def db(tmp_path: Path) -> Iterator[Database]:
    opened = open_database(tmp_path / "a.db")
    yield opened
    opened.close()


@pytest.fixture
def store(db: Database) -> KnowledgeStore:
    return KnowledgeStore(db)


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    path = tmp_path / "faq"
    path.mkdir()
    return write(path, ENTRY)


def retitled(entry: Entry, title: str) -> Entry:
    return replace(entry, title=Bilingual(title, entry.title.en))


def test_the_first_start_copies_every_entry(store: KnowledgeStore) -> None:
    report = store.apply_release(FAQ_FOLDER, now=NOW)
    assert list(report.added) == [entry.id for entry in read_entries(FAQ_FOLDER)]
    assert store.entries() == read_entries(FAQ_FOLDER)


def test_a_second_start_changes_nothing(store: KnowledgeStore, folder: Path) -> None:
    store.apply_release(folder, now=NOW)
    assert not store.apply_release(folder, now=LATER)
    assert [entry.version for entry in store.entries()] == [1]


def test_a_release_updates_what_staff_never_changed(store: KnowledgeStore, folder: Path) -> None:
    store.apply_release(folder, now=NOW)
    write(folder, ENTRY.replace("例子是什么", "新的例子是什么"))
    report = store.apply_release(folder, now=LATER)
    assert report.updated == ("contribution.example",)
    (entry,) = store.entries()
    assert entry.title.zh == "新的例子是什么？"
    assert entry.version == 2


def test_a_release_leaves_what_staff_changed_and_says_so(
    store: KnowledgeStore, folder: Path
) -> None:
    store.apply_release(folder, now=NOW)
    (entry,) = store.entries()
    store.save(retitled(entry, "我们的例子？"), origin="staff", now=NOW)
    assert store.changed_by_staff() == ["contribution.example"]
    write(folder, ENTRY.replace("例子是什么", "新的例子是什么"))
    report = store.apply_release(folder, now=LATER)
    assert report.kept == ("contribution.example",)
    assert store.entries()[0].title.zh == "我们的例子？"


def test_a_release_retires_what_it_no_longer_has_and_brings_it_back(
    store: KnowledgeStore, folder: Path
) -> None:
    store.apply_release(folder, now=NOW)
    write(folder, ENTRY.replace("contribution.example", "contribution.other"))
    report = store.apply_release(folder, now=LATER)
    assert (report.added, report.retired) == (("contribution.other",), ("contribution.example",))
    assert store.entry("contribution.example").status is Status.RETIRED
    write(folder, ENTRY)
    report = store.apply_release(folder, now=LATER + datetime.timedelta(days=1))
    assert report.updated == ("contribution.example",)
    assert store.entry("contribution.example").status is Status.PUBLISHED


def test_an_invalid_release_leaves_the_database_as_it_was(
    store: KnowledgeStore, folder: Path
) -> None:
    store.apply_release(folder, now=NOW)
    before = store.entries()
    write(folder, ENTRY.replace("status: published", "status: live"))
    with pytest.raises(InvalidKnowledge):
        store.apply_release(folder, now=LATER)
    assert store.entries() == before


def test_an_unknown_id_is_named(store: KnowledgeStore) -> None:
    with pytest.raises(NoEntry) as caught:
        store.entry("no.such")
    assert caught.value.parameters == {"id": "no.such"}


def test_every_version_stays_in_the_history(
    db: Database, store: KnowledgeStore, folder: Path
) -> None:
    store.apply_release(folder, now=NOW)
    (entry,) = store.entries()
    store.save(retitled(entry, "我们的例子？"), origin="staff", now=LATER)
    versions = list(db.query("SELECT version, origin FROM entry_versions ORDER BY version"))
    assert [(v["version"], v["origin"]) for v in versions] == [(1, "release"), (2, "staff")]


def test_a_save_that_fails_half_way_leaves_nothing_half_done(
    db: Database, store: KnowledgeStore, folder: Path
) -> None:
    store.apply_release(folder, now=NOW)
    before = store.entries()
    db.execute("DROP TABLE entry_versions")
    with pytest.raises(sqlite3.OperationalError):
        store.save(retitled(before[0], "半截？"), origin="staff", now=LATER)
    assert store.entries() == before


def test_a_database_that_is_none_is_one_clear_error(tmp_path: Path) -> None:
    (tmp_path / "a.db").write_text("this is no database, " * 100)
    with pytest.raises(UnusableDatabase) as caught:
        open_database(tmp_path / "a.db")
    assert str(caught.value.parameters["path"]).endswith("a.db")


def test_a_locked_database_is_one_clear_error(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("knowledge.database.BUSY_TIMEOUT", 0.05)
    holder = sqlite3.connect(tmp_path / "a.db")
    holder.execute("BEGIN EXCLUSIVE")
    with pytest.raises(UnusableDatabase):
        open_database(tmp_path / "a.db")
    holder.close()


def test_first_starts_at_the_same_time_wait_for_each_other(tmp_path: Path, folder: Path) -> None:
    def start(number: int) -> int:
        db = open_database(tmp_path / "a.db")
        report = KnowledgeStore(db).apply_release(folder, now=NOW)
        db.close()
        return len(report.added)

    with ThreadPoolExecutor(8) as threads:
        added = list(threads.map(start, range(8)))
    assert sorted(added) == [0] * 7 + [1]


def test_a_folder_that_cannot_be_made_is_one_clear_error(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    with pytest.raises(UnusableDatabase):
        open_database(tmp_path / "file" / "a.db")


def test_the_database_keeps_a_write_ahead_log(db: Database) -> None:
    assert db.execute("PRAGMA journal_mode").fetchone() == ("wal",)
