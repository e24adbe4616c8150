"""A notice as its organiser sees it: who comes, the list, the door, posters, copies."""

from __future__ import annotations

import datetime
from collections.abc import Awaitable, Callable, Iterable
from functools import partial
from io import BytesIO
from typing import Any

import segno
from telegram import Bot, InlineKeyboardButton, InlineKeyboardMarkup, Update
from telegram.ext import BaseHandler, CallbackQueryHandler, MessageHandler
from telegram.helpers import create_deep_linked_url

from bot.callbacks import Code, pack, pattern, unpack
from bot.database import Database
from bot.drafts import Draft, Drafts, WaitingFor
from bot.markup import BLANK, Line, lines, strong
from bot.notices import outbox
from bot.notices.composing.handlers import Composing
from bot.notices.composing.preview import Preview
from bot.notices.composing.store import Stored, read
from bot.notices.door.handlers import DOOR_PREFIX
from bot.notices.door.store import door_code
from bot.notices.following import store
from bot.notices.moments import say_moment
from bot.notices.posters.store import link_for, poster_links
from bot.notices.rendering import facts
from bot.notices.signing.store import Coming, SignUp, everybody
from bot.notices.signing.workbook import workbook
from bot.notices.states import NoticeState
from bot.notices.store import NoNotice
from bot.people.handlers import Context, People
from bot.people.staff import Right, Staff
from bot.sending import acknowledge, rewrite, send
from bot.texts import Texts
from knowledge.text import Language

POSTER = "notice-poster"
NOTICE_PREFIX = "notice"  # of the payload of a deep link: notice_ID_POSTER
REPEATS = (7, 14, 28)
LISTED = 60
LONGEST_PLACE = 40
QR_SCALE = 10

Act = Callable[[Update, Bot, Stored, Language, str], Awaitable[None]]


def qr_code(link: str) -> bytes:
    """The link as a QR code, in a PNG."""
    out = BytesIO()
    segno.make(link, error="m", micro=False).save(out, kind="png", scale=QR_SCALE, border=4)
    return out.getvalue()


class Card:
    """Handlers for what an organiser sees of a notice.

    Args:
        zone: of the times shown.
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
        zone: datetime.tzinfo,
        now: Callable[[], datetime.datetime],
    ) -> None:
        self._texts = texts
        self._db = db
        self._people = people
        self._staff = staff
        self._drafts = drafts
        self._composing = composing
        self._preview = preview
        self._zone = zone
        self._now = now
        self._acts: dict[str, Act] = {
            "card": self._card,
            "preview": self._show_preview,
            "list": self._list,
            "xlsx": self._workbook,
            "door": self._door,
            "poster": self._ask_place,
            "no_place": self._no_place,
            "correct": self._correct,
            "repeats": self._offer_repeats,
            "repeat": self._repeat,
        }

    def handlers(self) -> Iterable[BaseHandler[Any, Any, Any]]:
        """The handlers; that for messages takes the place of a poster."""
        yield CallbackQueryHandler(self.on_tap, pattern(Code.WORKSHOP))
        yield MessageHandler(WaitingFor(self._drafts, POSTER), self.on_place)

    async def on_tap(self, update: Update, context: Context) -> None:
        """Does what the tapped button says."""
        query = update.callback_query
        if query is None or not await self._staff.may(update, Right.COMPOSE):
            return
        act, number, value = unpack(query.data or "", 3)
        language = await self._people.reads(update)
        try:
            stored = await self._db.run(partial(read, notice_id=int(number)))
        except (NoNotice, ValueError):
            await acknowledge(query, self._texts.say(language, "button.gone"))
            return
        await acknowledge(query)
        if act in self._acts:
            await self._acts[act](update, context.bot, stored, language, value)

    async def _card(
        self, update: Update, bot: Bot, stored: Stored, language: Language, value: str
    ) -> None:
        say, notice = partial(self._texts.say, language), stored.notice
        title = self._texts.own(language, notice.title.of(language))
        state = say(f"announce.state.{stored.state}")
        message = [strong(say("announce.progress", title=title, id=stored.id, state=state))]
        message += facts(self._texts, language, notice)
        counts = await self._db.run(partial(outbox.counts, notice_id=stored.id))
        for each, count in counts.items():
            if count:
                message.append(Line(say(f"announce.count.{each}", count=count)))
        if notice.is_workshop and stored.went_out:
            people = await self._db.run(partial(everybody, notice_id=stored.id))
            message += [BLANK, *self._attendance(people, language)]
        message += await self._besides(stored, language)
        rows = self._buttons(stored, language)
        await send(update, message, InlineKeyboardMarkup(rows))

    def _attendance(self, people: list[SignUp], language: Language) -> list[Line]:
        say = partial(self._texts.say, language)
        coming = [each for each in people if each.state is Coming.COMING]
        ratings = [each.rating for each in coming if each.rating]
        found = [
            Line(
                say(
                    "workshop.who_comes",
                    coming=len(coming),
                    seats=sum(1 + each.guests for each in coming),
                    waiting=len(people) - len(coming),
                    here=sum(each.here_at is not None for each in coming),
                )
            )
        ]
        if ratings:
            average = f"{sum(ratings) / len(ratings):.1f}"
            found.append(Line(say("workshop.rated", average=average, count=len(ratings))))
        return found

    async def _besides(self, stored: Stored, language: Language) -> list[Line]:
        say = partial(self._texts.say, language)
        links = await self._db.run(partial(poster_links, notice_id=stored.id))
        found = [
            Line(say("announce.poster_count", place=link.place, count=link.opened))
            for link in links
        ]
        repeat = await self._db.run(partial(store.repeats, notice_id=stored.id))
        if repeat is not None:
            moment = say_moment(self._texts, language, repeat.next_at.astimezone(self._zone))
            found.append(Line(say("announce.next_copy", days=repeat.days, moment=moment)))
        return found

    def _buttons(self, stored: Stored, language: Language) -> list[list[InlineKeyboardButton]]:
        def button(key: str, code: Code, what: str) -> InlineKeyboardButton:
            text = self._texts.say(language, key)
            return InlineKeyboardButton(text, callback_data=pack(code, what, stored.id))

        work = partial(button, code=Code.WORKSHOP)
        if not stored.went_out:
            rows = [[work("announce.to_preview", what="preview")]]
            if stored.state in (NoticeState.SCHEDULED, NoticeState.MISSED, NoticeState.APPROVAL):
                rows.append([button("button.notice_cancel", Code.NOTICE_FOLLOW, "cancel")])
            return rows
        rows = []
        if stored.notice.is_workshop:
            rows.append([work("button.list", what="list"), work("announce.workbook", what="xlsx")])
            rows.append([work("button.door", what="door")])
        rows.append([work("button.poster", what="poster"), work("button.repeat", what="repeats")])
        if not stored.notice.withdrawn:
            rows.append(
                [
                    work("button.correct", what="correct"),
                    button("button.notice_withdraw", Code.NOTICE_FOLLOW, "withdraw"),
                ]
            )
        return rows

    async def _show_preview(
        self, update: Update, bot: Bot, stored: Stored, language: Language, value: str
    ) -> None:
        user = update.effective_user
        if user is not None:
            await self._preview.show(bot, user.id, language, stored.id)

    async def _list(
        self, update: Update, bot: Bot, stored: Stored, language: Language, value: str
    ) -> None:
        people = await self._db.run(partial(everybody, notice_id=stored.id))
        say = partial(self._texts.say, language)
        message = [strong(say("workshop.list", count=len(people)))]
        for number, person in enumerate(people[:LISTED], 1):
            name = person.name or say("workshop.no_name")
            guest = " +1" if person.guests else ""
            state = "" if person.state is Coming.COMING else f" · {say('workshop.waiting')}"
            here = " ✓" if person.here_at else ""
            message.append(Line(f"{number}. {name}{guest}{state}{here}"))
        if len(people) > LISTED:
            message.append(Line(say("workshop.more", count=len(people) - LISTED)))
        await send(update, message)

    async def _workbook(
        self, update: Update, bot: Bot, stored: Stored, language: Language, value: str
    ) -> None:
        user = update.effective_user
        if user is None:
            return
        people = await self._db.run(partial(everybody, notice_id=stored.id))
        file = workbook(self._texts, language, people, self._zone)
        caption = self._texts.say(language, "workshop.workbook")
        name = f"workshop-{stored.id}.xlsx"
        await bot.send_document(user.id, file, filename=name, caption=caption, parse_mode=None)

    async def _door(
        self, update: Update, bot: Bot, stored: Stored, language: Language, value: str
    ) -> None:
        code = await self._db.run(partial(door_code, notice_id=stored.id))
        link = create_deep_linked_url(bot.username, f"{DOOR_PREFIX}_{stored.id}_{code}")
        caption = self._texts.say(language, "workshop.door", code=code)
        await self._send_qr(update, bot, link, caption)

    async def _send_qr(self, update: Update, bot: Bot, link: str, caption: str) -> None:
        user = update.effective_user
        if user is not None:
            await bot.send_photo(user.id, qr_code(link), caption=caption, parse_mode=None)

    async def _ask_place(
        self, update: Update, bot: Bot, stored: Stored, language: Language, value: str
    ) -> None:
        user = update.effective_user
        if user is not None:
            await self._drafts.keep(Draft(user.id, POSTER, "place", {"notice": stored.id}))
            button = InlineKeyboardButton(
                self._texts.say(language, "announce.cancel"),
                callback_data=pack(Code.WORKSHOP, "no_place", stored.id),
            )
            text = self._texts.say(language, "announce.which_place")
            await send(update, lines(text), InlineKeyboardMarkup([[button]]))

    async def _no_place(
        self, update: Update, bot: Bot, stored: Stored, language: Language, value: str
    ) -> None:
        user, query = update.effective_user, update.callback_query
        if user is not None and query is not None:
            await self._drafts.drop(user.id, POSTER)
            await rewrite(query, lines(self._texts.say(language, "announce.no_place")))

    async def on_place(self, update: Update, context: Context) -> None:
        """Gives link and QR code for a poster at the place that was written."""
        user, message = update.effective_user, update.message
        if user is None or message is None or not await self._staff.may(update, Right.COMPOSE):
            return
        draft = self._drafts.get(user.id, POSTER)
        place = " ".join((message.text or "").split())
        language = await self._people.reads(update)
        if draft is None or not 0 < len(place) <= LONGEST_PLACE:
            text = self._texts.say(
                language, "expected.at_most", most=LONGEST_PLACE, found=len(place)
            )
            await send(update, [Line(f"⚠ {text}")])
            return
        await self._drafts.drop(user.id, POSTER)
        number = draft.content["notice"]
        link = await self._db.run(partial(link_for, notice_id=number, place=place))
        payload = f"{NOTICE_PREFIX}_{number}_{link.number}"
        url = create_deep_linked_url(context.bot.username, payload)
        caption = self._texts.say(language, "announce.poster", place=place, link=url)
        await self._send_qr(update, context.bot, url, caption)

    async def _correct(
        self, update: Update, bot: Bot, stored: Stored, language: Language, value: str
    ) -> None:
        await self._composing.begin(update, stored.notice, number=stored.id, corrects=True)

    async def _offer_repeats(
        self, update: Update, bot: Bot, stored: Stored, language: Language, value: str
    ) -> None:
        rows = [
            [
                InlineKeyboardButton(
                    self._texts.say(language, "button.every", days=days)
                    if days
                    else self._texts.say(language, "button.never"),
                    callback_data=pack(Code.WORKSHOP, "repeat", stored.id, days),
                )
            ]
            for days in (*REPEATS, 0)
        ]
        text = self._texts.say(language, "announce.repeat")
        await send(update, lines(text), InlineKeyboardMarkup(rows))

    async def _repeat(
        self, update: Update, bot: Bot, stored: Stored, language: Language, value: str
    ) -> None:
        user = update.effective_user
        if user is None or not await self._staff.may(update, Right.SEND):
            return
        days = int(value) if value.isdecimal() and int(value) in REPEATS else 0
        now = self._now()
        first = (stored.send_at or now) + datetime.timedelta(days=days)
        while days and first <= now:
            first += datetime.timedelta(days=days)
        await self._db.run(
            lambda db: store.repeat(db, stored.id, days=days, first=first, actor=user.id, now=now)
        )
        if not days:
            await send(update, lines(self._texts.say(language, "announce.repeat_ended")))
            return
        moment = say_moment(self._texts, language, first.astimezone(self._zone))
        text = self._texts.say(language, "announce.repeats", days=days, moment=moment)
        await send(update, lines(text))
