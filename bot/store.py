"""Which updates were handled, what was asked last, and what staff have begun, in SQLite."""

from __future__ import annotations

import datetime
import json
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

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


@dataclass(frozen=True, slots=True)
class Draft:
    """What a member of staff has begun.

    Attributes:
        kind: what it will be, such as an entry; one of each kind at a time.
        waiting: what the next message in private is taken for; empty when for a question.
        content: what there is so far, as JSON values.
    """

    user_id: int
    kind: str
    waiting: str
    content: dict[str, Any]


def drafts(db: Database) -> list[Draft]:
    """All drafts, the one touched last at the end."""
    return [
        Draft(row["user_id"], row["kind"], row["waiting"], json.loads(row["content"]))
        for row in db.query("SELECT * FROM drafts ORDER BY touched_at")
    ]


def keep_draft(db: Database, draft: Draft, now: datetime.datetime) -> None:
    """The draft is kept in the place of an earlier one of its kind; no other waits for a message."""
    with writing(db):
        if draft.waiting:
            db.execute("UPDATE drafts SET waiting = '' WHERE user_id = ?", [draft.user_id])
        db.execute(
            "INSERT INTO drafts (user_id, kind, waiting, content, touched_at)"
            " VALUES (?, ?, ?, ?, ?) ON CONFLICT (user_id, kind) DO UPDATE SET"
            " waiting = excluded.waiting, content = excluded.content,"
            " touched_at = excluded.touched_at",
            [
                draft.user_id,
                draft.kind,
                draft.waiting,
                json.dumps(draft.content, ensure_ascii=False),
                now.isoformat(),
            ],
        )


def drop_draft(db: Database, user_id: int, kind: str) -> None:
    """This draft is gone."""
    with writing(db):
        db.execute("DELETE FROM drafts WHERE user_id = ? AND kind = ?", [user_id, kind])


def last_questions(db: Database, limit: int) -> list[str]:
    """What workers asked last, with their numbers masked."""
    found = db.execute("SELECT text FROM questions ORDER BY rowid DESC LIMIT ?", [limit])
    return [text for (text,) in found]
