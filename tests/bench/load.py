"""How many workers one bot answers a second, and how fast: ``python -m tests.bench.load``.

The bot runs as `shebao run` in a process of its own; this one holds the sandbox's Bot API and the
workers. First each of N workers asks again as soon as the answer is there: that is the most the bot
sustains. Then as many questions arrive at even distances as make half of it, and each one's time
from sending to the arrival of its answer is taken.
"""

from __future__ import annotations

import asyncio
import json
import os
import statistics
import sys
import tempfile
import time
from collections.abc import Iterator
from itertools import cycle
from pathlib import Path
from zoneinfo import ZoneInfo

import click
import uvloop

from bot.sandbox import actions
from bot.sandbox.server import SandboxServer
from bot.sandbox.state import Event, Person, State
from bot.texts import Texts
from knowledge.base import FAQ_FOLDER
from knowledge.entry import read_entries

TOKEN = "123456:" + "A" * 35
START_SECONDS = 30


def questions() -> Iterator[str]:
    """What is asked: every fifth phrasing of the FAQ, over and over."""
    phrasings = [
        phrasing
        for entry in read_entries(FAQ_FOLDER)
        for phrasing in (*entry.phrasings.zh, *entry.phrasings.en)
    ]
    return cycle(phrasings[::5])


class Load:
    """Workers who ask, and the times of their answers."""

    def __init__(self, state: State, workers: int) -> None:
        self._state = state
        self._people = [actions.add_person(state, str(n), "zh-hans") for n in range(workers)]
        self._asked: dict[int, tuple[float, asyncio.Future[float]]] = {}
        self._questions = questions()
        state.page_listeners.append(self._arrived)

    def _arrived(self, event: Event) -> None:
        if event["type"] == "message" and event["message"]["from"]["is_bot"]:
            asked = self._asked.pop(event["chat_id"], None)
            if asked is not None and not asked[1].done():
                asked[1].set_result(time.perf_counter() - asked[0])

    async def ask(self, person: Person) -> float:
        """Seconds until the answer was there."""
        answered: asyncio.Future[float] = asyncio.get_running_loop().create_future()
        self._asked[person.id] = (time.perf_counter(), answered)
        actions.say(self._state, person, next(self._questions))
        return await asyncio.wait_for(answered, 60)

    async def as_fast_as_possible(self, seconds: float) -> float:
        """Answers a second when every worker asks again at once."""
        ends = time.perf_counter() + seconds
        answers = 0

        async def worker(person: Person) -> None:
            nonlocal answers
            while time.perf_counter() < ends:
                await self.ask(person)
                answers += 1

        began = time.perf_counter()
        await asyncio.gather(*(worker(person) for person in self._people))
        return answers / (time.perf_counter() - began)

    async def evenly(self, rate: float, seconds: float) -> list[float]:
        """Seconds that each answer took when so many questions arrive a second."""
        tasks: list[asyncio.Task[float]] = []
        free = cycle(self._people)
        began = time.perf_counter()
        for number in range(int(rate * seconds)):
            wait = began + number / rate - time.perf_counter()
            if wait > 0:
                await asyncio.sleep(wait)
            person = next(p for p in free if p.id not in self._asked)
            tasks.append(asyncio.create_task(self.ask(person)))
        return await asyncio.gather(*tasks)


async def measure(workers: int, seconds: float) -> dict[str, float]:
    """The figures of one run."""
    state = State(TOKEN)
    server = SandboxServer(state, Texts(), ZoneInfo("Asia/Shanghai"))
    url = await server.start()
    with tempfile.TemporaryDirectory() as folder:
        environment = {**os.environ, "SHEBAO_TOKEN": TOKEN, "SHEBAO_API_URL": url,
                       "SHEBAO_DB": str(Path(folder) / "shebao.db"), "SHEBAO_LOG_LEVEL": "WARNING"}  # fmt: skip
        bot = await asyncio.create_subprocess_exec(
            sys.executable, "-m", "bot", "run", env=environment, stderr=asyncio.subprocess.DEVNULL
        )
        try:
            load = Load(state, workers)
            async with asyncio.timeout(START_SECONDS):
                await load.ask(load._people[0])
            await load.as_fast_as_possible(2)  # warm
            most = await load.as_fast_as_possible(seconds)
            took = sorted(await load.evenly(most / 2, seconds))
        finally:
            bot.terminate()
            await bot.wait()
            await server.stop()
    return {
        "workers": workers,
        "answers_a_second": round(most, 1),
        "half_load_a_second": round(most / 2, 1),
        "p50_ms": round(statistics.median(took) * 1000, 1),
        "p99_ms": round(took[int(len(took) * 0.99)] * 1000, 1),
    }


@click.command()
@click.option("--workers", default=100, help="workers who ask at the same time")
@click.option("--seconds", default=10.0, help="length of each of the two parts")
def main(workers: int, seconds: float) -> None:
    """Prints the figures as JSON."""
    click.echo(json.dumps(uvloop.run(measure(workers, seconds))))


if __name__ == "__main__":
    main()
