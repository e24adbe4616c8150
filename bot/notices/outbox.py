"""The outbox in SQLite: each notice to each chat, claimed before the call and settled after it."""

from __future__ import annotations

import datetime
from collections.abc import Sequence
from dataclasses import replace

from sqlite_utils.db import Database

from bot.notices import store
from bot.notices.states import (
    Claim,
    Counts,
    DeliveryState,
    NoticeState,
    Outcome,
    Payload,
    left,
    read_payload,
)
from bot.people.store import record
from knowledge.database import writing

# Rows changed in one transaction: other writers wait no longer than a few hundredths of a second.
CHUNK = 2_000
RETRIED = (
    NoticeState.QUEUED,
    NoticeState.SENDING,
    NoticeState.PAUSED,
    NoticeState.DONE,
)


class Superseded(Exception):
    """A process that was started later sends now."""


def milliseconds(moment: datetime.datetime) -> int:
    """As times of deliveries are kept."""
    return round(moment.timestamp() * 1000)


def frozen(db: Database, notice_id: int) -> dict[str, Payload]:
    """The frozen messages, by language."""
    found = db.execute(
        "SELECT language, payload FROM notice_messages WHERE notice_id = ?", [notice_id]
    )
    return {language: read_payload(payload) for language, payload in found}


def keep_file_id(db: Database, notice_id: int, language: str, file_id: str) -> None:
    """Telegram has the file of this message; it is not uploaded again."""
    with writing(db):
        db.execute(
            "UPDATE notice_messages SET payload = json_set(payload, '$.file_id', ?)"
            " WHERE notice_id = ? AND language = ?",
            [file_id, notice_id, language],
        )


def counts(db: Database, notice_id: int) -> Counts:
    """How many deliveries of the notice are in each state; as fast for a million as for one."""
    found = db.execute("SELECT state, count FROM delivery_counts WHERE notice_id = ?", [notice_id])
    return dict.fromkeys(DeliveryState, 0) | {DeliveryState(state): n for state, n in found}


def take_over(db: Database, name: str) -> int:
    """Only the process of this name sends from now on; how many deliveries became unknown.

    Whatever an earlier process had claimed may have arrived or not.
    """
    with writing(db):
        db.execute(
            "INSERT INTO sender (id, name) VALUES (1, ?)"
            " ON CONFLICT (id) DO UPDATE SET name = excluded.name",
            [name],
        )
        return db.conn.execute(
            "UPDATE deliveries SET state = 'unknown', reason = 'stopped', settled_at = claimed_at"
            " WHERE notice_id IN (SELECT notice_id FROM delivery_counts) AND state = 'sending'"
            " AND state IN ('sending', 'failed', 'unknown')"  # as the index says it
        ).rowcount


def exchange(
    db: Database,
    name: str,
    outcomes: Sequence[Outcome],
    *,
    limit: int,
    now: datetime.datetime,
    quiet: bool,
) -> list[Claim]:
    """The outcomes are settled, and up to ``limit`` further deliveries claimed, in one transaction.

    Args:
        name: of this process, as given to :func:`take_over`.
        quiet: whether only urgent notices may be sent now.

    Raises:
        Superseded: another process sends now; the outcomes are settled all the same.
    """
    with writing(db):
        for outcome in outcomes:
            _settle(db, outcome, now)
        (sender,) = db.execute("SELECT name FROM sender").fetchone()
        claims = _claim(db, limit, now, quiet) if sender == name and limit > 0 else []
    if sender != name:
        raise Superseded
    return claims


def _settle(db: Database, outcome: Outcome, now: datetime.datetime) -> None:
    claim, at = outcome.claim, milliseconds(now)
    if outcome.new_chat_id is not None:
        claim = _rename(db, claim, outcome.new_chat_id)
    if outcome.state is DeliveryState.GONE:
        store.mark_gone(db, claim.chat_id, outcome.reason or "", now)
    if outcome.file_id is not None:
        keep_file_id(db, claim.notice_id, claim.language, outcome.file_id)
    pending = outcome.state is DeliveryState.PENDING
    # Also one that a later process took for unknown: this one knows.
    db.execute(
        "UPDATE deliveries SET state = ?, reason = ?, message_id = ?, attempts = attempts + ?,"
        " next_attempt_at = ?, settled_at = ? WHERE notice_id = ? AND chat_id = ?"
        " AND state IN ('sending', 'unknown')",
        [
            str(outcome.state),
            outcome.reason,
            outcome.message_id,
            outcome.tried,
            at + round(outcome.wait * 1000) if pending and outcome.wait else 0,
            None if pending else at,
            claim.notice_id,
            claim.chat_id,
        ],
    )


def _rename(db: Database, claim: Claim, new: int) -> Claim:
    """The chat has its new number everywhere; where that gets the notice anyway, the old one does not."""
    old = claim.chat_id
    store.follow_chat(db, old, new)
    db.execute(
        "UPDATE OR IGNORE deliveries SET chat_id = ? WHERE chat_id = ? AND notice_id IN"
        " (SELECT id FROM notices WHERE state NOT IN ('done', 'cancelled'))",
        [new, old],
    )
    db.execute(
        "UPDATE deliveries SET state = 'cancelled', reason = 'migrated' WHERE notice_id = ?"
        " AND chat_id = ?",
        [claim.notice_id, old],
    )
    return replace(claim, chat_id=new)


def _claim(db: Database, limit: int, now: datetime.datetime, quiet: bool) -> list[Claim]:
    open_notices = db.execute(
        "SELECT id FROM notices WHERE state IN ('queued', 'sending') AND (urgent OR NOT ?)"
        " ORDER BY urgent DESC, send_at, id",
        [quiet],
    ).fetchall()
    claims: list[Claim] = []
    for (notice_id,) in open_notices:
        while len(claims) < limit:
            found = _due(db, notice_id, limit - len(claims), now)
            if not found:
                break
            claims += _claim_each(db, notice_id, found, now)
        if left(counts(db, notice_id)) == 0:
            store.end(db, notice_id, now)
    return claims


Due = tuple[int, str, int, str | None]


def _due(db: Database, notice_id: int, limit: int, now: datetime.datetime) -> list[Due]:
    return db.execute(
        "SELECT chat_id, language, attempts, gone_chats.reason FROM deliveries"
        " LEFT JOIN gone_chats USING (chat_id)"
        " WHERE notice_id = ? AND state = 'pending' AND next_attempt_at <= ?"
        " ORDER BY next_attempt_at LIMIT ?",
        [notice_id, milliseconds(now), limit],
    ).fetchall()


def _claim_each(
    db: Database, notice_id: int, found: Sequence[Due], now: datetime.datetime
) -> list[Claim]:
    """Those that can be written to are claimed; the others are settled as gone."""
    at = milliseconds(now)
    db.conn.executemany(
        "UPDATE deliveries SET state = ?, reason = ?, claimed_at = ?, settled_at = ?"
        " WHERE notice_id = ? AND chat_id = ?",
        [
            ("sending", None, at, None, notice_id, chat_id)
            if gone is None
            else ("gone", gone, None, at, notice_id, chat_id)
            for chat_id, _, _, gone in found
        ],
    )
    db.execute(
        "UPDATE notices SET state = 'sending', started_at = coalesce(started_at, ?)"
        " WHERE id = ? AND state = 'queued'",
        [now.isoformat(timespec="seconds"), notice_id],
    )
    return [
        Claim(notice_id, chat_id, language, attempts)
        for chat_id, language, attempts, gone in found
        if gone is None
    ]


def retry(
    db: Database,
    notice_id: int,
    *,
    actor: int,
    now: datetime.datetime,
    unknown: bool = False,
) -> int:
    """The failed deliveries of the notice are pending again; how many they are.

    Args:
        unknown: those that may have arrived instead, which some will then get twice.

    Raises:
        NoNotice, WrongState: it was never queued, is being queued, or is cancelled.
    """
    state = DeliveryState.UNKNOWN if unknown else DeliveryState.FAILED
    with writing(db):
        before = store.standing(db, notice_id).state
        if before not in RETRIED:
            raise store.WrongState(notice_id, before)
        count = db.conn.execute(
            "UPDATE deliveries SET state = 'pending', attempts = 0, next_attempt_at = 0,"
            " settled_at = NULL WHERE notice_id = ? AND state = ?"
            " AND state IN ('sending', 'failed', 'unknown')",  # as the index says it
            [notice_id, str(state)],
        ).rowcount
        if count:
            store.reopen(db, notice_id)
        record(
            db,
            actor=actor,
            act="notice.retried",
            subject=str(notice_id),
            before={"state": before, "deliveries": state},
            after=count,
            now=now,
        )
    return count


def sweep(db: Database) -> int:
    """Some of what cancelled notices had pending is cancelled as well; how many, 0 when none is left."""
    found = db.execute(
        "SELECT notice_id FROM delivery_counts JOIN notices ON id = notice_id"
        " WHERE delivery_counts.state = 'pending' AND count > 0 AND notices.state = 'cancelled'"
    ).fetchone()
    if found is None:
        return 0
    with writing(db):
        return db.conn.execute(
            "UPDATE deliveries SET state = 'cancelled' WHERE notice_id = ?1 AND state = 'pending'"
            " AND chat_id IN (SELECT chat_id FROM deliveries WHERE notice_id = ?1"
            " AND state = 'pending' LIMIT ?2)",
            [found[0], CHUNK],
        ).rowcount


def hurry(db: Database, now: datetime.datetime, longest_seconds: float) -> None:
    """Nothing waits longer than it can have been told to: the clock was put back."""
    latest = milliseconds(now) + round(longest_seconds * 1000)
    found = db.execute(
        "SELECT notice_id, chat_id FROM deliveries WHERE state = 'pending' AND next_attempt_at > ?"
        " AND notice_id IN (SELECT id FROM notices WHERE state IN ('queued', 'sending'))",
        [latest],
    ).fetchall()
    if found:
        with writing(db):
            db.conn.executemany(
                "UPDATE deliveries SET next_attempt_at = 0 WHERE notice_id = ? AND chat_id = ?"
                " AND state = 'pending'",
                found,
            )


def withdraw_chat(db: Database, chat_id: int, reason: str) -> int:
    """Nothing that is queued reaches this chat any more, except what is under way; how many those were."""
    with writing(db):
        # While a notice is being queued, its place is taken, so that it cannot be queued later.
        db.execute(
            "INSERT OR IGNORE INTO deliveries (notice_id, chat_id, language, state, reason)"
            " SELECT id, ?, '', 'cancelled', ? FROM notices WHERE state = 'queueing'",
            [chat_id, reason],
        )
        return db.conn.execute(
            "UPDATE deliveries SET state = 'cancelled', reason = ? WHERE chat_id = ?"
            " AND state = 'pending' AND notice_id IN (SELECT id FROM notices"
            " WHERE state IN ('queueing', 'queued', 'sending', 'paused'))",
            [reason, chat_id],
        ).rowcount


def forget_chat(db: Database, chat_id: int) -> None:
    """No delivery names this chat; how many there were of each notice is still known."""
    with writing(db):
        db.execute(
            "DELETE FROM deliveries WHERE chat_id = ? AND notice_id IN (SELECT id FROM notices)",
            [chat_id],
        )


def purge(db: Database, before: datetime.datetime) -> int:
    """Some deliveries of notices that ended before then are deleted, 0 when none is left; their counts stay."""
    found = db.execute(
        "SELECT id FROM notices WHERE state IN ('done', 'cancelled') AND ended_at < ?"
        " AND EXISTS (SELECT 1 FROM deliveries WHERE notice_id = id)",
        [before.astimezone(datetime.UTC).isoformat(timespec="seconds")],
    ).fetchone()
    if found is None:
        return 0
    with writing(db):
        return db.conn.execute(
            "DELETE FROM deliveries WHERE notice_id = ?1 AND chat_id IN"
            " (SELECT chat_id FROM deliveries WHERE notice_id = ?1 LIMIT ?2)",
            [found[0], CHUNK],
        ).rowcount
