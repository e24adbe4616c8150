"""What sends notices, put together: the sender, the schedule, and their connections."""

from __future__ import annotations

import datetime
import logging
import sqlite3
from collections.abc import Callable
from functools import partial
from typing import Any

from telegram import Update
from telegram.ext import CallbackContext

from bot.config import Config
from bot.database import Database
from bot.loading import MIGRATIONS
from bot.notices import outbox, store
from bot.notices.delivery import Delivery, Manners
from bot.notices.door.store import purge
from bot.notices.scheduling import Prepare, Scheduling, Tell
from bot.transport import bot_of_its_own
from knowledge.database import open_database

log = logging.getLogger(__name__)


class Engine:
    """Sends notices while the bot runs.

    Args:
        prepare: gives the messages and the recipients of a notice.
        tell: called for each notice that ended, was missed or paused by itself.
        now: gives the time, with its zone.

    Attributes:
        manners: how notices are sent.
        bot: with requests of its own, which no answer waits for.
        delivery: tells how far a notice is.
        counting: a connection on which counting a million people makes no answer wait.
    """

    def __init__(
        self,
        config: Config,
        *,
        prepare: Prepare,
        tell: Tell,
        now: Callable[[], datetime.datetime],
    ) -> None:
        self.manners = Manners(config.send_rate, config.quiet_hours, config.error_share / 100)
        # Connections of their own: to queue a million deliveries takes seconds, and an answer none.
        self._sender_db, self._schedule_db = (
            Database(open_database(config.db, *MIGRATIONS)) for _ in range(2)
        )
        self.counting = self._schedule_db
        self.bot = bot_of_its_own(
            config.need_token(), config.api_url, config.proxy, self.manners.in_flight
        )
        self.delivery = Delivery(self._sender_db, self.bot, self.manners, now)
        self._scheduling = Scheduling(
            self._schedule_db,
            prepare=prepare,
            tell=tell,
            queued=self.delivery.wake,
            now=now,
            missed_after=datetime.timedelta(minutes=config.missed_minutes),
            send_late=config.send_late,
            longest_wait=self.manners.patience.longest_seconds,
        )

    async def start(self) -> None:
        """It sends; call it once, when the event loop runs."""
        await self.delivery.start()
        self._scheduling.start()

    async def stop(self) -> None:
        """It sends no more, what was under way is settled, and its connections are closed."""
        await self._scheduling.stop()
        await self.delivery.stop()
        self._sender_db.close()
        self._schedule_db.close()

    async def seen(self, update: Update, context: CallbackContext[Any, Any, Any, Any]) -> None:
        """Whoever writes can be written to again; a handler that no answer waits for."""
        if update.effective_chat is None:
            return
        try:
            await self._sender_db.run(partial(store.came_back, chat_id=update.effective_chat.id))
        except sqlite3.Error as error:
            # Nobody is told: their question is answered all the same.
            log.warning("return_not_noted reason=%s", error)

    async def purge(self, before: datetime.datetime) -> None:
        """No delivery or sign-up names a chat of a notice that ended before then."""
        await self._schedule_db.run(partial(purge, before=before))
        while await self._schedule_db.run(partial(outbox.purge, before=before)):
            log.debug("deliveries_purged")
