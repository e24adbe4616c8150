"""The border between asynchronous code and SQLite: one connection, on one thread of its own."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import TypeVar

from sqlite_utils.db import Database as Connection

__all__ = ["Connection", "Database"]

T = TypeVar("T")


class Database:
    """Runs functions of a connection, one after the other, away from the event loop."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection
        self._thread = ThreadPoolExecutor(max_workers=1, thread_name_prefix="sqlite")

    async def run(self, function: Callable[[Connection], T]) -> T:
        """What ``function`` returns; it gets the connection and may open a transaction on it."""
        loop = asyncio.get_running_loop()
        return await loop.run_in_executor(self._thread, function, self._connection)

    def close(self) -> None:
        """Everything that was asked for is done, and the connection is closed."""
        self._thread.shutdown(wait=True)
        self._connection.close()
