"""The sender: takes deliveries from the outbox at the set pace and settles what became of them."""

from __future__ import annotations

import asyncio
import datetime
import logging
import secrets
import sqlite3
import time
from collections.abc import AsyncIterator, Callable, Sequence
from dataclasses import dataclass, field, replace
from functools import partial

from telegram import Bot

from bot.config import FREE_RATE
from bot.database import Database
from bot.notices import outbox, store
from bot.notices.calls import Disowned, Flooded, Patience, Unreachable, again, deliver
from bot.notices.outbox import Superseded
from bot.notices.pace import Pace
from bot.notices.progress import Progress, Record, progress
from bot.notices.states import Claim, DeliveryState, Outcome, PauseReason, Payload
from bot.notices.store import WrongState
from bot.people.store import SHELL
from bot.quiet import QuietHours

log = logging.getLogger(__name__)

# Claimed at once: what is sent in this time. A pause is effective, and a process that is killed leaves
# so much unknown.
BATCH_SECONDS = 0.125
IDLE_SECONDS = 0.25
# After an error of the database.
RECOVER_SECONDS = 1.0
# How long the calls under way may take to end when the bot stops.
STOP_SECONDS = 25.0


@dataclass(frozen=True, slots=True)
class Manners:
    """How notices are sent.

    Attributes:
        rate: messages a second (1 to 1000); above 30 Telegram charges for them.
        quiet: when only urgent notices are sent.
        error_share: share of the last outcomes that may be errors before a notice pauses (0 to 1).
        window: how many outcomes these are.
        patience: with errors that can pass.
        margin_seconds: added to the pause that Telegram asks for.
    """

    rate: int
    quiet: QuietHours
    error_share: float = 0.2
    window: int = 50
    patience: Patience = field(default=Patience())
    margin_seconds: float = 0.5

    @property
    def paid(self) -> bool:
        """Whether Telegram charges."""
        return self.rate > FREE_RATE

    @property
    def batch(self) -> int:
        """Most deliveries that are claimed at once."""
        return max(1, int(self.rate * BATCH_SECONDS))

    @property
    def in_flight(self) -> int:
        """Most calls that are under way at the same time."""
        return max(32, self.rate // 4)


class Delivery:
    """Sends what is queued, as one task, until it is stopped.

    Args:
        db: a connection for it alone.
        bot: makes the calls, with requests of its own.
        now: gives the time, with its zone.
    """

    def __init__(
        self, db: Database, bot: Bot, manners: Manners, now: Callable[[], datetime.datetime]
    ) -> None:
        self._db = db
        self._bot = bot
        self._manners = manners
        self._now = now
        self._name = secrets.token_hex(8)
        self._pace = Pace(manners.rate)
        self._record = Record(manners.window)
        self._payloads: dict[int, dict[str, Payload]] = {}
        self._outcomes: list[Outcome] = []
        self._calls: set[asyncio.Task[None]] = set()
        self._news = asyncio.Event()
        self._free_at = 0.0
        self._unreachable = 0
        self._stopping = False
        self._task: asyncio.Task[None] | None = None

    async def start(self) -> None:
        """It sends; what an earlier process had claimed is unknown."""
        await self._bot.request.initialize()
        left_over = await self._db.run(partial(outbox.take_over, name=self._name))
        if left_over:
            log.warning("deliveries_unknown count=%s", left_over)
        if self._manners.paid:
            log.warning("notices_cost_stars rate=%s free=%s", self._manners.rate, FREE_RATE)
        self._task = asyncio.create_task(self._run(), name="delivery")

    async def stop(self) -> None:
        """Nothing more is sent, and what became of the calls under way is settled."""
        self._stopping = True
        self._news.set()
        if self._task is not None:
            await self._task
        if self._calls:
            await asyncio.wait(self._calls, timeout=STOP_SECONDS)
        try:
            await self._settle()
        except (sqlite3.Error, Superseded) as error:
            log.warning("deliveries_not_settled reason=%s", error)
        for call in self._calls:
            call.cancel()
        await self._bot.request.shutdown()

    def wake(self) -> None:
        """It looks at once whether there is something to send."""
        self._news.set()

    async def progress(self, notice_id: int) -> Progress:
        """Where the notice stands now.

        Raises:
            NoNotice: there is none with this number.
        """
        standing, counts = await self._db.run(
            lambda db: (store.standing(db, notice_id), outbox.counts(db, notice_id))
        )
        return progress(
            standing,
            counts,
            rate=self._record.rate(notice_id),
            set_rate=self._manners.rate,
            quiet=self._manners.quiet,
            flood_seconds=max(0.0, self._free_at - time.monotonic()),
            now=self._now(),
        )

    async def follow(self, notice_id: int, every: float = 3.0) -> AsyncIterator[Progress]:
        """Where the notice stands, every few seconds until it is over.

        Raises:
            NoNotice: there is none with this number.
        """
        while True:
            current = await self.progress(notice_id)
            yield current
            if current.over:
                return
            await asyncio.sleep(every)

    async def _run(self) -> None:
        while not self._stopping:
            self._news.clear()
            try:
                claims = await self._settle(self._room())
                await self._send(claims)
            except Superseded:
                log.error("sender_superseded")
                return
            except sqlite3.Error as error:
                log.warning("outbox_not_reached reason=%s", error)
                await self._rest(RECOVER_SECONDS)
                continue
            except Exception:
                # It must not end while the bot runs: nothing would be sent, and nobody know.
                log.exception("sender_failed")
                await self._rest(RECOVER_SECONDS)
                continue
            if not claims:
                await self._rest(IDLE_SECONDS)

    async def _rest(self, seconds: float) -> None:
        """A while has passed, or there is news."""
        try:
            await asyncio.wait_for(self._news.wait(), seconds)
        except TimeoutError:
            return

    def _room(self) -> int:
        """How many deliveries can be claimed now."""
        if self._held:
            return 0
        return min(self._manners.batch, self._manners.in_flight - len(self._calls))

    async def _settle(self, limit: int = 0) -> list[Claim]:
        """The outcomes so far are in the outbox, and further deliveries are claimed."""
        outcomes, self._outcomes = self._outcomes, []
        now = self._now()
        quiet = self._manners.quiet.until(now) is not None
        exchange = partial(
            outbox.exchange,
            name=self._name,
            outcomes=outcomes,
            limit=limit,
            now=now,
            quiet=quiet,
        )
        try:
            claims = await self._db.run(exchange)
        except sqlite3.Error:
            self._outcomes = outcomes + self._outcomes
            raise
        self._record.note(outcomes)
        for notice_id in {outcome.claim.notice_id for outcome in outcomes}:
            if self._record.error_share(notice_id) > self._manners.error_share:
                await self._pause(notice_id, PauseReason.ERRORS)
        return claims

    async def _pause(self, notice_id: int, reason: PauseReason) -> None:
        self._record.forget(notice_id)
        pause = partial(
            store.pause, notice_id=notice_id, actor=SHELL, now=self._now(), reason=reason
        )
        try:
            await self._db.run(pause)
        except WrongState:
            return  # a person was faster
        log.error("notice_paused id=%s reason=%s", notice_id, reason)

    async def _send(self, claims: Sequence[Claim]) -> None:
        """Each is called at its turn; where no more can be sent now, the rest are given back."""
        # Read anew for each batch: what is left of a notice may have been corrected.
        self._payloads.clear()
        for number, claim in enumerate(claims):
            try:
                payload = await self._payload(claim)
                await self._pace.turn()
            except BaseException:
                self._outcomes += [_untried(rest) for rest in claims[number:]]
                raise
            if self._held:
                self._outcomes += [_untried(rest) for rest in claims[number:]]
                return
            call = asyncio.create_task(self._call(claim, payload))
            self._calls.add(call)
            call.add_done_callback(self._calls.discard)
            if payload.to_upload:
                await call

    @property
    def _held(self) -> bool:
        return self._stopping or time.monotonic() < self._free_at

    async def _payload(self, claim: Claim) -> Payload:
        if claim.notice_id not in self._payloads:
            frozen = await self._db.run(partial(outbox.frozen, notice_id=claim.notice_id))
            self._payloads[claim.notice_id] = frozen
        return self._payloads[claim.notice_id][claim.language]

    async def _call(self, claim: Claim, payload: Payload) -> None:
        try:
            outcome = await self._outcome(claim, payload)
        except Exception as error:
            log.exception("delivery_failed notice=%s", claim.notice_id)
            # Whatever it was, the call may have been made.
            outcome = Outcome(claim, DeliveryState.UNKNOWN, type(error).__name__)
        self._outcomes.append(outcome)
        self._news.set()

    async def _outcome(self, claim: Claim, payload: Payload) -> Outcome:
        manners = self._manners
        try:
            outcome = await deliver(
                self._bot, claim, payload, paid=manners.paid, patience=manners.patience
            )
        except Flooded as error:
            log.warning("notices_held seconds=%s", error.seconds)
            self._hold(error.seconds + manners.margin_seconds)
            return _untried(claim)
        except Unreachable:
            if not self._held:
                self._unreachable += 1
                self._hold(manners.patience.wait(self._unreachable))
            return again(claim, "unreachable", manners.patience)
        except Disowned:
            await self._pause(claim.notice_id, PauseReason.TOKEN)
            return _untried(claim)
        self._unreachable = 0
        if outcome.file_id is not None and payload.to_upload:
            uploaded = replace(payload, file_id=outcome.file_id)
            self._payloads[claim.notice_id][claim.language] = uploaded
        return outcome

    def _hold(self, seconds: float) -> None:
        self._free_at = max(self._free_at, time.monotonic() + seconds)


def _untried(claim: Claim) -> Outcome:
    """It goes back as if it had not been claimed."""
    return Outcome(claim, DeliveryState.PENDING, tried=False)
