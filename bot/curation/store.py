"""Edited entries and what waits to be agreed to, in SQLite."""

from __future__ import annotations

import datetime
import json
from dataclasses import dataclass

from sqlite_utils.db import Database

from bot.curation.proposed import Proposed, proposed
from bot.people.store import record
from knowledge.database import insert, writing
from knowledge.entry import Entry, Status
from knowledge.store import KnowledgeStore


def publish(
    db: Database,
    entry: Entry,
    *,
    base: int,
    author: int,
    approved_by: int | None = None,
    now: datetime.datetime,
) -> Entry | None:
    """The entry stands as a new version, and the log says so; None when it is not at ``base`` any more."""
    store = KnowledgeStore(db)
    with writing(db):
        if store.version_of(entry.id) != base:
            return None
        before = store.entry(entry.id) if base else None
        saved = store.save(entry, origin=f"user {author}", now=now)
        agreed = {} if approved_by is None else {"approved_by": approved_by}
        record(
            db,
            actor=author,
            act=_act(before, saved),
            subject=saved.id,
            before=None if before is None else {"version": before.version},
            after={"version": saved.version, **agreed},
            now=now,
        )
    return saved


def _act(before: Entry | None, after: Entry) -> str:
    if after.status is Status.RETIRED and before and before.status is not Status.RETIRED:
        return "entry.retired"
    return "entry.published"


@dataclass(frozen=True, slots=True)
class Proposal:
    """An edit that waits for somebody else to agree."""

    id: int
    author: int
    edit: Proposed


def propose(db: Database, edit: Proposed, *, author: int, now: datetime.datetime) -> int:
    """The edit waits; an earlier one of the same author for the same entry is replaced."""
    with writing(db):
        for other in proposals(db):
            if other.author == author and other.edit.id == edit.id:
                db.execute("DELETE FROM proposals WHERE id = ?", [other.id])
        row = {
            "author": author,
            "content": json.dumps(edit.as_json(), ensure_ascii=False),
            "made_at": now.isoformat(timespec="seconds"),
        }
        insert(db, "proposals", row)
        number = int(db.execute("SELECT last_insert_rowid()").fetchone()[0])
        record(
            db,
            actor=author,
            act="entry.proposed",
            subject=edit.id,
            before=edit.base,
            after=number,
            now=now,
        )
    return number


def proposals(db: Database) -> list[Proposal]:
    """Every edit that waits, the oldest first."""
    found = db.execute("SELECT id, author, content FROM proposals ORDER BY id")
    return [Proposal(number, author, proposed(json.loads(text))) for number, author, text in found]


def proposal(db: Database, number: int) -> Proposal | None:
    """The edit that waits under this number."""
    return next((each for each in proposals(db) if each.id == number), None)


def settle_proposal(
    db: Database, waiting: Proposal, *, declined_by: int | None, now: datetime.datetime
) -> bool:
    """The edit waits no more; false when somebody settled it before."""
    with writing(db):
        gone = db.execute("DELETE FROM proposals WHERE id = ?", [waiting.id]).rowcount > 0
        if gone and declined_by is not None:
            record(
                db,
                actor=declined_by,
                act="entry.declined",
                subject=waiting.edit.id,
                before=waiting.id,
                after=None,
                now=now,
            )
    return gone
