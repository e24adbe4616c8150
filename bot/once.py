"""An update that arrives twice is handled once."""

from __future__ import annotations

import asyncio
import logging
import sqlite3
from collections import OrderedDict
from functools import partial
from typing import Any

from telegram import Update
from telegram.ext import Application

from bot import store
from bot.database import Database

log = logging.getLogger(__name__)

MOST_REMEMBERED = 10_000


class OnceApplication(Application[Any, Any, Any, Any, Any, Any]):
    """An application that leaves out updates it has handled, also before a restart.

    Telegram hands an update out again when its confirmation got lost: the process died after
    answering, or a webhook's reply did not arrive. Of an update whose handling was interrupted,
    the repetition is handled: a second answer is better than none.

    Args:
        db: where the numbers are kept.
    """

    def __init__(self, *, db: Database, **options: Any) -> None:
        super().__init__(**options)
        self._db = db
        self._seen: OrderedDict[int, None] = OrderedDict()
        self._unmarked: list[int] = []
        self._marking: asyncio.Task[None] | None = None

    async def initialize(self) -> None:
        """The application is ready, and knows what it handled before."""
        self._seen = OrderedDict.fromkeys(await self._db.run(store.handled))
        await super().initialize()

    async def process_update(self, update: object) -> None:
        """The update is handled, unless it was before."""
        if not isinstance(update, Update):
            await super().process_update(update)
            return
        if update.update_id in self._seen:
            log.info("update_came_again update_id=%s", update.update_id)
            return
        self._seen[update.update_id] = None
        while len(self._seen) > MOST_REMEMBERED:
            self._seen.popitem(last=False)
        await super().process_update(update)
        self._unmarked.append(update.update_id)
        if self._marking is None or self._marking.done():
            self._marking = asyncio.create_task(self._mark())

    async def _mark(self) -> None:
        """What was handled is marked, as much at a time as came together meanwhile."""
        while self._unmarked:
            numbers, self._unmarked = self._unmarked, []
            try:
                await self._db.run(partial(store.mark_handled, update_ids=numbers))
            except sqlite3.Error:
                log.exception("updates_not_marked count=%s", len(numbers))

    async def stop(self) -> None:
        """The application handles nothing more, and all that it handled is marked."""
        await super().stop()
        if self._marking is not None:
            await self._marking
