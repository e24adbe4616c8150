"""/numbers: telephone numbers that workers said do not work, until somebody settles them."""

from __future__ import annotations

import datetime
from collections.abc import Awaitable, Callable, Iterable
from typing import Any

from telegram import InlineKeyboardButton, InlineKeyboardMarkup, Update
from telegram.ext import BaseHandler, CallbackContext, CallbackQueryHandler, CommandHandler

from bot.callbacks import Code, pack, pattern, unpack
from bot.curation import freshness_store
from bot.curation.freshness_store import DeadNumber
from bot.database import Database
from bot.markup import Line, quiet, strong
from bot.people.staff import Right, Staff
from bot.sending import acknowledge, send
from bot.texts import Texts
from knowledge.base import KnowledgeBase
from knowledge.text import Language

Context = CallbackContext[Any, Any, Any, Any]

# Rows of buttons under one message.
MOST_SHOWN = 20


def dead_number_line(
    texts: Texts, base: KnowledgeBase, dead: DeadNumber, language: Language
) -> str:
    """Number, name, place, how often and when it was reported."""
    contact = base.contacts.contacts.get(dead.contact)
    name = texts.own(language, contact.name.of(language)) if contact else dead.contact
    region = base.contacts.regions.get(dead.region)
    place = texts.own(language, region.name.of(language)) if region else dead.region
    return texts.say(
        language,
        "dead_number.line",
        number=(contact.phone if contact else None) or "–",
        name=name,
        region=place or texts.say(language, "figures.region_unknown"),
        count=dead.reports,
        date=dead.last_on,
    )


class DeadNumbersSettled:
    """Handlers for what was reported.

    Args:
        base: gives the knowledge in force.
        reads: gives the language that the sender of an update reads.
        now: gives the time, with its zone.
    """

    def __init__(
        self,
        texts: Texts,
        db: Database,
        staff: Staff,
        *,
        base: Callable[[], KnowledgeBase],
        reads: Callable[[Update], Awaitable[Language]],
        now: Callable[[], datetime.datetime],
    ) -> None:
        self._texts = texts
        self._db = db
        self._staff = staff
        self._base = base
        self._reads = reads
        self._now = now

    def handlers(self) -> Iterable[BaseHandler[Any, Any, Any]]:
        """The handlers, each for another command or button."""
        yield CommandHandler("numbers", self.numbers)
        yield CallbackQueryHandler(self.on_settle, pattern(Code.SETTLE_NUMBER))

    async def numbers(self, update: Update, context: Context) -> None:
        """Lists the reports, each with a button that settles it."""
        if await self._staff.may(update, Right.SEE):
            await self._list(update)

    async def _list(self, update: Update) -> None:
        language = await self._reads(update)
        found = await self._db.run(freshness_store.dead_numbers)
        shown = found[:MOST_SHOWN]
        message: list[Line] = [strong(self._texts.say(language, "dead_number.title"))]
        for number, dead in enumerate(shown, 1):
            line = dead_number_line(self._texts, self._base(), dead, language)
            message.append(Line(f"{number}. {line}"))
        if not found:
            message.append(Line(self._texts.say(language, "dead_number.nothing")))
        if len(found) > len(shown):
            more = len(found) - len(shown)
            message.append(Line(self._texts.say(language, "digest.more", count=more)))
        if found:
            message.append(quiet(self._texts.say(language, "dead_number.hint")))
        rows = [[self._button(number, dead, language)] for number, dead in enumerate(shown, 1)]
        await send(update, message, InlineKeyboardMarkup(rows) if rows else None)

    def _button(self, number: int, dead: DeadNumber, language: Language) -> InlineKeyboardButton:
        text = self._texts.say(language, "button.settle_number", number=number)
        data = pack(Code.SETTLE_NUMBER, dead.contact, dead.region, dead.last)
        return InlineKeyboardButton(text, callback_data=data)

    async def on_settle(self, update: Update, context: Context) -> None:
        """Settles the reports that the list showed, not those that came since."""
        query, user = update.callback_query, update.effective_user
        if query is None or user is None or not await self._staff.may(update, Right.EDIT):
            return
        contact, region, last = unpack(query.data or "", 3)
        number = int(last) if last.isascii() and last.isdecimal() and len(last) < 16 else 0
        settled = await self._db.run(
            lambda db: freshness_store.settle(
                db, contact, region, last=number, actor=user.id, now=self._now()
            )
        )
        key = "dead_number.settled" if settled else "dead_number.was_settled"
        await acknowledge(query, self._texts.say(await self._reads(update), key))
        await self._list(update)
