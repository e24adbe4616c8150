"""The running bot with a clock that can be moved, and people who chat with it about notices."""

from __future__ import annotations

import datetime
from collections.abc import AsyncIterator
from zoneinfo import ZoneInfo

import pytest
import pytest_asyncio

from bot import app as application
from bot.app import App
from bot.config import Config
from bot.loading import Loaded
from bot.people.roles import Role
from bot.sandbox.clock import Clock
from bot.texts import Texts
from tests.bot.conftest import start, stop
from tests.bot.notices.chat.chats import Chat
from tests.bot.telegram_server import TelegramServer

ZONE = ZoneInfo("Asia/Shanghai")
# A Tuesday morning, long before quiet hours.
MORNING = datetime.datetime(2026, 12, 1, 10, 0, tzinfo=ZONE)


@pytest.fixture
def clock(telegram: TelegramServer) -> Clock:
    """The clock of Telegram and of the bot; it shows ten in the morning at first."""
    clock = telegram.state.clock
    clock.forward(MORNING - clock.now())
    return clock


@pytest_asyncio.fixture
async def bot(
    config: Config,
    loaded: Loaded,
    texts: Texts,
    clock: Clock,
    monkeypatch: pytest.MonkeyPatch,
) -> AsyncIterator[App]:
    """The running bot, which looks at the clock more often than it does elsewhere."""
    monkeypatch.setattr(application, "NOTICES_EVERY_SECONDS", 0.2)
    app = await start(config, loaded, texts, clock.now)
    yield app
    if app.running:
        await stop(app)


@pytest.fixture
def organiser(bot: App, telegram: TelegramServer) -> Chat:
    """Somebody who may compose and send notices."""
    return Chat(telegram, telegram.staff(Role.ORGANISER, name="O"))


@pytest.fixture
def worker(bot: App, telegram: TelegramServer) -> Chat:
    """Somebody who has just started the bot."""
    return Chat(telegram, telegram.staff(name="W2"))
