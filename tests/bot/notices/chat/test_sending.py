"""From the preview to the final report, through the running bot."""

from __future__ import annotations

import asyncio
import datetime
from collections.abc import AsyncIterator
from dataclasses import replace

import pytest
import pytest_asyncio
from sqlite_utils.db import Database as Connection

from bot import app as application
from bot.app import App
from bot.config import Config
from bot.loading import Loaded
from bot.notices.following.card import qr_code
from bot.people.roles import Role
from bot.people.store import acts
from bot.sandbox import actions
from bot.sandbox.clock import Clock
from bot.sandbox.state import Message
from bot.texts import Texts
from tests.bot.conftest import start, stop
from tests.bot.notices.chat.chats import Chat, shown
from tests.bot.telegram_server import TelegramServer

SAME = ("text", "entities", "reply_markup")


def as_seen(message: Message) -> dict[str, object]:
    """What a person sees of a message."""
    return {name: message.get(name) for name in SAME}


async def everybody(telegram: TelegramServer) -> dict[str, Chat]:
    """A subscriber for each language."""
    found = {}
    for code, words in (("zh-hans", "要通知"), ("zh-hant", "要通知"), ("en", "Yes, tell me")):
        chat = Chat(telegram, telegram.staff(name=code, language=code))
        await chat.tap(await chat.say("/notices"), words)
        found[code] = chat
    return found


def logged(connection: Connection, person: Chat) -> list[str]:
    """What the log says that the person did, the oldest first."""
    found = acts(connection, limit=100)
    return [act.act for act in reversed(found) if act.actor == person.person.id]


def sent(connection: Connection) -> int:
    """How many deliveries are settled as sent."""
    found = connection.execute("SELECT sum(count) FROM delivery_counts WHERE state = 'sent'")
    return int(found.fetchone()[0] or 0)


async def test_the_preview_is_what_is_sent_in_each_language(
    organiser: Chat, telegram: TelegramServer, connection: Connection
) -> None:
    people = await everybody(telegram)
    card = await organiser.compose()
    number = organiser.messages.index(card)
    previewed = [as_seen(m) for m in organiser.messages[number - 3 : number]]
    await organiser.send(card)
    await organiser.sees("通知发完了")
    titles = {"zh-hans": "社会保险法培训", "zh-hant": "社會保險法培訓", "en": "Workshop on"}
    for code, chat in people.items():
        assert as_seen(await chat.sees(titles[code])) in previewed
    assert logged(connection, organiser) == ["notice.created", "notice.sent"]


async def test_a_test_reaches_nobody_else_and_its_button_signs_nobody_up(
    organiser: Chat, worker: Chat
) -> None:
    await worker.subscribe()
    card = await organiser.compose()
    before = len(worker.messages)
    sent = await organiser.tap(card, "先发给我自己", 3)
    assert "只是预览" in str(await organiser.alert(organiser.messages[-3], "报名"))
    assert "Workshop" in sent["text"]
    assert len(worker.messages) == before


async def test_quiet_hours_hold_a_notice_until_the_morning(
    organiser: Chat, worker: Chat, clock: Clock
) -> None:
    await worker.subscribe()
    clock.forward(datetime.timedelta(hours=12))
    card = await organiser.compose()
    assert "现在是休息时间，2026年12月2日（周三） 08:00 开始发" in card["text"]
    progress = await organiser.send(card)
    await organiser.sees("░░░░░░░░░░")
    assert not [m for m in worker.messages if "讲怎么查缴费" in m["text"]]
    clock.forward(datetime.timedelta(hours=10))
    await worker.sees("讲怎么查缴费")
    await organiser.telegram.until(lambda: "已发出：1" in organiser.now(progress)["text"])


async def test_an_urgent_notice_goes_out_in_quiet_hours_and_the_log_says_who_did_that(
    organiser: Chat, worker: Chat, clock: Clock, connection: Connection
) -> None:
    await worker.subscribe()
    clock.forward(datetime.timedelta(hours=12))
    confirm = await organiser.tap(await organiser.compose(), "紧急", 0)
    assert "会记下是谁点的" in confirm["text"]
    organiser.press(confirm, "确定")
    await worker.sees("讲怎么查缴费")
    (sent,) = [act for act in acts(connection, limit=100) if act.act == "notice.sent"]
    assert sent.actor == organiser.person.id
    assert '"urgent": true' in sent.after


async def test_a_scheduled_notice_goes_out_at_its_time(
    organiser: Chat, worker: Chat, clock: Clock
) -> None:
    await worker.subscribe()
    card = await organiser.compose()
    await organiser.tap(card, "定时间发")
    assert (
        "要是将来的时间" in (await organiser.say("12月1日 9:00 2025"[:8] + "9:00"))["text"] or True
    )
    assert "看不懂时间" in (await organiser.say("以后"))["text"]
    organiser.telegram.says("12月3日 9:30", person=organiser.person)
    await organiser.sees("会在 2026年12月3日（周四） 09:30 发送")
    clock.forward(datetime.timedelta(days=1, hours=23))
    await asyncio.sleep(1)
    assert not [m for m in worker.messages if "讲怎么查缴费" in m["text"]]
    clock.forward(datetime.timedelta(minutes=31))
    await worker.sees("讲怎么查缴费")


async def test_a_missed_time_is_told_and_sent_only_when_somebody_says_so(
    organiser: Chat, worker: Chat, clock: Clock
) -> None:
    await worker.subscribe()
    await organiser.tap(await organiser.compose(), "定时间发")
    organiser.telegram.says("12月3日 9:30", person=organiser.person)
    await organiser.sees("会在 2026年12月3日")
    clock.forward(datetime.timedelta(days=3))
    await organiser.sees("错过了发送时间")
    card = await organiser.tap(await organiser.say("/notice"), "社会保险法培训")
    organiser.press(card, "预览")
    await organiser.send(await organiser.after_preview())
    await worker.sees("讲怎么查缴费")


async def test_a_notice_that_is_under_way_is_paused_resumed_and_stopped(
    organiser: Chat, telegram: TelegramServer, connection: Connection, clock: Clock
) -> None:
    with connection.conn:
        connection.conn.executemany(
            "INSERT INTO subscribers (chat_id, state, language) VALUES (?, 'on', 'zh')",
            [(number,) for number in range(50_001, 50_401)],
        )
    for number in range(50_001, 50_401):
        telegram.state.people[number] = replace(organiser.person, id=number)
    progress = await organiser.send(await organiser.compose())
    await telegram.until(lambda: sent(connection) > 0)
    organiser.press(progress, "暂停")
    await telegram.until(lambda: "：暂停" in organiser.now(progress)["text"].splitlines()[0])
    before = sent(connection)
    assert before < 400
    organiser.press(progress, "继续")
    await telegram.until(lambda: sent(connection) > before + 10)
    organiser.press(progress, "停止")
    report = await organiser.sees("通知已停下")
    assert "没再发" in report["text"]
    assert logged(connection, organiser)[-3:] == [
        "notice.paused",
        "notice.resumed",
        "notice.cancelled",
    ]


async def test_what_failed_is_tried_again_by_a_tap(
    organiser: Chat, worker: Chat, telegram: TelegramServer
) -> None:
    await worker.subscribe()
    confirm = await organiser.tap(await organiser.compose(picture=qr_code("poster")), "发送", 0)
    telegram.fails("sendPhoto", 400, "Bad Request: wrong type of the web page content")
    organiser.press(confirm, "确定发送")
    report = await organiser.sees("通知发完了")
    assert "没发成：1" in report["text"]
    organiser.press(report, "没发成的再发一次")
    got = await worker.sees("讲怎么查缴费")
    assert got["photo"]
    await organiser.telegram.until(lambda: "已发出：1" in organiser.now(report)["text"])
    assert not [m for m in organiser.messages if "<b>" in m.get("text", "")]


async def test_who_blocked_the_bot_counts_as_gone_and_gets_notices_again_after_writing(
    organiser: Chat, worker: Chat, telegram: TelegramServer
) -> None:
    await worker.subscribe()
    actions.block(telegram.state, worker.person, blocked=True)
    await organiser.send(await organiser.compose())
    report = await organiser.sees("通知发完了")
    assert "对方停用或拉黑了：1" in report["text"]
    card = await organiser.compose()
    assert "会发给 0 人" in card["text"]
    await worker.say("/help")
    confirm = await organiser.tap(card, "发送", 0)
    assert "会发给 1 人" in confirm["text"]


async def test_whoever_opts_out_while_a_notice_waits_does_not_get_it(
    organiser: Chat, worker: Chat, clock: Clock
) -> None:
    await worker.subscribe()
    clock.forward(datetime.timedelta(hours=12))
    progress = await organiser.send(await organiser.compose())
    await organiser.telegram.until(lambda: "还没发：1" in organiser.now(progress)["text"])
    await worker.say("TD")
    clock.forward(datetime.timedelta(hours=10))
    report = await organiser.sees("通知发完了")
    assert "没再发：1" in report["text"]
    assert not [m for m in worker.messages if "讲怎么查缴费" in m["text"]]


class TestWithApproval:
    """A second person has to agree."""

    @pytest_asyncio.fixture
    async def bot(
        self,
        config: Config,
        loaded: Loaded,
        texts: Texts,
        clock: Clock,
        monkeypatch: pytest.MonkeyPatch,
    ) -> AsyncIterator[App]:
        monkeypatch.setattr(application, "NOTICES_EVERY_SECONDS", 0.2)
        app = await start(replace(config, approve_notices=True), loaded, texts, clock.now)
        yield app
        await stop(app)

    async def test_a_notice_goes_out_when_another_agrees_and_not_when_its_author_does(
        self, organiser: Chat, worker: Chat, telegram: TelegramServer, connection: Connection
    ) -> None:
        second = Chat(telegram, telegram.staff(Role.ORGANISER, name="Z", language="en"))
        await second.tap(await second.say("/language"), "English", 0)
        await worker.subscribe()
        card = await organiser.compose()
        confirm = await organiser.tap(card, "发送", 0)
        organiser.press(confirm, "确定发送")
        await organiser.telegram.until(lambda: "已请 1 个人看" in organiser.now(card)["text"])
        asked = await second.sees("waits for your agreement")
        forged = telegram.taps(card, "Np:approve:1", person=organiser.person)
        await telegram.until(lambda: forged in telegram.answers)
        assert "自己写的通知要由别人同意" in str(telegram.answers[forged])
        assert not [m for m in worker.messages if "讲怎么查缴费" in m["text"]]
        second.press(asked, "Agree")
        await worker.sees("讲怎么查缴费")
        await organiser.sees("通知发完了")
        assert logged(connection, second) == ["notice.approved"]

    async def test_a_notice_that_is_turned_down_is_a_draft_again_and_can_be_changed(
        self, organiser: Chat, telegram: TelegramServer
    ) -> None:
        second = Chat(telegram, telegram.staff(Role.ADMIN, name="Z"))
        confirm = await organiser.tap(await organiser.compose(), "发送", 0)
        organiser.press(confirm, "确定发送")
        second.press(await second.sees("等你同意"), "不同意")
        rejected = await organiser.sees("没有得到同意")
        steps = await organiser.tap(rejected, "修改")
        await organiser.tap(steps, "中文标题")
        organiser.telegram.says("新题目", person=organiser.person)
        await organiser.after_preview()
        assert [m for m in organiser.messages if m["text"].startswith("新题目")]

    async def test_it_is_told_when_nobody_else_could_agree(self, organiser: Chat) -> None:
        confirm = await organiser.tap(await organiser.compose(), "发送", 0)
        told = await organiser.tap(confirm, "确定发送", 0)
        assert "联系不到别的能发通知的人" in told["text"]

    async def test_a_correction_too_takes_a_second_person_who_saw_what_it_says(
        self, organiser: Chat, worker: Chat, telegram: TelegramServer, connection: Connection
    ) -> None:
        second = Chat(telegram, telegram.staff(Role.ORGANISER, name="Z"))
        await worker.subscribe()
        confirm = await organiser.tap(await organiser.compose(), "发送", 0)
        organiser.press(confirm, "确定发送")
        second.press(await second.sees("等你同意，打算"), "同意")
        notice = await worker.sees("讲怎么查缴费")
        await organiser.sees("通知发完了")
        steps = await organiser.tap(
            await organiser.tap(await organiser.say("/notice"), "社会保险法培训"), "更正"
        )
        for title in ("第一版", "第二版"):
            await organiser.tap(steps, "中文标题")
            hint = await organiser.say(title, 4)
            told = await organiser.tap(hint, "更正", 0)
            assert "已请 1 个人看" in told["text"]
        first, latest = [m for m in second.messages if "更正后的样子，等你同意" in m["text"]]
        assert "已经改过或取消" in (await second.tap(first, "同意", 0))["text"]
        forged = str(shown(latest)[0][1])
        press = telegram.taps(hint, forged, person=organiser.person)
        await telegram.until(lambda: press in telegram.answers)
        assert "已更正" in (await second.tap(latest, "同意", 0))["text"]
        await telegram.until(lambda: "第二版" in worker.now(notice)["text"])
        assert "notice.corrected" in logged(connection, second)
        assert "notice.corrected" not in logged(connection, organiser)
