"""How requests reach Telegram, and the proof that updates still arrive."""

from __future__ import annotations

import time
from pathlib import Path
from typing import Any

from httpx_aiohttp import AiohttpTransport
from telegram.request import HTTPXRequest

from bot.heartbeat import HEARTBEAT_EVERY_SECONDS


class HeartbeatRequest(HTTPXRequest):
    """Requests for updates; each that Telegram answered touches the heartbeat file.

    The file is as fresh as the last success, so that a poll that hangs or fails for ever is seen.
    """

    def __init__(self, heartbeat: Path, **options: Any) -> None:
        super().__init__(**options)
        self._heartbeat = heartbeat
        self._touched = 0.0

    async def do_request(
        self, url: str, method: str, *args: Any, **kwargs: Any
    ) -> tuple[int, bytes]:
        status, body = await super().do_request(url, method, *args, **kwargs)
        now = time.monotonic()
        if status == 200 and now - self._touched >= HEARTBEAT_EVERY_SECONDS:
            self._touched = now
            self._heartbeat.touch()
        return status, body


def _options(proxy: str | None) -> dict[str, Any]:
    if proxy is not None:
        return {"proxy": proxy}
    # Three times the answers a second of httpx's own transport, which also speaks SOCKS.
    return {"httpx_kwargs": {"transport": AiohttpTransport()}}


def ordinary_request(proxy: str | None) -> HTTPXRequest:
    """For everything but updates. httpx searches its pool for each request: a small one is faster."""
    return HTTPXRequest(connection_pool_size=32, pool_timeout=30.0, **_options(proxy))


def updates_request(proxy: str | None, heartbeat: Path) -> HeartbeatRequest:
    """For updates alone."""
    return HeartbeatRequest(heartbeat, connection_pool_size=1, **_options(proxy))
