"""Replies into Telegram: HTML parts of the right length, the keyboard under the last."""

from __future__ import annotations

from collections.abc import Sequence

from telegram import InlineKeyboardMarkup, Message, ReplyParameters, Update
from telegram.constants import ChatType

from bot.markup import Line, to_html

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
        last = await chat.send_message(
            part,
            reply_markup=keyboard if number == len(parts) else None,
            reply_parameters=reply,
            message_thread_id=asked.message_thread_id if asked and asked.is_topic_message else None,
        )
    return last
