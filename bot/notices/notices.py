"""Everything about notices, put together: what workers choose, what organisers do, what is due."""

from __future__ import annotations

import datetime
import logging
import sqlite3
from collections.abc import Callable, Iterable
from typing import Any

from telegram.error import TelegramError
from telegram.ext import BaseHandler

from bot.config import Config
from bot.database import Database
from bot.drafts import Drafts
from bot.live import Live
from bot.notices.composing.handlers import Composing
from bot.notices.composing.preview import Preview
from bot.notices.composing.sending import Sending
from bot.notices.door.handlers import DOOR_PREFIX, Door
from bot.notices.engine import Engine
from bot.notices.following.afterwards import FollowUps
from bot.notices.following.card import NOTICE_PREFIX, Card
from bot.notices.following.changes import Changes
from bot.notices.following.looking import Looking
from bot.notices.following.progress import Following
from bot.notices.preparing import Preparing
from bot.notices.signing.handlers import SigningUp
from bot.notices.store import Standing
from bot.notices.subscribing.handlers import Subscribing
from bot.notices.subscribing.store import forget
from bot.people.handlers import Context, Link, People
from bot.people.staff import Staff
from bot.texts import Texts

log = logging.getLogger(__name__)


class Notices:
    """The handlers of notices, and what is done by the clock.

    Args:
        live: holds the regions that can be chosen.
        now: gives the time, with its zone.
    """

    def __init__(
        self,
        texts: Texts,
        db: Database,
        people: People,
        staff: Staff,
        drafts: Drafts,
        config: Config,
        live: Live,
        now: Callable[[], datetime.datetime],
    ) -> None:
        regions = live.base.contacts.regions
        approval, zone = config.approve_notices, config.timezone
        engine = Engine(config, prepare=Preparing(texts, now), tell=self.tell, now=now)
        self.engine = engine
        manners, counting, delivery = engine.manners, engine.counting, engine.delivery
        self._bot = engine.bot
        follow_ups = FollowUps(manners.quiet, now)
        preview = Preview(texts, db, counting, regions=regions, manners=manners, zone=zone, now=now)
        self._subscribing = Subscribing(
            texts, db, people, staff, regions=regions, zone=zone, now=now
        )
        self._composing = Composing(
            texts, db, people, staff, drafts, preview, regions=regions, zone=zone, now=now
        )
        self._following = Following(texts, db, people, staff, delivery, zone=zone, now=now)
        self._sending = Sending(
            texts,
            db,
            people,
            staff,
            drafts,
            self._composing,
            preview,
            approval=approval,
            launched=self._following.launched,
            zone=zone,
            now=now,
        )
        self._signing = SigningUp(texts, db, people, drafts, follow_ups, zone=zone, now=now)
        self._door = Door(texts, db, people, drafts, now=now)
        self._changes = Changes(
            texts, db, people, staff, drafts, follow_ups, preview, approval=approval, now=now
        )
        self._card = Card(
            texts, db, people, staff, drafts, self._composing, preview, zone=zone, now=now
        )
        self._looking = Looking(db, follow_ups, now)
        self.invitation = self._subscribing.invitation
        self.to_ask = self._subscribing.to_ask
        self.kept = self._subscribing.kept
        self.erase = forget

    def handlers(self) -> Iterable[BaseHandler[Any, Any, Any]]:
        """The handlers, before those for questions; the words that end notices come first."""
        yield from self._subscribing.handlers()
        yield from self._composing.handlers()
        yield from self._sending.handlers()
        yield from self._following.handlers()
        yield from self._changes.handlers()
        yield from self._card.handlers()
        yield from self._signing.handlers()
        yield from self._door.handlers()

    def after(self) -> Iterable[BaseHandler[Any, Any, Any]]:
        """What is done after an update was answered."""
        yield from self._subscribing.after()

    @property
    def links(self) -> dict[str, Link]:
        """What opens deep links, by what stands before the first "_" of their payload."""
        return {NOTICE_PREFIX: self._signing.open_link, DOOR_PREFIX: self._door.open_link}

    async def look(self, context: Context) -> None:
        """What is due by the clock goes out; progress and corrections stand in the chats as they are."""
        try:
            await self._looking.look()
            await self._following.look(self._bot)
            await self._changes.look(self._bot)
        except (sqlite3.Error, TelegramError) as error:
            log.warning("notices_not_looked_after reason=%s", error)

    async def tell(self, standing: Standing) -> None:
        """Whoever had the notice sent is told how it ended.

        Raises:
            TelegramError: nobody could be told now.
        """
        log.info("notice_%s id=%s reason=%s", standing.state, standing.id, standing.pause_reason)
        await self._following.tell(self._bot, standing)
