"""The sandbox server on a thread of its own, with example people."""

from __future__ import annotations

import asyncio
import errno
import secrets
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from zoneinfo import ZoneInfo

from bot.sandbox import actions
from bot.sandbox.server import SandboxServer
from bot.sandbox.state import State, load
from bot.texts import Texts
from knowledge.errors import ShebaoError

USUAL_PORT = 8080
# Name, language of the phone, role, and what they have already asked.
EXAMPLE_PEOPLE = (
    ("王芳", "zh-hans", "worker", ("/start", "老板不给我交社保怎么办", "工伤认定要几天内申请")),
    ("李娜", "zh-hans", "editor", ()),
    ("Chen Gang", "en", "organiser", ()),
)


class PortTaken(ShebaoError):
    """Another program listens on the port."""

    def __init__(self, port: int) -> None:
        super().__init__("error.port_taken", port=port)


class UnusableState(ShebaoError):
    """The file of an earlier trial cannot be read."""

    def __init__(self, path: Path) -> None:
        super().__init__("error.sandbox_state", path=str(path))


def new_state() -> State:
    """A sandbox with three people, of whom a worker has asked."""
    # Of the form that tokens have; nothing but this sandbox accepts it.
    state = State(f"{secrets.randbelow(10**9) + 10**9}:{secrets.token_urlsafe(27)[:35]}")
    for name, language_code, role, questions in EXAMPLE_PEOPLE:
        person = actions.add_person(state, name, language_code, role)
        for question in questions:
            actions.say(state, person, question)
    return state


def kept_state(path: Path) -> State:
    """The state of an earlier trial, or a new one when there was none.

    Raises:
        UnusableState: there is a file, but not one that can be used.
    """
    if not path.exists():
        return new_state()
    try:
        return load(path)
    except (OSError, ValueError) as error:
        raise UnusableState(path) from error


@contextmanager
def running(
    state: State,
    texts: Texts,
    timezone: ZoneInfo,
    *,
    port: int | None = None,
    state_file: Path | None = None,
) -> Iterator[str]:
    """The server runs, at the address that is given; afterwards it is stopped and its state saved.

    Args:
        port: the port; None for the usual one, or a free one when that is taken.

    Raises:
        PortTaken: the port that was asked for is taken.
    """
    loop = asyncio.new_event_loop()
    thread = threading.Thread(target=loop.run_forever, name="sandbox", daemon=True)
    thread.start()

    async def started() -> tuple[SandboxServer, str]:
        server = SandboxServer(state, texts, timezone, state_file)
        for number in [port] if port is not None else [USUAL_PORT, 0]:
            try:
                return server, await server.start(number)
            except OSError as error:
                await server.stop()
                if error.errno not in (errno.EADDRINUSE, errno.EACCES):
                    raise
        raise PortTaken(port or USUAL_PORT)

    try:
        server, url = asyncio.run_coroutine_threadsafe(started(), loop).result()
        try:
            yield url
        finally:
            asyncio.run_coroutine_threadsafe(server.stop(), loop).result()
    finally:
        loop.call_soon_threadsafe(loop.stop)
        thread.join()
        loop.close()
