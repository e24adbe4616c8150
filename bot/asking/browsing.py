"""Reaching answers without a question: topics, the law, contacts."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Any

from telegram import InlineKeyboardButton, InlineKeyboardMarkup, Update
from telegram.error import BadRequest
from telegram.ext import BaseHandler, CallbackContext, CallbackQueryHandler, CommandHandler

from bot.asking.answers import Answers
from bot.asking.keyboards import dead_number, page_of_scheme, schemes, under_reply
from bot.callbacks import Code, pack, pattern, unpack
from bot.markup import Line, lines, strong, to_html
from bot.people.handlers import People
from bot.sending import acknowledge, send
from bot.texts import Texts
from knowledge.base import KnowledgeBase
from knowledge.law import article_number
from knowledge.text import Language

Context = CallbackContext[Any, Any, Any, Any]


class Browsing:
    """Handlers for lists and records."""

    def __init__(self, texts: Texts, people: People, *, base: Callable[[], KnowledgeBase]) -> None:
        self._texts = texts
        self._people = people
        self._base = base

    def handlers(self) -> Iterable[BaseHandler[Any, Any, Any]]:
        """The handlers, each for another command or button."""
        yield CommandHandler("topics", self.topics)
        yield CommandHandler("law", self.law)
        yield CommandHandler("contacts", self.contacts)
        yield CallbackQueryHandler(self.on_topics, pattern(Code.TOPICS))
        yield CallbackQueryHandler(self.on_scheme, pattern(Code.SCHEME))

    def _answers(self) -> Answers:
        return Answers(self._texts, self._base())

    def _topics(self, language: Language) -> tuple[list[Line], InlineKeyboardMarkup]:
        heading = [strong(self._texts.say(language, "topics.choose_scheme"))]
        return heading, schemes(self._texts, self._base().by_scheme(), language)

    async def topics(self, update: Update, context: Context) -> None:
        """Offers the schemes."""
        language = await self._people.reads(update)
        await send(update, *self._topics(language))

    async def on_topics(self, update: Update, context: Context) -> None:
        """Goes back to the schemes, in the same message."""
        language = await self._people.reads(update)
        await self._turn(update, *self._topics(language))

    async def on_scheme(self, update: Update, context: Context) -> None:
        """Shows a page of a scheme's questions, in the same message."""
        query = update.callback_query
        if query is None:
            return
        scheme, page = unpack(query.data or "", 2)
        language = await self._people.reads(update)
        entries = self._base().by_scheme().get(scheme)
        if not entries:
            await acknowledge(query, self._texts.say(language, "button.gone"))
            return
        choices = self._answers().choices((entry.id for entry in entries), language)
        number = int(page) if page.isdecimal() and len(page) < 5 else 0
        keyboard = page_of_scheme(self._texts, scheme, choices, number, language)
        await self._turn(update, [strong(self._texts.say(language, f"scheme.{scheme}"))], keyboard)

    @staticmethod
    async def _turn(update: Update, message: list[Line], keyboard: InlineKeyboardMarkup) -> None:
        query = update.callback_query
        if query is None:
            return
        await acknowledge(query)
        try:
            await query.edit_message_text(to_html(message)[0], reply_markup=keyboard)
        except BadRequest as error:
            # An old list cannot be edited any more: a new one takes its place.
            if "not modified" not in error.message.lower():
                await send(update, message, keyboard)

    async def law(self, update: Update, context: Context) -> None:
        """Shows the article whose number follows the command, or how to ask for one."""
        language = await self._people.reads(update)
        words = context.args or []
        answers = self._answers()
        number = article_number(" ".join(words))
        if number is None:
            if words:
                text = self._texts.say(language, "law.no_number", written=" ".join(words)[:50])
                await send(update, lines(text))
                return
            await send(update, answers.law_help(language).message)
            return
        reply = answers.article(number, language)
        await send(update, reply.message, under_reply(self._texts, reply, language, ""))

    async def contacts(self, update: Update, context: Context) -> None:
        """Shows the hotlines, and the offices of the chosen region."""
        language = await self._people.reads(update)
        region = (await self._people.preferences(update)).region
        reply = self._answers().contacts(language, region)
        await send(update, reply.message, self._under_contacts(language, region))

    def _under_contacts(self, language: Language, region: str | None) -> InlineKeyboardMarkup:
        text = self._texts.say(language, "button.region")
        choose = InlineKeyboardButton(text, callback_data=pack(Code.CHOOSE_REGION))
        return InlineKeyboardMarkup([[choose], dead_number(self._texts, language, "", region)])
