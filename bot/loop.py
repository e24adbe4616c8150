"""The event loop that the bot runs on."""

from __future__ import annotations

import asyncio


def use_fast_loop() -> None:
    """Where there is uvloop (not for Windows), the event loop is one of it."""
    try:
        from uvloop import new_event_loop
    except ImportError:
        return
    asyncio.set_event_loop(new_event_loop())
