"""Commands, choices that are kept, lists, and what Telegram shows of the bot."""

from __future__ import annotations

import os
import time

from bot.app import App
from bot.config import Config
from bot.heartbeat import heartbeat_age
from bot.loading import Loaded
from bot.sandbox.profile import commands_for, profile_text
from tests.bot.telegram_server import TelegramServer, buttons


async def test_start_greets_in_the_language_of_the_telegram(
    bot: App, telegram: TelegramServer
) -> None:
    telegram.says("/start", language="en")
    assert "Ask in your own words" in (await telegram.replies(1))["text"]
    telegram.says("/start", language="zh-hant")
    assert "社保問答" in (await telegram.replies(2))["text"]


async def test_a_deep_link_opens_its_entry(bot: App, telegram: TelegramServer) -> None:
    telegram.says("/start work-injury__commuting-accident")
    assert "上下班" in (await telegram.replies(1))["text"]


async def test_a_broken_deep_link_greets(bot: App, telegram: TelegramServer) -> None:
    telegram.says("/start no__such-entry")
    assert "社保问答" in (await telegram.replies(1))["text"]


async def test_a_chosen_language_is_kept_and_questions_decide_their_own(
    bot: App, telegram: TelegramServer
) -> None:
    telegram.says("/language")
    offered = await telegram.replies(1)
    telegram.taps(offered, "l:en")
    await telegram.until(lambda: "English" in telegram.sent[0]["text"])
    telegram.says("/help")
    assert "browse by topic" in (await telegram.replies(2))["text"]
    telegram.says("老板一直拖着不给我们交社保，我能怎么办")
    assert "社会保险法" in (await telegram.replies(3))["text"]


async def test_a_chosen_region_names_its_offices(bot: App, telegram: TelegramServer) -> None:
    telegram.says("/region 深圳")
    assert "广东省" in (await telegram.replies(1))["text"]
    telegram.says("/contacts")
    contacts = await telegram.replies(2)
    assert "hrss.gd.gov.cn" in contacts["text"]


async def test_all_regions_can_be_tapped_and_taken_away(bot: App, telegram: TelegramServer) -> None:
    telegram.says("/region")
    offered = await telegram.replies(1)
    assert len(buttons(offered)) == 32
    telegram.taps(offered, "r:44")
    await telegram.until(lambda: "广东" in telegram.sent[0]["text"])
    telegram.taps(offered, "r:")
    await telegram.until(lambda: "不再记地区" in telegram.sent[0]["text"])


async def test_an_unknown_region_is_named_and_the_list_offered(
    bot: App, telegram: TelegramServer
) -> None:
    telegram.says("/region 火星")
    reply = await telegram.replies(1)
    assert "火星" in reply["text"]
    assert len(buttons(reply)) == 32


async def test_forget_shows_and_erases_what_is_kept(
    bot: App, telegram: TelegramServer, loaded: Loaded
) -> None:
    telegram.says("/forget")
    assert "没有记你的任何信息" in (await telegram.replies(1))["text"]
    telegram.says("/region 广东")
    await telegram.replies(2)
    telegram.says("/forget")
    shown = await telegram.replies(3)
    assert "广东省" in shown["text"]
    telegram.taps(shown, buttons(shown)[0][1])
    await telegram.until(lambda: "已经全部删掉" in telegram.sent[-1]["text"])
    assert list(loaded.connection.query("SELECT * FROM people")) == []


async def test_privacy_names_the_retention_in_force(bot: App, telegram: TelegramServer) -> None:
    telegram.says("/privacy")
    assert "180 天" in (await telegram.replies(1))["text"]


async def test_topics_lead_to_questions_and_to_the_answer(
    bot: App, telegram: TelegramServer
) -> None:
    telegram.says("/topics")
    listed = await telegram.replies(1)
    (data,) = [data for text, data in buttons(listed) if text == "工伤"]
    telegram.taps(listed, data)
    await telegram.until(lambda: telegram.sent[0]["text"] == "工伤")
    page = telegram.sent[0]
    assert "下一页 »" in [text for text, _ in buttons(page)]
    (following,) = [data for text, data in buttons(page) if text == "下一页 »"]
    first_titles = [text for text, _ in buttons(page)]
    telegram.taps(page, following)
    await telegram.until(lambda: "« 上一页" in [text for text, _ in buttons(telegram.sent[0])])
    title, data = buttons(telegram.sent[0])[0]
    assert title not in first_titles
    telegram.taps(telegram.sent[0], data)
    assert (await telegram.replies(2))["text"].startswith(title)


async def test_law_shows_an_article_and_refuses_what_is_none(
    bot: App, telegram: TelegramServer
) -> None:
    telegram.says("/law 58")
    article = await telegram.replies(1)
    assert "第58条" in article["text"]
    assert "flk.npc.gov.cn" in article["text"]
    for number, (asked, told) in enumerate(
        [("/law 99", "98"), ("/law abc", "abc"), ("/law", "98"), ("/law 五十八", "第58条")], 2
    ):
        telegram.says(asked)
        assert told in (await telegram.replies(number))["text"]


async def test_an_article_in_free_text_is_shown(bot: App, telegram: TelegramServer) -> None:
    telegram.says("社会保险法第五十八条")
    assert "第58条" in (await telegram.replies(1))["text"]
    telegram.says("article 58")
    assert "Article 58" in (await telegram.replies(2))["text"]


async def test_an_unknown_command_is_told_so(bot: App, telegram: TelegramServer) -> None:
    telegram.says("/fly")
    assert "/help" in (await telegram.replies(1))["text"]


async def test_commands_and_descriptions_are_set_per_language(
    bot: App, telegram: TelegramServer
) -> None:
    await telegram.until(lambda: len(telegram.state.commands) == 6)
    chat = telegram.worker.id
    chinese, english = (commands_for(telegram.state, chat, code) for code in ("zh-hans", "en"))
    assert [x["command"] for x in chinese] == [x["command"] for x in english]
    assert chinese != english
    chinese_text, english_text = (
        profile_text(telegram.state, "description", code) for code in ("zh-hans", "fr")
    )
    assert "社保" in chinese_text
    assert "social insurance" in english_text


async def test_the_heartbeat_is_fresh_while_updates_arrive(
    bot: App, telegram: TelegramServer, config: Config
) -> None:
    await telegram.until(config.heartbeat.exists)
    old = time.time() - 3600
    os.utime(config.heartbeat, (old, old))
    await telegram.until(lambda: config.heartbeat.stat().st_mtime > old + 1)


async def test_the_heartbeat_grows_old_when_telegram_stops_answering(
    bot: App, telegram: TelegramServer, config: Config
) -> None:
    import datetime

    await telegram.until(config.heartbeat.exists)
    telegram.fails("getUpdates", 500, "Internal Server Error", times=1000)
    before = config.heartbeat.stat().st_mtime
    await telegram.until(lambda: time.time() - before > 6)
    assert config.heartbeat.stat().st_mtime - before < 6
    later = datetime.datetime.fromtimestamp(before + 3600, datetime.UTC)
    age = heartbeat_age(config.heartbeat, later)
    assert age is not None
    assert age > 3500
