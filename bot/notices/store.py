"""Notices as a whole, and chats that cannot be written to, in SQLite."""

from __future__ import annotations

import datetime
from collections.abc import Sequence
from dataclasses import dataclass

from sqlite_utils.db import Database

from bot.notices.states import NoticeState, PauseReason
from bot.people.store import SHELL, record
from knowledge.database import writing
from knowledge.errors import ShebaoError

UNQUEUED = (
    NoticeState.DRAFT,
    NoticeState.APPROVAL,
    NoticeState.SCHEDULED,
    NoticeState.MISSED,
    NoticeState.QUEUEING,
)
UNDER_WAY = (
    NoticeState.SCHEDULED,
    NoticeState.QUEUEING,
    NoticeState.QUEUED,
    NoticeState.SENDING,
)


class NoNotice(ShebaoError):
    """There is no notice with this number."""

    def __init__(self, notice_id: int) -> None:
        super().__init__("error.no_notice", id=notice_id)


class WrongState(ShebaoError):
    """What was asked for cannot be done to a notice in this state.

    Attributes:
        state: the state that it is in.
    """

    def __init__(self, notice_id: int, state: NoticeState) -> None:
        super().__init__("error.notice_state", id=notice_id, state=str(state))
        self.state = state


@dataclass(frozen=True, slots=True)
class Standing:
    """Where a notice stands.

    Attributes:
        send_at: not before, in UTC; None when it is not to be sent yet.
        recipients: how many it is queued for; None until all of them are.
        pause_reason: why it paused by itself; None when a person paused it, or it is not paused.
        send_by: who had it sent; 0 for the shell.
    """

    id: int
    state: NoticeState
    send_at: datetime.datetime | None
    urgent: bool
    recipients: int | None
    pause_reason: PauseReason | None
    created_by: int
    send_by: int | None
    started_at: datetime.datetime | None
    ended_at: datetime.datetime | None


def _moment(written: str | None) -> datetime.datetime | None:
    return datetime.datetime.fromisoformat(written) if written else None


def _written(moment: datetime.datetime) -> str:
    return moment.astimezone(datetime.UTC).isoformat(timespec="seconds")


def standing(db: Database, notice_id: int) -> Standing:
    """Where the notice stands.

    Raises:
        NoNotice: there is none with this number.
    """
    row = db.execute(
        "SELECT state, send_at, urgent, recipients, pause_reason, created_by, send_by, started_at,"
        " ended_at FROM notices WHERE id = ?",
        [notice_id],
    ).fetchone()
    if row is None:
        raise NoNotice(notice_id)
    state, send_at, urgent, recipients, reason, created_by, send_by, started, ended = row
    return Standing(
        notice_id,
        NoticeState(state),
        _moment(send_at),
        bool(urgent),
        recipients,
        PauseReason(reason) if reason else None,
        created_by,
        send_by,
        _moment(started),
        _moment(ended),
    )


def move(
    db: Database, notice_id: int, *, to: NoticeState, out_of: Sequence[NoticeState]
) -> NoticeState:
    """The notice is in the state ``to``; the state it was in is returned.

    Raises:
        NoNotice: there is none with this number.
        WrongState: it is in none of the states ``out_of``.
    """
    with writing(db):
        before = standing(db, notice_id).state
        if before not in out_of:
            raise WrongState(notice_id, before)
        db.execute("UPDATE notices SET state = ? WHERE id = ?", [str(to), notice_id])
    return before


def schedule(
    db: Database,
    notice_id: int,
    *,
    at: datetime.datetime,
    urgent: bool,
    actor: int,
    now: datetime.datetime,
) -> None:
    """A running bot sends the notice when it is ``at``; urgent: in quiet hours, too.

    Raises:
        NoNotice, WrongState: it is on its way already, over, or waits for a second person.
    """
    with writing(db):
        (approved,) = db.execute(
            "SELECT max(approved_by) FROM notices WHERE id = ?", [notice_id]
        ).fetchone()
        states = [s for s in UNQUEUED if s is not NoticeState.APPROVAL or approved is not None]
        states.remove(NoticeState.QUEUEING)
        before = move(db, notice_id, to=NoticeState.SCHEDULED, out_of=states)
        db.execute(
            "UPDATE notices SET send_at = ?, urgent = ?, send_by = ? WHERE id = ?",
            [_written(at), urgent, actor, notice_id],
        )
        after = {"state": NoticeState.SCHEDULED, "send_at": _written(at), "urgent": urgent}
        _record(db, "notice.sent", notice_id, actor, before, after, now)


def _record(
    db: Database,
    act: str,
    notice_id: int,
    actor: int,
    before: object,
    after: object,
    now: datetime.datetime,
) -> None:
    subject = str(notice_id)
    record(db, actor=actor, act=act, subject=subject, before=before, after=after, now=now)


def pause(
    db: Database,
    notice_id: int,
    *,
    actor: int,
    now: datetime.datetime,
    reason: PauseReason | None = None,
) -> None:
    """Nothing more of the notice is sent until it is resumed.

    Args:
        reason: why the bot itself pauses it, which whoever had it sent is told.

    Raises:
        NoNotice, WrongState: it is not under way.
    """
    with writing(db):
        before = move(db, notice_id, to=NoticeState.PAUSED, out_of=UNDER_WAY)
        db.execute(
            "UPDATE notices SET pause_reason = ?, reported = ? WHERE id = ?",
            [reason, reason is None, notice_id],
        )
        after = {"state": NoticeState.PAUSED, "reason": reason}
        _record(db, "notice.paused", notice_id, actor, before, after, now)


def resume(db: Database, notice_id: int, *, actor: int, now: datetime.datetime) -> None:
    """The paused notice goes on where it stopped; one whose time has passed meanwhile, at once.

    Raises:
        NoNotice, WrongState: it is not paused.
    """
    with writing(db):
        whole = standing(db, notice_id).recipients is not None
        to = NoticeState.QUEUED if whole else NoticeState.SCHEDULED
        move(db, notice_id, to=to, out_of=(NoticeState.PAUSED,))
        db.execute(
            "UPDATE notices SET pause_reason = NULL, reported = 1,"
            " send_at = max(coalesce(send_at, ''), ?) WHERE id = ?",
            [_written(now), notice_id],
        )
        _record(db, "notice.resumed", notice_id, actor, NoticeState.PAUSED, to, now)


def cancel(db: Database, notice_id: int, *, actor: int, now: datetime.datetime) -> None:
    """Nothing more of the notice is sent, ever.

    Raises:
        NoNotice, WrongState: it is over already.
    """
    states = (*UNQUEUED, NoticeState.QUEUED, NoticeState.SENDING, NoticeState.PAUSED)
    with writing(db):
        before = move(db, notice_id, to=NoticeState.CANCELLED, out_of=states)
        db.execute(
            "UPDATE notices SET ended_at = ?, pause_reason = NULL, reported = 0 WHERE id = ?",
            [_written(now), notice_id],
        )
        _record(db, "notice.cancelled", notice_id, actor, before, NoticeState.CANCELLED, now)


def miss(db: Database, notice_id: int, now: datetime.datetime) -> None:
    """The notice, whose time nobody could keep, waits for a person, who is told."""
    with writing(db):
        move(db, notice_id, to=NoticeState.MISSED, out_of=(NoticeState.SCHEDULED,))
        db.execute("UPDATE notices SET reported = 0 WHERE id = ?", [notice_id])
        before, after = NoticeState.SCHEDULED, NoticeState.MISSED
        _record(db, "notice.missed", notice_id, SHELL, before, after, now)


def end(db: Database, notice_id: int, now: datetime.datetime) -> None:
    """The notice is done, and whoever had it sent is told."""
    with writing(db):
        db.execute(
            "UPDATE notices SET state = 'done', ended_at = ?, reported = 0 WHERE id = ?"
            " AND state IN ('queued', 'sending')",
            [_written(now), notice_id],
        )


def reopen(db: Database, notice_id: int) -> None:
    """The notice, if it was done, is on its way again."""
    with writing(db):
        db.execute(
            "UPDATE notices SET state = 'queued', ended_at = NULL, reported = 1 WHERE id = ?"
            " AND state = 'done'",
            [notice_id],
        )


def due(db: Database, now: datetime.datetime) -> list[Standing]:
    """Notices that are to be queued now, or were being queued when the bot stopped."""
    found = db.execute(
        "SELECT id FROM notices WHERE state = 'queueing' OR (state = 'scheduled' AND send_at <= ?)"
        " ORDER BY urgent DESC, send_at, id",
        [_written(now)],
    )
    return [standing(db, notice_id) for (notice_id,) in found.fetchall()]


def unreported(db: Database) -> list[Standing]:
    """Notices that ended, paused by themselves or were missed, and nobody was told yet."""
    found = db.execute("SELECT id FROM notices WHERE reported = 0 ORDER BY id")
    return [standing(db, notice_id) for (notice_id,) in found.fetchall()]


def mark_reported(db: Database, told: Standing) -> None:
    """Somebody was told of where the notice stood; if it stands elsewhere by now, not of that."""
    with writing(db):
        db.execute(
            "UPDATE notices SET reported = 1 WHERE id = ? AND state = ?",
            [told.id, str(told.state)],
        )


def mark_gone(db: Database, chat_id: int, reason: str, now: datetime.datetime) -> None:
    """The chat gets no notice until it writes again."""
    with writing(db):
        db.execute(
            "INSERT OR IGNORE INTO gone_chats (chat_id, reason, since) VALUES (?, ?, ?)",
            [chat_id, reason, _written(now)],
        )


def is_gone(db: Database, chat_id: int) -> bool:
    """Whether the chat could not be written to, and has not written since."""
    found = db.execute("SELECT 1 FROM gone_chats WHERE chat_id = ?", [chat_id])
    return found.fetchone() is not None


def came_back(db: Database, chat_id: int) -> None:
    """The chat wrote: it can be written to again."""
    if is_gone(db, chat_id):
        with writing(db):
            db.execute("DELETE FROM gone_chats WHERE chat_id = ?", [chat_id])


def follow_chat(db: Database, old: int, new: int) -> None:
    """What the chat chose holds under its new number, unless something was chosen there already."""
    with writing(db):
        db.execute("UPDATE OR IGNORE people SET chat_id = ? WHERE chat_id = ?", [new, old])
        db.execute("DELETE FROM people WHERE chat_id = ?", [old])
