"""/stats: figures with a picture, and as a workbook."""

from __future__ import annotations

import asyncio
import datetime
from collections.abc import Awaitable, Callable, Iterable
from functools import partial
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

from telegram import InlineKeyboardButton, InlineKeyboardMarkup, InputMediaPhoto, Message, Update
from telegram.error import BadRequest
from telegram.ext import BaseHandler, CallbackContext, CallbackQueryHandler, CommandHandler

from bot.callbacks import Code, pack, pattern, unpack
from bot.curation import figures_store
from bot.curation.drawing import Drawing
from bot.curation.figures_store import Figures, Period
from bot.curation.figures_text import FiguresText
from bot.curation.figures_workbook import workbook
from bot.database import Database
from bot.markup import LONGEST_CAPTION, Line, to_html
from bot.people.staff import Right, Staff
from bot.sending import acknowledge, send
from bot.texts import Texts
from knowledge.base import KnowledgeBase
from knowledge.text import Language

Context = CallbackContext[Any, Any, Any, Any]


class FiguresShown:
    """Handlers for figures.

    Args:
        database: the SQLite file.
        base: gives the knowledge in force.
        reads: gives the language that the sender of an update reads.
        now: gives the time, with its zone.
        timezone: zone of days and hours.
    """

    def __init__(
        self,
        texts: Texts,
        db: Database,
        database: Path,
        staff: Staff,
        drawing: Drawing,
        *,
        base: Callable[[], KnowledgeBase],
        reads: Callable[[Update], Awaitable[Language]],
        now: Callable[[], datetime.datetime],
        timezone: ZoneInfo,
    ) -> None:
        self._texts = texts
        self._db = db
        self._database = database
        self._staff = staff
        self._drawing = drawing
        self._base = base
        self._reads = reads
        self._now = now
        self._timezone = timezone

    def handlers(self) -> Iterable[BaseHandler[Any, Any, Any]]:
        """The handlers, each for another command or button."""
        yield CommandHandler("stats", self.stats)
        yield CallbackQueryHandler(self.on_period, pattern(Code.FIGURES))
        yield CallbackQueryHandler(self.on_file, pattern(Code.FIGURES_FILE))

    async def stats(self, update: Update, context: Context) -> None:
        """Shows the figures of a week, or of the period that is named."""
        if not await self._staff.may(update, Right.SEE):
            return
        name = (context.args or [""])[0].casefold()
        await self._show(update, Period(name) if name in set(Period) else Period.WEEK)

    async def on_period(self, update: Update, context: Context) -> None:
        """Shows the period that was tapped, in the place of the one before."""
        period = await self._tapped(update)
        if period is not None:
            await self._show(update, period)

    async def on_file(self, update: Update, context: Context) -> None:
        """Sends the workbook of the period that was tapped."""
        period, chat = await self._tapped(update), update.effective_chat
        if period is None or chat is None:
            return
        figures = await self._figures(period)
        language = await self._reads(update)
        content = await asyncio.to_thread(workbook, figures, self._text(), self._texts, language)
        day = self._now().astimezone(self._timezone).date()
        await chat.send_document(content, filename=f"shebao-{period}-{day}.xlsx")

    async def _tapped(self, update: Update) -> Period | None:
        query = update.callback_query
        if query is None or not await self._staff.may(update, Right.SEE):
            return None
        (name,) = unpack(query.data or "", 1)
        if name not in set(Period):
            await acknowledge(query, self._texts.say(await self._reads(update), "button.gone"))
            return None
        await acknowledge(query)
        return Period(name)

    async def _figures(self, period: Period) -> Figures:
        span = figures_store.span(period, self._now(), self._timezone)
        # Counting takes seconds where much was asked: it has a connection of its own, and answers do not wait.
        return await asyncio.to_thread(figures_store.figures_in, self._database, span)

    async def of_entry(self, entry_id: str, language: Language) -> list[Line]:
        """How often an entry was asked for, and how helpful it was found, for its card."""
        today = self._now().astimezone(self._timezone).date()
        found = await self._db.run(
            partial(figures_store.entry_figures, entry_id=entry_id, today=today)
        )
        return self._text().card(found, language)

    def _text(self) -> FiguresText:
        return FiguresText(self._texts, self._base(), self._timezone)

    async def _show(self, update: Update, period: Period) -> None:
        figures = await self._figures(period)
        language = await self._reads(update)
        text = self._text()
        message = text.message(figures, language)
        keyboard = self._keyboard(language, period)
        picture = None
        if figures.questions:
            labels = [text.label(part, period) for part in figures.parts]
            picture = await self._drawing.of(figures, labels)
        await self._replace(update, message, keyboard, picture)

    def _keyboard(self, language: Language, period: Period) -> InlineKeyboardMarkup:
        periods = [
            InlineKeyboardButton(
                self._texts.say(language, f"button.period.{each}"),
                callback_data=pack(Code.FIGURES, each),
            )
            for each in Period
        ]
        text = self._texts.say(language, "button.workbook")
        file = InlineKeyboardButton(text, callback_data=pack(Code.FIGURES_FILE, period))
        return InlineKeyboardMarkup([periods, [file]])

    @staticmethod
    async def _replace(
        update: Update,
        message: list[Line],
        keyboard: InlineKeyboardMarkup,
        picture: bytes | None,
    ) -> None:
        """A message with a picture takes the place of one with a picture; else a new one is sent."""
        query, chat = update.callback_query, update.effective_chat
        if picture is None or chat is None:
            await send(update, message, keyboard)
            return
        caption = to_html(message, LONGEST_CAPTION)[0]
        shown = query.message if query else None
        if query is not None and isinstance(shown, Message) and shown.photo:
            try:
                media = InputMediaPhoto(picture, caption=caption, parse_mode="HTML")
                await query.edit_message_media(media, reply_markup=keyboard)
            except BadRequest as error:
                if "not modified" in error.message.lower():
                    return
            else:
                return
        await chat.send_photo(picture, caption=caption, reply_markup=keyboard)
