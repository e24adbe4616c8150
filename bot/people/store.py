"""What a person chose, who is staff, and what staff did, in SQLite."""

from __future__ import annotations

import datetime
import hashlib
import json
import secrets
from collections.abc import Callable, Iterator
from dataclasses import dataclass

from sqlite_utils.db import Database

from bot.people.roles import Role
from knowledge.database import insert, writing
from knowledge.text import Language

INVITE_HOURS = 48
SHELL = 0  # actor and owner of what is done in the shell, or by the bot itself


@dataclass(frozen=True, slots=True)
class Preferences:
    """What a person chose; None where they chose nothing.

    Attributes:
        region: two-digit code of a provincial unit.
    """

    language: Language | None = None
    region: str | None = None


def preferences(db: Database, chat_id: int) -> Preferences:
    """What is kept about this chat; empty when nothing is."""
    found = db.execute(
        "SELECT language, region FROM people WHERE chat_id = ?", [chat_id]
    ).fetchone()
    if found is None:
        return Preferences()
    language, region = found
    return Preferences(Language(language) if language else None, region)


def choose_language(db: Database, chat_id: int, language: Language) -> None:
    """The chat's language is kept."""
    with writing(db):
        db.execute(
            "INSERT INTO people (chat_id, language) VALUES (?, ?)"
            " ON CONFLICT (chat_id) DO UPDATE SET language = excluded.language",
            [chat_id, str(language)],
        )


def choose_region(db: Database, chat_id: int, region: str | None) -> None:
    """The chat's region is kept; None takes it away."""
    with writing(db):
        db.execute(
            "INSERT INTO people (chat_id, region) VALUES (?, ?)"
            " ON CONFLICT (chat_id) DO UPDATE SET region = excluded.region",
            [chat_id, region],
        )


Erase = Callable[[Database, int], None]


def awaited(db: Database, chat_id: int) -> int:
    """Of how many questions this chat is to be told the answer."""
    return db.table("awaiting").count_where("chat_id = ?", [chat_id])


def forget(db: Database, chat_id: int, also: Erase) -> None:
    """Nothing is kept about this chat.

    Args:
        also: erases what others keep about it, in the same transaction.
    """
    with writing(db):
        also(db, chat_id)
        db.execute("DELETE FROM awaiting WHERE chat_id = ?", [chat_id])
        db.execute("DELETE FROM people WHERE chat_id = ?", [chat_id])


def roles(db: Database, user_id: int) -> frozenset[Role]:
    """The roles given to this user."""
    found = db.execute("SELECT role FROM staff WHERE user_id = ?", [user_id])
    return frozenset(Role(role) for (role,) in found)


@dataclass(frozen=True, slots=True)
class Member:
    """One role of one member of staff.

    Attributes:
        added_by: user id, or 0 for the shell.
        added_at: ISO 8601, UTC.
    """

    user_id: int
    role: Role
    added_by: int
    added_at: str


def members(db: Database) -> list[Member]:
    """Everybody with a role, the newest last."""
    found = db.execute("SELECT user_id, role, added_by, added_at FROM staff ORDER BY added_at")
    return [Member(user, Role(role), by, at) for user, role, by, at in found]


def give_role(
    db: Database, user_id: int, role: Role, *, actor: int, now: datetime.datetime
) -> bool:
    """The user has the role, and the log says who gave it; false when they had it."""
    with writing(db):
        if role in roles(db, user_id):
            return False
        row = {
            "user_id": user_id,
            "role": str(role),
            "added_by": actor,
            "added_at": now.isoformat(timespec="seconds"),
        }
        insert(db, "staff", row)
        _record_role(db, "staff.added", user_id, role, actor=actor, now=now)
    return True


def _record_role(
    db: Database, act: str, user_id: int, role: Role, *, actor: int, now: datetime.datetime
) -> None:
    change = (None, str(role)) if act == "staff.added" else (str(role), None)
    record(
        db,
        actor=actor,
        act=act,
        subject=str(user_id),
        before=change[0],
        after=change[1],
        now=now,
    )


def withdraw(
    db: Database, user_id: int, role: Role | None, *, actor: int, now: datetime.datetime
) -> int:
    """The user has lost the role, or all of them; invites they made are void. Tells how many went."""
    with writing(db):
        gone = [given for given in roles(db, user_id) if role is None or given == role]
        for each in gone:
            db.execute("DELETE FROM staff WHERE user_id = ? AND role = ?", [user_id, str(each)])
            _record_role(db, "staff.removed", user_id, each, actor=actor, now=now)
        if gone:
            db.execute("DELETE FROM invites WHERE made_by = ? AND made_by != 0", [user_id])
    return len(gone)


def _digest(secret: str) -> str:
    return hashlib.sha256(secret.encode()).hexdigest()


def invite(db: Database, role: Role, *, actor: int, now: datetime.datetime) -> str:
    """A secret that gives the role to the first who shows it within two days; only its digest is kept."""
    secret = secrets.token_urlsafe(16)
    expires = now + datetime.timedelta(hours=INVITE_HOURS)
    with writing(db):
        db.execute("DELETE FROM invites WHERE expires_at < ?", [now.isoformat()])
        row = {
            "digest": _digest(secret),
            "role": str(role),
            "made_by": actor,
            "expires_at": expires.isoformat(),
        }
        insert(db, "invites", row)
        record(
            db,
            actor=actor,
            act="staff.invited",
            subject=str(role),
            before=None,
            after=expires.isoformat(timespec="minutes"),
            now=now,
        )
    return secret


def redeem(db: Database, secret: str, user_id: int, *, now: datetime.datetime) -> Role | None:
    """The role that the invite gave to this user; None when it is used, expired or was never made."""
    with writing(db):
        row = db.execute(
            "SELECT role, made_by FROM invites WHERE digest = ? AND expires_at >= ?",
            [_digest(secret), now.isoformat()],
        ).fetchone()
        if row is None:
            return None
        db.execute("DELETE FROM invites WHERE digest = ?", [_digest(secret)])
        role, made_by = Role(row[0]), row[1]
        give_role(db, user_id, role, actor=made_by, now=now)
    return role


@dataclass(frozen=True, slots=True)
class Act:
    """One line of the log of what staff did.

    Attributes:
        at: ISO 8601, UTC.
        actor: user id, or 0 for the shell and the bot itself.
        before, after: as JSON.
    """

    id: int
    at: str
    actor: int
    act: str
    subject: str
    before: str
    after: str


def record(
    db: Database,
    *,
    actor: int,
    act: str,
    subject: str,
    before: object,
    after: object,
    now: datetime.datetime,
) -> None:
    """The log holds the act; nothing takes it out again. Belongs into the transaction of the act itself."""
    with writing(db):
        row = {
            "at": now.isoformat(timespec="seconds"),
            "actor": actor,
            "act": act,
            "subject": subject,
            "before": json.dumps(before, ensure_ascii=False),
            "after": json.dumps(after, ensure_ascii=False),
        }
        insert(db, "audit_log", row)


def acts(db: Database, *, before: int | None = None, limit: int) -> list[Act]:
    """The latest acts, the newest first; those before the one with the id ``before``, if given."""
    found = db.execute(
        "SELECT id, at, actor, act, subject, before, after FROM audit_log"
        " WHERE ? IS NULL OR id < ? ORDER BY id DESC LIMIT ?",
        [before, before, limit],
    )
    return [Act(*row) for row in found]


def all_acts(db: Database) -> Iterator[Act]:
    """Every act, the oldest first."""
    for row in db.execute(
        "SELECT id, at, actor, act, subject, before, after FROM audit_log ORDER BY id"
    ):
        yield Act(*row)
