"""Signing up for a workshop: coming, waiting for room, bringing one more, leaving, the calendar."""

from __future__ import annotations

import datetime
from collections.abc import Callable, Iterable
from functools import partial
from typing import Any
from zoneinfo import ZoneInfo

from telegram import Bot, InlineKeyboardButton, InlineKeyboardMarkup, Update
from telegram.ext import BaseHandler, CallbackQueryHandler, MessageHandler

from bot.callbacks import Code, pack, pattern, unpack
from bot.database import Connection, Database
from bot.drafts import Draft, Drafts, WaitingFor
from bot.markup import BLANK, Line, lines, strong
from bot.notices.afterwards import own_buttons
from bot.notices.calls import keyboard, send_payload
from bot.notices.composing.store import Stored, read
from bot.notices.following.afterwards import FollowUps
from bot.notices.posters.store import count_opened
from bot.notices.rendering import facts, payload
from bot.notices.signing import store
from bot.notices.signing.calendar import calendar
from bot.notices.signing.store import Coming, Refusal, Refused, SignUp
from bot.notices.store import NoNotice
from bot.people.handlers import Context, People
from bot.sending import acknowledge, is_private, rewrite, send
from bot.texts import Texts
from knowledge.database import writing
from knowledge.text import Language

NAME = "workshop-name"
LONGEST_NAME = 40


class SigningUp:
    """Handlers for workers who want to come.

    Args:
        zone: of the times in calendar files.
        now: gives the time, with its zone.
    """

    def __init__(
        self,
        texts: Texts,
        db: Database,
        people: People,
        drafts: Drafts,
        follow_ups: FollowUps,
        *,
        zone: ZoneInfo,
        now: Callable[[], datetime.datetime],
    ) -> None:
        self._texts = texts
        self._db = db
        self._people = people
        self._drafts = drafts
        self._follow_ups = follow_ups
        self._zone = zone
        self._now = now

    def handlers(self) -> Iterable[BaseHandler[Any, Any, Any]]:
        """The handlers; that for messages takes the name that was asked for."""
        yield CallbackQueryHandler(self.on_tap, pattern(Code.SIGN_UP))
        yield CallbackQueryHandler(self.on_read, pattern(Code.NOTICE_READ))
        yield MessageHandler(WaitingFor(self._drafts, NAME), self.on_name)

    async def open_link(self, update: Update, context: Context, rest: str) -> None:
        """Shows the notice that a link or QR code names, and counts on which poster it stood."""
        number, _, poster = rest.partition("_")
        if not number.isdecimal() or not await self.show(update, context.bot, int(number)):
            language = await self._people.reads(update)
            await send(update, lines(self._texts.say(language, "announce.gone")))
            return
        if poster.isdecimal():
            await self._db.run(lambda db: count_opened(db, int(number), int(poster)))

    async def on_read(self, update: Update, context: Context) -> None:
        """Shows a notice again."""
        query = update.callback_query
        if query is None:
            return
        (number,) = unpack(query.data or "", 1)
        await acknowledge(query)
        if not number.isdecimal() or not await self.show(update, context.bot, int(number)):
            language = await self._people.reads(update)
            await send(update, lines(self._texts.say(language, "announce.gone")))

    async def show(self, update: Update, bot: Bot, notice_id: int) -> bool:
        """The notice stands in the chat, as it was sent; false when there is none that went out."""
        chat = update.effective_chat
        try:
            stored = await self._db.run(partial(read, notice_id=notice_id))
        except NoNotice:
            return False
        if chat is None or not stored.went_out:
            return False
        language = await self._people.reads(update)
        sent = payload(self._texts, language, stored.notice, notice_id)
        await send_payload(bot, chat.id, sent)
        person = await self._db.run(partial(store.of_person, notice_id=notice_id, chat_id=chat.id))
        if person is not None and person.state is not Coming.CANCELLED:
            await self._tell(update, stored, person, edit=False)
        return True

    async def on_tap(self, update: Update, context: Context) -> None:
        """Does what the button under a notice or a confirmation says."""
        query, user = update.callback_query, update.effective_user
        if query is None or user is None:
            return
        act, number = unpack(query.data or "", 2)
        language = await self._people.reads(update)
        if not number.isdecimal() or not is_private(update):
            await acknowledge(query, self._texts.say(language, "button.gone"))
            return
        try:
            await self._act(update, context.bot, act, int(number), user.id)
        except NoNotice:
            await acknowledge(query, self._texts.say(language, "announce.gone"), alert=True)
        except Refused as error:
            if error.why is Refusal.FULL and act == "join":
                await acknowledge(query)
                await self._offer_to_wait(update, int(number))
                return
            await acknowledge(query, self._texts.say(language, str(error.why)), alert=True)

    async def _act(self, update: Update, bot: Bot, act: str, notice_id: int, chat_id: int) -> None:
        query, now = update.callback_query, self._now()
        language = await self._people.reads(update)
        stored = await self._db.run(partial(read, notice_id=notice_id))
        match act:
            case "join" | "wait":
                person = await self._db.run(
                    lambda db: store.sign_up(
                        db, notice_id, chat_id, language, wait=act == "wait", now=now
                    )
                )
                await self._tell(update, stored, person, edit=act == "wait")
            case "plus" | "minus":
                person = await self._db.run(
                    partial(self._bring, stored=stored, chat_id=chat_id, guests=act == "plus")
                )
                await self._tell(update, stored, person, edit=True)
            case "leave":
                await self._db.run(partial(self._leave, stored=stored, chat_id=chat_id))
                await self._left(update, stored)
            case "ics":
                await self._send_calendar(bot, chat_id, stored, language)
            case "name":
                await self._drafts.keep(Draft(chat_id, NAME, "name", {"notice": notice_id}))
                await self._ask_name(update, notice_id)
            case "no_name":
                await self._drafts.drop(chat_id, NAME)
                await self._settle(update, "signup.no_name")
        if query is not None:
            await acknowledge(query)

    def _bring(self, db: Connection, stored: Stored, chat_id: int, guests: bool) -> SignUp:
        """As :func:`store.bring`; whoever has a seat by that is told."""
        with writing(db):
            person, moved = store.bring(db, stored.id, chat_id, int(guests), self._now())
            self._follow_ups.room(db, stored.notice, stored.id, moved)
        return person

    def _leave(self, db: Connection, stored: Stored, chat_id: int) -> None:
        """As :func:`store.leave`; whoever has a seat by that is told."""
        with writing(db):
            moved = store.leave(db, stored.id, chat_id, self._now())
            self._follow_ups.room(db, stored.notice, stored.id, moved)

    async def _settle(self, update: Update, key: str) -> None:
        language = await self._people.reads(update)
        if update.callback_query is not None:
            await rewrite(update.callback_query, lines(self._texts.say(language, key)))

    def _button(
        self, language: Language, key: str, act: str, notice_id: int
    ) -> InlineKeyboardButton:
        data = pack(Code.SIGN_UP, act, notice_id)
        return InlineKeyboardButton(self._texts.say(language, key), callback_data=data)

    async def _tell(self, update: Update, stored: Stored, person: SignUp, *, edit: bool) -> None:
        """Whether the person comes, and what they can change."""
        language = await self._people.reads(update)
        say, notice = partial(self._texts.say, language), stored.notice
        title = self._texts.own(language, notice.title.of(language))
        coming = person.state is Coming.COMING
        if coming:
            head = say("signup.coming", title=title)
        else:
            place = await self._db.run(partial(store.place_in_line, person=person))
            head = say("signup.waiting", title=title, place=place)
        message = [strong(head)]
        if person.guests:
            message.append(Line(say("signup.with_guest")))
        message += [BLANK, *facts(self._texts, language, notice)]
        if coming and person.name is None:
            message += [BLANK, *lines(say("signup.name_hint"))]
        rows = own_buttons(
            self._texts,
            language,
            notice,
            stored.id,
            guests=person.guests,
            coming=coming,
            named=person.name is not None,
        )
        if edit and update.callback_query is not None:
            await rewrite(update.callback_query, message, keyboard(rows))
        else:
            await send(update, message, keyboard(rows))

    async def _offer_to_wait(self, update: Update, notice_id: int) -> None:
        language = await self._people.reads(update)
        rows = [[self._button(language, "button.wait", "wait", notice_id)]]
        text = self._texts.say(language, "signup.full_wait")
        await send(update, lines(text), InlineKeyboardMarkup(rows))

    async def _left(self, update: Update, stored: Stored) -> None:
        language, query = await self._people.reads(update), update.callback_query
        if query is None:
            return
        title = self._texts.own(language, stored.notice.title.of(language))
        text = self._texts.say(language, "signup.left", title=title)
        rows = [[self._button(language, "button.sign_up_again", "join", stored.id)]]
        await rewrite(query, lines(text), InlineKeyboardMarkup(rows))

    async def _send_calendar(
        self, bot: Bot, chat_id: int, stored: Stored, language: Language
    ) -> None:
        if not stored.notice.is_workshop:
            raise Refused(Refusal.NO_WORKSHOP)
        file = calendar(
            self._texts,
            language,
            stored.notice,
            stored.id,
            bot_name=bot.username,
            zone=self._zone,
            now=self._now(),
        )
        key = "signup.calendar_remove" if stored.notice.withdrawn else "signup.calendar"
        await bot.send_document(
            chat_id,
            file,
            filename=f"workshop-{stored.id}.ics",
            caption=self._texts.say(language, key),
            parse_mode=None,
        )

    async def _ask_name(self, update: Update, notice_id: int) -> None:
        language = await self._people.reads(update)
        rows = [[self._button(language, "button.no_name", "no_name", notice_id)]]
        text = self._texts.say(language, "signup.ask_name")
        await send(update, lines(text), InlineKeyboardMarkup(rows))

    async def on_name(self, update: Update, context: Context) -> None:
        """Keeps the name for the list of this workshop alone."""
        user, message = update.effective_user, update.message
        if user is None or message is None:
            return
        draft = self._drafts.get(user.id, NAME)
        name = " ".join((message.text or "").split())
        language = await self._people.reads(update)
        if draft is None or not 0 < len(name) <= LONGEST_NAME:
            number = draft.content["notice"] if draft else 0
            rows = [[self._button(language, "button.no_name", "no_name", number)]]
            text = self._texts.say(language, "signup.bad_name", most=LONGEST_NAME)
            await send(update, lines(text), InlineKeyboardMarkup(rows))
            return
        await self._drafts.drop(user.id, NAME)
        number = draft.content["notice"]
        try:
            await self._db.run(lambda db: store.give_name(db, number, user.id, name))
        except Refused as error:
            await send(update, lines(self._texts.say(language, str(error.why))))
            return
        await send(update, lines(self._texts.say(language, "signup.named", name=name)))
