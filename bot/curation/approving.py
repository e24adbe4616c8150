"""A second person agrees to an edit, or gives it back."""

from __future__ import annotations

import datetime
import logging
from collections.abc import Callable, Iterable
from functools import partial
from typing import Any

from telegram import Bot, InlineKeyboardMarkup, Update
from telegram.error import TelegramError
from telegram.ext import BaseHandler, CallbackContext, CallbackQueryHandler, CommandHandler

from bot.callbacks import Code, pattern, unpack
from bot.curation import store
from bot.curation.proposed import KIND, Proposed
from bot.curation.publishing import Publishing, button
from bot.curation.showing import Showing
from bot.curation.store import Proposal
from bot.database import Database
from bot.drafts import Drafts
from bot.live import Live
from bot.markup import Line, lines, strong, to_html
from bot.people.handlers import People
from bot.people.staff import Right, Staff
from bot.sending import acknowledge, send
from bot.texts import Texts
from knowledge.revise import differences
from knowledge.text import Language

log = logging.getLogger(__name__)

Context = CallbackContext[Any, Any, Any, Any]


class Approving:
    """Handlers for edits that wait.

    Args:
        publishing: gives what publishes them; asked for late, since that asks for approval here.
        now: gives the time, with its zone.
    """

    def __init__(
        self,
        texts: Texts,
        db: Database,
        live: Live,
        drafts: Drafts,
        people: People,
        staff: Staff,
        *,
        publishing: Callable[[], Publishing],
        now: Callable[[], datetime.datetime],
    ) -> None:
        self._texts = texts
        self._db = db
        self._live = live
        self._drafts = drafts
        self._people = people
        self._staff = staff
        self._publishing_of = publishing
        self._now = now

    @property
    def _publishing(self) -> Publishing:
        return self._publishing_of()

    def handlers(self) -> Iterable[BaseHandler[Any, Any, Any]]:
        """The handlers, each for another command or button."""
        yield CommandHandler("approvals", self.approvals)
        yield CallbackQueryHandler(self.on_approve, pattern(Code.APPROVE))
        yield CallbackQueryHandler(self.on_decline, pattern(Code.DECLINE))

    async def ask(self, update: Update, bot: Bot, edit: Proposed, author: int) -> None:
        """The edit waits, and everybody else who may edit has been told."""
        number = await self._db.run(
            partial(store.propose, edit=edit, author=author, now=self._now())
        )
        await self._drafts.drop(author, KIND)
        showing = await self._publishing.showing(update)
        await send(update, lines(showing.say("edit.waits", id=edit.id)))
        others = [user for user in await self._staff.with_right(Right.EDIT) if user != author]
        for user_id in others:
            language = await self._people.language_of(user_id)
            message, keyboard = await self._proposal(Proposal(number, author, edit), language)
            parts = to_html(message)
            try:
                for count, part in enumerate(parts, 1):
                    last = count == len(parts)
                    await bot.send_message(user_id, part, reply_markup=keyboard if last else None)
            except TelegramError as error:
                # They see it with /approvals.
                log.warning("approver_not_told reason=%s", error.message)

    async def _proposal(
        self, waiting: Proposal, language: Language
    ) -> tuple[list[Line], InlineKeyboardMarkup]:
        showing = Showing(self._texts, language, self._live.base)
        entry, problems = self._publishing.check(waiting.edit)
        before = self._live.base.entries.get(entry.id)
        message = [
            strong(showing.say("edit.to_approve", id=waiting.edit.id)),
            *showing.differences(differences(before, entry)),
            *showing.problems(problems),
            *showing.effect(await self._publishing.effect([entry])),
        ]
        row = [
            button(showing, "button.approve", Code.APPROVE, waiting.id),
            button(showing, "button.decline", Code.DECLINE, waiting.id),
        ]
        return message, InlineKeyboardMarkup([row])

    async def approvals(self, update: Update, context: Context) -> None:
        """Shows each edit that waits to be agreed to."""
        if not await self._staff.may(update, Right.EDIT):
            return
        language = await self._people.reads(update)
        waiting = await self._db.run(store.proposals)
        if not waiting:
            await send(update, lines(self._texts.say(language, "edit.none_waits")))
        for each in waiting:
            await send(update, *(await self._proposal(each, language)))

    async def on_approve(self, update: Update, context: Context) -> None:
        """Publishes what another has written."""
        waiting = await self._waiting(update)
        user = update.effective_user
        if waiting is None or user is None:
            return
        showing = await self._publishing.showing(update)
        if user.id == waiting.author:
            await send(update, lines(showing.say("edit.own")))
            return
        entry, problems = self._publishing.check(waiting.edit)
        if problems:
            await send(update, showing.problems(problems))
            return
        # Only then is it settled: what could not go out still waits.
        if await self._publishing.publish(
            update, waiting.edit, entry, author=waiting.author, approved_by=user.id
        ):
            await self._settle(waiting, None)
            await self._tell_author(context.bot, waiting, "edit.approved")
        else:
            await send(update, lines(showing.say("edit.stale")))
            await self._give_back(context.bot, waiting, user.id)

    async def on_decline(self, update: Update, context: Context) -> None:
        """Gives the edit back to its author."""
        waiting = await self._waiting(update)
        user = update.effective_user
        if waiting is None or user is None:
            return
        await self._give_back(context.bot, waiting, user.id)
        showing = await self._publishing.showing(update)
        await send(update, lines(showing.say("edit.given_back", id=waiting.edit.id)))

    async def _give_back(self, bot: Bot, waiting: Proposal, declined_by: int) -> None:
        if await self._settle(waiting, declined_by):
            await self._drafts.keep(waiting.edit.draft(waiting.author))
            await self._tell_author(bot, waiting, "edit.declined")

    async def _settle(self, waiting: Proposal, declined_by: int | None) -> bool:
        return await self._db.run(
            partial(
                store.settle_proposal, waiting=waiting, declined_by=declined_by, now=self._now()
            )
        )

    async def _waiting(self, update: Update) -> Proposal | None:
        query = update.callback_query
        if query is None or not await self._staff.may(update, Right.EDIT):
            return None
        (number,) = unpack(query.data or "", 1)
        waiting = None
        if number.isdecimal():
            waiting = await self._db.run(partial(store.proposal, number=int(number)))
        if waiting is None:
            language = await self._people.reads(update)
            await acknowledge(query, self._texts.say(language, "edit.settled"), alert=True)
            return None
        await acknowledge(query)
        return waiting

    async def _tell_author(self, bot: Bot, waiting: Proposal, key: str) -> None:
        language = await self._people.language_of(waiting.author)
        edit = waiting.edit
        keyboard = None
        if key == "edit.declined":
            showing = Showing(self._texts, language, self._live.base)
            more = button(showing, "button.edit_more", Code.EDIT_MENU, edit.key)
            keyboard = InlineKeyboardMarkup([[more]])
        text = self._texts.say(language, key, id=edit.id)
        try:
            await bot.send_message(waiting.author, text, parse_mode=None, reply_markup=keyboard)
        except TelegramError as error:
            log.warning("author_not_told reason=%s", error.message)
