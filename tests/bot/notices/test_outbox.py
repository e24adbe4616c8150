"""The outbox: each chat once, counted right, and nothing lost between claim and settlement."""

from __future__ import annotations

import datetime
from collections import Counter
from collections.abc import Iterator

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlite_utils.db import Database as Connection

from bot.notices import outbox, queueing, store
from bot.notices.outbox import Superseded
from bot.notices.queueing import NoMessage, Select
from bot.notices.states import Claim, DeliveryState, Kind, NoticeState, Outcome, Payload
from bot.notices.store import WrongState
from bot.people.store import all_acts
from knowledge.database import writing
from tests.bot.notices.conftest import MESSAGES, NOON, add_notice, queued, some, states

S = DeliveryState
HOUR = datetime.timedelta(hours=1)


@pytest.fixture(autouse=True)
def sender(connection: Connection) -> None:
    outbox.take_over(connection, "one")


def claim(
    db: Connection, limit: int = 100, *, now: datetime.datetime = NOON, quiet: bool = False
) -> list[Claim]:
    return outbox.exchange(db, "one", [], limit=limit, now=now, quiet=quiet)


def settle(db: Connection, *outcomes: Outcome, now: datetime.datetime = NOON) -> None:
    outbox.exchange(db, "one", outcomes, limit=0, now=now, quiet=False)


def test_each_chat_is_queued_once_and_in_its_language(connection: Connection) -> None:
    notice_id = queued(connection, [5, (6, "en"), 5, -7])
    assert states(connection, notice_id) == {-7: "pending", 5: "pending", 6: "pending"}
    assert store.standing(connection, notice_id).recipients == 3
    assert {(c.chat_id, c.language) for c in claim(connection)} == {
        (-7, "zh"),
        (5, "zh"),
        (6, "en"),
    }


def test_recipients_can_be_a_query(connection: Connection) -> None:
    connection.execute("INSERT INTO people (chat_id, language) VALUES (1, 'en'), (2, 'zh')")
    notice_id = add_notice(connection)
    chosen = Select("SELECT chat_id, language FROM people WHERE language = ?", ["en"])
    assert queueing.queue(connection, notice_id, MESSAGES, chosen) == 1
    assert states(connection, notice_id) == {1: "pending"}


def test_a_language_without_a_message_queues_nothing(connection: Connection) -> None:
    notice_id = add_notice(connection)
    with pytest.raises(NoMessage):
        queueing.queue(connection, notice_id, MESSAGES, [(1, "zh"), (2, "zh-Hant")])
    assert states(connection, notice_id) == {}
    assert store.standing(connection, notice_id).state is NoticeState.SCHEDULED


def test_the_message_is_frozen_when_it_is_queued(connection: Connection) -> None:
    notice_id = queued(connection, [1])
    queueing.freeze(connection, notice_id, {"zh": Payload(Kind.TEXT, "another")})
    assert outbox.frozen(connection, notice_id) == MESSAGES


def test_queueing_that_died_is_completed_and_sends_nothing_before(
    connection: Connection, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(queueing, "CHUNK", 3)
    notice_id = add_notice(connection)
    chats = [(n, "zh") for n in range(10)]
    breaths: Iterator[int] = iter(range(2))

    def die() -> None:
        if next(breaths, None) is None:
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        queueing.queue(connection, notice_id, MESSAGES, chats, breathe=die)
    assert 0 < len(states(connection, notice_id)) < 10
    assert claim(connection) == []
    assert queueing.queue(connection, notice_id, MESSAGES, chats) == 10
    assert len(claim(connection)) == 10


def test_a_notice_that_is_cancelled_while_it_is_queued_is_not_sent(
    connection: Connection, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(queueing, "CHUNK", 3)
    notice_id = add_notice(connection)

    def cancel() -> None:
        store.cancel(connection, notice_id, actor=1, now=NOON)

    with pytest.raises(WrongState):
        queueing.queue(
            connection, notice_id, MESSAGES, [(n, "zh") for n in range(9)], breathe=cancel
        )
    while outbox.sweep(connection):
        pass
    assert claim(connection) == []
    assert some(connection, notice_id) == {S.CANCELLED: 3}


def test_a_queued_notice_is_not_queued_again(connection: Connection) -> None:
    notice_id = queued(connection, [1])
    with pytest.raises(WrongState):
        queueing.queue(connection, notice_id, MESSAGES, [(2, "zh")])


def test_what_is_claimed_is_not_claimed_again(connection: Connection) -> None:
    queued(connection, range(10))
    first, second = claim(connection, 6), claim(connection, 6)
    assert len(first) == 6
    assert len(second) == 4
    assert not {c.chat_id for c in first} & {c.chat_id for c in second}


def test_what_a_dead_process_had_claimed_is_unknown_and_never_repeated(
    connection: Connection,
) -> None:
    notice_id = queued(connection, range(5))
    claim(connection, 3)
    assert outbox.take_over(connection, "one") == 3
    assert len(claim(connection)) == 2
    assert some(connection, notice_id) == {S.UNKNOWN: 3, S.SENDING: 2}


def test_only_a_person_has_the_unknown_repeated(connection: Connection) -> None:
    notice_id = queued(connection, range(5))
    claim(connection)
    outbox.take_over(connection, "one")
    assert outbox.retry(connection, notice_id, actor=9, now=NOON) == 0
    assert claim(connection) == []
    assert outbox.retry(connection, notice_id, actor=9, now=NOON, unknown=True) == 5
    assert len(claim(connection)) == 5
    acts = [act for act in all_acts(connection) if act.act == "notice.retried"]
    assert [(act.actor, act.after) for act in acts] == [(9, "0"), (9, "5")]


def test_an_older_process_sends_no_more_but_settles_what_it_knows(connection: Connection) -> None:
    notice_id = queued(connection, range(4))
    (one,) = claim(connection, 1)
    outbox.take_over(connection, "two")
    sent = Outcome(one, S.SENT, message_id=77)
    with pytest.raises(Superseded):
        outbox.exchange(connection, "one", [sent], limit=5, now=NOON, quiet=False)
    assert some(connection, notice_id) == {S.SENT: 1, S.PENDING: 3}


def test_a_chat_that_is_gone_gets_nothing_until_it_writes_again(connection: Connection) -> None:
    first = queued(connection, [1, 2])
    one, two = claim(connection)
    settle(connection, Outcome(one, S.GONE, "blocked"), Outcome(two, S.SENT, message_id=3))
    assert store.standing(connection, first).state is NoticeState.SENDING
    second = queued(connection, [1, 2])
    assert [c.chat_id for c in claim(connection)] == [2]
    assert states(connection, second) == {1: "gone", 2: "sending"}
    store.came_back(connection, 1)
    queued(connection, [1])
    assert [c.chat_id for c in claim(connection)] == [1]


def test_a_notice_for_chats_that_are_all_gone_is_done(connection: Connection) -> None:
    for chat in range(3):
        store.mark_gone(connection, chat, "blocked", NOON)
    notice_id = queued(connection, range(3))
    assert claim(connection, 1) == []
    assert store.standing(connection, notice_id).state is NoticeState.DONE
    assert some(connection, notice_id) == {S.GONE: 3}


def test_what_failed_for_now_is_claimed_again_when_its_wait_is_over(connection: Connection) -> None:
    queued(connection, [1])
    (one,) = claim(connection)
    settle(connection, Outcome(one, S.PENDING, "502", wait=60))
    assert claim(connection, now=NOON + datetime.timedelta(seconds=59)) == []
    (again,) = claim(connection, now=NOON + datetime.timedelta(seconds=60))
    assert again.attempts == 1


def test_a_clock_that_is_put_back_makes_nobody_wait(connection: Connection) -> None:
    queued(connection, [1])
    (one,) = claim(connection)
    settle(connection, Outcome(one, S.PENDING, "502", wait=60))
    before = NOON - 5 * HOUR
    outbox.hurry(connection, before, 300)
    assert len(claim(connection, now=before)) == 1


def test_only_urgent_notices_go_out_in_quiet_hours(connection: Connection) -> None:
    queued(connection, [1, 2])
    urgent = queued(connection, [1], urgent=True)
    assert [c.notice_id for c in claim(connection, quiet=True)] == [urgent]
    assert len(claim(connection)) == 2


def test_an_urgent_notice_goes_first(connection: Connection) -> None:
    queued(connection, [1, 2])
    urgent = queued(connection, [3], urgent=True)
    assert claim(connection, 1)[0].notice_id == urgent


def test_a_paused_notice_goes_on_where_it_stopped(connection: Connection) -> None:
    notice_id = queued(connection, range(4))
    first = claim(connection, 1)
    store.pause(connection, notice_id, actor=9, now=NOON)
    assert claim(connection) == []
    store.resume(connection, notice_id, actor=9, now=NOON + HOUR)
    assert len(claim(connection)) == 3
    assert first[0].chat_id not in {c.chat_id for c in claim(connection)}


def test_a_cancelled_notice_is_swept_out_and_what_is_under_way_still_settled(
    connection: Connection,
) -> None:
    notice_id = queued(connection, range(4))
    (one,) = claim(connection, 1)
    store.cancel(connection, notice_id, actor=9, now=NOON)
    assert claim(connection) == []
    assert outbox.sweep(connection) == 3
    assert outbox.sweep(connection) == 0
    settle(connection, Outcome(one, S.SENT, message_id=1))
    assert some(connection, notice_id) == {S.CANCELLED: 3, S.SENT: 1}
    with pytest.raises(WrongState):
        outbox.retry(connection, notice_id, actor=9, now=NOON)


def test_a_done_notice_is_on_its_way_again_when_failed_ones_are_retried(
    connection: Connection,
) -> None:
    notice_id = queued(connection, [1, 2])
    one, two = claim(connection)
    settle(connection, Outcome(one, S.FAILED, "too long"), Outcome(two, S.SENT, message_id=1))
    claim(connection)
    assert store.standing(connection, notice_id).state is NoticeState.DONE
    assert outbox.retry(connection, notice_id, actor=9, now=NOON) == 1
    assert [c.chat_id for c in claim(connection)] == [one.chat_id]


def test_a_chat_that_moved_is_written_to_at_its_new_number(connection: Connection) -> None:
    connection.execute("INSERT INTO people (chat_id, region) VALUES (-1, '35')")
    notice_id = queued(connection, [-1])
    (one,) = claim(connection)
    settle(connection, Outcome(one, S.PENDING, "migrated", new_chat_id=-100))
    assert [c.chat_id for c in claim(connection)] == [-100]
    assert some(connection, notice_id) == {S.SENDING: 1}
    assert connection.execute("SELECT chat_id, region FROM people").fetchall() == [(-100, "35")]


def test_a_chat_that_moved_to_where_the_notice_goes_anyway_gets_it_once(
    connection: Connection,
) -> None:
    notice_id = queued(connection, [-1, -100])
    claims = {c.chat_id: c for c in claim(connection)}
    settle(connection, Outcome(claims[-100], S.SENT, message_id=1))
    settle(connection, Outcome(claims[-1], S.PENDING, "migrated", new_chat_id=-100))
    assert claim(connection) == []
    assert states(connection, notice_id) == {-1: "cancelled", -100: "sent"}


def test_whoever_unsubscribes_gets_nothing_that_is_queued(
    connection: Connection, monkeypatch: pytest.MonkeyPatch
) -> None:
    queued(connection, [1, 2])
    assert outbox.withdraw_chat(connection, 1, "unsubscribed") == 1
    assert [c.chat_id for c in claim(connection)] == [2]
    monkeypatch.setattr(queueing, "CHUNK", 1)
    notice_id = add_notice(connection)

    def leave() -> None:
        outbox.withdraw_chat(connection, 9, "unsubscribed")

    queueing.queue(connection, notice_id, MESSAGES, [(8, "zh"), (9, "zh")], breathe=leave)
    assert [c.chat_id for c in claim(connection)] == [8]


def test_a_forgotten_chat_is_named_nowhere_and_still_counted(connection: Connection) -> None:
    notice_id = queued(connection, [1, 2, 3])
    one = claim(connection, 1)[0]
    settle(connection, Outcome(one, S.SENT, message_id=1))
    outbox.forget_chat(connection, one.chat_id)
    outbox.forget_chat(connection, 3)
    assert set(states(connection, notice_id)) == {2}
    assert some(connection, notice_id) == {S.SENT: 1, S.PENDING: 1}


def test_chats_of_old_notices_are_deleted_and_their_counts_kept(connection: Connection) -> None:
    notice_id = queued(connection, range(3))
    settle(connection, *(Outcome(c, S.SENT, message_id=1) for c in claim(connection)))
    claim(connection)
    assert outbox.purge(connection, NOON) == 0
    assert outbox.purge(connection, NOON + HOUR) == 3
    assert outbox.purge(connection, NOON + HOUR) == 0
    assert states(connection, notice_id) == {}
    assert some(connection, notice_id) == {S.SENT: 3}


ENDS = st.sampled_from([S.SENT, S.FAILED, S.GONE, S.UNKNOWN, S.PENDING])


@settings(
    max_examples=30, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(steps=st.lists(st.tuples(st.integers(0, 5), st.lists(ENDS, max_size=5)), max_size=8))
def test_counts_are_what_counting_finds(
    connection: Connection, steps: list[tuple[int, list[DeliveryState]]]
) -> None:
    notice_id = queued(connection, range(12))
    for limit, ends in steps:
        claims = [c for c in claim(connection, limit) if c.notice_id == notice_id]
        settle(connection, *(Outcome(c, end) for c, end in zip(claims, ends, strict=False)))
    assert some(connection, notice_id) == dict(Counter(states(connection, notice_id).values()))
    with writing(connection):
        connection.execute("DELETE FROM gone_chats")
        connection.execute("UPDATE notices SET state = 'cancelled'")


def test_no_chat_can_have_two_deliveries_of_one_notice(connection: Connection) -> None:
    notice_id = queued(connection, [1])
    with pytest.raises(Exception, match="UNIQUE"):
        connection.execute(
            "INSERT INTO deliveries (notice_id, chat_id, language) VALUES (?, 1, 'zh')", [notice_id]
        )
