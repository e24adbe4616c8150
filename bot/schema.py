"""Tables of the bot itself. A migration that has been released is never edited, only followed."""

from __future__ import annotations

from sqlite_utils import Migrations
from sqlite_utils.db import Database

migrations = Migrations("bot")


@migrations()
def m001_people_and_questions(db: Database) -> None:
    """What a person chose, and what was asked. Nothing links the two."""
    db.execute("""
        CREATE TABLE people (
            chat_id INTEGER PRIMARY KEY,
            language TEXT CHECK (language IN ('zh', 'zh-Hant', 'en')),  -- NULL: as their Telegram
            region TEXT                                                -- two-digit code, or NULL
        ) STRICT
    """)
    db.execute("""
        CREATE TABLE questions (
            id TEXT PRIMARY KEY,           -- random, so that nobody can guess another's
            asked_on TEXT NOT NULL,        -- day, ISO 8601, in the set time zone
            language TEXT NOT NULL,
            text TEXT NOT NULL,            -- identity, telephone and card numbers masked
            decision TEXT NOT NULL CHECK (decision IN ('answer', 'choices', 'none')),
            shown TEXT NOT NULL,           -- JSON list of entry ids, in the order shown
            chosen TEXT,                   -- entry id, or '' for "none of these"
            helpful INTEGER CHECK (helpful IN (0, 1))
        ) STRICT
    """)
    db.execute("CREATE INDEX questions_asked_on ON questions (asked_on)")
    db.execute("""
        CREATE TABLE feedback (
            id INTEGER PRIMARY KEY,
            entry_id TEXT NOT NULL,
            entry_version INTEGER NOT NULL,
            question_id TEXT REFERENCES questions(id) ON DELETE CASCADE,  -- NULL: reached by browsing
            helpful INTEGER NOT NULL CHECK (helpful IN (0, 1)),
            given_on TEXT NOT NULL,        -- day, ISO 8601
            UNIQUE (question_id, entry_id)
        ) STRICT
    """)


@migrations()
def m002_handled_updates(db: Database) -> None:
    """The numbers of updates that were handled, so that one which arrives again is not."""
    db.execute("CREATE TABLE handled_updates (update_id INTEGER PRIMARY KEY) STRICT")


@migrations()
def m003_staff(db: Database) -> None:
    """Who may do what, how they came to it, what they did, and what they have begun."""
    db.execute("""
        CREATE TABLE staff (
            user_id INTEGER NOT NULL,
            role TEXT NOT NULL CHECK (role IN ('viewer', 'editor', 'organiser', 'admin')),
            added_by INTEGER NOT NULL,     -- user, or 0 for the shell
            added_at TEXT NOT NULL,        -- ISO 8601, UTC
            PRIMARY KEY (user_id, role)
        ) STRICT, WITHOUT ROWID
    """)
    db.execute("""
        CREATE TABLE invites (
            digest TEXT PRIMARY KEY,       -- SHA-256 of what the link carries
            role TEXT NOT NULL,
            made_by INTEGER NOT NULL,      -- user, or 0 for the shell
            expires_at TEXT NOT NULL       -- ISO 8601, UTC
        ) STRICT
    """)
    db.execute("""
        CREATE TABLE audit_log (
            id INTEGER PRIMARY KEY,
            at TEXT NOT NULL,              -- ISO 8601, UTC
            actor INTEGER NOT NULL,        -- user, or 0 for the shell and the bot itself
            act TEXT NOT NULL,
            subject TEXT NOT NULL,         -- what it was done to: id of an entry, a user, a notice
            before TEXT NOT NULL,          -- JSON
            after TEXT NOT NULL            -- JSON
        ) STRICT
    """)
    for verb in ("UPDATE", "DELETE"):
        db.execute(f"""
            CREATE TRIGGER audit_log_no_{verb.lower()} BEFORE {verb} ON audit_log
            BEGIN SELECT RAISE(ABORT, 'the audit log is only added to'); END
        """)
    db.execute("""
        CREATE TABLE drafts (
            user_id INTEGER NOT NULL,
            kind TEXT NOT NULL,
            waiting TEXT NOT NULL,         -- what the next message is taken for, or ''
            content TEXT NOT NULL,         -- JSON
            touched_at TEXT NOT NULL,      -- ISO 8601, UTC
            PRIMARY KEY (user_id, kind)
        ) STRICT, WITHOUT ROWID
    """)


@migrations()
def m004_proposals(db: Database) -> None:
    """Edited entries that wait for a second person to agree."""
    db.execute("""
        CREATE TABLE proposals (
            id INTEGER PRIMARY KEY,
            author INTEGER NOT NULL,
            content TEXT NOT NULL,         -- JSON
            made_at TEXT NOT NULL          -- ISO 8601, UTC
        ) STRICT
    """)
