"""What a person chose, in SQLite."""

from __future__ import annotations

from dataclasses import dataclass

from sqlite_utils.db import Database

from knowledge.database import writing
from knowledge.text import Language


@dataclass(frozen=True, slots=True)
class Preferences:
    """What a person chose; None where they chose nothing.

    Attributes:
        region: two-digit code of a provincial unit.
    """

    language: Language | None = None
    region: str | None = None


def preferences(db: Database, chat_id: int) -> Preferences:
    """What is kept about this chat; empty when nothing is."""
    found = db.execute(
        "SELECT language, region FROM people WHERE chat_id = ?", [chat_id]
    ).fetchone()
    if found is None:
        return Preferences()
    language, region = found
    return Preferences(Language(language) if language else None, region)


def choose_language(db: Database, chat_id: int, language: Language) -> None:
    """The chat's language is kept."""
    with writing(db):
        db.execute(
            "INSERT INTO people (chat_id, language) VALUES (?, ?)"
            " ON CONFLICT (chat_id) DO UPDATE SET language = excluded.language",
            [chat_id, str(language)],
        )


def choose_region(db: Database, chat_id: int, region: str | None) -> None:
    """The chat's region is kept; None takes it away."""
    with writing(db):
        db.execute(
            "INSERT INTO people (chat_id, region) VALUES (?, ?)"
            " ON CONFLICT (chat_id) DO UPDATE SET region = excluded.region",
            [chat_id, region],
        )


def forget(db: Database, chat_id: int) -> None:
    """Nothing is kept about this chat."""
    with writing(db):
        db.execute("DELETE FROM people WHERE chat_id = ?", [chat_id])
