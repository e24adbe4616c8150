"""What happens, told to every open page as server-sent events."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Callable

from aiohttp import web

from bot.sandbox.state import Event

# Written now and then, so that a page that was closed is noticed.
PULSE_SECONDS = 15.0
MOST_WAITING = 10_000


class Events:
    """The open pages, each with what it has not been told yet."""

    def __init__(self) -> None:
        self._pages: set[asyncio.Queue[Event | None]] = set()

    def spread(self, event: Event) -> None:
        """Every open page will be told."""
        for queue in list(self._pages):
            if queue.qsize() < MOST_WAITING:
                queue.put_nowait(event)
            else:
                # A page that does not listen any more starts anew with the whole state.
                self._pages.discard(queue)
                queue.put_nowait(None)

    def stop(self) -> None:
        """Every open page is let go."""
        for queue in self._pages:
            queue.put_nowait(None)

    async def stream(
        self,
        request: web.Request,
        whole: Callable[[], Event],
        current: Callable[[Event], Event],
    ) -> web.StreamResponse:
        """A page is told the whole state, and from then on what happens, until it is closed.

        Args:
            whole: the state as it is now.
            current: an event, with what belongs to it as it is now.
        """
        response = web.StreamResponse(
            headers={"Content-Type": "text/event-stream", "Cache-Control": "no-store"}
        )
        queue: asyncio.Queue[Event | None] = asyncio.Queue()
        self._pages.add(queue)
        try:
            await response.prepare(request)
            await _write(response, {"type": "hello", "state": whole()})
            while (event := await _next(queue)) is not None:
                await _write(response, current(event))
        except ConnectionError:
            pass  # the page was closed
        finally:
            self._pages.discard(queue)
        return response


async def _next(queue: asyncio.Queue[Event | None]) -> Event | None:
    try:
        return await asyncio.wait_for(queue.get(), PULSE_SECONDS)
    except TimeoutError:
        return {"type": "pulse"}


async def _write(response: web.StreamResponse, event: Event) -> None:
    await response.write(f"data: {json.dumps(event, ensure_ascii=False)}\n\n".encode())
