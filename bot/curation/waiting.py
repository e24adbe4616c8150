"""Whoever agreed to it is told when an entry answers their question: once, and not at night."""

from __future__ import annotations

import datetime
import logging
from collections.abc import Awaitable, Callable, Sequence
from functools import partial

from telegram import Bot, InlineKeyboardMarkup
from telegram.error import BadRequest, Forbidden, RetryAfter, TelegramError

from bot.curation import queue_store as store
from bot.curation.queue_store import Telling
from bot.database import Database
from bot.markup import BLANK, Line, quiet, to_html
from bot.quiet import QuietHours
from bot.texts import Texts
from bot.transport import Arrival, arrival
from knowledge.text import Language

log = logging.getLogger(__name__)

# The answer as the chat gets it: entry id, language, chat id, question id; None when it is gone.
Renders = Callable[
    [str, Language, int, str], Awaitable[tuple[Sequence[Line], InlineKeyboardMarkup | None] | None]
]

FIRST_WAIT = datetime.timedelta(minutes=1)
LONGEST_WAIT = datetime.timedelta(hours=12)
MOST_DOUBLED = 10
NO_SUCH_CHAT = ("chat not found", "peer_id_invalid", "user not found", "user is deactivated")


class Waiting:
    """Tells people of answers, one at each look.

    Args:
        renders: gives an answer as the chat gets it.
        quiet: when nobody is written to.
        now: gives the time, with its zone.
    """

    def __init__(
        self,
        texts: Texts,
        db: Database,
        *,
        renders: Renders,
        quiet: QuietHours,
        now: Callable[[], datetime.datetime],
    ) -> None:
        self._texts = texts
        self._db = db
        self._renders = renders
        self._quiet = quiet
        self._now = now

    async def start(self) -> None:
        """Nobody is told again whose message was being sent when the bot stopped."""
        dropped = await self._db.run(store.drop_interrupted)
        if dropped:
            log.warning("tellings_interrupted count=%s", dropped)

    async def published(self, entry_id: str, sources: Sequence[str]) -> None:
        """These questions are settled by the entry, and those who wait for them are to be told."""
        log.info("entry_published id=%s questions=%s", entry_id, len(sources))
        if sources:
            await self._db.run(
                partial(store.publish, entry_id=entry_id, ids=sources, now=self._now())
            )

    async def look(self, bot: Bot) -> None:
        """The next who is to be told has been, unless it is night."""
        now = self._now()
        if self._quiet.until(now) is not None:
            return
        telling = await self._db.run(partial(store.claim, now=now))
        if telling is not None:
            await self._tell(bot, telling)

    async def _tell(self, bot: Bot, telling: Telling) -> None:
        language = Language(telling.language)
        rendered = await self._renders(
            telling.entry_id, language, telling.chat_id, telling.question_id
        )
        if rendered is None:
            # Retired since; it may come back into use.
            await self._later(telling)
            return
        message, keyboard = rendered
        heading = quiet(self._texts.say(language, "consent.answer"))
        sent = 0
        parts = to_html([heading, BLANK, *message])
        try:
            for part in parts:
                last = sent == len(parts) - 1
                await bot.send_message(
                    telling.chat_id, part, reply_markup=keyboard if last else None
                )
                sent += 1
        except TelegramError as error:
            await self._failed(telling, error, begun=sent > 0)
            return
        await self._db.run(partial(store.told, telling=telling))

    async def _failed(self, telling: Telling, error: TelegramError, *, begun: bool) -> None:
        """Never twice: what may have arrived counts as told."""
        log.warning(
            "telling_failed question=%s reason=%s", telling.question_id, type(error).__name__
        )
        if _no_chat(error):
            await self._db.run(partial(store.forget_chat, chat_id=telling.chat_id))
        elif begun or arrival(error) is Arrival.MAYBE:
            await self._db.run(partial(store.told, telling=telling))
        elif isinstance(error, RetryAfter):
            await self._later(telling, _duration(error.retry_after))
        else:
            await self._later(telling)

    async def _later(self, telling: Telling, wait: datetime.timedelta | None = None) -> None:
        doubled = FIRST_WAIT * 2 ** min(telling.attempts, MOST_DOUBLED)
        at = self._now() + (wait or min(doubled, LONGEST_WAIT))
        await self._db.run(partial(store.later, telling=telling, at=at))


def _no_chat(error: TelegramError) -> bool:
    """Whether the person blocked the bot, or is gone."""
    if isinstance(error, Forbidden):
        return True
    reason = error.message.casefold()
    return isinstance(error, BadRequest) and any(words in reason for words in NO_SUCH_CHAT)


def _duration(wait: float | datetime.timedelta) -> datetime.timedelta:
    return wait if isinstance(wait, datetime.timedelta) else datetime.timedelta(seconds=wait)
