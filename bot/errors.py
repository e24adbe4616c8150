"""The last resort: a handler failed; the person is told, and the bot goes on."""

from __future__ import annotations

import logging
import sqlite3
from collections import deque
from collections.abc import Callable, Coroutine
from typing import Any

from telegram import Update
from telegram.error import BadRequest, Forbidden, NetworkError, RetryAfter, TelegramError, TimedOut

from bot.people.handlers import Context, telegram_language
from bot.texts import Texts

log = logging.getLogger(__name__)

TOLD_KEPT = 100


def failure_key(error: BaseException) -> str:
    """The key of the sentence that tells a person about this failure."""
    if isinstance(error, sqlite3.OperationalError):
        return "failure.busy"
    return "failure.unexpected"


async def _tell(update: Update, text: str) -> None:
    if update.callback_query is not None:
        try:
            await update.callback_query.answer(text[:200], show_alert=True)
        except BadRequest:
            # It was acknowledged before the failure, or long ago: the chat is left.
            log.info("failure_told_in_chat update_id=%s", update.update_id)
        else:
            return
    if update.effective_chat is not None:
        await update.effective_chat.send_message(text, parse_mode=None)


def error_handler(texts: Texts) -> Callable[[object, Context], Coroutine[Any, Any, None]]:
    """A handler that logs the failure with the update's id, and tells the person in their language.

    They are told once, however many handlers the same update made fail.
    """
    told: deque[int] = deque(maxlen=TOLD_KEPT)

    async def on_error(update: object, context: Context) -> None:
        error = context.error
        number = update.update_id if isinstance(update, Update) else None
        # Whoever blocked the bot cannot be told; a network that is down carries no message either.
        if isinstance(error, Forbidden | RetryAfter | TimedOut) or type(error) is NetworkError:
            # The error's own words may hold all that was to be sent.
            log.warning("telegram_unreachable update_id=%s reason=%s", number, type(error).__name__)
            return
        log.error("update_failed update_id=%s", number, exc_info=error)
        if not isinstance(update, Update) or error is None or update.update_id in told:
            return
        told.append(update.update_id)
        user = update.effective_user
        language = telegram_language(user.language_code if user else None)
        try:
            await _tell(update, texts.say(language, failure_key(error)))
        except TelegramError:
            log.exception("failure_not_told update_id=%s", number)

    return on_error
