"""How far a notice is, how fast it goes, and when it will be done."""

from __future__ import annotations

import datetime
import time
from collections import deque
from collections.abc import Callable, Iterable
from dataclasses import dataclass

from bot.notices.states import Counts, DeliveryState, NoticeState, Outcome, left
from bot.notices.store import Standing
from bot.quiet import QuietHours

MEASURED_SECONDS = 30.0
# Over fewer outcomes a share says nothing.
FEWEST_FOR_SHARE = 20
TROUBLE = (DeliveryState.FAILED, DeliveryState.UNKNOWN)


@dataclass(frozen=True, slots=True)
class Progress:
    """Where a notice stands at one moment.

    Attributes:
        counts: how many deliveries are in each state.
        rate: messages a second that arrived lately; 0 when none did.
        finish: when it will be done, in UTC, quiet hours counted in; None when it does not go on by
            itself.
        quiet_until: when the quiet hours end that hold it, in UTC; None when none do.
        flood_seconds: for how long Telegram wants no notices; 0 mostly.
    """

    standing: Standing
    counts: Counts
    rate: float
    finish: datetime.datetime | None
    quiet_until: datetime.datetime | None
    flood_seconds: float

    @property
    def left(self) -> int:
        """How many are not settled."""
        return left(self.counts)

    @property
    def over(self) -> bool:
        """Whether nothing more will happen by itself, and nothing is under way."""
        ended = self.standing.state in (NoticeState.DONE, NoticeState.CANCELLED)
        return ended and self.left == 0


def progress(
    standing: Standing,
    counts: Counts,
    *,
    rate: float,
    set_rate: int,
    quiet: QuietHours,
    flood_seconds: float,
    now: datetime.datetime,
) -> Progress:
    """Where the notice stands, and when it will be done at the measured rate, or else the set one."""
    goes_on = standing.state in (NoticeState.QUEUED, NoticeState.SENDING)
    held = None if standing.urgent or not goes_on else quiet.until(now)
    finish = None
    if goes_on:
        seconds = left(counts) / (rate or set_rate)
        start = now + datetime.timedelta(seconds=flood_seconds)
        finish = (
            start + datetime.timedelta(seconds=seconds)
            if standing.urgent
            else quiet.finish(start, seconds)
        )
    return Progress(standing, counts, rate, finish, held, flood_seconds)


class Record:
    """What became of the last deliveries of each notice, since this process started.

    Args:
        window: over how many outcomes the share of errors is taken.
        clock: seconds, never put back.
    """

    def __init__(self, window: int, clock: Callable[[], float] = time.monotonic) -> None:
        self._window = window
        self._clock = clock
        self._trouble: dict[int, deque[bool]] = {}
        self._sent: dict[int, deque[float]] = {}

    def note(self, outcomes: Iterable[Outcome]) -> None:
        """The outcomes count from now on; those that are tried again do not."""
        now = self._clock()
        for outcome in outcomes:
            if outcome.state is DeliveryState.PENDING:
                continue
            notice_id = outcome.claim.notice_id
            trouble = self._trouble.setdefault(notice_id, deque(maxlen=self._window))
            trouble.append(outcome.state in TROUBLE)
            if outcome.state is DeliveryState.SENT:
                self._sent.setdefault(notice_id, deque()).append(now)
        for times in self._sent.values():
            while times and times[0] < now - MEASURED_SECONDS:
                times.popleft()

    def error_share(self, notice_id: int) -> float:
        """Share of the last outcomes that failed or are unknown (0 to 1); 0 while there are too few."""
        trouble = self._trouble.get(notice_id, ())
        return sum(trouble) / len(trouble) if len(trouble) >= FEWEST_FOR_SHARE else 0.0

    def rate(self, notice_id: int) -> float:
        """Messages a second that arrived in the last half minute."""
        times = self._sent.get(notice_id)
        if not times:
            return 0.0
        now = self._clock()
        recent = [moment for moment in times if moment >= now - MEASURED_SECONDS]
        return len(recent) / max(1.0, now - recent[0]) if recent else 0.0

    def forget(self, notice_id: int) -> None:
        """The next outcomes of the notice are its first."""
        self._trouble.pop(notice_id, None)
        self._sent.pop(notice_id, None)
