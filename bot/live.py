"""The knowledge in force while the bot runs: an edit replaces it whole, and no question waits."""

from __future__ import annotations

import asyncio
import logging
from functools import partial

from sqlite_utils.db import Database as Connection

from bot.database import Database
from knowledge.base import KnowledgeBase, assemble
from knowledge.build import build_index
from knowledge.entry import Entry
from knowledge.index import Index
from knowledge.kept_index import keep
from knowledge.outside import Topic
from knowledge.store import KnowledgeStore
from knowledge.subject import Subject, subjects

log = logging.getLogger(__name__)


class Live:
    """Gives the knowledge in force.

    Args:
        base: what the database holds now.
        outside: the topics that are none of ours.
        edits: how often entries have been edited in it, by :meth:`KnowledgeStore.edits`.
    """

    def __init__(self, db: Database, base: KnowledgeBase, outside: list[Topic], edits: int) -> None:
        self._db = db
        self._outside = outside
        self._edits = edits
        self._refreshing: asyncio.Task[None] | None = None
        self._prepared: tuple[list[Subject], Index] | None = None
        self.base = base

    @property
    def busy(self) -> bool:
        """Whether the knowledge is being replaced just now."""
        return self._refreshing is not None and not self._refreshing.done()

    async def refresh(self) -> None:
        """Answers rest on what the database holds, also when another program wrote there."""
        earlier = self._refreshing
        if earlier is not None:
            # It may have read before the edit that is to be seen.
            await asyncio.wait([earlier])
        if self._refreshing is earlier:
            self._refreshing = asyncio.create_task(self._replace())
        if self._refreshing is not None:
            await asyncio.shield(self._refreshing)

    async def _replace(self) -> None:
        edits, entries = await self._db.run(self._read)
        if entries is None:
            return
        self.base = await asyncio.to_thread(self.with_entries, entries)
        self._edits, self._prepared = edits, None
        log.info("knowledge_replaced edits=%s", edits)
        await self._db.run(
            partial(keep, asked_about=subjects(entries, self._outside), index=self.base.index)
        )

    def _read(self, connection: Connection) -> tuple[int, list[Entry] | None]:
        store = KnowledgeStore(connection)
        edits = store.edits()
        return edits, store.entries() if edits > self._edits else None

    def with_entries(self, entries: list[Entry]) -> KnowledgeBase:
        """The knowledge as it would be with these entries; takes seconds where they are new, in any thread."""
        asked_about = subjects(entries, self._outside)
        prepared = self._prepared
        # What was previewed is mostly what is published: then its index is there already.
        if prepared is None or prepared[0] != asked_about:
            index = build_index(asked_about, self.base.segmenter, before=self.base.index)
            self._prepared = prepared = (asked_about, index)
        return assemble(entries, self.base.segmenter, prepared[1], self._outside)
