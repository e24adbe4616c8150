"""Which updates were handled, in SQLite."""

from __future__ import annotations

from collections.abc import Sequence

from sqlite_utils.db import Database

from knowledge.database import writing

# Telegram hands out at most 100 updates at once, and over at most 100 connections of a webhook:
# only these can come again.
KEPT = 1_000


def handled(db: Database) -> list[int]:
    """The numbers of the updates handled last, oldest first."""
    rows = db.query("SELECT update_id FROM handled_updates ORDER BY rowid DESC LIMIT ?", [KEPT])
    return [row["update_id"] for row in rows][::-1]


def mark_handled(db: Database, update_ids: Sequence[int]) -> None:
    """The updates are known as handled, also after a restart."""
    with writing(db):
        db.conn.executemany(
            "INSERT OR IGNORE INTO handled_updates (update_id) VALUES (?)",
            [(number,) for number in update_ids],
        )


def forget_handled(db: Database) -> None:
    """Only the numbers that can come again are kept."""
    with writing(db):
        db.execute(
            "DELETE FROM handled_updates WHERE update_id NOT IN"
            " (SELECT update_id FROM handled_updates ORDER BY update_id DESC LIMIT ?)",
            [KEPT],
        )
