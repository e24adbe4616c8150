"""At the door, and afterwards: saying that one is there, and how it was."""

from __future__ import annotations

import datetime
from collections.abc import Callable, Iterable
from functools import partial
from typing import Any

from telegram import Update
from telegram.ext import BaseHandler, CallbackQueryHandler, MessageHandler

from bot.callbacks import Code, pattern, unpack
from bot.database import Database
from bot.drafts import Draft, Drafts, WaitingFor
from bot.markup import lines
from bot.notices.afterwards import MOST_STARS
from bot.notices.composing.store import read
from bot.notices.door import store
from bot.notices.signing.store import Refusal, Refused
from bot.notices.store import NoNotice
from bot.people.handlers import Context, People
from bot.sending import acknowledge, is_private, rewrite, send
from bot.texts import Texts
from knowledge.text import normalise

DOOR = "workshop-door"
DOOR_PREFIX = "here"  # of the payload of a deep link: here_NOTICE_CODE


class Door:
    """Handlers for workers who are there, or were.

    Args:
        now: gives the time, with its zone.
    """

    def __init__(
        self,
        texts: Texts,
        db: Database,
        people: People,
        drafts: Drafts,
        *,
        now: Callable[[], datetime.datetime],
    ) -> None:
        self._texts = texts
        self._db = db
        self._people = people
        self._drafts = drafts
        self._now = now

    def handlers(self) -> Iterable[BaseHandler[Any, Any, Any]]:
        """The handlers; that for messages takes the code at the door."""
        yield CallbackQueryHandler(self.on_here, pattern(Code.HERE))
        yield CallbackQueryHandler(self.on_rate, pattern(Code.RATE))
        yield MessageHandler(WaitingFor(self._drafts, DOOR), self.on_code)

    async def open_link(self, update: Update, context: Context, rest: str) -> None:
        """Whoever scanned the code at the door is there."""
        number, _, code = rest.partition("_")
        if number.isdecimal():
            await self._check_in(update, int(number), code)
        else:
            await self._say(update, "announce.gone")

    async def _say(self, update: Update, key: str, **values: object) -> None:
        language = await self._people.reads(update)
        await send(update, lines(self._texts.say(language, key, **values)))

    async def on_here(self, update: Update, context: Context) -> None:
        """Asks for the code that is shown at the door."""
        query, user = update.callback_query, update.effective_user
        if query is None or user is None or not is_private(update):
            return
        (number,) = unpack(query.data or "", 1)
        await acknowledge(query)
        if not number.isdecimal():
            await self._say(update, "announce.gone")
            return
        await self._drafts.keep(Draft(user.id, DOOR, "code", {"notice": int(number)}))
        await self._say(update, "signup.ask_code")

    async def on_code(self, update: Update, context: Context) -> None:
        """Takes the message for the code at the door."""
        user, message = update.effective_user, update.message
        if user is None or message is None:
            return
        draft = self._drafts.get(user.id, DOOR)
        if draft is not None:
            # Whatever it was: the next message is a question again.
            await self._drafts.drop(user.id, DOOR)
            await self._check_in(update, draft.content["notice"], normalise(message.text or ""))

    async def _check_in(self, update: Update, notice_id: int, code: str) -> None:
        user = update.effective_user
        if user is None or not is_private(update):
            return
        language, now = await self._people.reads(update), self._now()
        try:
            await self._db.run(
                lambda db: store.check_in(db, notice_id, user.id, language, code, now)
            )
            stored = await self._db.run(partial(read, notice_id=notice_id))
        except NoNotice:
            await self._say(update, "announce.gone")
        except Refused as error:
            await self._say(update, str(error.why))
        else:
            title = self._texts.own(language, stored.notice.title.of(language))
            await self._say(update, "signup.here", title=title)

    async def on_rate(self, update: Update, context: Context) -> None:
        """Keeps how it was."""
        query, user = update.callback_query, update.effective_user
        if query is None or user is None:
            return
        number, stars = unpack(query.data or "", 2)
        language = await self._people.reads(update)
        known = number.isdecimal() and stars.isdecimal() and 1 <= int(stars) <= MOST_STARS
        if not known or not await self._db.run(
            lambda db: store.rate(db, int(number), user.id, int(stars))
        ):
            text = self._texts.say(language, str(Refusal.NOT_SIGNED_UP))
            await acknowledge(query, text, alert=True)
            return
        await acknowledge(query)
        text = self._texts.say(language, "signup.rated", stars="★" * int(stars))
        await rewrite(query, lines(text))
