"""Replies into Telegram: HTML parts of the right length, the keyboard under the last."""

from __future__ import annotations

import asyncio
import datetime
import logging
from collections.abc import Sequence
from functools import partial

from telegram import CallbackQuery, InlineKeyboardMarkup, Message, ReplyParameters, Update
from telegram.constants import ChatType
from telegram.error import BadRequest, RetryAfter

from bot.markup import Line, to_html

log = logging.getLogger(__name__)

PRIVATE = ChatType.PRIVATE


def is_private(update: Update) -> bool:
    """Whether the update comes from a private chat."""
    return update.effective_chat is not None and update.effective_chat.type == PRIVATE


async def send(
    update: Update, message: Sequence[Line], keyboard: InlineKeyboardMarkup | None = None
) -> Message | None:
    """The message is in the chat, in as many parts as it needs; the last part is returned.

    In a group the first part is a reply to what was asked, as far as that still exists.
    """
    asked = update.effective_message
    chat = update.effective_chat
    if chat is None:
        return None
    parts = to_html(message)
    last: Message | None = None
    for number, part in enumerate(parts, 1):
        reply = None
        if number == 1 and asked is not None and not is_private(update):
            reply = ReplyParameters(asked.message_id, allow_sending_without_reply=True)
        send_part = partial(
            chat.send_message,
            part,
            reply_markup=keyboard if number == len(parts) else None,
            reply_parameters=reply,
            message_thread_id=asked.message_thread_id if asked and asked.is_topic_message else None,
        )
        try:
            last = await send_part()
        except RetryAfter as error:
            # Telegram refused it, so it has not arrived: this person alone waits, and no one else.
            await asyncio.sleep(_seconds(error.retry_after))
            last = await send_part()
    return last


async def rewrite(
    query: CallbackQuery, message: Sequence[Line], keyboard: InlineKeyboardMarkup | None = None
) -> None:
    """The message that held the tapped button says something else, as far as it can be edited."""
    try:
        await query.edit_message_text(to_html(message)[0], reply_markup=keyboard)
    except BadRequest as error:
        if "not modified" not in error.message.lower():
            raise


def _seconds(wait: float | datetime.timedelta) -> float:
    return wait.total_seconds() if isinstance(wait, datetime.timedelta) else float(wait)


async def acknowledge(
    query: CallbackQuery, text: str | None = None, *, alert: bool = False
) -> None:
    """The button stops waiting, with a word where there is one.

    A press from before a restart can be too old to acknowledge; what it asks for is done all the same.
    """
    try:
        await query.answer(text, show_alert=alert)
    except BadRequest as error:
        log.info("press_not_acknowledged reason=%s", error.message)
