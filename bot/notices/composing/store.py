"""Notices as they are composed, and whom they are for, in SQLite."""

from __future__ import annotations

import datetime
import json
from dataclasses import dataclass
from typing import Any

from sqlite_utils.db import Database

from bot.notices import store
from bot.notices.notice import Notice, read_content
from bot.notices.states import NoticeState
from bot.notices.store import NoNotice
from bot.people.store import record
from knowledge.database import insert, writing

WENT_OUT = (
    NoticeState.QUEUED,
    NoticeState.SENDING,
    NoticeState.PAUSED,
    NoticeState.DONE,
    NoticeState.CANCELLED,
)
NOT_FOLLOWING = "id NOT IN (SELECT id FROM follow_ups)"
# One that was cancelled while it was sent reached some as well.
HAS_GONE_OUT = (
    f"state IN ({', '.join(repr(str(state)) for state in WENT_OUT)})"
    " AND (state != 'cancelled' OR started_at IS NOT NULL)"
)


@dataclass(frozen=True, slots=True)
class Stored:
    """A notice with where it stands.

    Attributes:
        send_at: not before; None when it is not to be sent yet.
    """

    id: int
    state: NoticeState
    notice: Notice
    created_by: int
    created_at: datetime.datetime
    approved_by: int | None
    send_at: datetime.datetime | None
    urgent: bool

    @property
    def went_out(self) -> bool:
        """Whether somebody may have got it."""
        return self.state in WENT_OUT


COLUMNS = "id, state, content, created_by, created_at, approved_by, send_at, urgent"


def _stored(row: tuple[Any, ...]) -> Stored:
    number, state, content, by, at, approved_by, send_at, urgent = row
    return Stored(
        number,
        NoticeState(state),
        read_content(json.loads(content)),
        by,
        datetime.datetime.fromisoformat(at),
        approved_by,
        datetime.datetime.fromisoformat(send_at) if send_at else None,
        bool(urgent),
    )


def create(db: Database, notice: Notice, *, actor: int, now: datetime.datetime) -> int:
    """The notice is kept as a draft; its number."""
    with writing(db):
        number = insert_notice(db, notice, actor, now)
        _record(db, "notice.created", number, actor, None, notice, now)
    return number


def insert_notice(db: Database, notice: Notice, actor: int, now: datetime.datetime) -> int:
    """A row for the notice, in the caller's transaction; its number."""
    content = json.dumps(notice.as_content(), ensure_ascii=False)
    row = {
        "state": str(NoticeState.DRAFT),
        "content": content,
        "created_by": actor,
        "created_at": now.astimezone(datetime.UTC).isoformat(timespec="seconds"),
    }
    insert(db, "notices", row)
    (number,) = db.execute("SELECT last_insert_rowid()").fetchone()
    return int(number)


def _record(
    db: Database,
    act: str,
    number: int,
    actor: int,
    before: Notice | None,
    after: Notice | None,
    now: datetime.datetime,
) -> None:
    shown = [each.as_content() if each else None for each in (before, after)]
    record(db, actor=actor, act=act, subject=str(number), before=shown[0], after=shown[1], now=now)


def read(db: Database, notice_id: int) -> Stored:
    """The notice with this number, whatever its state.

    Raises:
        NoNotice: there is none.
    """
    row = db.execute(
        f"SELECT {COLUMNS} FROM notices WHERE id = ? AND {NOT_FOLLOWING}",  # noqa: S608
        [notice_id],
    ).fetchone()
    if row is None:
        raise NoNotice(notice_id)
    return _stored(row)


def rewrite(
    db: Database, notice_id: int, notice: Notice, *, actor: int, now: datetime.datetime
) -> None:
    """The draft says this. Whoever had agreed to what it said before has not agreed to this.

    Raises:
        NoNotice, WrongState: it is no draft.
    """
    with writing(db):
        before = read(db, notice_id)
        states = (NoticeState.DRAFT, NoticeState.APPROVAL)
        store.move(db, notice_id, to=NoticeState.DRAFT, out_of=states)
        db.execute(
            "UPDATE notices SET content = ?, approved_by = NULL WHERE id = ?",
            [json.dumps(notice.as_content(), ensure_ascii=False), notice_id],
        )
        _record(db, "notice.changed", notice_id, actor, before.notice, notice, now)


def discard(db: Database, notice_id: int, *, actor: int, now: datetime.datetime) -> None:
    """The draft is gone.

    Raises:
        NoNotice, WrongState: it is no draft.
    """
    with writing(db):
        before = read(db, notice_id)
        states = (NoticeState.DRAFT, NoticeState.APPROVAL)
        store.move(db, notice_id, to=NoticeState.CANCELLED, out_of=states)
        _record(db, "notice.discarded", notice_id, actor, before.notice, None, now)
        db.execute("DELETE FROM notices WHERE id = ?", [notice_id])


def ask_approval(
    db: Database,
    notice_id: int,
    *,
    at: datetime.datetime,
    urgent: bool,
    actor: int,
    now: datetime.datetime,
) -> None:
    """The draft waits for a second person, with the time at which it is to be sent.

    Raises:
        NoNotice, WrongState: it is no draft.
    """
    with writing(db):
        store.move(
            db,
            notice_id,
            to=NoticeState.APPROVAL,
            out_of=(NoticeState.DRAFT, NoticeState.APPROVAL, NoticeState.MISSED),
        )
        when = at.astimezone(datetime.UTC).isoformat(timespec="seconds")
        db.execute(
            "UPDATE notices SET send_at = ?, urgent = ?, send_by = ? WHERE id = ?",
            [when, urgent, actor, notice_id],
        )
        record(
            db,
            actor=actor,
            act="notice.submitted",
            subject=str(notice_id),
            before=None,
            after={"send_at": when, "urgent": urgent},
            now=now,
        )


class OwnNotice(Exception):
    """Nobody agrees to a notice that they wrote or submitted."""


def approve(db: Database, notice_id: int, *, actor: int, now: datetime.datetime) -> None:
    """A second person agreed; the notice is sent at its time.

    Raises:
        NoNotice, WrongState: it does not wait for that.
        OwnNotice: it is their own.
    """
    with writing(db):
        stored, standing = read(db, notice_id), store.standing(db, notice_id)
        if stored.state is not NoticeState.APPROVAL:
            raise store.WrongState(notice_id, stored.state)
        if actor in (stored.created_by, standing.send_by):
            raise OwnNotice
        db.execute("UPDATE notices SET approved_by = ? WHERE id = ?", [actor, notice_id])
        record(
            db,
            actor=actor,
            act="notice.approved",
            subject=str(notice_id),
            before=None,
            after=None,
            now=now,
        )
        store.schedule(
            db,
            notice_id,
            at=max(stored.send_at or now, now),
            urgent=stored.urgent,
            actor=standing.send_by or stored.created_by,
            now=now,
        )


def reject(db: Database, notice_id: int, *, actor: int, now: datetime.datetime) -> int:
    """The notice is a draft again; who had submitted it.

    Raises:
        NoNotice, WrongState: it does not wait for a second person.
    """
    with writing(db):
        standing = store.standing(db, notice_id)
        store.move(db, notice_id, to=NoticeState.DRAFT, out_of=(NoticeState.APPROVAL,))
        record(
            db,
            actor=actor,
            act="notice.rejected",
            subject=str(notice_id),
            before=None,
            after=None,
            now=now,
        )
    return standing.send_by or standing.created_by


def listed(db: Database, *, limit: int) -> list[Stored]:
    """The newest notices, the newest first."""
    found = db.execute(
        f"SELECT {COLUMNS} FROM notices WHERE {NOT_FOLLOWING} ORDER BY id DESC LIMIT ?",  # noqa: S608
        [limit],
    )
    return [_stored(row) for row in found.fetchall()]


def past(db: Database, chat_id: int, *, limit: int) -> list[Stored]:
    """The newest notices that went out to all, or that this chat got; the newest first."""
    found = db.execute(
        f"SELECT {COLUMNS} FROM notices WHERE {NOT_FOLLOWING}"  # noqa: S608
        f" AND {HAS_GONE_OUT}"
        " AND (json_array_length(content, '$.audience.signed_up') = 0 OR EXISTS"
        " (SELECT 1 FROM deliveries WHERE notice_id = notices.id AND chat_id = ?))"
        " ORDER BY id DESC LIMIT ?",
        [chat_id, limit],
    )
    return [_stored(row) for row in found.fetchall()]


def workshops(db: Database) -> frozenset[int]:
    """Numbers of the notices that one could sign up for, of those that went out."""
    found = db.execute(
        f"SELECT id FROM notices WHERE {NOT_FOLLOWING}"  # noqa: S608
        f" AND {HAS_GONE_OUT} AND json_extract(content, '$.starts') IS NOT NULL"
    )
    return frozenset(number for (number,) in found)


def upcoming(db: Database, *, now: datetime.datetime, behind: datetime.timedelta) -> list[Stored]:
    """Workshops that went out and are not over, or have been for less than ``behind``."""
    found = db.execute(
        f"SELECT {COLUMNS} FROM notices WHERE {NOT_FOLLOWING}"  # noqa: S608
        f" AND {HAS_GONE_OUT} AND unixepoch(json_extract(content, '$.starts')) > ?",
        [(now - behind - datetime.timedelta(days=7)).timestamp()],
    )
    each = [_stored(row) for row in found.fetchall()]
    return [x for x in each if x.notice.over is not None and x.notice.over > now - behind]
