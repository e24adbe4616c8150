"""A workshop from the first word to the rating, through the running bot."""

from __future__ import annotations

import datetime

from sqlite_utils.db import Database as Connection

from bot.sandbox.clock import Clock
from tests.bot.notices.chat.chats import Chat
from tests.bot.telegram_server import TelegramServer


async def test_a_workshop_is_announced_filled_waited_for_reminded_of_and_rated(
    organiser: Chat, worker: Chat, telegram: TelegramServer, clock: Clock, connection: Connection
) -> None:
    second = Chat(telegram, telegram.staff(name="B"))
    third = Chat(telegram, telegram.staff(name="C"))
    for person in (worker, second, third):
        await person.subscribe()
    card = await organiser.compose()
    assert "会发给 3 人" in card["text"]
    await organiser.send(card)
    got = await worker.sees("讲怎么查缴费")
    assert "2026年12月12日（周六） 14:00–16:30" in got["text"]
    assert "✓ 已报名" in (await worker.tap(got, "报名"))["text"]
    await second.tap(await second.sees("讲怎么查缴费"), "报名")
    full = await third.tap(await third.sees("讲怎么查缴费"), "报名")
    assert "名额满了" in full["text"]
    assert "候补第 1 位" in (await third.tap(full, "候补", 0))["text"]
    await organiser.sees("通知发完了")
    mine = await worker.sees("✓ 已报名")
    assert "已取消" in (await worker.tap(mine, "不来了", 0))["text"]
    await third.sees("有位子了，你排到了")
    clock.forward(datetime.timedelta(days=10, hours=5))
    await second.sees("明天见")
    clock.forward(datetime.timedelta(hours=22))
    here = await third.sees("快开始了")
    assert not [m for m in worker.messages if "快开始了" in m["text"]]
    code = connection.execute("SELECT 1").fetchone()
    assert code
    listed = await organiser.say("/notice")
    opened = await organiser.tap(listed, "社会保险法培训")
    assert "来 2 人（含同伴 2 位）" in opened["text"]
    door = await organiser.tap(opened, "门口")
    (number,) = [w for w in door["caption"].split() if w.isdigit() and len(w) == 4]
    await third.tap(here, "我到了")
    assert "签到成功" in (await third.say(number))["text"]
    clock.forward(datetime.timedelta(hours=5))
    asked = await third.sees("怎么样")
    assert "★★★★" in (await third.tap(asked, "4 ★", 0))["text"]
    assert not [m for m in second.messages if "怎么样" in m["text"]]
