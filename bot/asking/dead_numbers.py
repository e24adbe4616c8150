"""A worker says that a number does not work: which one is kept, and where, but not who said so."""

from __future__ import annotations

import datetime
import logging
from collections import OrderedDict
from collections.abc import Callable, Iterable
from typing import Any

from telegram import InlineKeyboardButton, InlineKeyboardMarkup, Update
from telegram.error import BadRequest
from telegram.ext import BaseHandler, CallbackContext, CallbackQueryHandler

from bot.asking import store
from bot.asking.answers import GENERAL_CONTACTS
from bot.callbacks import Code, pack, pattern, unpack
from bot.database import Database
from bot.markup import lines
from bot.people.handlers import People
from bot.sending import acknowledge, send
from bot.texts import Texts
from knowledge.base import KnowledgeBase
from knowledge.contacts import Contact
from knowledge.text import Language

log = logging.getLogger(__name__)

Context = CallbackContext[Any, Any, Any, Any]

# Reports of today that are remembered, so that nobody counts twice.
MOST_REMEMBERED = 10_000


class DeadNumbers:
    """Handlers for "this number does not work".

    Args:
        base: gives the knowledge in force.
        today: the day, in the set time zone.
    """

    def __init__(
        self,
        texts: Texts,
        db: Database,
        people: People,
        *,
        base: Callable[[], KnowledgeBase],
        today: Callable[[], datetime.date],
    ) -> None:
        self._texts = texts
        self._db = db
        self._people = people
        self._base = base
        self._today = today
        self._reported: OrderedDict[tuple[int, str], datetime.date] = OrderedDict()

    def handlers(self) -> Iterable[BaseHandler[Any, Any, Any]]:
        """The handlers, each for another button."""
        yield CallbackQueryHandler(self.on_dead_number, pattern(Code.DEAD_NUMBER))
        yield CallbackQueryHandler(self.on_which, pattern(Code.DEAD_NUMBER_IS))

    async def on_dead_number(self, update: Update, context: Context) -> None:
        """Asks which number it is."""
        query = update.callback_query
        if query is None:
            return
        entry_id, region = unpack(query.data or "", 2)
        await acknowledge(query)
        language = await self._people.reads(update)
        rows = [
            [
                InlineKeyboardButton(
                    self._name(contact, language),
                    callback_data=pack(Code.DEAD_NUMBER_IS, contact.key, region),
                )
            ]
            for contact in self._numbers(entry_id)
        ]
        text = self._texts.say(language, "dead_number.which")
        await send(update, lines(text), InlineKeyboardMarkup(rows))

    def _numbers(self, entry_id: str) -> list[Contact]:
        """What the entry names and what stands under "not helpful"; without an entry, all hotlines."""
        contacts = self._base().contacts
        entry = self._base().entries.get(entry_id)
        if entry is None:
            named = contacts.hotlines
        else:
            keys = dict.fromkeys((*entry.contacts, *GENERAL_CONTACTS))
            named = [contacts.contacts[key] for key in keys if key in contacts.contacts]
        return [contact for contact in named if contact.phone is not None]

    def _name(self, contact: Contact, language: Language) -> str:
        return f"{contact.phone} {self._texts.own(language, contact.name.of(language))}"

    async def on_which(self, update: Update, context: Context) -> None:
        """Keeps that the number does not work, from each chat once a day."""
        query, chat = update.callback_query, update.effective_chat
        if query is None or chat is None:
            return
        key, region = unpack(query.data or "", 2)
        language = await self._people.reads(update)
        contacts = self._base().contacts
        contact = contacts.contacts.get(key)
        if contact is None or (region and region not in contacts.regions):
            await acknowledge(query, self._texts.say(language, "button.gone"))
            return
        if self._is_new(chat.id, key):
            day = self._today()
            await self._db.run(lambda db: store.report_dead_number(db, key, region, day=day))
        await acknowledge(query)
        number = self._name(contact, language)
        try:
            await query.edit_message_text(
                self._texts.say(language, "dead_number.thanks", number=number)
            )
        except BadRequest as error:
            # Tapped twice, or too old to edit: it is kept all the same.
            log.info("thanks_not_shown reason=%s", error.message)

    def _is_new(self, chat_id: int, key: str) -> bool:
        """Whether nothing was said about this number from there today; from now on something was."""
        today = self._today()
        if self._reported.get((chat_id, key)) == today:
            return False
        self._reported[chat_id, key] = today
        while len(self._reported) > MOST_REMEMBERED:
            self._reported.popitem(last=False)
        return True
