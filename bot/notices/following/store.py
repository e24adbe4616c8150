"""What goes out after a notice, and the messages that show how far it is, in SQLite."""

from __future__ import annotations

import datetime
import json
from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum

from sqlite_utils.db import Database

from bot.notices import store
from bot.notices.composing.store import insert_notice
from bot.notices.notice import Notice
from bot.notices.states import NoticeState
from bot.people.store import SHELL, record
from knowledge.database import insert, writing
from knowledge.text import Language


class FollowUp(StrEnum):
    """What goes out after a notice."""

    DAY = "day"  # the reminder one day before
    HOURS = "hours"  # the reminder two hours before
    ROOM = "room"  # to one who moved up from the waiting list
    CHANGED = "changed"
    WITHDRAWN = "withdrawn"
    RATING = "rating"


@dataclass(frozen=True, slots=True)
class Following:
    """A message that follows a notice.

    Attributes:
        of: the notice.
        number: 0 for what goes out once; else the place in line or the correction that it is about.
    """

    of: int
    kind: FollowUp
    number: int


def following(db: Database, notice_id: int) -> Following | None:
    """What the notice follows; None when it is one of its own."""
    row = db.execute("SELECT of, kind, number FROM follow_ups WHERE id = ?", [notice_id]).fetchone()
    return Following(row[0], FollowUp(row[1]), row[2]) if row else None


def follow_up(
    db: Database,
    what: Following,
    notice: Notice,
    *,
    urgent: bool,
    actor: int,
    now: datetime.datetime,
) -> bool:
    """A message that follows the notice goes out now; false when it did before.

    Args:
        notice: what it says at this moment, which the message is about.
    """
    with writing(db):
        found = db.execute(
            "SELECT 1 FROM follow_ups WHERE of = ? AND kind = ? AND number = ?",
            [what.of, str(what.kind), what.number],
        )
        if found.fetchone() is not None:
            return False
        number = insert_notice(db, notice, actor, now)
        row = {"id": number, "of": what.of, "kind": str(what.kind), "number": what.number}
        insert(db, "follow_ups", row)
        store.schedule(db, number, at=now, urgent=urgent, actor=actor, now=now)
    return True


def still_waiting(db: Database, of: int) -> list[int]:
    """The follow-ups of a notice that are not over."""
    found = db.execute(
        "SELECT id FROM follow_ups JOIN notices USING (id)"
        " WHERE of = ? AND state NOT IN ('done', 'cancelled')",
        [of],
    )
    return [number for (number,) in found.fetchall()]


@dataclass(frozen=True, slots=True)
class Shown:
    """A message that shows how far a notice is.

    Attributes:
        shown: what it says.
    """

    notice_id: int
    chat_id: int
    message_id: int
    language: Language
    shown: str


def show_progress(
    db: Database, notice_id: int, chat_id: int, message_id: int, language: Language
) -> None:
    """This message shows how far the notice is; one that showed it before does not any more."""
    with writing(db):
        db.execute(
            "INSERT INTO progress_messages (notice_id, chat_id, message_id, language)"
            " VALUES (?, ?, ?, ?) ON CONFLICT (notice_id) DO UPDATE SET"
            " chat_id = excluded.chat_id, message_id = excluded.message_id,"
            " language = excluded.language, shown = ''",
            [notice_id, chat_id, message_id, str(language)],
        )


def progress_messages(db: Database) -> list[Shown]:
    """Everything that shows how far a notice is."""
    found = db.execute(
        "SELECT notice_id, chat_id, message_id, language, shown FROM progress_messages"
    )
    return [
        Shown(notice_id, chat_id, message_id, Language(language), shown)
        for notice_id, chat_id, message_id, language, shown in found.fetchall()
    ]


def note_shown(db: Database, notice_id: int, text: str) -> None:
    """The message of the notice says this now."""
    with writing(db):
        db.execute("UPDATE progress_messages SET shown = ? WHERE notice_id = ?", [text, notice_id])


def stop_showing(db: Database, notice_id: int) -> None:
    """No message shows any more how far the notice is."""
    with writing(db):
        db.execute("DELETE FROM progress_messages WHERE notice_id = ?", [notice_id])


def repeat(
    db: Database,
    notice_id: int,
    *,
    days: int,
    first: datetime.datetime,
    actor: int,
    now: datetime.datetime,
) -> None:
    """A copy of the notice goes out every so many days, the first time at ``first``; never with 0 days."""
    with writing(db):
        db.execute("DELETE FROM repeats WHERE notice_id = ?", [notice_id])
        if days:
            row = {"notice_id": notice_id, "days": days, "next_at": _written(first)}
            insert(db, "repeats", row)
        record(
            db,
            actor=actor,
            act="notice.repeated",
            subject=str(notice_id),
            before=None,
            after={"days": days},
            now=now,
        )


def _written(moment: datetime.datetime) -> str:
    return moment.astimezone(datetime.UTC).isoformat(timespec="seconds")


@dataclass(frozen=True, slots=True)
class Repeat:
    """A notice of which copies go out.

    Attributes:
        next_at: when the next does, in UTC.
    """

    notice_id: int
    days: int
    next_at: datetime.datetime


def repeats(db: Database, notice_id: int) -> Repeat | None:
    """How the notice is repeated, if it is."""
    row = db.execute(
        "SELECT notice_id, days, next_at FROM repeats WHERE notice_id = ?", [notice_id]
    ).fetchone()
    return _repeat(row) if row else None


def due_repeats(db: Database, now: datetime.datetime) -> list[Repeat]:
    """Notices of which another copy is due."""
    found = db.execute(
        "SELECT notice_id, days, next_at FROM repeats WHERE next_at <= ?", [_written(now)]
    )
    return [_repeat(row) for row in found.fetchall()]


def _repeat(row: tuple[int, int, str]) -> Repeat:
    return Repeat(row[0], row[1], datetime.datetime.fromisoformat(row[2]))


def send_copy(
    db: Database, due: Repeat, copy: Notice, next_at: datetime.datetime, now: datetime.datetime
) -> int:
    """A copy of the notice is to go out at its time, and the next one later; the copy's number."""
    with writing(db):
        (author,) = db.execute(
            "SELECT coalesce(send_by, created_by) FROM notices WHERE id = ?", [due.notice_id]
        ).fetchone()
        number = insert_notice(db, copy, author, now)
        store.schedule(db, number, at=due.next_at, urgent=False, actor=author, now=now)
        db.execute(
            "UPDATE repeats SET next_at = ? WHERE notice_id = ?", [_written(next_at), due.notice_id]
        )
    return number


def correct(
    db: Database, notice_id: int, notice: Notice, *, actor: int, act: str, now: datetime.datetime
) -> int:
    """The notice that went out says this from now on; how many sent messages are to be changed."""
    with writing(db):
        (before,) = db.execute("SELECT content FROM notices WHERE id = ?", [notice_id]).fetchone()
        content = json.dumps(notice.as_content(), ensure_ascii=False)
        db.execute("UPDATE notices SET content = ? WHERE id = ?", [content, notice_id])
        db.execute("DELETE FROM corrections WHERE notice_id = ?", [notice_id])
        changed = db.execute(
            "INSERT INTO corrections (notice_id, chat_id) SELECT notice_id, chat_id FROM deliveries"
            " WHERE notice_id = ? AND state IN ('pending', 'sending', 'sent')",
            [notice_id],
        ).rowcount
        record(
            db,
            actor=actor,
            act=act,
            subject=str(notice_id),
            before=json.loads(before),
            after=notice.as_content(),
            now=now,
        )
    return int(changed)


@dataclass(frozen=True, slots=True)
class Correction:
    """A message that was sent and is to be changed."""

    notice_id: int
    chat_id: int
    message_id: int
    language: str
    attempts: int


def corrections(db: Database, limit: int) -> list[Correction]:
    """Some of the messages that are to be changed; those not yet sent come later."""
    found = db.execute(
        "SELECT notice_id, chat_id, message_id, language, corrections.attempts FROM corrections"
        " JOIN deliveries USING (notice_id, chat_id)"
        " WHERE state = 'sent' AND message_id IS NOT NULL LIMIT ?",
        [limit],
    )
    return [Correction(*row) for row in found.fetchall()]


def settle_corrections(
    db: Database, done: Sequence[Correction], again: Sequence[Correction]
) -> None:
    """Of these messages the first are changed, or cannot be; the others are tried again."""
    with writing(db):
        db.conn.executemany(
            "DELETE FROM corrections WHERE notice_id = ? AND chat_id = ?",
            [(each.notice_id, each.chat_id) for each in done],
        )
        db.conn.executemany(
            "UPDATE corrections SET attempts = attempts + 1 WHERE notice_id = ? AND chat_id = ?",
            [(each.notice_id, each.chat_id) for each in again],
        )


def withdraw(
    db: Database, notice_id: int, notice: Notice, *, actor: int, now: datetime.datetime
) -> int:
    """The notice does not hold any more, and nothing more of it goes out; how many messages say so.

    Raises:
        NoNotice: there is none.
    """
    over = (NoticeState.DONE, NoticeState.CANCELLED)
    with writing(db):
        if store.standing(db, notice_id).state not in over:
            store.cancel(db, notice_id, actor=actor, now=now)
        for number in still_waiting(db, notice_id):
            store.cancel(db, number, actor=SHELL, now=now)
        repeat(db, notice_id, days=0, first=now, actor=actor, now=now)
        return correct(db, notice_id, notice, actor=actor, act="notice.withdrawn", now=now)
