"""Who wants notices, from where and on what, in SQLite."""

from __future__ import annotations

import datetime
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from enum import StrEnum

from sqlite_utils.db import Database

from knowledge.database import writing
from knowledge.text import Language

# Notices of which some deliveries may still be waiting.
OPEN_NOTICES = "SELECT id FROM notices WHERE state NOT IN ('draft', 'done', 'cancelled')"


class Wish(StrEnum):
    """Whether somebody wants notices."""

    ASKED = "asked"  # and has not answered
    ON = "on"
    OFF = "off"


@dataclass(frozen=True, slots=True)
class Subscriber:
    """What a person wants of notices.

    Attributes:
        language: what they read when they have not chosen a language.
        region: two-digit code; empty: from everywhere.
        topics: FAQ schemes; empty: all.
        paused_until: with its zone; no notice before that.
    """

    chat_id: int
    wish: Wish
    language: Language
    region: str = ""
    topics: tuple[str, ...] = ()
    paused_until: datetime.datetime | None = None

    def paused(self, now: datetime.datetime) -> bool:
        """Whether they have put notices off."""
        return self.paused_until is not None and self.paused_until > now


def subscriber(db: Database, chat_id: int) -> Subscriber | None:
    """What this person wants; None when they were never asked."""
    row = db.execute(
        "SELECT state, language, region, topics, paused_until FROM subscribers WHERE chat_id = ?",
        [chat_id],
    ).fetchone()
    if row is None:
        return None
    state, language, region, topics, until = row
    return Subscriber(
        chat_id,
        Wish(state),
        Language(language),
        region,
        tuple(filter(None, topics.split(","))),
        datetime.datetime.fromisoformat(until) if until else None,
    )


def keep(db: Database, person: Subscriber) -> None:
    """This is what the person wants. Whoever wants nothing gets nothing that still waits, either."""
    until = person.paused_until
    values = [
        person.chat_id,
        str(person.wish),
        str(person.language),
        person.region,
        f",{','.join(person.topics)}," if person.topics else "",
        until.astimezone(datetime.UTC).isoformat(timespec="seconds") if until else None,
    ]
    with writing(db):
        db.execute(
            "INSERT INTO subscribers (chat_id, state, language, region, topics, paused_until)"
            " VALUES (?, ?, ?, ?, ?, ?) ON CONFLICT (chat_id) DO UPDATE SET"
            " state = excluded.state, language = excluded.language, region = excluded.region,"
            " topics = excluded.topics, paused_until = excluded.paused_until",
            values,
        )
        if person.wish is Wish.OFF or until is not None:
            _withhold(db, person.chat_id)


def _withhold(db: Database, chat_id: int) -> None:
    """No notice that is on its way reaches the chat; what follows up their own sign-ups does."""
    db.execute(
        "UPDATE deliveries SET state = 'cancelled', reason = 'opted out'"  # noqa: S608
        f" WHERE notice_id IN ({OPEN_NOTICES} AND id NOT IN (SELECT id FROM follow_ups))"
        " AND chat_id = ? AND state = 'pending'",
        [chat_id],
    )


def asked(db: Database, chat_id: int, language: Language) -> bool:
    """The person counts as asked; false when they had been before."""
    with writing(db):
        if subscriber(db, chat_id) is not None:
            return False
        keep(db, Subscriber(chat_id, Wish.ASKED, language))
    return True


def follow_language(db: Database, chat_id: int, language: Language) -> None:
    """Whoever was asked is written to in this language, unless they chose another."""
    with writing(db):
        db.execute(
            "UPDATE subscribers SET language = ? WHERE chat_id = ?", [str(language), chat_id]
        )


def forget(db: Database, chat_id: int) -> None:
    """Nothing is kept that says what this person wanted, got, or signed up for."""
    with writing(db):
        _withhold(db, chat_id)
        db.execute("DELETE FROM subscribers WHERE chat_id = ?", [chat_id])
        db.execute("DELETE FROM sign_ups WHERE chat_id = ?", [chat_id])
        for table in ("deliveries", "corrections"):
            db.execute(
                f"DELETE FROM {table} WHERE notice_id IN (SELECT id FROM notices)"  # noqa: S608
                " AND chat_id = ?",
                [chat_id],
            )


def signed_up_for(db: Database, chat_id: int) -> int:
    """How many workshops this person is kept as signed up for."""
    (count,) = db.execute("SELECT count(*) FROM sign_ups WHERE chat_id = ?", [chat_id]).fetchone()
    return int(count)


def import_people(db: Database, people: Sequence[Subscriber]) -> None:
    """Everybody in the list is known: language, region, and whether they want notices."""
    with writing(db):
        for person in people:
            before = subscriber(db, person.chat_id)
            kept = replace(person, topics=before.topics) if before else person
            keep(db, kept)
            db.execute(
                "INSERT INTO people (chat_id, language, region) VALUES (?, ?, ?)"
                " ON CONFLICT (chat_id) DO UPDATE SET language = excluded.language,"
                " region = excluded.region",
                [person.chat_id, str(person.language), person.region or None],
            )


def export_people(db: Database) -> Iterator[tuple[int, str, str, int]]:
    """Chat, language, region and whether subscribed of everybody who is known."""
    yield from db.execute(
        "SELECT chat_id, coalesce(people.language, subscribers.language, ''),"
        " coalesce(nullif(subscribers.region, ''), people.region, ''),"
        " coalesce(subscribers.state, '') = 'on'"
        " FROM (SELECT chat_id FROM people UNION SELECT chat_id FROM subscribers)"
        " LEFT JOIN people USING (chat_id) LEFT JOIN subscribers USING (chat_id) ORDER BY chat_id"
    )
