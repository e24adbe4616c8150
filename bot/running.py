"""The bot from its start until it is told to stop, by polling or by webhook."""

from __future__ import annotations

import asyncio
import gc
from typing import Any
from urllib.parse import urlsplit

from bot.app import UPDATES, Now, build, machine_time
from bot.config import Config, Webhook
from bot.loading import Loaded
from bot.texts import Texts


def webhook_options(webhook: Webhook) -> dict[str, Any]:
    """How python-telegram-bot listens for deliveries."""
    return {
        "listen": webhook.host,
        "port": webhook.port,
        "url_path": urlsplit(webhook.url).path,
        "webhook_url": webhook.url,
        "secret_token": webhook.secret,
        "allowed_updates": UPDATES,
        "bootstrap_retries": -1,
    }


def _use_fast_loop() -> None:
    """Where there is uvloop (not for Windows), the event loop is one of it."""
    try:
        from uvloop import new_event_loop
    except ImportError:
        return
    asyncio.set_event_loop(new_event_loop())


def run(config: Config, loaded: Loaded, texts: Texts, now: Now = machine_time) -> None:
    """Answers until it is told to stop: asks for updates, or has them delivered where that is set.

    Waits for Telegram as long as it takes.
    """
    _use_fast_loop()
    # The knowledge stays for good: the garbage collector need not walk through it again and again.
    gc.freeze()
    app = build(config, loaded, texts, now)
    config.heartbeat.unlink(missing_ok=True)
    if config.webhook is not None:
        app.run_webhook(**webhook_options(config.webhook))
    else:
        app.run_polling(allowed_updates=UPDATES, bootstrap_retries=-1)
