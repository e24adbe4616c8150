"""The bot, running against the sandbox's Bot API over real HTTP."""

from __future__ import annotations

from collections.abc import AsyncIterator, Awaitable, Callable
from pathlib import Path

import pytest
import pytest_asyncio

from bot.app import UPDATES, App, Now, build, machine_time
from bot.config import Config, read_config
from bot.loading import Loaded
from bot.texts import Texts
from tests.bot.telegram_server import TOKEN, TelegramServer

Start = Callable[[], Awaitable[App]]


@pytest_asyncio.fixture
async def telegram(texts: Texts) -> AsyncIterator[TelegramServer]:
    """Telegram's servers, as far as the bot can tell."""
    server = TelegramServer(texts)
    await server.start()
    yield server
    await server.stop()


@pytest.fixture
def config(telegram: TelegramServer, database: Path, tmp_path: Path) -> Config:
    """Settings that point at the stand-in."""
    telegram.database = database
    telegram.was_asked(telegram.worker)
    environment = {
        "SHEBAO_TOKEN": TOKEN,
        "SHEBAO_DB": str(database),
        "SHEBAO_API_URL": telegram.url,
    }
    return read_config(environment, tmp_path / "no.env")


async def start(config: Config, loaded: Loaded, texts: Texts, now: Now = machine_time) -> App:
    """The bot polls, as `shebao run` has it do."""
    app = build(config, loaded, texts, now)
    await app.initialize()
    if app.post_init:
        await app.post_init(app)
    assert app.updater is not None
    await app.updater.start_polling(allowed_updates=UPDATES, timeout=1)
    await app.start()
    return app


async def stop(app: App) -> None:
    """The bot has stopped in good order."""
    assert app.updater is not None
    await app.updater.stop()
    await app.stop()
    await app.shutdown()
    if app.post_shutdown:
        await app.post_shutdown(app)


@pytest_asyncio.fixture
async def bot(config: Config, loaded: Loaded, texts: Texts) -> AsyncIterator[App]:
    """The running bot."""
    app = await start(config, loaded, texts)
    yield app
    if app.running:
        await stop(app)
