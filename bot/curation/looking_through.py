"""A file looked through away from the event loop: what it would change, and for whom."""

from __future__ import annotations

import asyncio
import datetime
import hashlib
from collections.abc import Callable
from dataclasses import dataclass

from bot.database import Database
from bot.live import Live
from bot.sheets.words import words_of
from bot.store import last_questions
from bot.texts import Texts
from knowledge.base import KnowledgeBase
from knowledge.effect import Effect
from knowledge.entry import Entry
from knowledge.importing import plan
from knowledge.outlook import outlook
from knowledge.plan import Plan
from knowledge.recognise import read_tables
from knowledge.store import KnowledgeStore

QUESTIONS_ASKED_AGAIN = 1_000


@dataclass(frozen=True, slots=True)
class Seen:
    """What a file would change.

    Attributes:
        effect: on other answers; None when it was not asked for, or nothing would change.
    """

    plan: Plan
    effect: Effect | None

    @property
    def fingerprint(self) -> str:
        """Equal exactly when the same entries would change from the same versions to the same content."""
        digest = hashlib.sha256()
        for change in self.plan.changes:
            before = change.before.version if change.before else 0
            digest.update(f"{change.after.id} {before} {change.after.digest}\n".encode())
        digest.update(str(len(self.plan.problems)).encode())
        return digest.hexdigest()


class LookingThrough:
    """Makes the dry run of an import.

    Args:
        today: the day, in the set time zone.
    """

    def __init__(
        self, texts: Texts, db: Database, live: Live, *, today: Callable[[], datetime.date]
    ) -> None:
        self.words = words_of(texts)
        self._db = db
        self._live = live
        self._today = today

    async def through(self, name: str, data: bytes, *, with_effect: bool) -> Seen:
        """What the file would change, as things stand now.

        Raises:
            UnusableSheet: the file is refused.
        """
        await self._live.refresh()
        base = self._live.base
        found = await asyncio.to_thread(self._plan, name, data, base, self._at_version())
        if not with_effect or found.problems or not found.changes:
            return Seen(found, None)
        questions = await self._db.run(lambda db: last_questions(db, QUESTIONS_ASKED_AGAIN))
        with_entries = self._live.with_entries
        return Seen(found, await asyncio.to_thread(outlook, found, base, with_entries, questions))

    def _plan(
        self, name: str, data: bytes, base: KnowledgeBase, at_version: Callable[[str, int], Entry]
    ) -> Plan:
        return plan(
            read_tables(name, data),
            base,
            self.words,
            at_version=at_version,
            today=self._today(),
        )

    def _at_version(self) -> Callable[[str, int], Entry]:
        """Asks the thread of the database from another one."""
        loop = asyncio.get_running_loop()

        def at_version(entry_id: str, version: int) -> Entry:
            asked = self._db.run(lambda db: KnowledgeStore(db).at_version(entry_id, version))
            return asyncio.run_coroutine_threadsafe(asked, loop).result()

        return at_version
