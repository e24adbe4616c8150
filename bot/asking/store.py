"""What was asked and what became of it, in SQLite, without who asked."""

from __future__ import annotations

import datetime
import json
import secrets
from collections.abc import Sequence

from sqlite_utils.db import Database

from knowledge.database import insert, writing
from knowledge.decide import Decision
from knowledge.text import mask

NONE_OF_THESE = ""


def new_question_id() -> str:
    """An id that nobody can guess (48 random bits, 8 characters that fit callback data)."""
    return secrets.token_urlsafe(6)


def record_question(
    db: Database,
    question_id: str,
    *,
    text: str,
    language: str,
    decision: Decision,
    shown: Sequence[str],
    day: datetime.date,
) -> None:
    """The question is kept with its numbers masked, the decision and the ids shown."""
    with writing(db):
        insert(
            db,
            "questions",
            {
                "id": question_id,
                "asked_on": day.isoformat(),
                "language": language,
                "text": mask(text),
                "decision": str(decision),
                "shown": json.dumps(list(shown)),
            },
        )


def record_choice(db: Database, question_id: str, chosen: str) -> None:
    """What was tapped under "did you mean" is kept; the last tap counts."""
    with writing(db):
        db.execute("UPDATE questions SET chosen = ? WHERE id = ?", [chosen, question_id])


def record_feedback(
    db: Database,
    *,
    question_id: str | None,
    entry_id: str,
    entry_version: int,
    helpful: bool,
    day: datetime.date,
) -> None:
    """Whether an answer helped is kept with its version; a second tap on the same answer replaces the first."""
    with writing(db):
        known = question_id is not None and db.table("questions").count_where(
            "id = ?", [question_id]
        )
        if known:
            db.execute("UPDATE questions SET helpful = ? WHERE id = ?", [int(helpful), question_id])
        db.execute(
            "INSERT INTO feedback (entry_id, entry_version, question_id, helpful, given_on)"
            " VALUES (?, ?, ?, ?, ?) ON CONFLICT (question_id, entry_id) DO UPDATE"
            " SET helpful = excluded.helpful, entry_version = excluded.entry_version",
            [
                entry_id,
                entry_version,
                question_id if known else None,
                int(helpful),
                day.isoformat(),
            ],
        )


def purge(db: Database, *, before: datetime.date) -> int:
    """Questions asked before that day are gone, with their feedback; their number is returned."""
    with writing(db):
        db.execute("DELETE FROM feedback WHERE given_on < ?", [before.isoformat()])
        return db.execute("DELETE FROM questions WHERE asked_on < ?", [before.isoformat()]).rowcount
