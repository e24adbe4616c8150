"""Notices whose time comes, was missed, or is over; nothing is dropped without a word."""

from __future__ import annotations

import datetime
from collections.abc import Callable

import pytest
from sqlite_utils.db import Database as Connection
from telegram.error import NetworkError

from bot.database import Database
from bot.notices import outbox, queueing, scheduling, store
from bot.notices.queueing import Prepared
from bot.notices.scheduling import Scheduling
from bot.notices.states import DeliveryState, NoticeState, Outcome, PauseReason
from bot.notices.store import Standing, WrongState
from bot.people.store import all_acts
from tests.bot.notices.conftest import MESSAGES, NOON, Clock, add_notice, some, states

HOUR = datetime.timedelta(hours=1)
Make = Callable[..., Scheduling]


class Told:
    """Whom nobody can reach until ``reachable`` is set."""

    def __init__(self) -> None:
        self.notices: list[Standing] = []
        self.reachable = True

    async def __call__(self, notice: Standing) -> None:
        if not self.reachable:
            raise NetworkError("down")
        self.notices.append(notice)


@pytest.fixture
def told() -> Told:
    return Told()


def three(db: object, notice_id: int) -> Prepared:
    """Three recipients."""
    return Prepared(MESSAGES, [(n, "zh") for n in range(3)])


@pytest.fixture
def make(connection: Connection, clock: Clock, told: Told) -> Make:
    def made(prepare: scheduling.Prepare = three, *, send_late: bool = False) -> Scheduling:
        return Scheduling(
            Database(connection),
            prepare=prepare,
            tell=told,
            queued=lambda: None,
            now=clock,
            missed_after=HOUR,
            send_late=send_late,
            longest_wait=300,
        )

    return made


def state(db: Connection, notice_id: int) -> NoticeState:
    return store.standing(db, notice_id).state


async def test_a_notice_is_queued_when_its_time_has_come(
    make: Make, connection: Connection, clock: Clock
) -> None:
    notice_id = add_notice(connection, send_at=NOON + HOUR)
    desk = make()
    await desk.look()
    assert states(connection, notice_id) == {}
    clock.moment = NOON + HOUR
    await desk.look()
    assert state(connection, notice_id) is NoticeState.QUEUED
    assert some(connection, notice_id) == {DeliveryState.PENDING: 3}


async def test_a_clock_that_jumps_forward_makes_a_notice_due_at_once(
    make: Make, connection: Connection, clock: Clock
) -> None:
    notice_id = add_notice(connection, send_at=NOON + HOUR)
    clock.moment = NOON + 1.5 * HOUR
    await make().look()
    assert state(connection, notice_id) is NoticeState.QUEUED


async def test_a_missed_time_is_reported_once_and_not_sent(
    make: Make, connection: Connection, clock: Clock, told: Told
) -> None:
    notice_id = add_notice(connection)
    clock.moment = NOON + 2 * HOUR
    desk = make()
    await desk.look()
    await desk.look()
    assert [(n.id, n.state) for n in told.notices] == [(notice_id, NoticeState.MISSED)]
    assert states(connection, notice_id) == {}
    assert [act.act for act in all_acts(connection)] == ["notice.missed"]


async def test_a_missed_notice_can_still_be_sent_by_a_person(
    make: Make, connection: Connection, clock: Clock
) -> None:
    notice_id = add_notice(connection)
    clock.moment = NOON + 2 * HOUR
    desk = make()
    await desk.look()
    store.schedule(connection, notice_id, at=clock.moment, urgent=False, actor=9, now=clock.moment)
    await desk.look()
    assert state(connection, notice_id) is NoticeState.QUEUED


async def test_a_missed_time_is_sent_late_where_that_is_set(
    make: Make, connection: Connection, clock: Clock, told: Told
) -> None:
    notice_id = add_notice(connection)
    clock.moment = NOON + 48 * HOUR
    await make(send_late=True).look()
    assert state(connection, notice_id) is NoticeState.QUEUED
    assert told.notices == []


async def test_a_scheduled_notice_that_was_paused_past_its_time_is_sent_when_resumed(
    make: Make, connection: Connection, clock: Clock
) -> None:
    notice_id = add_notice(connection, send_at=NOON + HOUR)
    store.pause(connection, notice_id, actor=9, now=NOON)
    clock.moment = NOON + 24 * HOUR
    desk = make()
    await desk.look()
    assert state(connection, notice_id) is NoticeState.PAUSED
    store.resume(connection, notice_id, actor=9, now=clock.moment)
    await desk.look()
    assert state(connection, notice_id) is NoticeState.QUEUED


async def test_a_restart_completes_what_was_being_queued(
    make: Make, connection: Connection, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(queueing, "CHUNK", 1)
    notice_id = add_notice(connection)
    first = make()
    await first.stop()  # while it is queueing: it stops after the first transaction
    await first.look()
    assert state(connection, notice_id) is NoticeState.QUEUEING
    assert some(connection, notice_id) == {DeliveryState.PENDING: 1}
    await make().look()
    assert state(connection, notice_id) is NoticeState.QUEUED
    assert some(connection, notice_id) == {DeliveryState.PENDING: 3}


async def test_a_notice_that_cannot_be_prepared_pauses_and_somebody_is_told(
    make: Make, connection: Connection, told: Told
) -> None:
    def broken(db: object, notice_id: int) -> Prepared:
        raise KeyError("region")

    notice_id = add_notice(connection)
    fine = add_notice(connection, send_at=NOON - HOUR / 2)
    await make(lambda db, n: broken(db, n) if n == notice_id else three(db, n)).look()
    (notice,) = told.notices
    assert (notice.id, notice.pause_reason) == (notice_id, PauseReason.RECIPIENTS)
    assert state(connection, fine) is NoticeState.QUEUED


async def test_whoever_cannot_be_told_is_told_later(
    make: Make, connection: Connection, told: Told, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(scheduling, "TELL_AGAIN_SECONDS", 0.0)
    notice_id = add_notice(connection)
    desk = make()
    await desk.look()
    store.cancel(connection, notice_id, actor=9, now=NOON)
    told.reachable = False
    await desk.look()
    told.reachable = True
    await desk.look()
    await desk.look()
    assert [n.state for n in told.notices] == [NoticeState.CANCELLED]
    assert some(connection, notice_id) == {DeliveryState.CANCELLED: 3}


async def test_the_end_is_told_only_when_nothing_is_under_way(
    make: Make, connection: Connection, told: Told
) -> None:
    notice_id = add_notice(connection)
    desk = make()
    await desk.look()
    outbox.take_over(connection, "one")
    first, *rest = outbox.exchange(connection, "one", [], limit=9, now=NOON, quiet=False)
    store.cancel(connection, notice_id, actor=9, now=NOON)
    await desk.look()
    assert told.notices == []
    sent = [Outcome(claim, DeliveryState.SENT, message_id=1) for claim in (first, *rest)]
    outbox.exchange(connection, "one", sent, limit=0, now=NOON, quiet=False)
    await desk.look()
    assert [n.id for n in told.notices] == [notice_id]


@pytest.mark.parametrize("before", ["done", "cancelled", "sending", "queued", "paused", "approval"])
async def test_only_what_is_not_under_way_can_be_scheduled(
    connection: Connection, before: str
) -> None:
    notice_id = add_notice(connection, before)
    with pytest.raises(WrongState):
        store.schedule(connection, notice_id, at=NOON, urgent=False, actor=9, now=NOON)
    assert list(all_acts(connection)) == []


async def test_an_approved_notice_can_be_scheduled_and_the_log_says_that_it_is_urgent(
    connection: Connection,
) -> None:
    notice_id = add_notice(connection, "approval")
    connection.execute("UPDATE notices SET approved_by = 8")
    store.schedule(connection, notice_id, at=NOON, urgent=True, actor=9, now=NOON)
    (act,) = all_acts(connection)
    assert (act.act, act.actor, act.subject) == ("notice.sent", 9, str(notice_id))
    assert '"urgent": true' in act.after
