"""Whoever got no answer may ask to be told of one: only then is their chat kept beside a question."""

from __future__ import annotations

import datetime
from collections.abc import Awaitable, Callable, Iterable, Sequence
from dataclasses import replace
from functools import partial
from typing import Any

from telegram import InlineKeyboardButton, InlineKeyboardMarkup, Update
from telegram.ext import BaseHandler, CallbackContext, CallbackQueryHandler

from bot.asking import store
from bot.asking.answers import Answers, Reply
from bot.asking.keyboards import take_away, under_reply
from bot.asking.store import Waits
from bot.callbacks import Code, pack, pattern, unpack
from bot.database import Database
from bot.markup import BLANK, Line, lines
from bot.people.handlers import People
from bot.people.store import preferences
from bot.sending import acknowledge, is_private, send
from bot.texts import Texts
from knowledge.base import KnowledgeBase, Result
from knowledge.decide import Decision, Reason
from knowledge.errors import NoEntry
from knowledge.text import Language

Context = CallbackContext[Any, Any, Any, Any]


def unanswered(result: Result) -> bool:
    """Whether the question is ours, for all we know, and nothing answers it."""
    # What is none of ours, what says nothing, and an article that there is not get a reply that fits.
    return result.decision is Decision.NONE and result.settled.reason is Reason.NOTHING_NEAR


def offer(
    texts: Texts,
    reply: Reply,
    keyboard: InlineKeyboardMarkup | None,
    language: Language,
    question_id: str,
) -> tuple[Reply, InlineKeyboardMarkup]:
    """The reply with a word on what happens to the question, and a button to be told of an answer."""
    message = (*reply.message, BLANK, *lines(texts.say(language, "consent.offer")))
    button = InlineKeyboardButton(
        texts.say(language, "button.tell_me"), callback_data=pack(Code.TELL_ME, question_id)
    )
    rows = keyboard.inline_keyboard if keyboard else ()
    return replace(reply, message=message), InlineKeyboardMarkup([*rows, [button]])


class Consent:
    """The handler for that button.

    Args:
        base: gives the knowledge in force.
        open_entry: shows the entry that answers a question meanwhile; false when there is none.
        today: the day, in the set time zone.
        retention_days: how long a chat is kept at most (days).
    """

    def __init__(
        self,
        texts: Texts,
        db: Database,
        people: People,
        *,
        base: Callable[[], KnowledgeBase],
        open_entry: Callable[[Update, str, str], Awaitable[bool]],
        today: Callable[[], datetime.date],
        retention_days: int,
    ) -> None:
        self._texts = texts
        self._db = db
        self._people = people
        self._base = base
        self._open_entry = open_entry
        self._today = today
        self._retention = datetime.timedelta(days=retention_days)

    def handlers(self) -> Iterable[BaseHandler[Any, Any, Any]]:
        """The handler."""
        yield CallbackQueryHandler(self.on_tell_me, pattern(Code.TELL_ME))

    async def on_tell_me(self, update: Update, context: Context) -> None:
        """Keeps the chat until there is an answer; shows the answer where there is one by now."""
        query, chat = update.callback_query, update.effective_chat
        if query is None or chat is None:
            return
        (question_id,) = unpack(query.data or "", 1)
        answered = await self._db.run(partial(store.answered_by, question_id=question_id))
        if answered is not None and await self._open_entry(update, answered, question_id):
            await acknowledge(query)
            await take_away(query, Code.TELL_ME)
            return
        until = self._today() + self._retention
        waits = Waits.GONE
        # In a group the answer would go to everybody there.
        if is_private(update):
            waits = await self._db.run(
                partial(store.await_answer, question_id=question_id, chat_id=chat.id, until=until)
            )
        language = await self._people.reads(update)
        if waits is Waits.KEPT:
            await acknowledge(query)
            await take_away(query, Code.TELL_ME)
            await send(update, lines(self._texts.say(language, "consent.kept", date=until)))
            return
        key = "consent.kept_before" if waits is Waits.BEFORE else "button.gone"
        await acknowledge(query, self._texts.say(language, key), alert=True)

    async def answer(
        self, entry_id: str, language: Language, chat_id: int, question_id: str
    ) -> tuple[Sequence[Line], InlineKeyboardMarkup | None] | None:
        """The entry as this chat would get it for the question; None when it is in use no more."""
        try:
            entry = self._base().entry(entry_id)
        except NoEntry:
            return None
        region = (await self._db.run(partial(preferences, chat_id=chat_id))).region
        answers = Answers(self._texts, self._base())
        reply = answers.entry(entry, language, region, self._today())
        return reply.message, under_reply(self._texts, reply, language, question_id)
