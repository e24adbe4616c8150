"""How fast messages may follow each other."""

from __future__ import annotations

import asyncio
import time
from collections import deque
from collections.abc import Callable

# A window is held a little longer than a second, because calls do not arrive as evenly as they
# start; more so when a thousand of them keep the machine busy.
WINDOW_SECONDS = 1.028
BUSY_WINDOW_SECONDS = 1.05
BUSY_RATE = 100
# How far behind an even pace may be caught up after a late wake-up.
CATCH_UP_SECONDS = 0.05


class Pace:
    """At most ``rate`` turns in any one-second window, evenly spread.

    Each turn is at least a window after the one ``rate`` turns before it, so that no second holds more
    than ``rate``, wherever it begins. A leaky bucket (aiolimiter) lets up to twice as many through in
    its first second. Nothing is known of the second before the start: the first turn waits it out.

    Args:
        rate: turns a second (at least 1).
        clock: seconds, never put back.
    """

    def __init__(self, rate: int, clock: Callable[[], float] = time.monotonic) -> None:
        self._clock = clock
        self._window = BUSY_WINDOW_SECONDS if rate > BUSY_RATE else WINDOW_SECONDS
        self._apart = self._window / rate
        self._turns: deque[float] = deque(maxlen=rate)
        self._next = clock() + self._window

    def wait(self) -> float:
        """Seconds until the next turn may be taken; 0 or less when now."""
        now = self._clock()
        at = max(self._next, now - CATCH_UP_SECONDS)
        if len(self._turns) == self._turns.maxlen:
            at = max(at, self._turns[0] + self._window)
        return at - now

    def take(self) -> None:
        """A turn is taken now."""
        now = self._clock()
        self._next = max(self._next, now - CATCH_UP_SECONDS) + self._apart
        self._turns.append(now)

    async def turn(self) -> None:
        """It is the caller's turn; for one caller at a time."""
        while (wait := self.wait()) > 0:  # noqa: ASYNC110 (it is the clock that is waited for)
            await asyncio.sleep(wait)
        self.take()
