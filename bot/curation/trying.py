"""What the bot would answer, with scores and why, and the way from there to putting it right."""

from __future__ import annotations

import datetime
from collections import OrderedDict
from collections.abc import Callable, Iterable
from dataclasses import replace
from typing import Any

from telegram import InlineKeyboardButton, InlineKeyboardMarkup, Update
from telegram.ext import BaseHandler, CallbackContext, CallbackQueryHandler, CommandHandler

from bot import explaining
from bot.callbacks import Code, pack, pattern, unpack
from bot.curation.publishing import Publishing
from bot.live import Live
from bot.markup import Line, lines, quiet, strong
from bot.people.staff import Right, Staff
from bot.sending import acknowledge, send
from bot.texts import Texts
from knowledge.base import Result
from knowledge.reading import Bilingual
from knowledge.text import Language

Context = CallbackContext[Any, Any, Any, Any]

MOST_TRIED = 1_000
OFFERED = 3


class Trying:
    """Handlers for asking as a worker would, and seeing why.

    Args:
        reply: what a worker would read.
    """

    def __init__(
        self,
        texts: Texts,
        live: Live,
        staff: Staff,
        publishing: Publishing,
        *,
        reply: Callable[[Result, datetime.date], Iterable[Line]],
        today: Callable[[], datetime.date],
    ) -> None:
        self._texts = texts
        self._live = live
        self._staff = staff
        self._publishing = publishing
        self._reply = reply
        self._today = today
        # Too long for a button, and of no use after a restart.
        self._tried: OrderedDict[int, str] = OrderedDict()
        self._number = 0

    def handlers(self) -> Iterable[BaseHandler[Any, Any, Any]]:
        """The handlers, each for another command or button."""
        yield CommandHandler("try", self.try_question)
        yield CallbackQueryHandler(self.on_add, pattern(Code.ADD_PHRASING))

    async def try_question(self, update: Update, context: Context) -> None:
        """Shows what the question after the command would get, and why."""
        if not await self._staff.may(update, Right.SEE):
            return
        showing = await self._publishing.showing(update)
        message = update.effective_message
        question = (message.text or "").partition(" ")[2].strip() if message else ""
        if not question:
            await send(update, lines(showing.say("try.how")))
            return
        result = self._live.base.ask(question)
        why = explaining.as_lines(self._texts, self._live.base, result, showing.language)
        await send(
            update, [quiet(showing.say("try.worker_reads")), *self._reply(result, self._today())]
        )
        reason = [strong(showing.say("try.why")), *map(Line, why)]
        await send(update, reason, await self._offers(update, result))

    async def _offers(self, update: Update, result: Result) -> InlineKeyboardMarkup | None:
        """The cards of the best candidates and, for editors, the question as a phrasing of theirs."""
        showing = await self._publishing.showing(update)
        user = update.effective_user
        may_edit = user is not None and Right.EDIT in await self._staff.rights(user.id)
        number = self._remember(result.question)
        rows: list[list[InlineKeyboardButton]] = []
        for candidate in result.candidates[:OFFERED]:
            title = showing.title(candidate.id)
            rows.append([InlineKeyboardButton(title, callback_data=pack(Code.CARD, candidate.id))])
            if may_edit:
                data = pack(Code.ADD_PHRASING, number, candidate.id)
                text = showing.say("button.add_phrasing")
                rows.append([InlineKeyboardButton(f"↑ {text}", callback_data=data)])
        return InlineKeyboardMarkup(rows) if rows else None

    def _remember(self, question: str) -> int:
        self._number += 1
        self._tried[self._number] = question
        while len(self._tried) > MOST_TRIED:
            self._tried.popitem(last=False)
        return self._number

    async def on_add(self, update: Update, context: Context) -> None:
        """Proposes the question that was tried as a phrasing of the entry."""
        query = update.callback_query
        if query is None or not await self._staff.may(update, Right.EDIT):
            return
        number, entry_id = unpack(query.data or "", 2)
        question = self._tried.get(int(number)) if number.isdecimal() else None
        entry = self._live.base.entries.get(entry_id)
        if question is None or entry is None:
            showing = await self._publishing.showing(update)
            await acknowledge(query, showing.say("button.gone"), alert=True)
            return
        await acknowledge(query)
        zh, en = entry.phrasings.zh, entry.phrasings.en
        if self._live.base.ask(question).language is Language.EN:
            changed = Bilingual(zh, tuple(dict.fromkeys((*en, question))))
        else:
            changed = Bilingual(tuple(dict.fromkeys((*zh, question))), en)
        await self._publishing.propose(update, replace(entry, phrasings=changed))
