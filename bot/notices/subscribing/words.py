"""Whole messages that end notices at once."""

from __future__ import annotations

from telegram import Message
from telegram.constants import ChatType
from telegram.ext.filters import MessageFilter

from knowledge.text import normalise

# Normalised, as they are compared: simplified characters, one width, small letters.
OPT_OUT = frozenset({"退订", "退订通知", "停", "停止", "td", "stop", "unsubscribe"})
LONGEST = 20


def is_opt_out(text: str) -> bool:
    """Whether the whole message is one of the words, whatever its case and final mark."""
    return len(text) <= LONGEST and normalise(text).strip(" .!,。！，\"'“”") in OPT_OUT


class OptOut(MessageFilter):
    """Messages in private that are one of the words."""

    def filter(self, message: Message) -> bool:
        """Whether the message is."""
        return message.chat.type == ChatType.PRIVATE and is_opt_out(message.text or "")
