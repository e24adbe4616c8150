"""How requests reach Telegram, and the proof that updates still arrive."""

from __future__ import annotations

import datetime
import time
from enum import StrEnum
from io import BytesIO
from pathlib import Path
from typing import Any

import aiohttp
import httpx
from telegram import Bot
from telegram.error import NetworkError, TelegramError, TimedOut
from telegram.request import BaseRequest, HTTPXRequest, RequestData

from bot.heartbeat import HEARTBEAT_EVERY_SECONDS, HEARTBEAT_STALE_SECONDS

# Seconds, as python-telegram-bot's own request has them; a file takes longer to send.
CONNECT_SECONDS = 5.0
READ_SECONDS = 5.0
FILE_SECONDS = 20.0
CONNECTIONS = 32


class AiohttpRequest(BaseRequest):
    """Requests through one aiohttp session, with parameters as JSON.

    Answers half as many people again a second as httpx with aiohttp below it, and four times as many
    as httpx alone (tests/bench/README.md). aiohttp speaks no SOCKS: see :func:`ordinary_request`.

    Args:
        connections: most that are open at the same time.
    """

    def __init__(self, connections: int = CONNECTIONS) -> None:
        self._connections = connections
        self._session: aiohttp.ClientSession | None = None

    async def initialize(self) -> None:
        """Requests can be made."""
        if self._session is None:
            connector = aiohttp.TCPConnector(limit=self._connections)
            headers = {"User-Agent": self.USER_AGENT}
            self._session = aiohttp.ClientSession(connector=connector, headers=headers)

    async def shutdown(self) -> None:
        """Every connection is closed."""
        if self._session is not None:
            await self._session.close()
            self._session = None

    @property
    def read_timeout(self) -> float:
        """Seconds to wait for an answer."""
        return READ_SECONDS

    async def do_request(
        self,
        url: str,
        method: str,
        request_data: RequestData | None = None,
        read_timeout: Any = BaseRequest.DEFAULT_NONE,
        write_timeout: Any = BaseRequest.DEFAULT_NONE,
        connect_timeout: Any = BaseRequest.DEFAULT_NONE,
        pool_timeout: Any = BaseRequest.DEFAULT_NONE,
    ) -> tuple[int, bytes]:
        """Status and body of the response.

        Raises:
            TimedOut: it did not come in time; the request may have been carried out.
            NetworkError: there was no connection, or it broke.
        """
        if self._session is None:
            raise RuntimeError("not initialized")
        read = FILE_SECONDS if request_data and request_data.contains_files else READ_SECONDS
        if isinstance(read_timeout, int | float):
            read = max(read, read_timeout)
        timeout = aiohttp.ClientTimeout(total=None, sock_connect=CONNECT_SECONDS, sock_read=read)
        try:
            async with self._session.request(
                method, url, timeout=timeout, **_body(request_data)
            ) as response:
                return response.status, await response.read()
        except TimeoutError as error:
            raise TimedOut from error
        except aiohttp.ClientError as error:
            # The error's own words may hold the address, and with it the token.
            raise NetworkError(type(error).__name__) from error


def _body(data: RequestData | None) -> dict[str, Any]:
    if data is None:
        return {}
    if not data.contains_files:
        return {"json": data.parameters}
    form = aiohttp.FormData(data.json_parameters)
    for name, (filename, content, mime_type) in data.multipart_data.items():
        # In chunks: bytes are written at once, and while a large file is, nobody is answered.
        read = BytesIO(content) if isinstance(content, bytes) else content
        form.add_field(name, read, filename=filename, content_type=mime_type)
    return {"data": form}


class HeartbeatRequest(BaseRequest):
    """Requests for updates; each that Telegram answered touches the heartbeat file.

    The file is as fresh as the last success, so that a poll that hangs or fails for ever is seen.

    Args:
        request: makes the requests.
    """

    def __init__(self, request: BaseRequest, heartbeat: Path) -> None:
        self._request = request
        self._heartbeat = heartbeat
        self._touched = 0.0

    async def initialize(self) -> None:
        """Requests can be made."""
        await self._request.initialize()

    async def shutdown(self) -> None:
        """Every connection is closed."""
        await self._request.shutdown()

    @property
    def read_timeout(self) -> float | None:
        """Seconds to wait for an answer."""
        return self._request.read_timeout

    async def do_request(
        self, url: str, method: str, *args: Any, **kwargs: Any
    ) -> tuple[int, bytes]:
        """Status and body of the response; errors as those of the request within."""
        status, body = await self._request.do_request(url, method, *args, **kwargs)
        now = time.monotonic()
        if status == 200 and now - self._touched >= HEARTBEAT_EVERY_SECONDS:
            self._touched = now
            self._heartbeat.touch()
        return status, body


def ordinary_request(proxy: str | None, connections: int = CONNECTIONS) -> BaseRequest:
    """Through httpx where a proxy is set, since that speaks SOCKS."""
    if proxy is None:
        return AiohttpRequest(connections)
    # httpx searches its pool for each request: a small one is faster.
    return HTTPXRequest(connection_pool_size=connections, pool_timeout=30.0, proxy=proxy)


class Arrival(StrEnum):
    """Whether a request that failed has reached Telegram."""

    NEVER = "never"
    ANSWERED = "answered"  # Telegram refused it
    MAYBE = "maybe"  # it was written, or part of it; Telegram may have carried it out


NEVER_CONNECTED = (
    aiohttp.ClientConnectorError,
    aiohttp.ConnectionTimeoutError,
    httpx.ConnectError,
    httpx.ConnectTimeout,
    httpx.PoolTimeout,
    httpx.ProxyError,
)


def arrival(error: TelegramError) -> Arrival:
    """Whether the request that failed so has reached Telegram."""
    cause = error.__cause__
    if isinstance(cause, NEVER_CONNECTED):
        return Arrival.NEVER
    # python-telegram-bot names as cause what broke the connection, or that a body was no JSON: a proxy's
    # page beside an error status, or half an answer to a request that was carried out.
    if isinstance(error, TimedOut) or type(error) is TelegramError:
        return Arrival.MAYBE
    if cause is None or isinstance(cause, TelegramError):
        return Arrival.ANSWERED
    return Arrival.MAYBE


def bot_of_its_own(token: str, api_url: str, proxy: str | None, connections: int) -> Bot:
    """A bot whose requests wait for nobody else's; its ``request`` is to be initialized."""
    return Bot(
        token,
        base_url=f"{api_url}/bot",
        request=ordinary_request(proxy, connections),
        get_updates_request=ordinary_request(proxy, 1),
    )


def updates_request(proxy: str | None, heartbeat: Path) -> HeartbeatRequest:
    """For updates alone."""
    return HeartbeatRequest(ordinary_request(proxy), heartbeat)


async def delivered(bot: Bot, url: str) -> bool:
    """Whether Telegram delivers to the address, and had no trouble with it lately."""
    try:
        webhook = await bot.get_webhook_info()
    except TelegramError:
        return False
    failed = webhook.last_error_date
    now = datetime.datetime.now(datetime.UTC)
    lately = failed is not None and (now - failed).total_seconds() < HEARTBEAT_STALE_SECONDS
    return webhook.url == url and not lately


async def bot_name(token: str, api_url: str, proxy: str | None) -> str:
    """The user name of the bot, without @.

    Raises:
        TelegramError: Telegram cannot be reached, or does not know the token.
    """
    async with Bot(
        token,
        base_url=f"{api_url}/bot",
        request=ordinary_request(proxy),
        get_updates_request=ordinary_request(proxy),
    ) as bot:
        return bot.username
