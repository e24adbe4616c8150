"""A Bot API in a process of its own that takes messages, injects faults, and tells what it saw.

``python -m tests.bench.stand_in`` prints its port. It knows ``sendMessage`` alone.
"""

from __future__ import annotations

import asyncio
import json
import random
import subprocess
import sys
import time
import urllib.request
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from typing import Any

import uvloop
from aiohttp import web

FLOOD_SECONDS = 1
HANG_SECONDS = 60


@dataclass(frozen=True)
class Faults:
    """Shares of requests, but of ``blocked``: that is of chats, for good."""

    flood: float = 0.0
    blocked: float = 0.0
    server_error: float = 0.0
    silent: float = 0.0  # delivered, and never answered
    dropped: float = 0.0  # the connection is closed; delivered or not, half of them each
    latency: float = 0.0  # seconds that every answer takes
    seed: int = 7


# What the issue asks for.
FAULTS = Faults(flood=0.05, blocked=0.03, server_error=0.01, silent=0.01, dropped=0.005)


@dataclass(frozen=True)
class Report:
    """What a stand-in saw.

    Attributes:
        delivered: how often each chat was delivered to.
        arrivals: when each request came, in seconds of a clock of its own.
        verdicts: how many requests got which answer.
        answered: requests that were answered in full.
    """

    delivered: dict[int, int]
    blocked: set[int]
    arrivals: list[float]
    verdicts: dict[str, int]


class Server:
    """The stand-in itself."""

    def __init__(self, faults: Faults) -> None:
        self._faults = faults
        self._random = random.Random(faults.seed)  # noqa: S311
        self._delivered: Counter[int] = Counter()
        self._arrivals: list[float] = []
        self._verdicts: Counter[str] = Counter()
        self._blocked: set[int] = set()

    def _verdict(self, chat_id: int) -> str:
        if random.Random(chat_id ^ self._faults.seed).random() < self._faults.blocked:  # noqa: S311
            return "blocked"
        drawn = self._random.random()
        for name in ("flood", "server_error", "silent", "dropped"):
            drawn -= getattr(self._faults, name)
            if drawn < 0:
                return name
        return "ok"

    async def send(self, request: web.Request) -> web.StreamResponse:
        """One message, with what chance has in store for it."""
        self._arrivals.append(time.monotonic())
        body = await request.json()
        chat_id = int(body["chat_id"])
        verdict = self._verdict(chat_id)
        self._verdicts[verdict] += 1
        if self._faults.latency:
            await asyncio.sleep(self._faults.latency)
        if verdict in ("ok", "silent") or (verdict == "dropped" and self._random.random() < 0.5):
            self._delivered[chat_id] += 1
        match verdict:
            case "flood":
                wait = {"retry_after": FLOOD_SECONDS}
                return _refused(429, f"Too Many Requests: retry after {FLOOD_SECONDS}", wait)
            case "blocked":
                self._blocked.add(chat_id)
                return _refused(403, "Forbidden: bot was blocked by the user")
            case "server_error":
                return _refused(500, "Internal Server Error")
            case "silent":
                await asyncio.sleep(HANG_SECONDS)
            case "dropped":
                if request.transport is not None:
                    request.transport.abort()
        message = {"message_id": sum(self._verdicts.values()), "date": 0, "text": body["text"],
                   "chat": {"id": chat_id, "type": "private"}}  # fmt: skip
        return web.json_response({"ok": True, "result": message})

    async def report(self, request: web.Request) -> web.Response:
        """What was seen so far."""
        seen: dict[str, Any] = {
            "delivered": self._delivered,
            "blocked": list(self._blocked),
            "arrivals": self._arrivals,
            "verdicts": self._verdicts,
        }
        return web.json_response(seen)

    async def run(self) -> None:
        """Listens until it is ended; prints its port."""
        app = web.Application()
        app.router.add_post("/bot{token}/sendMessage", self.send)
        app.router.add_get("/report", self.report)
        runner = web.AppRunner(app, access_log=None, handler_cancellation=True)
        await runner.setup()
        site = web.TCPSite(runner, "127.0.0.1", 0, backlog=1024)
        await site.start()
        print(runner.addresses[0][1], flush=True)  # noqa: T201
        await asyncio.Event().wait()


def _refused(code: int, description: str, parameters: dict[str, int] | None = None) -> web.Response:
    body = {"ok": False, "error_code": code, "description": description}
    if parameters:
        body["parameters"] = parameters
    return web.json_response(body, status=code)


@dataclass(frozen=True)
class StandIn:
    """A running stand-in."""

    url: str

    def report(self) -> Report:
        """What it saw so far."""
        with urllib.request.urlopen(f"{self.url}/report") as answer:  # noqa: S310
            seen = json.load(answer)
        delivered = {int(chat): count for chat, count in seen["delivered"].items()}
        return Report(delivered, set(seen["blocked"]), seen["arrivals"], seen["verdicts"])


@contextmanager
def standing_in(faults: Faults | None = None) -> Iterator[StandIn]:
    """A stand-in runs in a process of its own."""
    written = json.dumps(asdict(faults or Faults()))
    command = [sys.executable, "-m", "tests.bench.stand_in", written]
    process = subprocess.Popen(command, stdout=subprocess.PIPE, text=True)
    try:
        assert process.stdout is not None
        yield StandIn(f"http://127.0.0.1:{int(process.stdout.readline())}")
    finally:
        process.kill()
        process.wait()
        if process.stdout is not None:
            process.stdout.close()


if __name__ == "__main__":
    uvloop.run(Server(Faults(**json.loads(sys.argv[1]))).run())
