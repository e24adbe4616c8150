"""Updates that are delivered instead of asked for."""

from __future__ import annotations

import dataclasses
import socket

import aiohttp
import pytest

from bot.app import build
from bot.config import Config, InvalidSetting, Webhook, read_config
from bot.loading import Loaded
from bot.running import webhook_options
from bot.texts import Texts
from bot.transport import delivered
from tests.bot.conftest import stop
from tests.bot.telegram_server import TelegramServer


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


async def test_delivered_questions_are_answered_and_forged_ones_are_not(
    config: Config, loaded: Loaded, texts: Texts, telegram: TelegramServer
) -> None:
    port = free_port()
    url = f"http://127.0.0.1:{port}/deliver"
    webhook = Webhook(url, "s3cret", "127.0.0.1", port)
    app = build(dataclasses.replace(config, webhook=webhook), loaded, texts)
    await app.initialize()
    if app.post_init:
        await app.post_init(app)
    assert app.updater is not None
    await app.updater.start_webhook(**webhook_options(webhook))
    await app.start()
    try:
        telegram.says("老板一直拖着不给我们交社保，我能怎么办")
        answer = await telegram.replies(1)
        assert "社会保险法" in answer["text"]
        forged = {"update_id": 10**9, "message": {**answer, "text": "社保"}}
        async with aiohttp.ClientSession() as session, session.post(url, json=forged) as response:
            assert response.status == 403
        assert await delivered(app.bot, url)
        assert not await delivered(app.bot, "https://example.org/other")
        telegram.state.webhook.last_error_date = telegram.state.clock.timestamp()
        assert not await delivered(app.bot, url)
    finally:
        await stop(app)


def test_a_webhook_without_a_secret_gets_one_that_nobody_knows() -> None:
    settings = {"SHEBAO_WEBHOOK_URL": "https://example.org/hook"}
    one, two = (read_config(settings).webhook for _ in range(2))
    assert one is not None
    assert two is not None
    assert one.secret != two.secret
    assert (one.host, one.port) == ("127.0.0.1", 8443)
    assert one.secret not in repr(one)


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("WEBHOOK_URL", "example.org/hook"),
        ("WEBHOOK_SECRET", "no spaces"),
        ("WEBHOOK_SECRET", "长"),
        ("WEBHOOK_LISTEN", "8443"),
        ("WEBHOOK_LISTEN", "127.0.0.1:0"),
        ("WEBHOOK_LISTEN", "127.0.0.1:99999"),
    ],
)
def test_a_malformed_webhook_setting_is_named(name: str, value: str) -> None:
    with pytest.raises(InvalidSetting) as error:
        read_config({f"SHEBAO_{name}": value})
    assert error.value.parameters == {"name": f"SHEBAO_{name}"}
