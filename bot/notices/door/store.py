"""Who was there, and how they liked it, in SQLite."""

from __future__ import annotations

import datetime
import secrets

from sqlite_utils.db import Database

from bot.notices.composing.store import read
from bot.notices.signing.store import (
    Coming,
    Refusal,
    Refused,
    SignUp,
    keep,
    next_line,
    of_person,
)
from knowledge.database import insert, writing
from knowledge.text import Language

# How long before the start and after the end one can say that one is here.
DOOR_HOURS = 12
DOOR_DIGITS = 4


def door_code(db: Database, notice_id: int) -> str:
    """The code that is shown at the door of this workshop."""
    with writing(db):
        row = db.execute("SELECT code FROM doors WHERE notice_id = ?", [notice_id]).fetchone()
        if row is not None:
            return str(row[0])
        code = f"{secrets.randbelow(10**DOOR_DIGITS):0{DOOR_DIGITS}}"
        insert(db, "doors", {"notice_id": notice_id, "code": code})
    return code


def check_in(
    db: Database,
    notice_id: int,
    chat_id: int,
    language: Language,
    code: str,
    now: datetime.datetime,
) -> None:
    """The person is there, also when they never signed up.

    Raises:
        NoNotice: there is none.
        Refused: the code is another, or the workshop is not now.
    """
    hours = datetime.timedelta(hours=DOOR_HOURS)
    with writing(db):
        notice = read(db, notice_id).notice
        if notice.starts is None or notice.over is None:
            raise Refused(Refusal.NO_WORKSHOP)
        if notice.withdrawn:
            raise Refused(Refusal.WITHDRAWN)
        if not notice.starts - hours <= now <= notice.over + hours:
            early = now < notice.starts
            raise Refused(Refusal.TOO_EARLY if early else Refusal.OVER)
        if not secrets.compare_digest(code.encode(), door_code(db, notice_id).encode()):
            raise Refused(Refusal.WRONG_CODE)
        before = of_person(db, notice_id, chat_id)
        line = before.line if before else next_line(db, notice_id)
        guests = before.guests if before else 0
        keep(
            db,
            SignUp(notice_id, chat_id, Coming.COMING, line, guests, language, None, None, None),
        )
        db.execute(
            "UPDATE sign_ups SET here_at = coalesce(here_at, ?)"
            " WHERE notice_id = ? AND chat_id = ?",
            [now.astimezone(datetime.UTC).isoformat(timespec="seconds"), notice_id, chat_id],
        )


def rate(db: Database, notice_id: int, chat_id: int, stars: int) -> bool:
    """The person's rating is kept in the place of an earlier one; false when they did not come."""
    with writing(db):
        changed = db.execute(
            "UPDATE sign_ups SET rating = ? WHERE notice_id = ? AND chat_id = ?"
            " AND state = 'coming'",
            [stars, notice_id, chat_id],
        ).rowcount
    return changed > 0


def purge(db: Database, before: datetime.datetime) -> int:
    """Nothing is kept of who came to workshops that began before that; how many rows went."""
    with writing(db):
        return int(
            db.execute(
                "DELETE FROM sign_ups WHERE notice_id IN (SELECT id FROM notices"
                " WHERE unixepoch(json_extract(content, '$.starts')) < ?)",
                [before.timestamp()],
            ).rowcount
        )
