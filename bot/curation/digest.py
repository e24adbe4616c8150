"""What is going out of date: once a week to everybody who may edit, and on /digest."""

from __future__ import annotations

import datetime
import logging
from collections.abc import Awaitable, Callable, Iterable, Sequence
from dataclasses import dataclass
from functools import partial
from typing import Any
from zoneinfo import ZoneInfo

from telegram import Bot, InlineKeyboardButton, InlineKeyboardMarkup, Update
from telegram.error import BadRequest, Forbidden, TelegramError, TimedOut
from telegram.ext import BaseHandler, CallbackContext, CommandHandler

from bot.callbacks import Code, pack
from bot.curation import freshness_store
from bot.curation.dead_numbers import dead_number_line
from bot.curation.freshness_store import DeadNumber, Fallen
from bot.database import Database
from bot.markup import BLANK, Line, quiet, strong, to_html
from bot.people.staff import Right, Staff
from bot.sending import send
from bot.texts import Texts
from knowledge import curate
from knowledge.base import KnowledgeBase
from knowledge.entry import Entry, Status
from knowledge.text import Language

log = logging.getLogger(__name__)

Context = CallbackContext[Any, Any, Any, Any]

MONDAY_HOUR, EVENING_HOUR = 9, 21
SOON_DAYS = 30
# Of each kind, so that it stays one message.
MOST_NAMED = 6
LONGEST_TITLE = 60


@dataclass(frozen=True, slots=True)
class Stale:
    """What staff should look at.

    Attributes:
        overdue, soon: published entries by their date of review, the oldest first.
        out_of_step: published entries of which one language waits for a change in the other.
    """

    overdue: tuple[Entry, ...]
    soon: tuple[Entry, ...]
    out_of_step: tuple[Entry, ...]
    fallen: tuple[Fallen, ...]
    dead_numbers: tuple[DeadNumber, ...]

    def __bool__(self) -> bool:
        entries = self.overdue or self.soon or self.out_of_step or self.fallen
        return bool(entries or self.dead_numbers)


def due(base: KnowledgeBase, today: datetime.date) -> tuple[tuple[Entry, ...], tuple[Entry, ...]]:
    """Published entries that should have been reviewed, and those that are to be within a month."""
    last = today + datetime.timedelta(days=SOON_DAYS)
    published = [entry for entry in base.entries.values() if entry.status is Status.PUBLISHED]
    ordered = sorted(published, key=lambda entry: (entry.review_by, entry.id))
    overdue = tuple(entry for entry in ordered if entry.review_by < today)
    return overdue, tuple(entry for entry in ordered if today <= entry.review_by <= last)


class Digest:
    """Tells what is going out of date.

    Args:
        base: gives the knowledge in force.
        reads: gives the language that the sender of an update reads.
        language_of: gives the language to write to a user in, unasked.
        now: gives the time, with its zone.
        timezone: zone in which it is Monday morning.
    """

    def __init__(
        self,
        texts: Texts,
        db: Database,
        staff: Staff,
        *,
        base: Callable[[], KnowledgeBase],
        reads: Callable[[Update], Awaitable[Language]],
        language_of: Callable[[int], Awaitable[Language]],
        now: Callable[[], datetime.datetime],
        timezone: ZoneInfo,
    ) -> None:
        self._texts = texts
        self._db = db
        self._staff = staff
        self._base = base
        self._reads = reads
        self._language_of = language_of
        self._now = now
        self._timezone = timezone

    def handlers(self) -> Iterable[BaseHandler[Any, Any, Any]]:
        """The handler of the command."""
        yield CommandHandler("digest", self.digest)

    async def digest(self, update: Update, context: Context) -> None:
        """Shows at once what the next digest would tell."""
        if await self._staff.may(update, Right.SEE):
            stale = await self._stale()
            await send(update, *self._message(stale, await self._reads(update)))

    async def look(self, bot: Bot) -> None:
        """From Monday morning on, everybody who may edit gets the digest of the week once.

        To be called again and again: what was missed while the bot was down is sent on a later day,
        though not at night.
        """
        local = self._now().astimezone(self._timezone)
        if not MONDAY_HOUR <= local.hour < EVENING_HOUR:
            return
        week = local.date() - datetime.timedelta(days=local.weekday())
        if not await self._db.run(partial(freshness_store.week_begun, week=week)):
            recipients = await self._staff.with_right(Right.EDIT)
            await self._db.run(
                lambda db: freshness_store.begin_week(db, week, recipients, self._now())
            )
        while await self._send_next(bot, week):
            pass

    async def _send_next(self, bot: Bot, week: datetime.date) -> bool:
        """Whether somebody was to get it, and a further one may be."""
        user_id = await self._db.run(
            lambda db: freshness_store.take_recipient(db, week, self._now())
        )
        if user_id is None:
            return False
        stale = await self._stale()
        # Who was withdrawn since the week began gets nothing; nor does anybody when all is well.
        if not stale or Right.EDIT not in await self._staff.rights(user_id):
            return True
        message, keyboard = self._message(stale, await self._language_of(user_id))
        (text,) = to_html(message)
        try:
            await bot.send_message(user_id, text, reply_markup=keyboard)
        except (Forbidden, BadRequest, TimedOut) as error:
            # They blocked the bot or never wrote to it; or it may have arrived, and is not repeated.
            log.warning("digest_not_sent reason=%s", error.message)
        except TelegramError as error:
            log.warning("digest_later reason=%s", error.message)
            await self._db.run(lambda db: freshness_store.give_back(db, week, user_id))
            return False
        return True

    async def _stale(self) -> Stale:
        today = self._now().astimezone(self._timezone).date()
        base = self._base()
        overdue, soon = due(base, today)
        waiting = curate.out_of_step(base)
        fallen = await self._db.run(partial(freshness_store.fallen, today=today))
        dead = await self._db.run(freshness_store.dead_numbers)
        return Stale(overdue, soon, tuple(waiting), tuple(fallen), tuple(dead))

    def _message(
        self, stale: Stale, language: Language
    ) -> tuple[list[Line], InlineKeyboardMarkup | None]:
        say = partial(self._texts.say, language)
        message = [strong(say("digest.title"))]
        if not stale:
            return [*message, Line(say("digest.nothing"))], None
        rows: list[list[InlineKeyboardButton]] = []
        overdue = [(e.id, say("digest.by", date=e.review_by)) for e in stale.overdue]
        soon = [(e.id, say("digest.by", date=e.review_by)) for e in stale.soon]
        waits = {"zh": say("digest.zh_waits"), "en": say("digest.en_waits")}
        waiting = [(e.id, waits[e.outdated]) for e in stale.out_of_step if e.outdated]
        fallen = [(each.entry_id, self._fall(each, language)) for each in stale.fallen]
        for key, found in (
            ("digest.overdue", overdue),
            ("digest.soon", soon),
            ("digest.out_of_step", waiting),
            ("digest.fallen", fallen),
        ):
            message += self._section(say(key, count=len(found)), found, rows, language)
        if stale.dead_numbers:
            message += [BLANK, strong(say("digest.dead_numbers", count=len(stale.dead_numbers)))]
            for dead in stale.dead_numbers[:MOST_NAMED]:
                message.append(
                    Line(f"· {dead_number_line(self._texts, self._base(), dead, language)}")
                )
            message.append(quiet(say("digest.see_numbers")))
        return message, InlineKeyboardMarkup(rows) if rows else None

    def _section(
        self,
        heading: str,
        found: Sequence[tuple[str, str]],
        rows: list[list[InlineKeyboardButton]],
        language: Language,
    ) -> Iterable[Line]:
        """The entries by number, each with why it is named; their buttons are added to ``rows``."""
        if not found:
            return
        yield BLANK
        yield strong(heading)
        for entry_id, why in found[:MOST_NAMED]:
            entry = self._base().entries.get(entry_id)
            title = self._texts.own(language, entry.title.of(language)) if entry else entry_id
            title = title if len(title) <= LONGEST_TITLE else title[: LONGEST_TITLE - 1] + "…"
            number = len(rows) + 1
            yield Line(
                self._texts.say(language, "digest.entry", number=number, title=title, why=why)
            )
            data = pack(Code.CARD, entry_id)
            rows.append([InlineKeyboardButton(f"{number}. {title}", callback_data=data)])
        if len(found) > MOST_NAMED:
            more = len(found) - MOST_NAMED
            yield Line(self._texts.say(language, "digest.more", count=more))

    def _fall(self, fallen: Fallen, language: Language) -> str:
        before, now = (
            round(100 * votes.helpful / votes.total) for votes in (fallen.before, fallen.now)
        )
        return self._texts.say(language, "digest.fell", before=before, now=now)
