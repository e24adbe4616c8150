"""The whole bot sends what the shell queued."""

from __future__ import annotations

import dataclasses
import datetime
from zoneinfo import ZoneInfo

from sqlite_utils.db import Database as Connection

from bot.config import Config
from bot.loading import Loaded
from bot.notices import store
from bot.notices.composing import store as composing
from bot.notices.notice import Notice, Worded
from bot.notices.states import NoticeState
from bot.notices.subscribing import store as subscribing
from bot.notices.subscribing.store import Subscriber, Wish
from bot.quiet import QuietHours
from bot.texts import Texts
from knowledge.text import Language
from tests.bot.conftest import start, stop
from tests.bot.telegram_server import TelegramServer

NEVER = QuietHours(datetime.time(), datetime.time(), ZoneInfo("Asia/Shanghai"))


async def test_a_notice_from_the_shell_is_sent_by_the_running_bot(
    config: Config, loaded: Loaded, texts: Texts, telegram: TelegramServer, connection: Connection
) -> None:
    one, two = telegram.staff(name="1"), telegram.staff(name="2")
    subscribing.keep(connection, Subscriber(one.id, Wish.ON, Language.EN))
    subscribing.keep(connection, Subscriber(two.id, Wish.ON, Language.ZH))
    app = await start(dataclasses.replace(config, quiet_hours=NEVER), loaded, texts)
    now = datetime.datetime.now(datetime.UTC)
    notice = Notice(Worded("培训", "Workshop"), Worded("讲社保", "On insurance"))
    notice_id = composing.create(connection, notice, actor=0, now=now)
    store.schedule(connection, notice_id, at=now, urgent=False, actor=0, now=now)
    await telegram.until(lambda: store.standing(connection, notice_id).state is NoticeState.DONE)
    await stop(app)
    assert [m["text"].splitlines()[0] for m in telegram.to(one)] == ["Workshop"]
    assert [m["text"].splitlines()[0] for m in telegram.to(two)] == ["培训"]


async def test_a_chat_that_was_gone_is_back_when_it_writes(
    config: Config, loaded: Loaded, texts: Texts, telegram: TelegramServer, connection: Connection
) -> None:
    now = datetime.datetime.now(datetime.UTC)
    store.mark_gone(connection, telegram.worker.id, "blocked", now)
    app = await start(config, loaded, texts)
    telegram.says("/help")
    await telegram.until(lambda: not store.is_gone(connection, telegram.worker.id))
    await stop(app)
