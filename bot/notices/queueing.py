"""Queueing: a notice goes into the outbox for everybody who is to get it."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import islice
from typing import Any

from sqlite_utils.db import Database

from bot.notices import store
from bot.notices.outbox import CHUNK, counts
from bot.notices.states import NoticeState, Payload
from knowledge.database import writing

# Groups have negative ids; Telegram's have at most 52 bits.
FIRST_ID = -(2**52)


@dataclass(frozen=True, slots=True)
class Select:
    """A SELECT of ``chat_id`` and ``language``."""

    sql: str
    parameters: Sequence[Any] | dict[str, Any] = ()


Recipients = Select | Iterable[tuple[int, str]]


@dataclass(frozen=True, slots=True)
class Prepared:
    """What is sent, by language, and to whom; a chat that is named twice counts once."""

    messages: Mapping[str, Payload]
    recipients: Recipients


class NoMessage(Exception):
    """A recipient is to get a language in which there is no message."""


def freeze(db: Database, notice_id: int, messages: Mapping[str, Payload]) -> None:
    """These are the messages that are sent, by language; what was frozen before stays."""
    with writing(db):
        db.conn.executemany(
            "INSERT OR IGNORE INTO notice_messages (notice_id, language, payload) VALUES (?, ?, ?)",
            [(notice_id, language, payload.as_json()) for language, payload in messages.items()],
        )


def queue(
    db: Database,
    notice_id: int,
    messages: Mapping[str, Payload],
    recipients: Recipients,
    *,
    breathe: Callable[[], None] = lambda: None,
) -> int:
    """The notice is queued for every recipient, each once; how many they are.

    Written in many short transactions, so that nobody waits. What was queued when the process died
    stays, is not sent yet, and is completed by calling it again.

    Args:
        messages: by language; those frozen before are not replaced.
        breathe: called between transactions.

    Raises:
        NoMessage: a recipient's language has no message; nothing is queued.
        NoNotice, WrongState: it is queued already or over, or was paused or cancelled meanwhile.
    """
    _gather(db, recipients)
    try:
        spoken = {language for (language,) in db.execute("SELECT DISTINCT language FROM audience")}
        if missing := spoken - set(messages):
            raise NoMessage(", ".join(sorted(missing)))
        with writing(db):
            freeze(db, notice_id, messages)
            store.move(db, notice_id, to=NoticeState.QUEUEING, out_of=store.UNQUEUED)
        for first, last in _chunks(db):
            with writing(db):
                _still_queueing(db, notice_id)
                _insert(db, notice_id, first, last)
            breathe()
        return _complete(db, notice_id)
    finally:
        db.execute("DROP TABLE temp.audience")


def _gather(db: Database, recipients: Recipients) -> None:
    """A table of this connection alone holds the recipients as they are at this moment, in order."""
    db.execute("DROP TABLE IF EXISTS temp.audience")
    # A million rows that come in any order take 20 MB there, and a file four times as long.
    db.execute("PRAGMA temp_store = MEMORY")
    db.execute("CREATE TEMP TABLE audience (chat_id INTEGER PRIMARY KEY, language TEXT NOT NULL)")
    if isinstance(recipients, Select):
        db.execute(
            f"INSERT OR IGNORE INTO audience (chat_id, language) {recipients.sql}",
            recipients.parameters,
        )
        return
    rows = iter(recipients)
    while chunk := list(islice(rows, CHUNK)):
        db.conn.executemany("INSERT OR IGNORE INTO audience VALUES (?, ?)", chunk)
        db.conn.commit()


def _chunks(db: Database) -> Iterator[tuple[int, int]]:
    after = FIRST_ID - 1
    while True:
        first, last = db.execute(
            "SELECT min(chat_id), max(chat_id) FROM (SELECT chat_id FROM audience"
            " WHERE chat_id > ? ORDER BY chat_id LIMIT ?)",
            [after, CHUNK],
        ).fetchone()
        if last is None:
            return
        yield first, last
        after = last


def _still_queueing(db: Database, notice_id: int) -> None:
    state = store.standing(db, notice_id).state
    if state is not NoticeState.QUEUEING:
        raise store.WrongState(notice_id, state)


def _insert(db: Database, notice_id: int, first: int, last: int) -> None:
    db.execute(
        "INSERT OR IGNORE INTO deliveries (notice_id, chat_id, language)"
        " SELECT ?, chat_id, language FROM audience WHERE chat_id BETWEEN ? AND ?",
        [notice_id, first, last],
    )


def _complete(db: Database, notice_id: int) -> int:
    with writing(db):
        store.move(db, notice_id, to=NoticeState.QUEUED, out_of=(NoticeState.QUEUEING,))
        total = sum(counts(db, notice_id).values())
        db.execute("UPDATE notices SET recipients = ? WHERE id = ?", [total, notice_id])
    return total
