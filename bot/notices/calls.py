"""The call that sends one message, and what its end means for the delivery."""

from __future__ import annotations

import asyncio
import datetime
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from telegram import (
    Bot,
    InlineKeyboardButton,
    InlineKeyboardMarkup,
    LinkPreviewOptions,
    Message,
    MessageEntity,
)
from telegram.constants import ParseMode
from telegram.error import (
    BadRequest,
    ChatMigrated,
    Forbidden,
    InvalidToken,
    RetryAfter,
    TelegramError,
)

from bot.notices.states import Button, Claim, DeliveryState, Kind, Outcome, Payload
from bot.transport import Arrival, arrival

LONGEST_REASON = 120
NO_SUCH_CHAT = ("chat not found", "peer_id_invalid", "user not found", "user is deactivated")


class Flooded(Exception):
    """Telegram wants a pause before any further notice; the message was not sent."""

    def __init__(self, seconds: float) -> None:
        super().__init__(seconds)
        self.seconds = seconds


class Unreachable(Exception):
    """There was no connection to Telegram; the message was not sent."""


class Disowned(Exception):
    """Telegram does not know the token; nothing can be sent."""


async def send_payload(
    bot: Bot, chat_id: int, payload: Payload, *, paid: bool = False
) -> tuple[int, str | None]:
    """The message is in the chat; its number, and the file's id if it has a file.

    Raises:
        TelegramError: as python-telegram-bot raises it.
        OSError: the file to upload cannot be read.
    """
    common: dict[str, Any] = {"chat_id": chat_id, "reply_markup": keyboard(payload.buttons)}
    if paid:
        common["allow_paid_broadcast"] = True
    entities = [MessageEntity.de_json(dict(entity), bot) for entity in payload.entities] or None
    parse_mode = None if entities else ParseMode.HTML
    if payload.kind is Kind.TEXT:
        message = await bot.send_message(
            text=payload.html,
            parse_mode=parse_mode,
            entities=entities,
            link_preview_options=LinkPreviewOptions(is_disabled=True),
            **common,
        )
        return message.message_id, None
    common |= {
        "caption": payload.html,
        "parse_mode": parse_mode,
        "caption_entities": entities,
        "filename": payload.filename,
    }
    file: str | bytes | None = payload.file_id
    if file is None:
        file = await asyncio.to_thread(Path(payload.path or "").read_bytes)
    if payload.kind is Kind.PHOTO:
        message = await bot.send_photo(photo=file, **common)
    else:
        message = await bot.send_document(document=file, **common)
    return message.message_id, _file_id(message)


def _file_id(message: Message) -> str | None:
    if message.photo:
        return message.photo[-1].file_id
    return message.document.file_id if message.document else None


def keyboard(rows: Sequence[Sequence[Button]]) -> InlineKeyboardMarkup | None:
    """The buttons as Telegram takes them; None where there are none."""
    if not rows:
        return None
    return InlineKeyboardMarkup(
        [
            [InlineKeyboardButton(b.text, url=b.url, callback_data=b.data) for b in row]
            for row in rows
        ]
    )


@dataclass(frozen=True, slots=True)
class Patience:
    """How often and how soon a delivery is tried again.

    Attributes:
        attempts: most calls of one delivery that may fail for a reason that can pass (at least 1).
        first_seconds: until the second attempt; each further wait is twice as long.
        longest_seconds: that a wait can become.
    """

    attempts: int = 6
    first_seconds: float = 2.0
    longest_seconds: float = 300.0

    def wait(self, attempts: int) -> float:
        """Seconds to wait after so many attempts."""
        return float(min(self.longest_seconds, self.first_seconds * 2 ** max(0, attempts - 1)))


async def deliver(
    bot: Bot, claim: Claim, payload: Payload, *, paid: bool, patience: Patience
) -> Outcome:
    """The delivery was tried once; how that went.

    Raises:
        Flooded, Unreachable, Disowned: not sent, and no other would be now.
    """
    try:
        message_id, file_id = await send_payload(bot, claim.chat_id, payload, paid=paid)
    except TelegramError as error:
        return _outcome(error, claim, patience)
    except OSError as error:
        return Outcome(claim, DeliveryState.FAILED, f"file: {type(error).__name__}")
    return Outcome(claim, DeliveryState.SENT, message_id=message_id, file_id=file_id)


def _outcome(error: TelegramError, claim: Claim, patience: Patience) -> Outcome:
    reason = error.message[:LONGEST_REASON]
    match error:
        case RetryAfter():
            raise Flooded(_seconds(error.retry_after)) from error
        case ChatMigrated():
            return Outcome(claim, DeliveryState.PENDING, "migrated", new_chat_id=error.new_chat_id)
        case InvalidToken():
            raise Disowned from error
        case Forbidden():
            return Outcome(claim, DeliveryState.GONE, reason)
        case BadRequest():
            gone = any(words in reason.casefold() for words in NO_SUCH_CHAT)
            return Outcome(claim, DeliveryState.GONE if gone else DeliveryState.FAILED, reason)
    match arrival(error):
        case Arrival.NEVER:
            raise Unreachable from error
        case Arrival.MAYBE:
            return Outcome(claim, DeliveryState.UNKNOWN, type(error).__name__)
    # What is left is an error of Telegram's own servers: the next attempt may meet a better one.
    return again(claim, reason, patience)


def again(claim: Claim, reason: str, patience: Patience) -> Outcome:
    """The delivery is tried again after a while, unless it has failed too often."""
    attempts = claim.attempts + 1
    if attempts >= patience.attempts:
        return Outcome(claim, DeliveryState.FAILED, reason)
    return Outcome(claim, DeliveryState.PENDING, reason, wait=patience.wait(attempts))


def _seconds(wait: float | datetime.timedelta) -> float:
    return wait.total_seconds() if isinstance(wait, datetime.timedelta) else float(wait)
