"""What happens to notices as time passes: the due ones are queued, and people told how they ended."""

from __future__ import annotations

import asyncio
import datetime
import logging
import sqlite3
import time
from collections.abc import Awaitable, Callable
from functools import partial
from typing import Protocol

from telegram.error import TelegramError

from bot.database import Connection, Database
from bot.notices import outbox, queueing, store
from bot.notices.queueing import Prepared
from bot.notices.states import NoticeState, PauseReason, left
from bot.notices.store import Standing, WrongState
from bot.people.store import SHELL

log = logging.getLogger(__name__)

LOOK_SECONDS = 0.5
# When the person who is to be told cannot be reached.
TELL_AGAIN_SECONDS = 30.0
# Left to other writers between two transactions of a long piece of work.
BREATH_SECONDS = 0.005


class Prepare(Protocol):
    """Gives what is sent and to whom; runs on a thread of the database, and is given its connection."""

    def __call__(self, db: Connection, notice_id: int) -> Prepared: ...


class Stopped(Exception):
    """The bot stops; what was being queued is completed by its next start."""


ENDED = (NoticeState.DONE, NoticeState.CANCELLED)

Tell = Callable[[Standing], Awaitable[None]]


class Scheduling:
    """Looks again and again, so that neither a restart nor a changed clock makes a notice late.

    Args:
        db: a connection for it alone: queueing a million recipients takes a while.
        prepare: gives the messages of a notice, and its recipients at that moment.
        tell: called once for each notice that ended, was missed or paused by itself; called again
            after a while when it fails.
        queued: called when there is something to send.
        now: gives the time, with its zone.
        missed_after: how late a notice may be queued without anybody being asked.
        send_late: whether one that is later is sent all the same.
    """

    def __init__(
        self,
        db: Database,
        *,
        prepare: Prepare,
        tell: Tell,
        queued: Callable[[], None],
        now: Callable[[], datetime.datetime],
        missed_after: datetime.timedelta,
        send_late: bool,
        longest_wait: float,
    ) -> None:
        self._db = db
        self._prepare = prepare
        self._tell = tell
        self._queued = queued
        self._now = now
        self._missed_after = missed_after
        self._send_late = send_late
        self._longest_wait = longest_wait
        self._tell_after = 0.0
        self._stop = asyncio.Event()
        self._task: asyncio.Task[None] | None = None

    def start(self) -> None:
        """It looks."""
        self._task = asyncio.create_task(self._run(), name="scheduling")

    async def stop(self) -> None:
        """It has stopped looking; a notice that was being queued is completed by the next start."""
        self._stop.set()
        if self._task is not None:
            await self._task

    async def _run(self) -> None:
        while not self._stop.is_set():
            try:
                await self.look()
            except sqlite3.Error as error:
                log.warning("notices_not_looked_at reason=%s", error)
            except Exception:
                # It must not end while the bot runs: notices would be late, and nobody know.
                log.exception("scheduling_failed")
            try:
                await asyncio.wait_for(self._stop.wait(), LOOK_SECONDS)
            except TimeoutError:
                continue

    async def look(self) -> None:
        """What is due is queued, what was cancelled is swept out, and who is to be told is told."""
        now = self._now()
        for notice in await self._db.run(partial(store.due, now=now)):
            await self._due(notice, now)
        await self._db.run(partial(outbox.hurry, now=now, longest_seconds=self._longest_wait))
        while not self._stop.is_set():
            if not await self._db.run(outbox.sweep):
                break
            await asyncio.sleep(BREATH_SECONDS)
        await self._report()

    async def _due(self, notice: Standing, now: datetime.datetime) -> None:
        late = now - (notice.send_at or now)
        if notice.state is NoticeState.SCHEDULED and late > self._missed_after:
            log.warning("notice_late id=%s minutes=%s", notice.id, late.total_seconds() // 60)
            if not self._send_late:
                await self._db.run(partial(store.miss, notice_id=notice.id, now=now))
                return
        try:
            count = await self._db.run(partial(self._queue, notice_id=notice.id))
        except WrongState as error:
            log.info("notice_not_queued id=%s state=%s", notice.id, error.state)
            return
        except Stopped:
            return
        except sqlite3.OperationalError:
            raise  # another program writes, or the disk is full: the next look tries again
        except Exception:
            log.exception("notice_not_prepared id=%s", notice.id)
            await self._db.run(partial(self._give_up, notice_id=notice.id, now=now))
            return
        log.info("notice_queued id=%s recipients=%s", notice.id, count)
        self._queued()

    def _queue(self, db: Connection, notice_id: int) -> int:
        prepared = self._prepare(db, notice_id)
        return queueing.queue(
            db, notice_id, prepared.messages, prepared.recipients, breathe=self._breathe
        )

    def _breathe(self) -> None:
        if self._stop.is_set():
            raise Stopped
        time.sleep(BREATH_SECONDS)

    def _give_up(self, db: Connection, notice_id: int, now: datetime.datetime) -> None:
        reason = PauseReason.RECIPIENTS
        store.pause(db, notice_id, actor=SHELL, now=now, reason=reason)

    async def _report(self) -> None:
        if time.monotonic() < self._tell_after:
            return
        for notice in await self._db.run(store.unreported):
            counts = await self._db.run(partial(outbox.counts, notice_id=notice.id))
            if notice.state in ENDED and left(counts):
                continue  # calls are still under way, or it is not swept yet
            try:
                await self._tell(notice)
            except TelegramError as error:
                log.warning("notice_not_reported id=%s reason=%s", notice.id, error.message)
                self._tell_after = time.monotonic() + TELL_AGAIN_SECONDS
                return
            await self._db.run(partial(store.mark_reported, told=notice))
