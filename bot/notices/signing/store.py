"""Who comes to a workshop, who waits for room, and who was there, in SQLite."""

from __future__ import annotations

import datetime
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

from sqlite_utils.db import Database

from bot.notices.composing.store import read
from bot.notices.notice import Notice
from bot.notices.queueing import Select
from knowledge.database import writing
from knowledge.text import Language


class Coming(StrEnum):
    """Whether somebody comes."""

    COMING = "coming"
    WAITING = "waiting"
    CANCELLED = "cancelled"


class Refusal(StrEnum):
    """Why a sign-up cannot be changed; the key of the sentence that says so."""

    NOT_SENT = "signup.only_preview"
    NO_WORKSHOP = "signup.no_workshop"
    WITHDRAWN = "signup.withdrawn"
    CLOSED = "signup.closed"
    OVER = "signup.over"
    FULL = "signup.full"
    NOT_SIGNED_UP = "signup.not_signed_up"
    WRONG_CODE = "signup.wrong_code"
    TOO_EARLY = "signup.too_early"


class Refused(Exception):
    """It cannot be done now.

    Attributes:
        why: key of the sentence that says why not.
    """

    def __init__(self, why: Refusal) -> None:
        super().__init__(str(why))
        self.why = why


@dataclass(frozen=True, slots=True)
class SignUp:
    """Whether one person comes to one workshop.

    Attributes:
        line: place in the order of signing up.
        guests: how many they bring (0 or 1).
        name: what they gave for this workshop.
        here_at: when they said that they are there, ISO 8601 in UTC.
        rating: 1 to 5.
    """

    notice_id: int
    chat_id: int
    state: Coming
    line: int
    guests: int
    language: Language
    name: str | None
    here_at: str | None
    rating: int | None


COLUMNS = "notice_id, chat_id, state, line, guests, language, name, here_at, rating"


def _sign_up(row: tuple[Any, ...]) -> SignUp:
    notice_id, chat_id, state, line, guests, language, name, here_at, rating = row
    return SignUp(
        notice_id, chat_id, Coming(state), line, guests, Language(language), name, here_at, rating
    )


def of_person(db: Database, notice_id: int, chat_id: int) -> SignUp | None:
    """Whether this person comes; None when they never signed up."""
    row = db.execute(
        f"SELECT {COLUMNS} FROM sign_ups WHERE notice_id = ? AND chat_id = ?",  # noqa: S608
        [notice_id, chat_id],
    ).fetchone()
    return _sign_up(row) if row else None


def everybody(db: Database, notice_id: int) -> list[SignUp]:
    """All who come or wait for room, in the order of signing up."""
    found = db.execute(
        f"SELECT {COLUMNS} FROM sign_ups WHERE notice_id = ?"  # noqa: S608
        " AND state != 'cancelled' ORDER BY state, line",
        [notice_id],
    )
    return [_sign_up(row) for row in found.fetchall()]


def seats(db: Database, notice_id: int) -> int:
    """How many seats are taken."""
    (taken,) = db.execute(
        "SELECT coalesce(sum(1 + guests), 0) FROM sign_ups"
        " WHERE notice_id = ? AND state = 'coming'",
        [notice_id],
    ).fetchone()
    return int(taken)


def place_in_line(db: Database, person: SignUp) -> int:
    """Which in line for room the person is; 1 is next."""
    (before,) = db.execute(
        "SELECT count(*) FROM sign_ups WHERE notice_id = ? AND state = 'waiting' AND line < ?",
        [person.notice_id, person.line],
    ).fetchone()
    return int(before) + 1


def _room(db: Database, notice_id: int, notice: Notice) -> float:
    """How many seats are free."""
    if notice.capacity is None:
        return float("inf")
    return notice.capacity - seats(db, notice_id)


def _open_workshop(db: Database, notice_id: int, now: datetime.datetime) -> Notice:
    """The notice, if one can still change one's mind about it.

    Raises:
        NoNotice: there is none.
        Refused: one cannot.
    """
    stored = read(db, notice_id)
    notice, over = stored.notice, stored.notice.over
    if over is None:
        raise Refused(Refusal.NO_WORKSHOP)
    if notice.withdrawn:
        raise Refused(Refusal.WITHDRAWN)
    if not stored.went_out:
        raise Refused(Refusal.NOT_SENT)
    if now >= over:
        raise Refused(Refusal.OVER)
    return notice


def _closed(notice: Notice, now: datetime.datetime) -> bool:
    return notice.closes is not None and now >= notice.closes


def keep(db: Database, person: SignUp) -> None:
    """This is whether the person comes, in the caller's transaction."""
    db.execute(
        "INSERT INTO sign_ups (notice_id, chat_id, state, line, guests, language)"
        " VALUES (?, ?, ?, ?, ?, ?) ON CONFLICT (notice_id, chat_id) DO UPDATE SET"
        " state = excluded.state, line = excluded.line, guests = excluded.guests,"
        " language = excluded.language",
        [
            person.notice_id,
            person.chat_id,
            str(person.state),
            person.line,
            person.guests,
            str(person.language),
        ],
    )


def sign_up(
    db: Database,
    notice_id: int,
    chat_id: int,
    language: Language,
    *,
    wait: bool,
    now: datetime.datetime,
) -> SignUp:
    """The person comes or, where there is no room and they would ``wait``, is in line for it.

    Raises:
        NoNotice: there is none.
        Refused: it is full and they would not wait, sign-up is closed, or it is over or withdrawn.
    """
    with writing(db):
        notice = _open_workshop(db, notice_id, now)
        before = of_person(db, notice_id, chat_id)
        if before is not None and before.state is not Coming.CANCELLED:
            return before
        if _closed(notice, now):
            raise Refused(Refusal.CLOSED)
        # Whoever waits already comes first.
        in_line = any(each.state is Coming.WAITING for each in everybody(db, notice_id))
        free = _room(db, notice_id, notice) >= 1 and not in_line
        if not free and not wait:
            raise Refused(Refusal.FULL)
        state = Coming.COMING if free else Coming.WAITING
        person = SignUp(
            notice_id, chat_id, state, next_line(db, notice_id), 0, language, None, None, None
        )
        keep(db, person)
    return person


def next_line(db: Database, notice_id: int) -> int:
    """The place in the order for whoever signs up next."""
    (line,) = db.execute(
        "SELECT coalesce(max(line), 0) + 1 FROM sign_ups WHERE notice_id = ?", [notice_id]
    ).fetchone()
    return int(line)


def bring(
    db: Database, notice_id: int, chat_id: int, guests: int, now: datetime.datetime
) -> tuple[SignUp, list[SignUp]]:
    """The person brings so many; and those for whom there is room by that.

    Raises:
        NoNotice: there is none.
        Refused: they have not signed up, there is no room, or it is too late.
    """
    with writing(db):
        notice = _open_workshop(db, notice_id, now)
        person = _signed_up(db, notice_id, chat_id)
        more = guests - person.guests
        if more > 0 and _closed(notice, now):
            raise Refused(Refusal.CLOSED)
        if person.state is Coming.COMING and more > _room(db, notice_id, notice):
            raise Refused(Refusal.FULL)
        db.execute(
            "UPDATE sign_ups SET guests = ? WHERE notice_id = ? AND chat_id = ?",
            [guests, notice_id, chat_id],
        )
        moved = _move_up(db, notice_id, notice, now)
        return _signed_up(db, notice_id, chat_id), moved


def _signed_up(db: Database, notice_id: int, chat_id: int) -> SignUp:
    person = of_person(db, notice_id, chat_id)
    if person is None or person.state is Coming.CANCELLED:
        raise Refused(Refusal.NOT_SIGNED_UP)
    return person


def leave(db: Database, notice_id: int, chat_id: int, now: datetime.datetime) -> list[SignUp]:
    """The person does not come; those for whom there is room by that. Their name is not kept.

    Raises:
        NoNotice: there is none.
        Refused: they have not signed up, or it is over.
    """
    with writing(db):
        notice = _open_workshop(db, notice_id, now)
        _signed_up(db, notice_id, chat_id)
        db.execute(
            "UPDATE sign_ups SET state = 'cancelled', name = NULL, guests = 0"
            " WHERE notice_id = ? AND chat_id = ?",
            [notice_id, chat_id],
        )
        return _move_up(db, notice_id, notice, now)


def _move_up(db: Database, notice_id: int, notice: Notice, now: datetime.datetime) -> list[SignUp]:
    """The first in line comes as long as there is room for them and whom they bring."""
    moved: list[SignUp] = []
    if notice.starts is not None and now >= notice.starts:
        return moved
    for person in everybody(db, notice_id):
        if person.state is not Coming.WAITING:
            continue
        if 1 + person.guests > _room(db, notice_id, notice):
            break
        db.execute(
            "UPDATE sign_ups SET state = 'coming' WHERE notice_id = ? AND chat_id = ?",
            [notice_id, person.chat_id],
        )
        moved.append(person)
    return moved


def make_room(db: Database, notice_id: int, now: datetime.datetime) -> list[SignUp]:
    """Those come for whom there is room now, after the number of seats was changed."""
    with writing(db):
        return _move_up(db, notice_id, read(db, notice_id).notice, now)


def give_name(db: Database, notice_id: int, chat_id: int, name: str) -> None:
    """The organiser's list has this name for the person.

    Raises:
        Refused: they have not signed up.
    """
    with writing(db):
        _signed_up(db, notice_id, chat_id)
        db.execute(
            "UPDATE sign_ups SET name = ? WHERE notice_id = ? AND chat_id = ?",
            [name, notice_id, chat_id],
        )


def those_signed_up(notice_id: int, *states: Coming) -> Select:
    """Everybody who comes, or waits for room, with the language that they read."""
    marks = ", ".join("?" * len(states))
    return Select(
        "SELECT chat_id, coalesce(people.language, sign_ups.language) AS language"  # noqa: S608
        " FROM sign_ups LEFT JOIN people USING (chat_id)"
        f" WHERE notice_id = ? AND state IN ({marks})",
        [notice_id, *map(str, states)],
    )


def that_one(notice_id: int, line: int) -> Select:
    """The one who signed up as the so-manieth and comes, with the language that they read."""
    select = those_signed_up(notice_id, Coming.COMING)
    return Select(f"{select.sql} AND line = ?", [*select.parameters, line])


def those_who_came(notice_id: int) -> Select:
    """Everybody who said at the door that they are there; all who signed up where nobody did."""
    select = those_signed_up(notice_id, Coming.COMING)
    nobody = "NOT EXISTS (SELECT 1 FROM sign_ups WHERE notice_id = ? AND here_at IS NOT NULL)"
    return Select(
        f"{select.sql} AND (here_at IS NOT NULL OR {nobody})", [*select.parameters, notice_id]
    )
