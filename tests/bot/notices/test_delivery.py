"""The sender over HTTP: what Telegram says to a call decides what becomes of the delivery."""

from __future__ import annotations

import asyncio
import dataclasses
import socket
from collections.abc import Awaitable, Callable
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import pytest
from aiohttp import web
from sqlite_utils.db import Database as Connection

from bot.notices import outbox, store
from bot.notices.delivery import Delivery
from bot.notices.states import Button, DeliveryState, Kind, NoticeState, PauseReason, Payload
from bot.sandbox.state import Fault, Person
from knowledge.database import writing
from tests.bot.notices.conftest import (
    MANNERS,
    NIGHT,
    NOON,
    Clock,
    Start,
    queued,
    some,
    states,
)
from tests.bot.telegram_server import TelegramServer

S = DeliveryState
# One pixel.
PICTURE = bytes.fromhex(
    "89504e470d0a1a0a0000000d49484452000000010000000108060000001f15c489"
    "0000000d49444154789c6360606060000000050001a5f645400000000049454e44ae426082"
)


async def done(delivery: Delivery, telegram: TelegramServer, notice_id: int) -> None:
    """The notice ends within the time that tests wait, and the sender stops."""
    async with asyncio.timeout(20):
        async for progress in delivery.follow(notice_id, every=0.02):
            if progress.standing.state is NoticeState.PAUSED:
                break
    await delivery.stop()


def workers(telegram: TelegramServer, count: int) -> list[Person]:
    return [telegram.staff(name=str(n)) for n in range(count)]


def texts_to(telegram: TelegramServer, person: Person) -> list[str]:
    return [message["text"] for message in telegram.to(person)]


async def test_each_gets_it_once_in_their_language(
    start: Start, telegram: TelegramServer, connection: Connection
) -> None:
    one, two = workers(telegram, 2)
    notice_id = queued(connection, [(one.id, "zh"), (two.id, "en")])
    await done(await start(), telegram, notice_id)
    assert texts_to(telegram, one) == ["社会保险法培训"]
    assert texts_to(telegram, two) == ["Workshop"]
    assert some(connection, notice_id) == {S.SENT: 2}
    numbers = connection.execute("SELECT message_id FROM deliveries ORDER BY chat_id").fetchall()
    assert [n for (n,) in numbers] == [telegram.to(p)[0]["message_id"] for p in (one, two)]


async def test_buttons_and_markup_arrive_as_they_were_frozen(
    start: Start, telegram: TelegramServer, connection: Connection
) -> None:
    (one,) = workers(telegram, 1)
    rows = ((Button("报名", data="Nj:1"), Button("地图", url="https://example.org/")),)
    payload = Payload(Kind.TEXT, "<b>培训</b> &amp; 答疑", buttons=rows)
    notice_id = queued(connection, [one.id], {"zh": payload})
    await done(await start(), telegram, notice_id)
    (message,) = telegram.to(one)
    assert message["text"] == "培训 & 答疑"
    assert message["entities"] == [{"type": "bold", "offset": 0, "length": 2}]
    (row,) = message["reply_markup"]["inline_keyboard"]
    assert [button["text"] for button in row] == ["报名", "地图"]


async def test_a_poster_is_uploaded_once(
    start: Start, telegram: TelegramServer, connection: Connection, tmp_path: Path
) -> None:
    picture = tmp_path / "poster.png"
    picture.write_bytes(PICTURE)
    everyone = workers(telegram, 3)
    payload = Payload(Kind.PHOTO, "<b>培训</b>", path=str(picture))
    notice_id = queued(connection, [p.id for p in everyone], {"zh": payload})
    await done(await start(), telegram, notice_id)
    sent = [parameters for method, parameters in telegram.calls if method == "sendPhoto"]
    file_ids = {telegram.to(p)[0]["photo"][-1]["file_id"] for p in everyone}
    assert len(sent) == 3
    assert [call["photo"] for call in sent[1:]] == [*file_ids] * 2
    assert outbox.frozen(connection, notice_id)["zh"].file_id in file_ids


async def test_a_file_that_is_missing_fails_and_says_so(
    start: Start, telegram: TelegramServer, connection: Connection
) -> None:
    (one,) = workers(telegram, 1)
    payload = Payload(Kind.DOCUMENT, "培训", path="/nowhere/plan.pdf")
    notice_id = queued(connection, [one.id], {"zh": payload})
    await done(await start(), telegram, notice_id)
    assert some(connection, notice_id) == {S.FAILED: 1}
    assert connection.execute("SELECT reason FROM deliveries").fetchone() == (
        "file: FileNotFoundError",
    )


@pytest.mark.parametrize(
    ("code", "words"),
    [
        (403, "Forbidden: bot was blocked by the user"),
        (403, "Forbidden: user is deactivated"),
        (400, "Bad Request: chat not found"),
    ],
)
async def test_a_chat_that_cannot_be_reached_is_gone(
    start: Start, telegram: TelegramServer, connection: Connection, code: int, words: str
) -> None:
    one, two = workers(telegram, 2)
    telegram.fails("sendMessage", code, words)
    notice_id = queued(connection, [one.id, two.id])
    await done(await start(), telegram, notice_id)
    assert states(connection, notice_id) == {one.id: "gone", two.id: "sent"}
    assert store.is_gone(connection, one.id)
    assert len(telegram.calls) == 2


async def test_what_telegram_refuses_for_good_is_not_tried_again(
    start: Start, telegram: TelegramServer, connection: Connection
) -> None:
    (one,) = workers(telegram, 1)
    telegram.fails("sendMessage", 400, "Bad Request: message is too long", times=9)
    notice_id = queued(connection, [one.id])
    await done(await start(), telegram, notice_id)
    assert some(connection, notice_id) == {S.FAILED: 1}
    assert len(telegram.calls) == 1
    assert not store.is_gone(connection, one.id)


async def test_an_error_of_telegrams_servers_is_tried_again_and_then_given_up(
    start: Start, telegram: TelegramServer, connection: Connection, clock: Clock
) -> None:
    one, two = workers(telegram, 2)
    telegram.fails("sendMessage", 502, "Bad Gateway", times=4)
    notice_id = queued(connection, [one.id])
    delivery = await start()

    async def pass_time() -> None:
        while True:
            clock.moment += MANNERS_STEP
            await asyncio.sleep(0.02)

    passing = asyncio.create_task(pass_time())
    async with asyncio.timeout(20):
        async for _ in delivery.follow(notice_id, every=0.02):
            pass
    assert some(connection, notice_id) == {S.FAILED: 1}
    assert len(telegram.calls) == MANNERS.patience.attempts
    later = queued(connection, [two.id])
    await done(delivery, telegram, later)
    passing.cancel()
    assert some(connection, later) == {S.SENT: 1}
    assert len(texts_to(telegram, two)) == 1


MANNERS_STEP = NIGHT - NOON


async def test_when_telegram_wants_a_pause_no_delivery_is_lost_or_counted_as_tried(
    start: Start, telegram: TelegramServer, connection: Connection
) -> None:
    everyone = workers(telegram, 5)
    telegram.fails("sendMessage", 429, "Too Many Requests: retry after 1", wait=1)
    notice_id = queued(connection, [p.id for p in everyone])
    await done(await start(), telegram, notice_id)
    assert [len(texts_to(telegram, p)) for p in everyone] == [1] * 5
    tried = connection.execute("SELECT sum(attempts) FROM deliveries").fetchone()
    assert tried == (5,)


@pytest.mark.parametrize("after", [True, False])
async def test_a_connection_that_breaks_leaves_the_delivery_unknown_and_nobody_gets_it_twice(
    start: Start, telegram: TelegramServer, connection: Connection, after: bool
) -> None:
    (one,) = workers(telegram, 1)
    telegram.state.faults.append(Fault("sendMessage", 0, after=after))
    notice_id = queued(connection, [one.id])
    await done(await start(), telegram, notice_id)
    assert some(connection, notice_id) == {S.UNKNOWN: 1}
    assert len(texts_to(telegram, one)) == after


async def test_without_a_connection_nothing_is_lost_and_it_goes_on_by_itself(
    start: Start, telegram: TelegramServer, connection: Connection
) -> None:
    (one,) = workers(telegram, 1)
    with socket.socket() as closed:
        closed.bind(("127.0.0.1", 0))
        nowhere = f"http://127.0.0.1:{closed.getsockname()[1]}"
        notice_id = queued(connection, [one.id])
        delivery = await start(url=nowhere)
        await telegram.until(lambda: _reason(connection) == "unreachable")
        await delivery.stop()
    assert some(connection, notice_id) == {S.PENDING: 1}
    with writing(connection):
        connection.execute("UPDATE deliveries SET next_attempt_at = 0")
    await done(await start(), telegram, notice_id)
    assert texts_to(telegram, one) == ["社会保险法培训"]


def _reason(connection: Connection) -> Any:
    return connection.execute("SELECT reason FROM deliveries").fetchone()[0]


Answer = Callable[[web.Request], Awaitable[web.Response]]


@asynccontextmanager
async def answering(answer: Answer) -> Any:
    """A server that answers every call in this way."""
    app = web.Application()
    app.router.add_post("/{rest:.*}", answer)
    runner = web.AppRunner(app)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", 0).start()
    yield f"http://127.0.0.1:{runner.addresses[0][1]}"
    await runner.cleanup()


async def test_a_group_that_became_a_supergroup_is_followed(
    start: Start, telegram: TelegramServer, connection: Connection
) -> None:
    asked: list[int] = []

    async def answer(request: web.Request) -> web.Response:
        chat_id = (await request.json())["chat_id"]
        asked.append(chat_id)
        if chat_id == -5:
            moved = {"ok": False, "error_code": 400, "description": "Bad Request: group chat was "
                     "upgraded to a supergroup chat", "parameters": {"migrate_to_chat_id": -1005}}  # fmt: skip
            return web.json_response(moved, status=400)
        message = {"message_id": 1, "date": 0, "chat": {"id": chat_id, "type": "supergroup"}}
        return web.json_response({"ok": True, "result": message})

    async with answering(answer) as url:
        notice_id = queued(connection, [-5])
        await done(await start(url=url), telegram, notice_id)
    assert asked == [-5, -1005]
    assert states(connection, notice_id) == {-1005: "sent"}


async def test_half_an_answer_is_unknown(
    start: Start, telegram: TelegramServer, connection: Connection
) -> None:
    async def answer(request: web.Request) -> web.Response:
        return web.Response(text='{"ok": true, "resu')

    async with answering(answer) as url:
        notice_id = queued(connection, [5])
        await done(await start(url=url), telegram, notice_id)
    assert some(connection, notice_id) == {S.UNKNOWN: 1}


async def test_a_proxys_error_page_is_tried_again(
    start: Start, telegram: TelegramServer, connection: Connection
) -> None:
    async def answer(request: web.Request) -> web.Response:
        return web.Response(status=502, text="<html>bad gateway</html>")

    async with answering(answer) as url:
        notice_id = queued(connection, [5])
        delivery = await start(url=url)
        await telegram.until(lambda: _reason(connection) is not None)
        await delivery.stop()
    assert some(connection, notice_id) == {S.PENDING: 1}


async def test_a_token_that_telegram_does_not_know_pauses_and_loses_nothing(
    start: Start, telegram: TelegramServer, connection: Connection
) -> None:
    (one,) = workers(telegram, 1)
    telegram.fails("sendMessage", 401, "Unauthorized", times=99)
    notice_id = queued(connection, [one.id])
    await done(await start(), telegram, notice_id)
    standing = store.standing(connection, notice_id)
    assert (standing.state, standing.pause_reason) == (NoticeState.PAUSED, PauseReason.TOKEN)
    assert some(connection, notice_id) == {S.PENDING: 1}


async def test_too_many_errors_pause_the_notice_and_leave_the_rest_untried(
    start: Start, telegram: TelegramServer, connection: Connection
) -> None:
    telegram.fails("sendMessage", 400, "Bad Request: can't parse entities", times=9999)
    notice_id = queued(connection, range(10_000, 10_600))
    await done(await start(dataclasses.replace(MANNERS, rate=200)), telegram, notice_id)
    standing = store.standing(connection, notice_id)
    assert (standing.state, standing.pause_reason) == (NoticeState.PAUSED, PauseReason.ERRORS)
    counts = some(connection, notice_id)
    assert counts[S.PENDING] > 400
    assert counts[S.PENDING] + counts[S.FAILED] == 600
    assert [told.id for told in store.unreported(connection)] == [notice_id]


async def test_quiet_hours_hold_and_end_by_themselves(
    start: Start, telegram: TelegramServer, connection: Connection, clock: Clock
) -> None:
    one, two = workers(telegram, 2)
    clock.moment = NIGHT
    held = queued(connection, [one.id])
    urgent = queued(connection, [two.id], urgent=True)
    delivery = await start()
    async with asyncio.timeout(20):
        async for _ in delivery.follow(urgent, every=0.02):
            pass
    assert (len(texts_to(telegram, one)), len(texts_to(telegram, two))) == (0, 1)
    progress = await delivery.progress(held)
    assert progress.quiet_until == NIGHT.replace(day=26, hour=8)
    assert progress.finish is not None
    assert progress.finish > progress.quiet_until
    clock.moment = NIGHT.replace(day=26, hour=8)
    await done(delivery, telegram, held)
    assert len(texts_to(telegram, one)) == 1


async def test_a_pause_from_elsewhere_holds_and_nobody_gets_it_twice_after(
    start: Start, telegram: TelegramServer, connection: Connection
) -> None:
    everyone = workers(telegram, 60)
    notice_id = queued(connection, [p.id for p in everyone])
    delivery = await start(dataclasses.replace(MANNERS, rate=30))
    await telegram.until(lambda: some(connection, notice_id).get(S.SENT, 0) >= 5)
    store.pause(connection, notice_id, actor=9, now=NOON)
    # What was claimed before the pause is still sent: an eighth of a second's worth.
    await telegram.until(lambda: S.SENDING not in some(connection, notice_id))
    sent = some(connection, notice_id)[S.SENT]
    assert sent < 60
    await asyncio.sleep(0.5)
    assert some(connection, notice_id)[S.SENT] == sent
    store.resume(connection, notice_id, actor=9, now=NOON)
    await done(delivery, telegram, notice_id)
    assert [len(texts_to(telegram, p)) for p in everyone] == [1] * 60


async def test_a_bot_that_stops_settles_what_is_under_way_and_the_next_one_goes_on(
    start: Start, telegram: TelegramServer, connection: Connection
) -> None:
    everyone = workers(telegram, 40)
    notice_id = queued(connection, [p.id for p in everyone])
    first = await start(dataclasses.replace(MANNERS, rate=30))
    await telegram.until(lambda: some(connection, notice_id).get(S.SENT, 0) >= 5)
    await first.stop()
    assert set(some(connection, notice_id)) == {S.SENT, S.PENDING}
    await done(await start(), telegram, notice_id)
    assert [len(texts_to(telegram, p)) for p in everyone] == [1] * 40


@pytest.mark.parametrize(("rate", "paid"), [(30, False), (31, True)])
async def test_telegram_is_asked_to_charge_only_above_what_is_free(
    start: Start, telegram: TelegramServer, connection: Connection, rate: int, paid: bool
) -> None:
    (one,) = workers(telegram, 1)
    notice_id = queued(connection, [one.id])
    await done(await start(dataclasses.replace(MANNERS, rate=rate)), telegram, notice_id)
    ((_, parameters),) = telegram.calls
    assert ("allow_paid_broadcast" in parameters) is paid


async def test_progress_tells_rate_and_end(
    start: Start, telegram: TelegramServer, connection: Connection
) -> None:
    (one,) = workers(telegram, 1)
    notice_id = queued(connection, [one.id])
    delivery = await start()
    last = None
    async with asyncio.timeout(20):
        async for progress in delivery.follow(notice_id, every=0.02):
            last = progress
    await delivery.stop()
    assert last is not None
    assert last.over
    assert last.left == 0
    assert last.rate == 1
    assert last.finish is None


async def test_a_database_that_is_locked_for_a_while_loses_nothing(
    start: Start, telegram: TelegramServer, connection: Connection
) -> None:
    everyone = workers(telegram, 5)
    notice_id = queued(connection, [p.id for p in everyone])
    delivery = await start()
    delivery._db._connection.execute("PRAGMA busy_timeout = 10")
    await telegram.until(lambda: bool(telegram.calls))
    with writing(connection):
        await asyncio.sleep(0.3)
    await done(delivery, telegram, notice_id)
    assert some(connection, notice_id) == {S.SENT: 5}
    assert [len(texts_to(telegram, p)) for p in everyone] == [1] * 5


async def test_what_is_left_of_a_notice_is_sent_as_it_was_corrected(
    start: Start, telegram: TelegramServer, connection: Connection
) -> None:
    everyone = workers(telegram, 30)
    notice_id = queued(connection, [p.id for p in everyone])
    delivery = await start(dataclasses.replace(MANNERS, rate=30))
    await telegram.until(lambda: some(connection, notice_id).get(S.SENT, 0) >= 5)
    corrected = Payload(Kind.TEXT, "改到周日")
    with writing(connection):
        connection.execute(
            "UPDATE notice_messages SET payload = ? WHERE language = 'zh'", [corrected.as_json()]
        )
    await done(delivery, telegram, notice_id)
    got = [texts_to(telegram, p) for p in everyone]
    assert got[0] == ["社会保险法培训"]
    assert got[-1] == ["改到周日"]
    assert all(len(texts) == 1 for texts in got)
