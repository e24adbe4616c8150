"""What is about to be sent, to how many, how long that takes, and when it rests."""

from __future__ import annotations

import datetime
from collections import Counter
from collections.abc import Callable, Mapping
from functools import partial

from telegram import Bot, InlineKeyboardButton, InlineKeyboardMarkup

from bot.callbacks import Code, pack
from bot.database import Database
from bot.markup import BLANK, Line, quiet, strong, to_html
from bot.notices.audience.store import audience_counts
from bot.notices.calls import send_payload
from bot.notices.composing import store
from bot.notices.delivery import Manners
from bot.notices.moments import say_duration, say_moment
from bot.notices.notice import Notice
from bot.notices.rendering import payloads
from bot.texts import Texts
from knowledge.contacts import Region
from knowledge.text import Language

REGIONS_SHOWN = 8


class Preview:
    """Shows a notice to its organiser as it will be sent.

    Args:
        counting: a connection that may be busy for a while.
        manners: pace and quiet hours, by which the duration is told.
        now: gives the time, with its zone.
    """

    def __init__(
        self,
        texts: Texts,
        db: Database,
        counting: Database,
        *,
        regions: Mapping[str, Region],
        manners: Manners,
        zone: datetime.tzinfo,
        now: Callable[[], datetime.datetime],
    ) -> None:
        self._texts = texts
        self._db = db
        self._counting = counting
        self._regions = regions
        self._manners = manners
        self._zone = zone
        self._now = now

    async def send_each(self, bot: Bot, chat_id: int, notice: Notice, notice_id: int) -> None:
        """The very messages are in the chat, one for each language in which somebody may get them."""
        for payload in payloads(self._texts, notice, notice_id).values():
            await send_payload(bot, chat_id, payload)

    async def show(self, bot: Bot, chat_id: int, language: Language, notice_id: int) -> None:
        """The messages, and below them who gets them and what can be done.

        Raises:
            NoNotice: there is none.
        """
        stored = await self._db.run(partial(store.read, notice_id=notice_id))
        await self.send_each(bot, chat_id, stored.notice, notice_id)
        message = [
            strong(self._texts.say(language, "announce.preview", id=notice_id)),
            BLANK,
            *await self.audience(stored.notice, language),
        ]
        await bot.send_message(
            chat_id,
            to_html(message)[0],
            reply_markup=InlineKeyboardMarkup(self.buttons(language, notice_id)),
        )

    def buttons(self, language: Language, notice_id: int) -> list[list[InlineKeyboardButton]]:
        """What can be done with a draft."""
        rows = (
            ("send", "at"),
            ("test", "edit"),
            ("urgent", "discard"),
        )
        keys = {
            "send": "button.notice_send",
            "at": "button.notice_at",
            "test": "button.notice_test",
            "edit": "button.notice_edit",
            "urgent": "button.notice_urgent",
            "discard": "button.notice_discard",
        }
        return [
            [
                InlineKeyboardButton(
                    self._texts.say(language, keys[act]),
                    callback_data=pack(Code.NOTICE_SEND, act, notice_id),
                )
                for act in row
            ]
            for row in rows
        ]

    async def audience(self, notice: Notice, language: Language) -> list[Line]:
        """To how many it goes, by region and language; how long that takes, and when it rests."""
        now = self._now()
        found = await self._counting.run(lambda db: audience_counts(db, notice, now))
        total = sum(found.values())
        say = partial(self._texts.say, language)
        message = [strong(say("announce.audience", count=total))]
        if not total:
            return [*message, Line(say("announce.nobody"))]
        languages: Counter[str] = Counter()
        regions: Counter[str] = Counter()
        for (region, spoken), count in found.items():
            languages[spoken] += count
            regions[region] += count
        message.append(Line(say("announce.by_language", list=self._listed(languages, language))))
        shown = dict(regions.most_common(REGIONS_SHOWN))
        message.append(Line(say("announce.by_region", list=self._listed(shown, language))))
        return [*message, BLANK, *self._pace(total, language, now)]

    def _listed(self, counts: Mapping[str, int], language: Language) -> str:
        return ", ".join(f"{self._name(key, language)} {n}" for key, n in counts.items())

    def _name(self, key: str, language: Language) -> str:
        if key in set(Language):
            return self._texts.say(language, f"announce.language.{key}")
        region = self._regions.get(key)
        if region is None:
            return self._texts.say(language, "notices.everywhere")
        return self._texts.own(language, region.name.of(language))

    def _pace(self, total: int, language: Language, now: datetime.datetime) -> list[Line]:
        manners, say = self._manners, partial(self._texts.say, language)
        seconds = total / manners.rate
        duration = say_duration(self._texts, language, seconds)
        lines = [Line(say("announce.duration", duration=duration, rate=manners.rate))]
        if manners.paid:
            lines.append(Line(say("announce.paid")))
        quiet_hours = manners.quiet
        if quiet_hours.begins == quiet_hours.ends:
            return lines
        begins, ends = f"{quiet_hours.begins:%H:%M}", f"{quiet_hours.ends:%H:%M}"
        lines.append(quiet(say("announce.quiet_hours", begins=begins, ends=ends)))
        until = quiet_hours.until(now)
        if until is not None:
            moment = say_moment(self._texts, language, until.astimezone(self._zone))
            lines.append(Line(say("announce.quiet_now", moment=moment)))
        finish = quiet_hours.finish(now, seconds).astimezone(self._zone)
        done = say_moment(self._texts, language, finish)
        lines.append(Line(say("announce.finish", moment=done)))
        return lines
