"""What is due by the clock: reminders, the question how it was, and the next copy of a notice."""

from __future__ import annotations

import datetime
import logging
from collections.abc import Callable
from dataclasses import replace
from functools import partial

from bot.database import Database
from bot.notices.composing.store import Stored, read, upcoming
from bot.notices.following import store
from bot.notices.following.afterwards import FollowUps
from bot.notices.following.store import FollowUp, Repeat
from bot.notices.notice import Notice

log = logging.getLogger(__name__)

DAY_BEFORE = datetime.timedelta(days=1)
HOURS_BEFORE = datetime.timedelta(hours=2)
# After the end; and for how long the question makes sense.
ASKED_AFTER = datetime.timedelta(minutes=30)
ASKED_WITHIN = datetime.timedelta(days=3)


def due(notice: Notice, now: datetime.datetime) -> FollowUp | None:
    """What is to go out to those who come at this moment, unless it did before."""
    starts, over = notice.starts, notice.over
    if starts is None or over is None or notice.withdrawn:
        return None
    if starts - DAY_BEFORE <= now < starts - 2 * HOURS_BEFORE:
        return FollowUp.DAY
    if starts - HOURS_BEFORE <= now < starts:
        return FollowUp.HOURS
    if over + ASKED_AFTER <= now < over + ASKED_WITHIN:
        return FollowUp.RATING
    return None


class Looking:
    """Looks at the clock again and again, so that no restart and no changed clock loses anything.

    Args:
        now: gives the time, with its zone.
    """

    def __init__(
        self, db: Database, follow_ups: FollowUps, now: Callable[[], datetime.datetime]
    ) -> None:
        self._db = db
        self._follow_ups = follow_ups
        self._now = now

    async def look(self) -> None:
        """What is due goes out."""
        now = self._now()
        found = await self._db.run(partial(upcoming, now=now, behind=ASKED_WITHIN))
        for stored in found:
            await self._remind(stored, now)
            await self._fill(stored)
        for repeat in await self._db.run(partial(store.due_repeats, now=now)):
            await self._repeat(repeat, now)

    async def _remind(self, stored: Stored, now: datetime.datetime) -> None:
        kind = due(stored.notice, now)
        if kind is None or stored.notice.starts is None:
            return
        # Where the workshop was moved, there is a reminder of the new time as well.
        minute = int(stored.notice.starts.timestamp()) // 60
        number = 0 if kind is FollowUp.RATING else minute
        if await self._db.run(
            lambda db: self._follow_ups.send(db, kind, stored.notice, stored.id, number=number)
        ):
            log.info("follow_up kind=%s of=%s", kind, stored.id)

    async def _fill(self, stored: Stored) -> None:
        """Seats that somebody left by /forget are taken by those who wait."""
        notice = stored.notice
        if notice.capacity is not None and not notice.withdrawn:
            await self._db.run(partial(self._follow_ups.make_room, notice=notice, of=stored.id))

    async def _repeat(self, repeat: Repeat, now: datetime.datetime) -> None:
        stored = await self._db.run(partial(read, notice_id=repeat.notice_id))
        step = datetime.timedelta(days=repeat.days)
        first = stored.send_at or stored.created_at
        copy = shifted(stored.notice, repeat.next_at - first)
        # However long the bot was away: one copy, not one for each time that was missed.
        following = repeat.next_at + step
        while following <= now:
            following += step
        number = await self._db.run(
            partial(store.send_copy, due=repeat, copy=copy, next_at=following, now=now)
        )
        log.info("notice_repeated of=%s id=%s", repeat.notice_id, number)


def shifted(notice: Notice, by: datetime.timedelta) -> Notice:
    """The same notice so much later, by whole days."""
    days = datetime.timedelta(days=round(by / datetime.timedelta(days=1)))

    def later(moment: datetime.datetime | None) -> datetime.datetime | None:
        return moment + days if moment else None

    return replace(
        notice,
        starts=later(notice.starts),
        ends=later(notice.ends),
        sign_up_until=later(notice.sign_up_until),
        sequence=0,
    )
