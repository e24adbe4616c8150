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


@migrations()
def m005_figures(db: Database) -> None:
    """The hour and place of a question, counts that outlive it, dead numbers, and a view for each report."""
    # Both NULL for questions from before.
    db.execute("ALTER TABLE questions ADD COLUMN asked_hour TEXT")  # ISO 8601, UTC, whole hour
    db.execute("ALTER TABLE questions ADD COLUMN region TEXT")  # two-digit code: named, else chosen
    db.execute("""
        CREATE TABLE question_counts (     -- of questions that are gone, without their words
            asked_on TEXT NOT NULL,
            decision TEXT NOT NULL,
            language TEXT NOT NULL,
            region TEXT NOT NULL,          -- '' where it was not known
            entry_id TEXT NOT NULL,        -- what it was answered with, or ''
            questions INTEGER NOT NULL,
            unanswered INTEGER NOT NULL,
            helpful INTEGER NOT NULL,
            not_helpful INTEGER NOT NULL,
            PRIMARY KEY (asked_on, decision, language, region, entry_id)
        ) STRICT, WITHOUT ROWID
    """)
    db.execute("""
        CREATE TABLE dead_numbers (        -- "this number does not work"; nothing about who said so
            id INTEGER PRIMARY KEY,
            contact TEXT NOT NULL,         -- key of the record
            region TEXT NOT NULL,          -- two-digit code, or '' where it was not known
            reported_on TEXT NOT NULL,     -- day, ISO 8601
            settled_on TEXT                -- day (UTC) on which staff settled it, or NULL
        ) STRICT
    """)
    db.execute("""
        CREATE TABLE digests (             -- who gets the digest of a week
            week TEXT NOT NULL,            -- its Monday, ISO 8601
            user_id INTEGER NOT NULL,      -- 0: the week itself, so that it is begun once
            taken_at TEXT,                 -- ISO 8601, UTC: written before it is sent; NULL: to be sent
            PRIMARY KEY (week, user_id)
        ) STRICT, WITHOUT ROWID
    """)
    # An entry's card asks for the questions of one entry; the view's own expression makes it instant.
    db.execute(f"CREATE INDEX questions_entry ON questions ({_ENTRY}, asked_on)")
    for view in _REPORTS:
        db.execute(view)


# What a question was answered with: the entry that was tapped, or else the one that was sent.
_ENTRY = "coalesce(nullif(chosen, ''), CASE decision WHEN 'answer' THEN json_extract(shown, '$[0]') END, '')"
# Names that read by themselves in Datasette. Unanswered is what got no answer, "none of these", or an
# answer that did not help.
_REPORTS = (
    f"""
    CREATE VIEW v_questions AS
    SELECT id, asked_on, asked_hour, language, coalesce(region, '') AS region, text, decision,
        {_ENTRY} AS entry_id,
        decision = 'none' OR coalesce(chosen = '', 0) OR coalesce(helpful = 0, 0) AS unanswered,
        coalesce(helpful = 1, 0) AS helpful,
        coalesce(helpful = 0, 0) AS not_helpful
    FROM questions
    """,  # noqa: S608 (our own words)
    """
    CREATE VIEW v_counts AS
    SELECT asked_on, asked_hour, decision, language, region, entry_id, 1 AS questions, unanswered,
        helpful, not_helpful
    FROM v_questions
    UNION ALL
    SELECT asked_on, NULL, decision, language, region, entry_id, questions, unanswered,
        helpful, not_helpful
    FROM question_counts
    """,
    """
    CREATE VIEW v_questions_by_day AS
    SELECT asked_on AS day, decision, sum(questions) AS questions, sum(helpful) AS helpful,
        sum(not_helpful) AS not_helpful
    FROM v_counts GROUP BY asked_on, decision ORDER BY asked_on DESC, decision
    """,
    """
    CREATE VIEW v_helpful_by_entry_and_version AS
    SELECT entry_id, entry_version AS version, sum(helpful) AS helpful,
        sum(1 - helpful) AS not_helpful, round(100.0 * sum(helpful) / count(*), 1) AS helpful_percent
    FROM feedback GROUP BY entry_id, entry_version ORDER BY entry_id, entry_version
    """,
    """
    CREATE VIEW v_top_entries AS
    SELECT entry_id, entries.title_zh, entries.title_en, sum(questions) AS questions,
        sum(helpful) AS helpful, sum(not_helpful) AS not_helpful, max(asked_on) AS last_asked_on
    FROM v_counts LEFT JOIN entries ON entries.id = entry_id
    WHERE entry_id != '' GROUP BY entry_id ORDER BY sum(questions) DESC, entry_id
    """,
    """
    CREATE VIEW v_top_unanswered AS
    SELECT text, language, count(*) AS questions, max(asked_on) AS last_asked_on
    FROM v_questions WHERE unanswered GROUP BY text, language ORDER BY count(*) DESC, text
    """,
    """
    CREATE VIEW v_languages AS
    SELECT language, sum(questions) AS questions, sum(unanswered) AS unanswered
    FROM v_counts GROUP BY language ORDER BY sum(questions) DESC, language
    """,
    """
    CREATE VIEW v_regions AS
    SELECT region, sum(questions) AS questions, sum(unanswered) AS unanswered
    FROM v_counts GROUP BY region ORDER BY sum(questions) DESC, region
    """,
)


@migrations()
def m006_imports(db: Database) -> None:
    """Spreadsheets that were taken in, so that they can be taken back."""
    db.execute("""
        CREATE TABLE imports (
            id INTEGER PRIMARY KEY,
            actor INTEGER NOT NULL,        -- user, or 0 for the shell
            at TEXT NOT NULL,              -- ISO 8601, UTC
            entries TEXT NOT NULL,         -- JSON: [id, version before or 0, version after] of each
            undone_at TEXT
        ) STRICT
    """)


@migrations()
def m007_what_people_ask(db: Database) -> None:
    """Why a question got what it got, what editors made of it, and who waits for an answer."""
    db.execute("ALTER TABLE questions ADD COLUMN reason TEXT")  # NULL: asked before this was kept
    db.execute("""
        CREATE TABLE settled (
            question_id TEXT PRIMARY KEY REFERENCES questions(id) ON DELETE CASCADE,
            how TEXT NOT NULL
                CHECK (how IN ('published', 'out_of_scope', 'dismissed', 'rejected')),
            entry_id TEXT,                 -- that answers it now; NULL where none does
            settled_by INTEGER NOT NULL,   -- user, or 0 where the entry's own act says who
            settled_at TEXT NOT NULL       -- ISO 8601, UTC
        ) STRICT, WITHOUT ROWID
    """)
    # Of a wording that is not to come back only a digest is kept.
    db.execute("""
        CREATE TABLE settled_wordings (
            digest TEXT NOT NULL,          -- SHA-256 of what was asked, without marks and spaces
            entry_id TEXT NOT NULL,        -- that it was suggested for; '' where it is not to be queued
            settled_on TEXT NOT NULL,      -- day, ISO 8601
            PRIMARY KEY (digest, entry_id)
        ) STRICT, WITHOUT ROWID
    """)
    db.execute("""
        CREATE TABLE awaiting (
            question_id TEXT NOT NULL,
            chat_id INTEGER NOT NULL,      -- private; kept because they asked to be told
            language TEXT NOT NULL,
            until TEXT NOT NULL,           -- day on which it is erased, ISO 8601
            entry_id TEXT,                 -- that answers it; NULL while none does
            state TEXT NOT NULL CHECK (state IN ('waiting', 'ready', 'sending')),
            attempts INTEGER NOT NULL DEFAULT 0,
            next_attempt_at TEXT NOT NULL DEFAULT '',  -- ISO 8601, UTC
            PRIMARY KEY (question_id, chat_id)
        ) STRICT, WITHOUT ROWID
    """)
    db.execute("CREATE INDEX awaiting_of_chat ON awaiting (chat_id)")
    # To a question that is none of ours, or that says nothing, the reply was the right one.
    db.execute("DROP VIEW v_questions")
    db.execute(f"""
        CREATE VIEW v_questions AS
        SELECT id, asked_on, asked_hour, language, coalesce(region, '') AS region, text, decision,
            {_ENTRY} AS entry_id,
            (decision = 'none' AND coalesce(reason, '') NOT IN
                ('reason.outside', 'reason.nothing_left', 'reason.article'))
                OR coalesce(chosen = '', 0) OR coalesce(helpful = 0, 0) AS unanswered,
            coalesce(helpful = 1, 0) AS helpful,
            coalesce(helpful = 0, 0) AS not_helpful
        FROM questions
    """)  # noqa: S608 (our own words)
