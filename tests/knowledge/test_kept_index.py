"""The index as it is kept in the database."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest
from sqlite_utils.db import Database as Connection

from knowledge import kept_index
from knowledge.base import KnowledgeBase, shipped_outside
from knowledge.build import build_index
from knowledge.database import insert, open_database, reading, writing
from knowledge.kept_index import index_of
from knowledge.subject import PHRASING, subjects


def test_the_kept_index_is_the_one_that_was_built(
    connection: Connection, base: KnowledgeBase, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked_about = subjects(base.entries.values(), shipped_outside())
    built = index_of(connection, asked_about, base.segmenter)
    assert built == base.index

    def never(*_: object) -> None:
        raise AssertionError("built again")

    monkeypatch.setattr(kept_index, "build_index", never)
    assert index_of(connection, asked_about, base.segmenter) == built


def test_another_phrasing_makes_another_index(connection: Connection, base: KnowledgeBase) -> None:
    asked_about = subjects(base.entries.values(), shipped_outside())
    first = asked_about[0]
    more = replace(first, texts=(*first.texts, ("机器人领不领养老金", PHRASING)))
    changed = index_of(connection, [more, *asked_about[1:]], base.segmenter)
    assert "机器人领不领养老金" in changed.phrasings.texts
    assert connection.execute("SELECT count(*) FROM kept_index").fetchone() == (1,)


def test_a_database_that_cannot_be_written_still_answers(
    database: Path, base: KnowledgeBase
) -> None:
    connection = open_database(database)
    connection.execute("DELETE FROM kept_index")
    connection.commit()
    connection.execute("PRAGMA query_only = ON")
    asked_about = subjects(base.entries.values(), shipped_outside())
    index = index_of(connection, asked_about, base.segmenter)
    assert index == base.index
    assert connection.execute("SELECT count(*) FROM kept_index").fetchone() == (0,)
    connection.close()


def test_building_on_an_earlier_index_gives_the_same(base: KnowledgeBase) -> None:
    asked_about = subjects(base.entries.values(), shipped_outside())
    assert build_index(asked_about, base.segmenter, before=base.index) == base.index


def test_what_is_read_together_is_of_one_moment(connection: Connection, database: Path) -> None:
    other = open_database(database)
    with reading(connection):
        before = connection.execute("SELECT count(*) FROM kept_index").fetchone()
        with writing(other):
            other.execute("DELETE FROM kept_index")
            for digest in ("another", "more"):
                insert(other, "kept_index", {"digest": digest, "strings": "{}", "numbers": b""})
        assert connection.execute("SELECT count(*) FROM kept_index").fetchone() == before
    assert connection.execute("SELECT count(*) FROM kept_index").fetchone() == (2,)
    other.close()
