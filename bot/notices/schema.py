"""Tables of notices. A migration that has been released is never edited, only followed."""

from __future__ import annotations

from sqlite_utils import Migrations
from sqlite_utils.db import Database

migrations = Migrations("notices")


@migrations()
def m001_outbox(db: Database) -> None:
    """Notices, what is sent of them, to whom, and how that went."""
    db.execute("""
        CREATE TABLE notices (
            id INTEGER PRIMARY KEY,
            state TEXT NOT NULL CHECK (state IN ('draft', 'approval', 'scheduled', 'missed',
                'queueing', 'queued', 'sending', 'paused', 'done', 'cancelled')),
            content TEXT NOT NULL,         -- JSON: what was composed
            created_by INTEGER NOT NULL,   -- user, or 0 for the shell
            created_at TEXT NOT NULL,      -- ISO 8601, UTC, as all times of this table
            approved_by INTEGER,
            send_by INTEGER,               -- who had it sent: user, or 0 for the shell
            send_at TEXT,                  -- not before; NULL: not to be sent yet
            urgent INTEGER NOT NULL DEFAULT 0 CHECK (urgent IN (0, 1)),  -- in quiet hours, too
            recipients INTEGER,            -- how many; NULL until all of them are queued
            pause_reason TEXT,             -- NULL: a person paused it
            started_at TEXT,
            ended_at TEXT,
            reported INTEGER NOT NULL DEFAULT 1 CHECK (reported IN (0, 1))  -- 0: tell who sent it
        ) STRICT
    """)
    db.execute("CREATE INDEX notices_state ON notices (state, send_at)")
    db.execute("CREATE INDEX notices_unreported ON notices (id) WHERE reported = 0")
    db.execute("""
        CREATE TABLE notice_messages (
            notice_id INTEGER NOT NULL REFERENCES notices(id) ON DELETE CASCADE,
            language TEXT NOT NULL,
            payload TEXT NOT NULL,         -- JSON: the very message; frozen when queued
            PRIMARY KEY (notice_id, language)
        ) STRICT, WITHOUT ROWID
    """)
    # Times are milliseconds since 1970 here: there may be a million rows.
    db.execute("""
        CREATE TABLE deliveries (
            notice_id INTEGER NOT NULL,
            chat_id INTEGER NOT NULL,
            language TEXT NOT NULL,        -- of the message that it gets
            state TEXT NOT NULL DEFAULT 'pending' CHECK (state IN
                ('pending', 'sending', 'sent', 'failed', 'gone', 'unknown', 'cancelled')),
            reason TEXT,                   -- why not sent, or what went wrong last
            message_id INTEGER,            -- Telegram's, to correct it later
            attempts INTEGER NOT NULL DEFAULT 0,
            next_attempt_at INTEGER NOT NULL DEFAULT 0,
            claimed_at INTEGER,
            settled_at INTEGER,
            PRIMARY KEY (notice_id, chat_id)
        ) STRICT, WITHOUT ROWID
    """)
    db.execute("""
        CREATE INDEX deliveries_due ON deliveries (notice_id, next_attempt_at)
        WHERE state = 'pending'
    """)
    db.execute("""
        CREATE INDEX deliveries_troubled ON deliveries (notice_id, state)
        WHERE state IN ('sending', 'failed', 'unknown')
    """)
    _count_by_triggers(db)
    db.execute("""
        CREATE TABLE gone_chats (
            chat_id INTEGER PRIMARY KEY,   -- not written to until it writes again
            reason TEXT NOT NULL,
            since TEXT NOT NULL            -- ISO 8601, UTC
        ) STRICT
    """)
    db.execute("""
        CREATE TABLE sender (
            id INTEGER PRIMARY KEY CHECK (id = 1),
            name TEXT NOT NULL             -- of the process that started last; only it sends
        ) STRICT
    """)


def _count_by_triggers(db: Database) -> None:
    """How many deliveries are in which state is known without a look at each."""
    db.execute("""
        CREATE TABLE delivery_counts (
            notice_id INTEGER NOT NULL,
            state TEXT NOT NULL,
            count INTEGER NOT NULL,
            PRIMARY KEY (notice_id, state)
        ) STRICT, WITHOUT ROWID
    """)
    one_more = """
        INSERT INTO delivery_counts (notice_id, state, count) VALUES (new.notice_id, new.state, 1)
        ON CONFLICT DO UPDATE SET count = count + 1;
    """
    one_less = """
        UPDATE delivery_counts SET count = count - 1
        WHERE notice_id = old.notice_id AND state = old.state;
    """
    db.execute(f"CREATE TRIGGER delivery_added AFTER INSERT ON deliveries BEGIN {one_more} END")
    db.execute(f"""
        CREATE TRIGGER delivery_changed AFTER UPDATE OF state ON deliveries
        WHEN new.state != old.state BEGIN {one_less} {one_more} END
    """)
    # What was sent counts as sent also after the chat's number is forgotten.
    db.execute(f"""
        CREATE TRIGGER delivery_forgotten AFTER DELETE ON deliveries
        WHEN old.state IN ('pending', 'sending') BEGIN {one_less} END
    """)


@migrations()
def m002_workshops(db: Database) -> None:
    """Who wants notices, who comes to which workshop, and what goes out after a notice."""
    db.execute("""
        CREATE TABLE subscribers (
            chat_id INTEGER PRIMARY KEY,
            state TEXT NOT NULL CHECK (state IN ('asked', 'on', 'off')),
            language TEXT NOT NULL CHECK (language IN ('zh', 'zh-Hant', 'en')),
            region TEXT NOT NULL DEFAULT '',   -- two-digit code; '': from everywhere
            topics TEXT NOT NULL DEFAULT '',   -- ',pension,medical,'; '': all
            paused_until TEXT                  -- ISO 8601, UTC
        ) STRICT
    """)
    db.execute("""
        CREATE TABLE follow_ups (
            id INTEGER PRIMARY KEY REFERENCES notices(id) ON DELETE CASCADE,
            of INTEGER NOT NULL,           -- the notice that it belongs to
            kind TEXT NOT NULL,
            number INTEGER NOT NULL,       -- 0 for what goes out once, else which one
            UNIQUE (of, kind, number)
        ) STRICT
    """)
    db.execute("""
        CREATE TABLE sign_ups (
            notice_id INTEGER NOT NULL REFERENCES notices(id) ON DELETE CASCADE,
            chat_id INTEGER NOT NULL,
            state TEXT NOT NULL CHECK (state IN ('coming', 'waiting', 'cancelled')),
            line INTEGER NOT NULL,         -- place in the order of signing up
            guests INTEGER NOT NULL DEFAULT 0 CHECK (guests IN (0, 1)),
            language TEXT NOT NULL,
            name TEXT,                     -- only if given for this workshop
            here_at TEXT,                  -- ISO 8601, UTC
            rating INTEGER CHECK (rating BETWEEN 1 AND 5),
            PRIMARY KEY (notice_id, chat_id)
        ) STRICT, WITHOUT ROWID
    """)
    db.execute("CREATE INDEX sign_ups_of_chat ON sign_ups (chat_id)")
    db.execute("""
        CREATE TABLE doors (
            notice_id INTEGER PRIMARY KEY REFERENCES notices(id) ON DELETE CASCADE,
            code TEXT NOT NULL             -- what is shown at the door
        ) STRICT
    """)
    db.execute("""
        CREATE TABLE posters (
            notice_id INTEGER NOT NULL REFERENCES notices(id) ON DELETE CASCADE,
            number INTEGER NOT NULL,
            place TEXT NOT NULL,           -- where the poster hangs, as the organiser calls it
            opened INTEGER NOT NULL DEFAULT 0,
            PRIMARY KEY (notice_id, number)
        ) STRICT, WITHOUT ROWID
    """)
    db.execute("""
        CREATE TABLE repeats (
            notice_id INTEGER PRIMARY KEY REFERENCES notices(id) ON DELETE CASCADE,
            days INTEGER NOT NULL CHECK (days > 0),
            next_at TEXT NOT NULL          -- ISO 8601, UTC
        ) STRICT
    """)
    db.execute("""
        CREATE TABLE progress_messages (
            notice_id INTEGER PRIMARY KEY REFERENCES notices(id) ON DELETE CASCADE,
            chat_id INTEGER NOT NULL,
            message_id INTEGER NOT NULL,
            language TEXT NOT NULL,
            shown TEXT NOT NULL DEFAULT ''
        ) STRICT
    """)
    db.execute("""
        CREATE TABLE corrections (
            notice_id INTEGER NOT NULL REFERENCES notices(id) ON DELETE CASCADE,
            chat_id INTEGER NOT NULL,
            attempts INTEGER NOT NULL DEFAULT 0,
            PRIMARY KEY (notice_id, chat_id)
        ) STRICT, WITHOUT ROWID
    """)
