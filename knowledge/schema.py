"""Tables that hold the knowledge. A migration that has been released is never edited, only followed."""

from __future__ import annotations

from sqlite_utils import Migrations
from sqlite_utils.db import Database

migrations = Migrations("knowledge")


@migrations()
def m001_entries(db: Database) -> None:
    """Entries as they stand, their texts to match with, and every version there has been."""
    db.execute("""
        CREATE TABLE entries (
            id TEXT PRIMARY KEY,
            position INTEGER NOT NULL,
            scheme TEXT NOT NULL,
            status TEXT NOT NULL CHECK (status IN ('published', 'draft', 'retired')),
            version INTEGER NOT NULL CHECK (version >= 1),
            scope TEXT NOT NULL,
            title_zh TEXT NOT NULL,
            title_en TEXT NOT NULL,
            short_zh TEXT NOT NULL,
            short_en TEXT NOT NULL,
            details_zh TEXT NOT NULL,
            details_en TEXT NOT NULL,
            checked_on TEXT NOT NULL,
            review_by TEXT NOT NULL,
            digest TEXT NOT NULL,          -- of the content as it stands
            released_digest TEXT           -- of the content last taken from a release; NULL: written by staff
        ) STRICT
    """)
    db.execute("""
        CREATE TABLE entry_texts (
            entry_id TEXT NOT NULL REFERENCES entries(id) ON DELETE CASCADE,
            kind TEXT NOT NULL CHECK (kind IN ('step', 'phrasing', 'cue')),
            language TEXT NOT NULL CHECK (language IN ('zh', 'en')),
            position INTEGER NOT NULL,
            text TEXT NOT NULL,
            PRIMARY KEY (entry_id, kind, language, position)
        ) STRICT, WITHOUT ROWID
    """)
    db.execute("""
        CREATE TABLE entry_provisions (
            entry_id TEXT NOT NULL REFERENCES entries(id) ON DELETE CASCADE,
            position INTEGER NOT NULL,
            law TEXT NOT NULL,
            article INTEGER,
            PRIMARY KEY (entry_id, position)
        ) STRICT, WITHOUT ROWID
    """)
    db.execute("""
        CREATE TABLE entry_links (
            entry_id TEXT NOT NULL REFERENCES entries(id) ON DELETE CASCADE,
            kind TEXT NOT NULL CHECK (kind IN ('contact', 'related')),
            position INTEGER NOT NULL,
            target TEXT NOT NULL,          -- key of a contact, or id of an entry
            PRIMARY KEY (entry_id, kind, position)
        ) STRICT, WITHOUT ROWID
    """)
    db.execute("""
        CREATE TABLE entry_versions (
            entry_id TEXT NOT NULL,
            version INTEGER NOT NULL,
            content TEXT NOT NULL,         -- JSON, as `shebao faq show --json`
            origin TEXT NOT NULL,          -- 'release', or who changed it
            created_at TEXT NOT NULL,      -- ISO 8601, UTC
            PRIMARY KEY (entry_id, version)
        ) STRICT, WITHOUT ROWID
    """)
    db.execute("""
        CREATE TABLE releases (
            files_digest TEXT PRIMARY KEY,
            applied_at TEXT NOT NULL,
            report TEXT NOT NULL           -- JSON: ids added, updated, kept, retired
        ) STRICT
    """)


@migrations()
def m002_kept_index(db: Database) -> None:
    """The index over the entries, so that a start need not build it; never more than one row."""
    db.execute("""
        CREATE TABLE kept_index (
            digest TEXT PRIMARY KEY,       -- of all that it is made from
            strings TEXT NOT NULL,         -- JSON
            numbers BLOB NOT NULL          -- arrays, one after the other
        ) STRICT
    """)


@migrations()
def m003_languages_in_step(db: Database) -> None:
    """Which language of an entry waits for a change that was made in the other."""
    db.execute("ALTER TABLE entries ADD COLUMN outdated TEXT CHECK (outdated IN ('zh', 'en'))")
