"""Entries in SQLite: from the first start on, the database is the truth."""

from __future__ import annotations

import datetime
import json
from collections import defaultdict
from collections.abc import Iterable
from dataclasses import asdict, dataclass, replace
from pathlib import Path

from sqlite_utils.db import Database

from knowledge import entry_rows
from knowledge.database import insert, insert_all, writing
from knowledge.entry import (
    Answer,
    Entry,
    Provision,
    Status,
    entry_from_json,
    files_digest,
    read_entries,
)
from knowledge.errors import NoEntry
from knowledge.reading import Bilingual


@dataclass(frozen=True, slots=True)
class ReleaseReport:
    """What a release of the files did to the database: ids, in the order of the files.

    Attributes:
        added: entries that were not there.
        updated: entries that staff never changed and that the release changed.
        kept: entries that both staff and the release changed; staff's version stands.
        retired: entries that staff never changed and that the release no longer has.
    """

    added: tuple[str, ...] = ()
    updated: tuple[str, ...] = ()
    kept: tuple[str, ...] = ()
    retired: tuple[str, ...] = ()

    def __bool__(self) -> bool:
        return bool(self.added or self.updated or self.kept or self.retired)


@dataclass(frozen=True, slots=True)
class Version:
    """When an entry was written, and by whom.

    Attributes:
        origin: ``release``, or who changed it.
        created_at: ISO 8601, UTC.
    """

    number: int
    origin: str
    created_at: str


class KnowledgeStore:
    """Reads and writes entries. Every write is one transaction."""

    def __init__(self, db: Database) -> None:
        self._db = db

    def entries(self) -> list[Entry]:
        """Every entry of any status, in the order of the files they came from."""
        texts: dict[tuple[str, str, str], list[str]] = defaultdict(list)
        for entry_id, kind, language, text in self._db.execute(
            "SELECT entry_id, kind, language, text FROM entry_texts ORDER BY entry_id, position"
        ):
            texts[entry_id, kind, language].append(text)
        provisions: dict[str, list[Provision]] = defaultdict(list)
        for entry_id, law, article in self._db.execute(
            "SELECT entry_id, law, article FROM entry_provisions ORDER BY entry_id, position"
        ):
            provisions[entry_id].append(Provision(law, article))
        links: dict[tuple[str, str], list[str]] = defaultdict(list)
        for entry_id, kind, target in self._db.execute(
            "SELECT entry_id, kind, target FROM entry_links ORDER BY entry_id, position"
        ):
            links[entry_id, kind].append(target)
        return [
            self._entry(row, texts, provisions[row["id"]], links)
            for row in self._db.query("SELECT * FROM entries ORDER BY position, id")
        ]

    @staticmethod
    def _entry(
        row: dict[str, str],
        texts: dict[tuple[str, str, str], list[str]],
        provisions: list[Provision],
        links: dict[tuple[str, str], list[str]],
    ) -> Entry:
        name = row["id"]

        def both(kind: str) -> Bilingual[tuple[str, ...]]:
            return Bilingual(tuple(texts[name, kind, "zh"]), tuple(texts[name, kind, "en"]))

        steps = both("step")
        return Entry(
            id=name,
            scheme=row["scheme"],
            status=Status(row["status"]),
            scope=row["scope"],
            title=Bilingual(row["title_zh"], row["title_en"]),
            answer=Bilingual(
                Answer(row["short_zh"], steps.zh, row["details_zh"]),
                Answer(row["short_en"], steps.en, row["details_en"]),
            ),
            phrasings=both("phrasing"),
            cues=both("cue"),
            provisions=tuple(provisions),
            contacts=tuple(links[name, "contact"]),
            related=tuple(links[name, "related"]),
            checked_on=datetime.date.fromisoformat(row["checked_on"]),
            review_by=datetime.date.fromisoformat(row["review_by"]),
            outdated=row["outdated"],
            version=int(row["version"]),
        )

    def entry(self, entry_id: str) -> Entry:
        """The entry with this id.

        Raises:
            NoEntry: there is none.
        """
        for entry in self.entries():
            if entry.id == entry_id:
                return entry
        raise NoEntry(entry_id)

    def edits(self) -> int:
        """How often entries have been written; grows with each edit."""
        return int(self._db.execute("SELECT coalesce(sum(version), 0) FROM entries").fetchone()[0])

    def save(self, entry: Entry, *, origin: str, now: datetime.datetime) -> Entry:
        """The entry stands as given, as a new version, and its history holds the version.

        Args:
            origin: who wrote it: ``release``, or a member of staff.
            now: moment of the change, in UTC.
        """
        with writing(self._db):
            row = next(
                self._db.query(
                    "SELECT version, position, released_digest FROM entries WHERE id = ?",
                    [entry.id],
                ),
                None,
            )
            entry = replace(entry, version=row["version"] + 1 if row else 1)
            before: str | None = row["released_digest"] if row else None
            released = entry.digest if origin == "release" else before
            position = row["position"] if row else self._db.table("entries").count
            self._write(entry, position, released)
            insert(
                self._db,
                "entry_versions",
                {
                    "entry_id": entry.id,
                    "version": entry.version,
                    "content": json.dumps(entry.as_json(), ensure_ascii=False),
                    "origin": origin,
                    "created_at": now.isoformat(timespec="seconds"),
                },
            )
        return entry

    def _write(self, entry: Entry, position: int, released: str | None) -> None:
        self._db.execute("DELETE FROM entries WHERE id = ?", [entry.id])
        insert(self._db, "entries", entry_rows.entry_row(entry, position, released))
        insert_all(self._db, "entry_texts", entry_rows.text_rows(entry))
        insert_all(self._db, "entry_provisions", entry_rows.provision_rows(entry))
        insert_all(self._db, "entry_links", entry_rows.link_rows(entry))

    def apply_release(self, folder: Path, *, now: datetime.datetime) -> ReleaseReport:
        """The shipped files are in the database, as far as staff did not decide otherwise.

        New entries are added; entries that staff never changed are updated, or retired when the
        files no longer have them; entries that staff changed stay as they are. Files that were
        applied already change nothing and are not read again.

        Raises:
            UnreadableFile, InvalidKnowledge: the files cannot be used; the database is unchanged.
        """
        digest = files_digest(folder)
        if self._latest_release() == digest:
            return ReleaseReport()
        entries = read_entries(folder)
        with writing(self._db):
            if self._latest_release() == digest:  # another start was faster
                return ReleaseReport()
            report = self._take(entries, now)
            self._db.execute("DELETE FROM releases WHERE files_digest = ?", [digest])
            insert(
                self._db,
                "releases",
                {
                    "files_digest": digest,
                    "applied_at": now.isoformat(timespec="microseconds"),
                    "report": json.dumps(asdict(report)),
                },
            )
        return report

    def _latest_release(self) -> str | None:
        rows = self._db.query(
            "SELECT files_digest FROM releases ORDER BY applied_at DESC, rowid DESC"
        )
        return next((row["files_digest"] for row in rows), None)

    def _take(self, entries: Iterable[Entry], now: datetime.datetime) -> ReleaseReport:
        stored = {
            row["id"]: row
            for row in self._db.query("SELECT id, digest, released_digest, status FROM entries")
        }
        added: list[str] = []
        updated: list[str] = []
        kept: list[str] = []
        for entry in entries:
            row = stored.pop(entry.id, None)
            if row is None:
                added.append(entry.id)
            elif row["released_digest"] == entry.digest or row["digest"] == entry.digest:
                continue
            elif row["released_digest"] == row["digest"]:
                updated.append(entry.id)
            else:
                kept.append(entry.id)
                continue
            self.save(entry, origin="release", now=now)
        gone = [
            entry_id
            for entry_id, row in stored.items()
            if row["digest"] == row["released_digest"] and row["status"] == Status.PUBLISHED
        ]
        for entry in [e for e in self.entries() if e.id in gone]:
            self.save(replace(entry, status=Status.RETIRED), origin="release", now=now)
        return ReleaseReport(tuple(added), tuple(updated), tuple(kept), tuple(gone))

    def versions(self, entry_id: str) -> list[Version]:
        """Every version there has been, the newest first."""
        return [
            Version(int(row["version"]), row["origin"], row["created_at"])
            for row in self._db.query(
                "SELECT version, origin, created_at FROM entry_versions WHERE entry_id = ?"
                " ORDER BY version DESC",
                [entry_id],
            )
        ]

    def at_version(self, entry_id: str, version: int) -> Entry:
        """The entry as it stood then.

        Raises:
            NoEntry: there was no such version.
        """
        row = next(
            self._db.query(
                "SELECT content FROM entry_versions WHERE entry_id = ? AND version = ?",
                [entry_id, version],
            ),
            None,
        )
        if row is None:
            raise NoEntry(entry_id)
        # It was checked when it was written; what is expected of entries may have changed since.
        return entry_from_json(json.loads(row["content"]), [])

    def version_of(self, entry_id: str) -> int:
        """The version that stands now; 0 when there is no such entry."""
        row = self._db.execute("SELECT version FROM entries WHERE id = ?", [entry_id]).fetchone()
        return int(row[0]) if row else 0

    def changed_by_staff(self) -> list[str]:
        """Ids of the entries that differ from the release they came from, or came from none."""
        return [
            row["id"]
            for row in self._db.query(
                "SELECT id FROM entries WHERE released_digest IS NOT digest ORDER BY position"
            )
        ]
