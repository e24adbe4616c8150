"""From a draft to the outbox: test, now, at a time, urgent, and the second person who agrees."""

from __future__ import annotations

import datetime
import logging
from collections.abc import Awaitable, Callable, Iterable
from functools import partial
from typing import Any
from zoneinfo import ZoneInfo

from telegram import Bot, InlineKeyboardButton, InlineKeyboardMarkup, Update
from telegram.error import TelegramError
from telegram.ext import BaseHandler, CallbackQueryHandler, MessageHandler

from bot.callbacks import Code, pack, pattern, unpack
from bot.database import Database
from bot.drafts import Draft, Drafts, WaitingFor
from bot.markup import BLANK, Line, lines, strong, to_html
from bot.notices import store as standings
from bot.notices.composing import store
from bot.notices.composing.handlers import Composing
from bot.notices.composing.preview import Preview
from bot.notices.composing.store import OwnNotice, Stored
from bot.notices.moments import read_moment, say_moment
from bot.notices.store import NoNotice, WrongState
from bot.people.handlers import Context, People
from bot.people.staff import Right, Staff
from bot.sending import acknowledge, rewrite, send
from bot.texts import Texts
from knowledge.text import Language

log = logging.getLogger(__name__)

WHEN = "notice-at"
Launched = Callable[[Bot, int, int, Language], Awaitable[None]]


class Sending:
    """Handlers under the preview, and for the second person.

    Args:
        approval: whether a second person has to agree.
        launched: called with a notice that is on its way, and who had it sent.
        now: gives the time, with its zone.
    """

    def __init__(
        self,
        texts: Texts,
        db: Database,
        people: People,
        staff: Staff,
        drafts: Drafts,
        composing: Composing,
        preview: Preview,
        *,
        approval: bool,
        launched: Launched,
        zone: ZoneInfo,
        now: Callable[[], datetime.datetime],
    ) -> None:
        self._texts = texts
        self._db = db
        self._people = people
        self._staff = staff
        self._drafts = drafts
        self._composing = composing
        self._preview = preview
        self._approval = approval
        self._launched = launched
        self._zone = zone
        self._now = now

    def handlers(self) -> Iterable[BaseHandler[Any, Any, Any]]:
        """The handlers; that for messages takes the time to send at."""
        yield CallbackQueryHandler(self.on_tap, pattern(Code.NOTICE_SEND))
        yield MessageHandler(WaitingFor(self._drafts, WHEN), self.on_time)

    async def on_tap(self, update: Update, context: Context) -> None:
        """Does what the tapped button says, as far as the notice is still a draft."""
        query, user = update.callback_query, update.effective_user
        if query is None or user is None:
            return
        act, number = unpack(query.data or "", 2)
        right = Right.COMPOSE if act in ("test", "edit", "discard") else Right.SEND
        if not await self._staff.may(update, right):
            return
        language = await self._people.reads(update)
        try:
            stored = await self._db.run(partial(store.read, notice_id=int(number or 0)))
            await self._act(update, context.bot, stored, act, user.id)
        except (NoNotice, ValueError):
            await acknowledge(query, self._texts.say(language, "button.gone"))
        except WrongState as error:
            state = self._texts.say(language, f"announce.state.{error.state}")
            text = self._texts.say(language, "announce.wrong_state", state=state)
            await acknowledge(query, text, alert=True)
        except OwnNotice:
            await acknowledge(query, self._texts.say(language, "announce.own"), alert=True)

    async def _act(self, update: Update, bot: Bot, stored: Stored, act: str, actor: int) -> None:
        now = self._now()
        match act:
            case "test":
                await self._preview.send_each(bot, actor, stored.notice, stored.id)
            case "edit":
                await self._composing.begin(update, stored.notice, number=stored.id)
            case "discard":
                await self._db.run(lambda db: store.discard(db, stored.id, actor=actor, now=now))
                await self._settle(update, "announce.discarded")
            case "send" | "urgent":
                await self._confirm(update, stored, act)
            case "sure" | "sure_urgent":
                await self._launch(update, stored, now, act == "sure_urgent", actor)
            case "at":
                await self._ask_time(update, stored, actor)
            case "no_time":
                await self._drafts.drop(actor, WHEN)
                await self._settle(update, "announce.no_time")
            case "menu":
                await self._menu(update, stored)
            case "approve":
                await self._db.run(lambda db: store.approve(db, stored.id, actor=actor, now=now))
                await self._settle(update, "announce.approved")
                await self._tell_launched(bot, stored.id, stored.created_by, None)
            case "reject":
                await self._reject(update, bot, stored, actor)
        if update.callback_query is not None:
            await acknowledge(update.callback_query)

    async def _settle(self, update: Update, key: str, **values: object) -> None:
        language = await self._people.reads(update)
        if update.callback_query is not None:
            await rewrite(update.callback_query, lines(self._texts.say(language, key, **values)))

    def _button(
        self, language: Language, key: str, act: str, notice_id: int
    ) -> InlineKeyboardButton:
        data = pack(Code.NOTICE_SEND, act, notice_id)
        return InlineKeyboardButton(self._texts.say(language, key), callback_data=data)

    async def _confirm(self, update: Update, stored: Stored, act: str) -> None:
        language, query = await self._people.reads(update), update.callback_query
        if query is None:
            return
        key = "announce.sure_urgent" if act == "urgent" else "announce.sure"
        message = [
            *lines(self._texts.say(language, key)),
            BLANK,
            *await self._preview.audience(stored.notice, language),
        ]
        sure = "sure_urgent" if act == "urgent" else "sure"
        rows = [
            [self._button(language, "button.notice_sure", sure, stored.id)],
            [self._button(language, "announce.back", "menu", stored.id)],
        ]
        await rewrite(query, message, InlineKeyboardMarkup(rows))

    async def _menu(self, update: Update, stored: Stored) -> None:
        language, query = await self._people.reads(update), update.callback_query
        if query is not None:
            message = [
                strong(self._texts.say(language, "announce.preview", id=stored.id)),
                BLANK,
                *await self._preview.audience(stored.notice, language),
            ]
            rows = self._preview.buttons(language, stored.id)
            await rewrite(query, message, InlineKeyboardMarkup(rows))

    async def _launch(
        self, update: Update, stored: Stored, at: datetime.datetime, urgent: bool, actor: int
    ) -> None:
        """The notice is on its way, or waits for a second person.

        Raises:
            NoNotice, WrongState: it is no draft any more.
        """
        now, bot = self._now(), update.get_bot()
        moment = at.astimezone(self._zone)
        if self._approval:
            await self._db.run(
                lambda db: store.ask_approval(
                    db, stored.id, at=at, urgent=urgent, actor=actor, now=now
                )
            )
            told = await self._ask_others(bot, stored, moment, urgent, actor)
            key = "announce.submitted" if told else "announce.nobody_to_approve"
            await self._say(update, key, count=told)
            return
        await self._db.run(
            lambda db: standings.schedule(db, stored.id, at=at, urgent=urgent, actor=actor, now=now)
        )
        language = await self._people.reads(update)
        say = say_moment(self._texts, language, moment)
        key = "announce.scheduled" if at > now else "announce.on_its_way"
        await self._say(update, key, moment=say)
        await self._tell_launched(bot, stored.id, actor, language)

    async def _say(self, update: Update, key: str, **values: object) -> None:
        """Below a button in its place, after words in a message of its own."""
        if update.callback_query is not None:
            await self._settle(update, key, **values)
            return
        language = await self._people.reads(update)
        await send(update, lines(self._texts.say(language, key, **values)))

    async def _tell_launched(
        self, bot: Bot, notice_id: int, fallback: int, language: Language | None
    ) -> None:
        standing = await self._db.run(partial(standings.standing, notice_id=notice_id))
        person = standing.send_by or fallback
        reads = language or await self._people.language_of(person)
        await self._launched(bot, notice_id, person, reads)

    async def _ask_others(
        self, bot: Bot, stored: Stored, moment: datetime.datetime, urgent: bool, actor: int
    ) -> int:
        """Everybody else who may send is asked; how many were reached."""
        reached = 0
        for user_id in await self._staff.with_right(Right.SEND):
            if user_id in (actor, stored.created_by):
                continue
            language = await self._people.language_of(user_id)
            say = partial(self._texts.say, language)
            key = "announce.asked_urgent" if urgent else "announce.asked"
            when = say_moment(self._texts, language, moment)
            message = [
                strong(say(key, id=stored.id, moment=when)),
                BLANK,
                *await self._preview.audience(stored.notice, language),
            ]
            rows = [
                [
                    self._button(language, "button.notice_approve", "approve", stored.id),
                    self._button(language, "button.notice_reject", "reject", stored.id),
                ]
            ]
            try:
                await self._preview.send_each(bot, user_id, stored.notice, stored.id)
                await bot.send_message(
                    user_id, to_html(message)[0], reply_markup=InlineKeyboardMarkup(rows)
                )
                reached += 1
            except TelegramError as error:
                log.warning("approver_not_reached reason=%s", error.message)
        return reached

    async def _reject(self, update: Update, bot: Bot, stored: Stored, actor: int) -> None:
        author = await self._db.run(
            lambda db: store.reject(db, stored.id, actor=actor, now=self._now())
        )
        await self._settle(update, "announce.rejected")
        language = await self._people.language_of(author)
        text = self._texts.say(language, "announce.was_rejected", id=stored.id)
        rows = self._preview.buttons(language, stored.id)
        try:
            await bot.send_message(
                author, to_html(lines(text))[0], reply_markup=InlineKeyboardMarkup(rows)
            )
        except TelegramError as error:
            log.warning("author_not_reached reason=%s", error.message)

    async def _ask_time(self, update: Update, stored: Stored, actor: int) -> None:
        await self._drafts.keep(Draft(actor, WHEN, "at", {"notice": stored.id}))
        language = await self._people.reads(update)
        keyboard = InlineKeyboardMarkup(
            [[self._button(language, "announce.cancel", "no_time", stored.id)]]
        )
        await send(update, lines(self._texts.say(language, "announce.which_time")), keyboard)

    async def on_time(self, update: Update, context: Context) -> None:
        """Sends the notice at the time that was written."""
        user, message = update.effective_user, update.message
        if user is None or message is None or not await self._staff.may(update, Right.SEND):
            return
        draft = self._drafts.get(user.id, WHEN)
        if draft is None:
            return
        language, now = await self._people.reads(update), self._now()
        today = now.astimezone(self._zone).date()
        written = message.text or ""
        moment = read_moment(written, self._zone, today, today)
        if moment is None or moment <= now:
            key = "expected.moment" if moment is None else "expected.future"
            text = self._texts.say(language, key, found=written)
            await send(update, [Line(f"⚠ {text}")])
            return
        await self._drafts.drop(user.id, WHEN)
        try:
            number = draft.content["notice"]
            stored = await self._db.run(partial(store.read, notice_id=number))
            await self._launch(update, stored, moment, False, user.id)
        except (NoNotice, WrongState):
            await send(update, lines(self._texts.say(language, "announce.no_draft")))
