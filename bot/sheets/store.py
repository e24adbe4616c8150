"""Imports in SQLite: applied whole, and taken back whole."""

from __future__ import annotations

import datetime
import json
from collections.abc import Sequence
from dataclasses import replace

from sqlite_utils.db import Database

from bot.people.store import SHELL, record
from knowledge.database import insert, writing
from knowledge.entry import Entry, Status
from knowledge.errors import ShebaoError
from knowledge.plan import Plan
from knowledge.revise import Difference
from knowledge.store import KnowledgeStore


class ChangedMeanwhile(ShebaoError):
    """An entry is not as it was when the import was looked through, or applied; nothing was written."""

    def __init__(self, key: str, ids: Sequence[str]) -> None:
        super().__init__(key, ids=", ".join(ids))


class NoImport(ShebaoError):
    """There is no import to undo, or it was undone before."""

    def __init__(self) -> None:
        super().__init__("sheet.error.no_import")


def _origin(actor: int) -> str:
    return "shell" if actor == SHELL else f"user {actor}"


def _now_differently(db: Database, versions: Sequence[tuple[str, int]]) -> list[str]:
    """The ids of those that are not at this version; 0 is one that is not there."""
    store = KnowledgeStore(db)
    return [entry_id for entry_id, version in versions if store.version_of(entry_id) != version]


def apply(
    db: Database,
    plan: Plan,
    *,
    actor: int,
    approved_by: int | None = None,
    now: datetime.datetime,
) -> int:
    """Every change of the plan stands, each as a new version; the number of the import is returned.

    Raises:
        ChangedMeanwhile: an entry was edited since the plan was made.
    """
    store = KnowledgeStore(db)
    with writing(db):
        expected = [(c.after.id, c.before.version if c.before else 0) for c in plan.changes]
        stale = _now_differently(db, expected)
        if stale:
            raise ChangedMeanwhile("sheet.error.changed_meanwhile", stale)
        written: list[tuple[str, int, int]] = []
        for change, (entry_id, version) in zip(plan.changes, expected, strict=True):
            saved = store.save(change.after, origin=_origin(actor), now=now)
            written.append((entry_id, version, saved.version))
            agreed = {} if approved_by is None else {"approved_by": approved_by}
            record(
                db,
                actor=actor,
                act="entry.imported",
                subject=entry_id,
                before=_half(change.differences, version, before=True),
                after={**_half(change.differences, saved.version, before=False), **agreed},
                now=now,
            )
        row = {
            "actor": actor,
            "at": now.isoformat(timespec="seconds"),
            "entries": json.dumps(written),
        }
        insert(db, "imports", row)
        return int(db.execute("SELECT last_insert_rowid()").fetchone()[0])


def _half(differences: Sequence[Difference], version: int, *, before: bool) -> dict[str, object]:
    fields = {d.field: list(d.before if before else d.after) for d in differences}
    return {"version": version, **fields}


def last_import(db: Database) -> int:
    """The number of the last import that was not undone.

    Raises:
        NoImport: there is none.
    """
    found = db.execute("SELECT max(id) FROM imports WHERE undone_at IS NULL").fetchone()[0]
    if found is None:
        raise NoImport
    return int(found)


def undo(db: Database, number: int, *, actor: int, now: datetime.datetime) -> list[str]:
    """The entries are as before that import, each as a new version; their ids are returned.

    An entry that the import added is retired: nothing is deleted.

    Raises:
        NoImport: there is no such import, or it was undone before.
        ChangedMeanwhile: an entry was edited since; nothing is undone.
    """
    store = KnowledgeStore(db)
    with writing(db):
        row = db.execute(
            "SELECT entries FROM imports WHERE id = ? AND undone_at IS NULL", [number]
        ).fetchone()
        if row is None:
            raise NoImport
        written: list[tuple[str, int, int]] = [tuple(each) for each in json.loads(row[0])]
        stale = _now_differently(db, [(entry_id, after) for entry_id, _, after in written])
        if stale:
            raise ChangedMeanwhile("sheet.error.changed_since", stale)
        for entry_id, before, after in written:
            saved = store.save(_earlier(store, entry_id, before), origin=_origin(actor), now=now)
            record(
                db,
                actor=actor,
                act="entry.import_undone",
                subject=entry_id,
                before={"version": after},
                after={"version": saved.version},
                now=now,
            )
        db.execute(
            "UPDATE imports SET undone_at = ? WHERE id = ?",
            [now.isoformat(timespec="seconds"), number],
        )
    return [entry_id for entry_id, _, _ in written]


def _earlier(store: KnowledgeStore, entry_id: str, version: int) -> Entry:
    if version:
        return store.at_version(entry_id, version)
    return replace(store.entry(entry_id), status=Status.RETIRED)
