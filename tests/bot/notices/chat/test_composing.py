"""Composing a notice step by step, through the running bot."""

from __future__ import annotations

from dataclasses import replace

import pytest
from sqlite_utils.db import Database as Connection

from bot.app import App
from bot.config import Config
from bot.loading import MIGRATIONS, Loaded
from bot.people.roles import Role
from bot.sandbox.clock import Clock
from bot.texts import Texts
from knowledge.database import open_database
from tests.bot.conftest import start, stop
from tests.bot.notices.chat.chats import Chat
from tests.bot.telegram_server import TelegramServer

PHOTO = [{"file_id": "AgAC1", "file_unique_id": "u", "width": 9, "height": 9}]


async def at_step(organiser: Chat, *written: str) -> None:
    """A new notice, with these answers given."""
    step = await organiser.tap(await organiser.say("/notice"), "写新通知")
    for each in written:
        step = await (organiser.tap(step, "跳过") if not each else organiser.say(each))


@pytest.mark.parametrize(
    ("before", "wrong", "told"),
    [
        ((), "长" * 121, "最多 120 个字符，现有 121"),
        (("题",), "长" * 4_096, "最多 4096 个字符"),
        (("题", "文", ""), "2026-11-30 14:00", "要是将来的时间，现为 2026-11-30 14:00"),
        (("题", "文", ""), "下周三", "看不懂时间“下周三”"),
        (("题", "文", "", "12月12日 14:00"), "13:00", "结束要在开始之后，现为 2026-12-12 13:00"),
        (("题", "文", "", "12月12日 14:00", "16:00", "甲"), "地图", "http:// 或 https:// 开头"),
        (
            ("题", "文", "", "12月12日 14:00", "16:00", "甲", "", ""),
            "很多",
            "应为不小于 1 的整数，现为 很多",
        ),
        (
            ("题", "文", "", "12月12日 14:00", "16:00", "甲", "", "", "5"),
            "12月13日 9:00",
            "报名截止要在现在以后、开始以前",
        ),
    ],
)
async def test_a_mistake_is_told_at_its_step_and_nothing_is_lost(
    organiser: Chat, before: tuple[str, ...], wrong: str, told: str
) -> None:
    await at_step(organiser, *before)
    organiser.telegram.says(wrong, person=organiser.person)
    asked = await organiser.next(2)
    assert told in organiser.messages[-2]["text"]
    await organiser.tap(asked, "返回")
    assert "第 " in organiser.messages[-1]["text"]


async def test_length_is_counted_in_utf16_units_after_markup(organiser: Chat) -> None:
    await at_step(organiser, "题")
    organiser.telegram.says("<😀>" * 1_020, person=organiser.person)
    await organiser.next(2)
    # Four units each time, and eighteen for title, footer and what stands between.
    assert "最多 4096 个字符，现有 4098" in organiser.messages[-2]["text"]
    assert "英文标题" in (await organiser.say("<😀>" * 1_019))["text"]


async def test_a_long_text_fits_without_a_poster_and_not_with_one(organiser: Chat) -> None:
    await at_step(organiser, "题", "长" * 1_100, "", "", "", "", "")
    organiser.telegram.says(None, person=organiser.person, photo=PHOTO)
    await organiser.next(2)
    assert "最多 1024 个字符" in organiser.messages[-2]["text"]
    assert "海报" in organiser.messages[-1]["text"]


async def test_words_are_no_poster(organiser: Chat) -> None:
    await at_step(organiser, "题", "文", "", "", "", "", "")
    organiser.telegram.says("海报在哪", person=organiser.person)
    await organiser.next(2)
    assert "请发图片或文件" in organiser.messages[-2]["text"]


async def test_a_language_is_written_whole_or_not_at_all(organiser: Chat) -> None:
    await at_step(organiser, "题")
    (asked,) = organiser.messages[-1:]
    refused = await organiser.tap(asked, "跳过", 2)
    assert "要么都写" in organiser.messages[-2]["text"]
    assert "中文内容" in refused["text"]


async def test_without_any_language_there_is_no_notice(organiser: Chat) -> None:
    await at_step(organiser, "")
    refused = await organiser.tap(organiser.messages[-1], "跳过", 2)
    assert "至少写一种语言" in organiser.messages[-2]["text"]
    assert "英文标题" in refused["text"]


async def test_a_draft_survives_a_restart(
    bot: App,
    organiser: Chat,
    config: Config,
    loaded: Loaded,
    texts: Texts,
    clock: Clock,
    telegram: TelegramServer,
) -> None:
    await at_step(organiser, "培训", "讲社保")
    await stop(bot)
    again = replace(loaded, connection=open_database(config.db, *MIGRATIONS))
    app = await start(config, again, texts, clock.now)
    try:
        assert "开始" in (await organiser.tap(organiser.messages[-1], "跳过"))["text"]
        asked = await organiser.say("/notice")
        assert "什么时候开始" in asked["text"]
        await organiser.tap(asked, "返回")
        await organiser.tap(organiser.messages[-1], "返回")
        assert "中文内容" in organiser.messages[-1]["text"]
    finally:
        await stop(app)


async def test_cancelling_leaves_nothing(organiser: Chat, connection: Connection) -> None:
    await at_step(organiser, "培训")
    assert "什么都没发" in (await organiser.tap(organiser.messages[-1], "取消"))["text"]
    assert connection.execute("SELECT count(*) FROM drafts").fetchone() == (0,)
    assert "写一条新通知" in (await organiser.say("/notice"))["text"]
    assert "12333" in (await organiser.say("今天天气怎么样"))["text"]


async def test_what_is_missing_in_a_language_goes_to_its_readers_or_not(
    organiser: Chat, worker: Chat, telegram: TelegramServer
) -> None:
    english = Chat(telegram, telegram.staff(name="E", language="en"))
    await worker.subscribe()
    await english.tap(await english.say("/notices"), "Yes, tell me")
    await at_step(organiser, "培训", "讲社保", "", "", "", "", "", "")
    step = organiser.messages[-1]
    for _ in range(3):
        step = await organiser.tap(step, "不限")
    assert "只写了一种语言" in step["text"]
    await organiser.tap(step, "不发给他们", 0)
    organiser.press(step, "下一步")
    card = await organiser.after_preview()
    assert "会发给 1 人" in card["text"]
    steps = await organiser.tap(card, "修改")
    step = await organiser.tap(steps, "缺一种语言时")
    await organiser.tap(step, "发另一种语言的", 0)
    organiser.press(step, "下一步")
    card = await organiser.sees("会发给 2 人")
    await organiser.send(card)
    assert "讲社保" in (await english.sees("培训"))["text"]


async def test_the_audience_is_counted_by_region_topic_and_language(
    organiser: Chat, telegram: TelegramServer
) -> None:
    fujian = Chat(telegram, telegram.staff(name="F"))
    sichuan = Chat(telegram, telegram.staff(name="S"))
    for chat, region, topic in ((fujian, "福建", "工伤"), (sichuan, "四川", "养老保险")):
        regions = await chat.tap(await chat.say("/notices"), "要通知")
        topics = await chat.tap(regions, region, 0)
        await chat.tap(topics, topic, 0)
    await at_step(organiser, "培训", "讲社保", "", "", "", "", "", "")
    step = organiser.messages[-1]
    await organiser.tap(step, "福建", 0)
    step = await organiser.tap(step, "下一步")
    step = await organiser.tap(step, "不限")
    await organiser.tap(step, "工伤", 0)
    step = await organiser.tap(step, "下一步")
    organiser.press(step, "下一步")
    card = await organiser.after_preview()
    assert "会发给 1 人" in card["text"]
    assert "按地区：福建省 1" in card["text"]
    assert "按语言：中文 1" in card["text"]


@pytest.mark.parametrize("role", [Role.VIEWER, Role.EDITOR])
async def test_who_may_not_compose_is_told_so_at_the_command_and_at_old_buttons(
    bot: App, telegram: TelegramServer, organiser: Chat, role: Role
) -> None:
    menu = await organiser.say("/notice")
    other = Chat(telegram, telegram.staff(role, name="X"))
    assert "没有做这件事的权限" in (await other.say("/notice"))["text"]
    press = telegram.taps(menu, "Nc:new", person=other.person)
    await telegram.until(lambda: press in telegram.answers)
    assert "没有做这件事的权限" in str(telegram.answers[press])


async def test_an_organiser_composes_in_english(bot: App, telegram: TelegramServer) -> None:
    organiser = Chat(telegram, telegram.staff(Role.ORGANISER, name="C", language="en"))
    step = await organiser.tap(await organiser.say("/notice"), "New notice")
    step = await organiser.tap(step, "Skip")
    step = await organiser.say("Talk")
    await organiser.say("About insurance.")
    organiser.telegram.says("1 December 1999", person=organiser.person)
    await organiser.next(2)
    assert "a time such as 2026-12-12 14:00" in organiser.messages[-2]["text"]
