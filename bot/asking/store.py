"""What was asked and what became of it, in SQLite, without who asked."""

from __future__ import annotations

import datetime
import json
import secrets
from collections.abc import Sequence
from enum import StrEnum

from sqlite_utils.db import Database

from knowledge.database import insert, writing
from knowledge.decide import Decision, Reason
from knowledge.text import mask

NONE_OF_THESE = ""


class Waits(StrEnum):
    """What became of somebody's wish to be told of an answer."""

    KEPT = "kept"
    BEFORE = "before"  # it had been kept before
    GONE = "gone"  # the question is erased, or was found to be none of ours


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
    reason: Reason,
    shown: Sequence[str],
    region: str | None,
    day: datetime.date,
    moment: datetime.datetime,
) -> None:
    """The question is kept with its numbers masked, the decision, why, and the ids shown.

    Args:
        region: two-digit code of the place that it named or that was chosen.
        day: in the set time zone.
        moment: with its zone; only the hour is kept.
    """
    hour = moment.astimezone(datetime.UTC).replace(minute=0, second=0, microsecond=0)
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
                "reason": str(reason),
                "shown": json.dumps(list(shown)),
                "region": region,
                "asked_hour": hour.isoformat(timespec="minutes"),
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


def answered_by(db: Database, question_id: str) -> str | None:
    """The entry that was published for this question since it was asked, if any."""
    row = db.execute(
        "SELECT entry_id FROM settled WHERE question_id = ? AND how = 'published'", [question_id]
    ).fetchone()
    return row[0] if row else None


def await_answer(db: Database, question_id: str, chat_id: int, *, until: datetime.date) -> Waits:
    """The chat is kept beside the question, in whose language it will be told of an answer."""
    with writing(db):
        asked = db.execute(
            "SELECT language FROM questions WHERE id = ?"
            " AND id NOT IN (SELECT question_id FROM settled)",
            [question_id],
        ).fetchone()
        if asked is None:
            return Waits.GONE
        kept = db.execute(
            "INSERT OR IGNORE INTO awaiting (question_id, chat_id, language, until, state)"
            " VALUES (?, ?, ?, ?, 'waiting')",
            [question_id, chat_id, asked[0], until.isoformat()],
        )
        return Waits.KEPT if kept.rowcount else Waits.BEFORE


def report_dead_number(db: Database, contact: str, region: str, *, day: datetime.date) -> None:
    """It is kept that a number was said not to work, and where (empty: not known); not by whom."""
    with writing(db):
        row = {"contact": contact, "region": region, "reported_on": day.isoformat()}
        insert(db, "dead_numbers", row)


def purge(db: Database, *, before: datetime.date) -> int:
    """Questions asked before that day are gone, with their feedback; their number is returned.

    How many there were, by day, decision, language, region and entry, stays.
    """
    first = [before.isoformat()]
    with writing(db):
        db.execute(
            "INSERT INTO question_counts SELECT asked_on, decision, language, region, entry_id,"
            " count(*), sum(unanswered), sum(helpful), sum(not_helpful)"
            " FROM v_questions WHERE asked_on < ?"
            " GROUP BY asked_on, decision, language, region, entry_id"
            " ON CONFLICT DO UPDATE SET questions = questions + excluded.questions,"
            " unanswered = unanswered + excluded.unanswered, helpful = helpful + excluded.helpful,"
            " not_helpful = not_helpful + excluded.not_helpful",
            first,
        )
        db.execute("DELETE FROM feedback WHERE given_on < ?", first)
        db.execute("DELETE FROM dead_numbers WHERE settled_on < ?", first)
        return db.execute("DELETE FROM questions WHERE asked_on < ?", first).rowcount
