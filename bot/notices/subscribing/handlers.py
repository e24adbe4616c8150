"""What a worker wants of notices: asked once, changed with /notices, ended with a word."""

from __future__ import annotations

import datetime
from collections.abc import Awaitable, Callable, Iterable, Mapping
from dataclasses import replace
from functools import partial
from typing import Any

from telegram import InlineKeyboardButton, InlineKeyboardMarkup, Update
from telegram.ext import (
    BaseHandler,
    CallbackQueryHandler,
    CommandHandler,
    MessageHandler,
    TypeHandler,
    filters,
)

from bot.callbacks import Code, pack, pattern, unpack
from bot.database import Connection, Database
from bot.markup import BLANK, Line, lines, strong
from bot.notices.composing.store import past
from bot.notices.moments import say_day
from bot.notices.subscribing import store
from bot.notices.subscribing.keyboards import (
    Keyboard,
    invitation_row,
    panel_rows,
    region_rows,
    topic_rows,
)
from bot.notices.subscribing.store import Subscriber, Wish
from bot.notices.subscribing.words import OptOut
from bot.people.handlers import Context, Invitation, People
from bot.people.staff import Staff
from bot.sending import acknowledge, is_private, rewrite, send
from bot.texts import Texts
from knowledge.contacts import Region
from knowledge.entry import SCHEMES
from knowledge.text import Language

PAUSE_DAYS = 30
PAST_SHOWN = 10


class Subscribing:
    """Handlers for what a worker wants of notices.

    Args:
        regions: the regions that can be chosen, by code.
        now: gives the time, with its zone.
    """

    def __init__(
        self,
        texts: Texts,
        db: Database,
        people: People,
        staff: Staff,
        *,
        regions: Mapping[str, Region],
        zone: datetime.tzinfo,
        now: Callable[[], datetime.datetime],
    ) -> None:
        self._texts = texts
        self._db = db
        self._people = people
        self._staff = staff
        self._regions = regions
        self._zone = zone
        self._now = now
        self._acts: dict[str, Callable[[Update, Subscriber, str], Awaitable[None]]] = {
            "yes": self._yes,
            "no": self._no,
            "from": self._offer_regions,
            "region": self._region,
            "about": self._offer_topics,
            "topic": self._topic,
            "pause": self._pause,
            "resume": self._resume,
            "off": self._off,
            "on": self._on,
            "past": self._past,
            "menu": self._menu,
        }

    def handlers(self) -> Iterable[BaseHandler[Any, Any, Any]]:
        """The handlers; the words that end notices come before anything that takes words."""
        yield MessageHandler(filters.UpdateType.MESSAGE & OptOut(), self.opt_out)
        yield CommandHandler("stop", self.opt_out)
        yield CommandHandler("notices", self.notices)
        yield CallbackQueryHandler(self.on_tap, pattern(Code.NOTICES))

    def after(self) -> Iterable[BaseHandler[Any, Any, Any]]:
        """What is done after an update was answered."""
        yield TypeHandler(Update, self.seen)

    async def seen(self, update: Update, context: Context) -> None:
        """A worker who was never asked is, after the first answer."""
        chat, message = update.effective_chat, update.message
        if chat is None or message is None or not message.text or not is_private(update):
            return
        if message.text.startswith("/") and not message.text.startswith("/start"):
            return
        language = await self._people.reads(update)
        if await self._db.run(partial(self._never_asked, chat_id=chat.id, language=language)):
            invitation = self.invitation(language)
            await send(update, invitation.message, InlineKeyboardMarkup(invitation.rows))

    def _never_asked(self, db: Connection, chat_id: int, language: Language) -> bool:
        return store.subscriber(db, chat_id) is None and self.to_ask(db, chat_id, language)

    def invitation(self, language: Language) -> Invitation:
        """The question whether they want notices."""
        text = self._texts.say(language, "notices.ask")
        return Invitation(lines(text), [invitation_row(self._texts, language)])

    def to_ask(self, db: Connection, chat_id: int, language: Language) -> bool:
        """Whether the question is to be put to them, who count as asked by that; not to staff."""
        if self._staff.roles_in(db, chat_id):
            return False
        store.asked(db, chat_id, language)
        person = store.subscriber(db, chat_id)
        return person is not None and person.wish is Wish.ASKED

    async def kept(self, update: Update) -> list[Line]:
        """What is kept about the sender, for /forget."""
        user = update.effective_user
        if user is None:
            return []
        person = await self._db.run(partial(store.subscriber, chat_id=user.id))
        count = await self._db.run(partial(store.signed_up_for, chat_id=user.id))
        language = await self._people.reads(update)
        found = []
        if person is not None and person.wish is not Wish.ASKED:
            found.append(Line(self._state(person, language)))
        if count:
            found.append(Line(self._texts.say(language, "notices.signed_up", count=count)))
        return found

    async def opt_out(self, update: Update, context: Context) -> None:
        """Ends notices at once, says so, and tells the way back."""
        user = update.effective_user
        if user is None or not is_private(update):
            return
        await self._end(user.id, await self._people.reads(update))
        message, rows = await self._ended(update)
        await send(update, message, InlineKeyboardMarkup(rows))

    async def _end(self, chat_id: int, language: Language) -> None:
        before = await self._db.run(partial(store.subscriber, chat_id=chat_id))
        person = before or Subscriber(chat_id, Wish.OFF, language)
        await self._keep(replace(person, wish=Wish.OFF, paused_until=None))

    async def _ended(self, update: Update) -> tuple[list[Line], Keyboard]:
        language = await self._people.reads(update)
        text = self._texts.say(language, "notices.ended")
        back = self._button(language, "button.notices_back", "on")
        user = update.effective_user
        message = lines(text)
        if user is None:
            return message, [[back]]
        if await self._db.run(partial(store.signed_up_for, chat_id=user.id)) > 0:
            message.append(Line(self._texts.say(language, "notices.still_reminded")))
        return message, [[back]]

    def _button(self, language: Language, key: str, *values: object) -> InlineKeyboardButton:
        data = pack(Code.NOTICES, *values)
        return InlineKeyboardButton(self._texts.say(language, key), callback_data=data)

    async def _keep(self, person: Subscriber) -> None:
        await self._db.run(partial(store.keep, person=person))

    async def notices(self, update: Update, context: Context) -> None:
        """Shows what the sender wants of notices, and offers to change it."""
        language = await self._people.reads(update)
        user = update.effective_user
        if user is None or not is_private(update):
            await send(update, lines(self._texts.say(language, "notices.private_only")))
            return
        message, rows = self._panel(await self._person(update, user.id), language)
        await send(update, message, InlineKeyboardMarkup(rows))

    async def _person(self, update: Update, chat_id: int) -> Subscriber:
        """What they want so far; at first nothing, from their own region."""
        known = await self._db.run(partial(store.subscriber, chat_id=chat_id))
        chosen = await self._people.preferences(update)
        if known is None:
            language = await self._people.reads(update)
            return Subscriber(chat_id, Wish.OFF, language, chosen.region or "")
        if known.wish is Wish.ASKED:
            return replace(known, region=chosen.region or "")
        return known

    def _panel(self, person: Subscriber, language: Language) -> tuple[list[Line], Keyboard]:
        say = partial(self._texts.say, language)
        message = [strong(say("notices.title")), Line(self._state(person, language))]
        if person.wish is Wish.ON:
            topics = "、" if language is not Language.EN else ", "
            names = topics.join(say(f"scheme.{topic}") for topic in person.topics)
            message += [
                Line(say("notices.from", region=self._region_name(person.region, language))),
                Line(say("notices.about", topics=names or say("notices.all_topics"))),
            ]
        message += [BLANK, *lines(say("notices.hint"))]
        paused = person.paused(self._now())
        return message, panel_rows(self._texts, language, person.wish is Wish.ON, paused)

    def _state(self, person: Subscriber, language: Language) -> str:
        until = person.paused_until
        if person.wish is Wish.ON and until is not None and person.paused(self._now()):
            day = say_day(self._texts, language, until.astimezone(self._zone).date())
            return self._texts.say(language, "notices.paused", day=day)
        key = "notices.on" if person.wish is Wish.ON else "notices.off"
        return self._texts.say(language, key)

    def _region_name(self, code: str, language: Language) -> str:
        region = self._regions.get(code)
        if region is None:
            return self._texts.say(language, "notices.everywhere")
        return self._texts.own(language, region.name.of(language))

    async def on_tap(self, update: Update, context: Context) -> None:
        """Does what the tapped button says."""
        query, user = update.callback_query, update.effective_user
        if query is None or user is None:
            return
        act, value = unpack(query.data or "", 2)
        if act not in self._acts or not is_private(update):
            language = await self._people.reads(update)
            await acknowledge(query, self._texts.say(language, "button.gone"))
            return
        await acknowledge(query)
        await self._acts[act](update, await self._person(update, user.id), value)

    async def _show(self, update: Update, message: list[Line], rows: Keyboard) -> None:
        if update.callback_query is not None:
            await rewrite(update.callback_query, message, InlineKeyboardMarkup(rows))

    async def _menu(self, update: Update, person: Subscriber, value: str) -> None:
        language = await self._people.reads(update)
        await self._show(update, *self._panel(person, language))

    async def _yes(self, update: Update, person: Subscriber, value: str) -> None:
        """They want notices; below the greeting, where from is asked in a message of its own."""
        language = await self._people.reads(update)
        wanted = replace(person, wish=Wish.ON, language=language, paused_until=None)
        await self._keep(wanted)
        message, rows = self._regions_offered(wanted, language)
        await send(update, message, InlineKeyboardMarkup(rows))

    async def _no(self, update: Update, person: Subscriber, value: str) -> None:
        language = await self._people.reads(update)
        await self._keep(replace(person, wish=Wish.OFF, language=language))
        await send(update, lines(self._texts.say(language, "notices.declined")))

    def _regions_offered(
        self, person: Subscriber, language: Language
    ) -> tuple[list[Line], Keyboard]:
        names = {code: self._region_name(code, language) for code in ("", *self._regions)}
        text = self._texts.say(language, "notices.where_from", region=names[person.region])
        return lines(text), region_rows(self._texts, language, names, person.region)

    async def _offer_regions(self, update: Update, person: Subscriber, value: str) -> None:
        await self._show(update, *self._regions_offered(person, await self._people.reads(update)))

    async def _region(self, update: Update, person: Subscriber, code: str) -> None:
        if code and code not in self._regions:
            code = person.region
        wanted = replace(person, region=code)
        await self._keep(wanted)
        await self._offer_topics(update, wanted, "")

    async def _offer_topics(self, update: Update, person: Subscriber, value: str) -> None:
        language = await self._people.reads(update)
        text = self._texts.say(language, "notices.what_about")
        await self._show(update, lines(text), topic_rows(self._texts, language, person.topics))

    async def _topic(self, update: Update, person: Subscriber, topic: str) -> None:
        chosen = set(person.topics) ^ ({topic} & set(SCHEMES))
        topics = tuple(x for x in SCHEMES if x in chosen)
        wanted = replace(person, topics=topics if topic else ())
        await self._keep(wanted)
        await self._offer_topics(update, wanted, "")

    async def _pause(self, update: Update, person: Subscriber, value: str) -> None:
        until = self._now() + datetime.timedelta(days=PAUSE_DAYS)
        wanted = replace(person, paused_until=until)
        await self._keep(wanted)
        await self._menu(update, wanted, "")

    async def _resume(self, update: Update, person: Subscriber, value: str) -> None:
        wanted = replace(person, paused_until=None)
        await self._keep(wanted)
        await self._menu(update, wanted, "")

    async def _off(self, update: Update, person: Subscriber, value: str) -> None:
        await self._end(person.chat_id, person.language)
        await self._show(update, *await self._ended(update))

    async def _on(self, update: Update, person: Subscriber, value: str) -> None:
        language = await self._people.reads(update)
        wanted = replace(person, wish=Wish.ON, language=language, paused_until=None)
        await self._keep(wanted)
        await self._menu(update, wanted, "")

    async def _past(self, update: Update, person: Subscriber, value: str) -> None:
        language = await self._people.reads(update)
        found = await self._db.run(partial(past, chat_id=person.chat_id, limit=PAST_SHOWN))
        rows: Keyboard = [
            [
                InlineKeyboardButton(
                    self._texts.own(language, each.notice.title.of(language)),
                    callback_data=pack(Code.NOTICE_READ, each.id),
                )
            ]
            for each in found
        ]
        key = "notices.past" if found else "notices.no_past"
        rows.append([self._button(language, "announce.back", "menu")])
        await self._show(update, lines(self._texts.say(language, key)), rows)
