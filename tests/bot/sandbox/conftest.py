"""A sandbox server, and python-telegram-bot's own Bot as its client."""

from __future__ import annotations

import struct
import zlib
from collections.abc import AsyncIterator
from zoneinfo import ZoneInfo

import pytest
import pytest_asyncio
from telegram import Bot

from bot.sandbox import actions
from bot.sandbox.server import SandboxServer
from bot.sandbox.state import Person, State
from bot.texts import Texts
from tests.bot.telegram_server import TOKEN


def png(width: int, height: int) -> bytes:
    """A grey picture of that size."""

    def chunk(kind: bytes, data: bytes) -> bytes:
        checksum = struct.pack(">I", zlib.crc32(kind + data))
        return struct.pack(">I", len(data)) + kind + data + checksum

    header = struct.pack(">IIBBBBB", width, height, 8, 0, 0, 0, 0)
    rows = b"".join(b"\0" + b"\x80" * width for _ in range(height))
    return (
        b"\x89PNG\r\n\x1a\n"
        + chunk(b"IHDR", header)
        + chunk(b"IDAT", zlib.compress(rows))
        + chunk(b"IEND", b"")
    )


@pytest.fixture
def state() -> State:
    """A world without people."""
    return State(TOKEN)


@pytest.fixture
def worker(state: State) -> Person:
    """Somebody who has started the bot."""
    person = actions.add_person(state, "W", "zh-hans")
    person.started = True
    return person


@pytest_asyncio.fixture
async def server(state: State, texts: Texts) -> AsyncIterator[str]:
    """The address of a running server."""
    server = SandboxServer(state, texts, ZoneInfo("Asia/Shanghai"))
    url = await server.start()
    yield url
    await server.stop()


@pytest_asyncio.fixture
async def client(server: str) -> AsyncIterator[Bot]:
    """python-telegram-bot, talking to the server."""
    async with Bot(TOKEN, base_url=f"{server}/bot", base_file_url=f"{server}/file/bot") as bot:
        yield bot
