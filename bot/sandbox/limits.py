"""Telegram's published limits for sending.

Source: https://core.telegram.org/bots/faq#my-bot-is-hitting-limits-how-do-i-avoid-this (about one
message a second to a chat with short bursts allowed, 20 a minute to a group, 30 a second over all
chats, up to 1,000 with paid broadcasts).
"""

from __future__ import annotations

import math
import time
from collections.abc import Callable
from dataclasses import dataclass, field

from bot.sandbox.errors import too_many_requests


@dataclass(frozen=True, slots=True)
class Rate:
    """How much may be sent.

    Attributes:
        each: messages a second in the long run.
        burst: messages at once after a pause.
    """

    each: float
    burst: float


CHAT = Rate(1.0, 20.0)
GROUP = Rate(20 / 60, 20.0)
ALL_CHATS = Rate(30.0, 30.0)
ALL_CHATS_PAID = Rate(1000.0, 1000.0)


@dataclass
class Limits:
    """What was sent lately. Off until ``on`` is set.

    Attributes:
        on: whether anything is refused.
        clock: seconds that only grow.
    """

    on: bool = False
    clock: Callable[[], float] = time.monotonic
    _spent: dict[tuple[int, Rate], tuple[float, float]] = field(default_factory=dict)

    def take(self, chat_id: int, *, paid: bool = False) -> None:
        """One more message to the chat is counted.

        Raises:
            Refused: it is one too many; nothing is counted.
        """
        if not self.on:
            return
        rates = (
            (0, ALL_CHATS_PAID if paid else ALL_CHATS),
            (chat_id, CHAT if chat_id > 0 else GROUP),
        )
        waits = [self._wait(key, rate) for key, rate in rates]
        if max(waits) > 0:
            raise too_many_requests(math.ceil(max(waits)))
        now = self.clock()
        for key, rate in rates:
            self._spent[key, rate] = (now, self._level(key, rate) + 1)

    def _level(self, key: int, rate: Rate) -> float:
        since, level = self._spent.get((key, rate), (self.clock(), 0.0))
        return max(0.0, level - (self.clock() - since) * rate.each)

    def _wait(self, key: int, rate: Rate) -> float:
        return (self._level(key, rate) + 1 - rate.burst) / rate.each
