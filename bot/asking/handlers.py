"""A question in, an answer out; choices, feedback, and messages that are no question."""

from __future__ import annotations

import datetime
import logging
import re
import sqlite3
import time
from collections import OrderedDict
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from typing import Any

from telegram import InlineKeyboardMarkup, Message, MessageEntity, Update
from telegram.error import BadRequest
from telegram.ext import BaseHandler, CallbackQueryHandler, MessageHandler, filters

from bot.asking import consent, store
from bot.asking.answers import Answers, Reply
from bot.asking.conversation import LONGEST_THREAD, Conversations, Place, Said, chosen_number
from bot.asking.keyboards import dead_number, take_away, under_reply
from bot.callbacks import Code, pattern, unpack
from bot.database import Database
from bot.markup import Line, to_html
from bot.people.handlers import Context, People
from bot.sending import acknowledge, is_private, send
from bot.texts import Texts
from knowledge.base import KnowledgeBase, Result
from knowledge.errors import NoEntry
from knowledge.text import Language

log = logging.getLogger(__name__)

# Replies that can still be corrected when the question is edited.
MOST_CORRECTABLE = 1_000
NO_WORD = re.compile(r"[\W\d_]*")


@dataclass(frozen=True, slots=True)
class Answered:
    """A question with what it gets, ready to be sent and recorded."""

    question: str
    question_id: str
    region: str | None
    result: Result
    language: Language
    reply: Reply
    keyboard: InlineKeyboardMarkup | None


class Asking:
    """Handlers for questions and for what is tapped under answers.

    Args:
        base: gives the knowledge in force; an edit replaces it whole.
        today: the day, in the set time zone.
        now: gives the time, with its zone.
    """

    def __init__(
        self,
        texts: Texts,
        db: Database,
        people: People,
        *,
        base: Callable[[], KnowledgeBase],
        today: Callable[[], datetime.date],
        now: Callable[[], datetime.datetime],
    ) -> None:
        self._texts = texts
        self._db = db
        self._people = people
        self._base = base
        self._today = today
        self._now = now
        self._conversations = Conversations()
        self._replies: OrderedDict[tuple[int, int], int] = OrderedDict()

    def handlers(self) -> Iterable[BaseHandler[Any, Any, Any]]:
        """The handlers; those for messages come last."""
        yield CallbackQueryHandler(self.on_choice, pattern(Code.CHOOSE))
        yield CallbackQueryHandler(self.on_none_of_these, pattern(Code.NONE_OF_THESE))
        yield CallbackQueryHandler(self.on_open, pattern(Code.OPEN, Code.OLDER))
        yield CallbackQueryHandler(self.on_feedback, pattern(Code.HELPFUL, Code.NOT_HELPFUL))
        words = (filters.TEXT | filters.CAPTION) & ~filters.COMMAND
        yield MessageHandler(words & filters.UpdateType.MESSAGE, self.on_question)
        yield MessageHandler(words & filters.UpdateType.EDITED_MESSAGE, self.on_edited)

    def _answers(self) -> Answers:
        return Answers(self._texts, self._base())

    async def on_question(self, update: Update, context: Context) -> None:
        """Answers a question; in a group only when it is addressed to the bot."""
        message = update.effective_message
        question = self._addressed(update, context)
        if message is None or question is None:
            return
        place = _place(update)
        said = self._conversations.last(place, time.monotonic())
        if said is not None:
            choice = chosen_number(question, said.choices)
            if choice is not None:
                await self._answer_chosen(update, said.question_id, choice.entry_id)
                return
        before = said.thread if said else ()
        answered = await self._answer(update, question, before)
        await self._send(update, message, answered)
        await self._keep(update, answered, before)

    async def _send(self, update: Update, asked: Message, answered: Answered) -> None:
        sent = await send(update, answered.reply.message, answered.keyboard)
        if sent is not None:
            self._correctable(asked, sent)

    async def _keep(self, update: Update, answered: Answered, before: Sequence[str]) -> None:
        said = Said(
            answered.question,
            (*before, answered.question)[-LONGEST_THREAD:],
            answered.question_id,
            answered.reply.choices,
            time.monotonic(),
        )
        self._conversations.remember(_place(update), said)
        await self._record(answered)

    async def _answer(self, update: Update, question: str, before: Sequence[str]) -> Answered:
        preferences = await self._people.preferences(update)
        result = self._base().ask(question, before=before)
        language = result.language
        if NO_WORD.fullmatch(question):
            language = await self._people.reads(update)
        region = result.region or preferences.region
        reply = self._answers().result(result, language, region, self._today())
        question_id = store.new_question_id()
        keyboard = under_reply(self._texts, reply, language, question_id)
        if consent.unanswered(result) and is_private(update):
            reply, keyboard = consent.offer(self._texts, reply, keyboard, language, question_id)
        return Answered(question, question_id, region, result, language, reply, keyboard)

    def _addressed(self, update: Update, context: Context) -> str | None:
        """The words meant for the bot; None when a group talks among itself."""
        message = update.effective_message
        if message is None:
            return None
        text = message.text or message.caption or ""
        if is_private(update):
            return text
        mention = f"@{context.bot.username}".casefold()
        spoken_to = message.reply_to_message
        if spoken_to and spoken_to.from_user and spoken_to.from_user.id == context.bot.id:
            return text
        entities = {
            **message.parse_entities([MessageEntity.MENTION]),
            **message.parse_caption_entities([MessageEntity.MENTION]),
        }
        for written in entities.values():
            if written.casefold() == mention:
                return text.replace(written, " ").strip()
        return None

    async def _record(self, answered: Answered) -> None:
        """Keeps the question without its asker. It was answered: a failure here is only logged."""
        try:
            await self._db.run(
                lambda db: store.record_question(
                    db,
                    answered.question_id,
                    text=answered.question,
                    language=str(answered.language),
                    decision=answered.result.decision,
                    reason=answered.result.settled.reason,
                    shown=[candidate.id for candidate in answered.result.settled.shown],
                    region=answered.region,
                    day=self._today(),
                    moment=self._now(),
                )
            )
        except sqlite3.Error:
            log.exception("question_not_recorded")

    def _correctable(self, asked: Message, sent: Message) -> None:
        self._replies[asked.chat_id, asked.message_id] = sent.message_id
        while len(self._replies) > MOST_CORRECTABLE:
            self._replies.popitem(last=False)

    async def on_edited(self, update: Update, context: Context) -> None:
        """Puts the answer to the corrected question in the place of the old one."""
        message = update.effective_message
        question = self._addressed(update, context)
        if message is None or question is None:
            return
        old = self._replies.get((message.chat_id, message.message_id))
        answered = await self._answer(update, question, ())
        parts = to_html(answered.reply.message)
        if old is None or len(parts) != 1:
            await self._send(update, message, answered)
        else:
            try:
                await context.bot.edit_message_text(
                    parts[0],
                    chat_id=message.chat_id,
                    message_id=old,
                    reply_markup=answered.keyboard,
                )
            except BadRequest as error:
                if "not modified" in error.message.lower():
                    return
                # The old reply was deleted, or is too old to change.
                await self._send(update, message, answered)
        await self._keep(update, answered, ())

    async def on_choice(self, update: Update, context: Context) -> None:
        """Answers with the entry that was tapped under "did you mean"."""
        query = update.callback_query
        if query is None:
            return
        question_id, entry_id = unpack(query.data or "", 2)
        await acknowledge(query)
        await self._answer_chosen(update, question_id, entry_id)

    async def _answer_chosen(self, update: Update, question_id: str, entry_id: str) -> None:
        if await self.open_entry(update, entry_id, question_id):
            await self._db.run(lambda db: store.record_choice(db, question_id, entry_id))
        else:
            await self._gone(update)

    async def _gone(self, update: Update) -> None:
        language = await self._people.reads(update)
        await send(update, [Line(self._texts.say(language, "entry.gone"))])

    async def open_entry(
        self, update: Update, entry_id: str, question_id: str = "", *, as_written: bool = False
    ) -> bool:
        """Sends the published entry with this id; false, and nothing sent, when there is none."""
        try:
            entry = self._base().entry(entry_id)
        except NoEntry:
            return False
        language, region = await self._language_and_region(update)
        reply = self._answers().entry(entry, language, region, self._today(), as_written=as_written)
        await send(update, reply.message, under_reply(self._texts, reply, language, question_id))
        self._conversations.opened(_place(update), entry.title.zh)
        return True

    async def _language_and_region(self, update: Update) -> tuple[Language, str | None]:
        """Language and place of what was just asked, else what the person chose."""
        preferences = await self._people.preferences(update)
        said = self._conversations.last(_place(update), time.monotonic())
        if said is None:
            return await self._people.reads(update), preferences.region
        result = self._base().ask(said.question)
        return result.language, result.region or preferences.region

    async def on_none_of_these(self, update: Update, context: Context) -> None:
        """Notes that nothing offered was meant, and names people who can help."""
        query = update.callback_query
        if query is None:
            return
        (question_id,) = unpack(query.data or "", 1)
        await acknowledge(query)
        language, region = await self._language_and_region(update)
        await self._db.run(lambda db: store.record_choice(db, question_id, store.NONE_OF_THESE))
        reply = self._answers().without_answer("ask.none_of_these", language, region)
        keyboard = under_reply(self._texts, reply, language, question_id)
        if is_private(update):
            reply, keyboard = consent.offer(self._texts, reply, keyboard, language, question_id)
        await send(update, reply.message, keyboard)

    async def on_open(self, update: Update, context: Context) -> None:
        """Opens an entry from a list or the related questions, or its older text."""
        query = update.callback_query
        if query is None:
            return
        (entry_id,) = unpack(query.data or "", 1)
        await acknowledge(query)
        as_written = (query.data or "").startswith(f"{Code.OLDER}:")
        if not await self.open_entry(update, entry_id, as_written=as_written):
            await self._gone(update)

    async def on_feedback(self, update: Update, context: Context) -> None:
        """Keeps whether an answer helped; after "not helpful", names people who can."""
        query = update.callback_query
        if query is None:
            return
        question_id, entry_id = unpack(query.data or "", 2)
        helpful = (query.data or "").startswith(Code.HELPFUL)
        language, region = await self._language_and_region(update)
        entry = self._base().entries.get(entry_id)
        if entry is None:
            await acknowledge(query, self._texts.say(language, "button.gone"))
            return
        await self._db.run(
            lambda db: store.record_feedback(
                db,
                question_id=question_id or None,
                entry_id=entry_id,
                entry_version=entry.version,
                helpful=helpful,
                day=self._today(),
            )
        )
        await acknowledge(query, self._texts.say(language, "feedback.thanks"))
        await take_away(query, Code.HELPFUL, Code.NOT_HELPFUL)
        if not helpful:
            reply = self._answers().without_answer("feedback.not_helpful", language, region)
            dead = dead_number(self._texts, language, entry_id, region)
            await send(update, reply.message, InlineKeyboardMarkup([dead]))


def _place(update: Update) -> Place:
    chat, user = update.effective_chat, update.effective_user
    return (chat.id if chat else 0, user.id if user else 0)
