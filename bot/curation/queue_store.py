"""What people ask and got no good answer to, what editors made of it, and who waits, in SQLite."""

from __future__ import annotations

import datetime
import json
from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum

from sqlite_utils.db import Database

from bot.people.store import record
from knowledge.database import writing
from knowledge.decide import Decision, Reason
from knowledge.grouping import Asked, Group, digest


class Why(StrEnum):
    """Why a question is in the queue; also the key of the word for it."""

    NO_ANSWER = "queue.no_answer"
    NONE_OF_THESE = "queue.none_of_these"
    NOT_HELPFUL = "queue.not_helpful"


class How(StrEnum):
    """How a question was settled."""

    PUBLISHED = "published"
    OUT_OF_SCOPE = "out_of_scope"
    DISMISSED = "dismissed"
    REJECTED = "rejected"  # as a phrasing of the entry that was chosen


@dataclass(frozen=True, slots=True)
class Open:
    """A question that waits for an editor."""

    asked: Asked
    why: Why


@dataclass(frozen=True, slots=True)
class Chosen:
    """A question whose asker chose the entry under "did you mean"."""

    asked: Asked
    entry_id: str


def open_questions(db: Database, limit: int) -> list[Open]:
    """The latest questions without a good answer that nobody has settled, the newest first.

    What was answered that it is none of ours, that it says nothing, or that there is no such article
    got a reply that fits.
    """
    found = db.execute(
        "SELECT id, text, language, asked_on, chosen, helpful FROM questions"
        " WHERE id NOT IN (SELECT question_id FROM settled)"
        " AND (helpful = 0 OR chosen = '' OR"
        "      (decision = ? AND chosen IS NULL AND (reason IS NULL OR reason = ?)))"
        " ORDER BY rowid DESC LIMIT ?",
        [str(Decision.NONE), str(Reason.NOTHING_NEAR), limit],
    )
    aside = _aside(db)
    return [
        Open(_asked(*row), _why(chosen, helpful))
        for *row, chosen, helpful in found
        if (digest(row[1]), "") not in aside
    ]


def _asked(question_id: str, text: str, language: str, day: str) -> Asked:
    return Asked(question_id, text, language, datetime.date.fromisoformat(day))


def _why(chosen: str | None, helpful: int | None) -> Why:
    if helpful == 0:
        return Why.NOT_HELPFUL
    return Why.NO_ANSWER if chosen is None else Why.NONE_OF_THESE


def _aside(db: Database) -> set[tuple[str, str]]:
    found = db.execute("SELECT digest, entry_id FROM settled_wordings")
    return {(words, entry_id) for words, entry_id in found}


def chosen_questions(db: Database, limit: int) -> list[Chosen]:
    """The latest questions whose askers chose an entry that did not prove unhelpful, the newest first."""
    found = db.execute(
        "SELECT id, text, language, asked_on, chosen FROM questions"
        " WHERE decision = ? AND chosen != '' AND helpful IS NOT 0 AND reason IS NOT ?"
        " AND id NOT IN (SELECT question_id FROM settled) ORDER BY rowid DESC LIMIT ?",
        [str(Decision.CHOICES), str(Reason.ARTICLE), limit],
    )
    aside = _aside(db)
    return [
        Chosen(_asked(*row), entry_id)
        for *row, entry_id in found
        if (digest(row[1]), entry_id) not in aside
    ]


def settle(
    db: Database,
    group: Group,
    how: How,
    *,
    actor: int,
    now: datetime.datetime,
    entry_id: str = "",
) -> bool:
    """The group's questions and their wordings are put aside; false when they all were before.

    Whoever waits for an answer to one of them is forgotten: there will be none.

    Args:
        entry_id: for which they were rejected as phrasings.
    """
    ids = [asked.id for asked in group.asked]
    with writing(db):
        count = _settle(db, ids, how, entry_id or None, actor=actor, now=now)
        if not count:
            return False
        day = now.date().isoformat()
        db.conn.executemany(
            "INSERT OR REPLACE INTO settled_wordings (digest, entry_id, settled_on)"
            " VALUES (?, ?, ?)",
            [(digest(wording.text), entry_id, day) for wording in group.wordings],
        )
        db.execute(
            "DELETE FROM awaiting WHERE state = 'waiting'"
            " AND question_id IN (SELECT value FROM json_each(?))",
            [json.dumps(ids)],
        )
        record(
            db,
            actor=actor,
            act=_act(how),
            subject=entry_id or ids[0],
            before=None,
            after={"questions": count},
            now=now,
        )
    return True


def _act(how: How) -> str:
    match how:
        case How.OUT_OF_SCOPE:
            return "question.out_of_scope"
        case How.REJECTED:
            return "question.rejected"
    return "question.dismissed"


def _settle(
    db: Database,
    ids: Sequence[str],
    how: How,
    entry_id: str | None,
    *,
    actor: int,
    now: datetime.datetime,
) -> int:
    """How many of the questions are settled by this; the others were, or are erased."""
    return db.execute(
        "INSERT OR IGNORE INTO settled (question_id, how, entry_id, settled_by, settled_at)"
        " SELECT id, ?, ?, ?, ? FROM questions WHERE id IN (SELECT value FROM json_each(?))",
        [str(how), entry_id, actor, now.isoformat(timespec="seconds"), json.dumps(list(ids))],
    ).rowcount


def publish(db: Database, entry_id: str, ids: Sequence[str], *, now: datetime.datetime) -> None:
    """The entry answers these questions, and whoever waits for one of them is to be told, once."""
    with writing(db):
        _settle(db, ids, How.PUBLISHED, entry_id, actor=0, now=now)
        db.execute(
            "UPDATE awaiting SET state = 'ready', entry_id = ? WHERE state = 'waiting'"
            " AND question_id IN (SELECT value FROM json_each(?))",
            [entry_id, json.dumps(list(ids))],
        )
        # Several of their questions may be settled by it.
        db.execute(
            "DELETE FROM awaiting WHERE state = 'ready' AND EXISTS"
            " (SELECT 1 FROM awaiting AS other WHERE other.chat_id = awaiting.chat_id"
            "  AND other.entry_id = awaiting.entry_id"
            "  AND (other.state = 'sending' OR other.question_id < awaiting.question_id))"
        )


@dataclass(frozen=True, slots=True)
class Telling:
    """Somebody who is to be told that an entry answers their question.

    Attributes:
        attempts: how often that failed.
    """

    question_id: str
    chat_id: int
    language: str
    entry_id: str
    attempts: int


def claim(db: Database, now: datetime.datetime) -> Telling | None:
    """The next who is to be told and nobody else will tell, if any; see :func:`told` and :func:`later`."""
    moment = now.astimezone(datetime.UTC).isoformat(timespec="seconds")
    with writing(db):
        row = db.execute(
            "SELECT question_id, chat_id, language, entry_id, attempts FROM awaiting"
            " WHERE state = 'ready' AND next_attempt_at <= ?"
            " ORDER BY next_attempt_at, question_id LIMIT 1",
            [moment],
        ).fetchone()
        if row is None:
            return None
        telling = Telling(*row)
        db.execute(
            "UPDATE awaiting SET state = 'sending' WHERE question_id = ? AND chat_id = ?",
            [telling.question_id, telling.chat_id],
        )
    return telling


def told(db: Database, telling: Telling) -> None:
    """The chat is kept no more for this question."""
    with writing(db):
        db.execute(
            "DELETE FROM awaiting WHERE question_id = ? AND chat_id = ?",
            [telling.question_id, telling.chat_id],
        )


def later(db: Database, telling: Telling, at: datetime.datetime) -> None:
    """It is tried again then."""
    with writing(db):
        db.execute(
            "UPDATE awaiting SET state = 'ready', attempts = attempts + 1, next_attempt_at = ?"
            " WHERE question_id = ? AND chat_id = ?",
            [
                at.astimezone(datetime.UTC).isoformat(timespec="seconds"),
                telling.question_id,
                telling.chat_id,
            ],
        )


def forget_chat(db: Database, chat_id: int) -> None:
    """The chat waits for nothing any more."""
    with writing(db):
        db.execute("DELETE FROM awaiting WHERE chat_id = ?", [chat_id])


def drop_interrupted(db: Database) -> int:
    """Those whose message was being sent when the bot stopped are kept no more: it may have arrived."""
    with writing(db):
        return db.execute("DELETE FROM awaiting WHERE state = 'sending'").rowcount


def purge(db: Database, *, before: datetime.date, today: datetime.date) -> None:
    """Chats are erased whose time is over, and wordings that were put aside before that day."""
    with writing(db):
        db.execute("DELETE FROM awaiting WHERE until < ?", [today.isoformat()])
        db.execute("DELETE FROM settled_wordings WHERE settled_on < ?", [before.isoformat()])
