"""What sending notices is worth, all of it with one command: ``python -m tests.bench.notices``.

Against a stand-in for the Bot API in a process of its own (:mod:`tests.bench.stand_in`).
"""

from __future__ import annotations

import asyncio
import json
import os
import random
import resource
import signal
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from contextlib import closing
from functools import partial
from itertools import pairwise
from pathlib import Path
from zoneinfo import ZoneInfo

import click
import uvloop

from bot.loading import MIGRATIONS
from bot.notices import outbox, queueing, store
from bot.notices.states import DeliveryState, left
from bot.sandbox import actions
from bot.sandbox.server import SandboxServer
from bot.sandbox.state import Person, State
from bot.texts import Texts
from knowledge.database import open_database
from tests.bench.load import START_SECONDS, Load
from tests.bench.sender import TEXTS, TOKEN, add_notice, now, queue_for
from tests.bench.stand_in import FAULTS, Faults, Report, standing_in

Figures = dict[str, object]
POLL_SECONDS = 0.01


def start_sender(path: Path, url: str, rate: int) -> subprocess.Popen[bytes]:
    """A sender in a process of its own."""
    command = [sys.executable, "-m", "tests.bench.sender", str(path), url, str(rate)]
    return subprocess.Popen(command, stderr=subprocess.DEVNULL)


def settled(path: Path, notice_id: int) -> int:
    """How many deliveries are neither pending nor under way."""
    with closing(open_database(path, *MIGRATIONS)) as db:
        counts = outbox.counts(db, notice_id)
    return sum(counts.values()) - counts[DeliveryState.PENDING] - counts[DeliveryState.SENDING]


def kill_at(path: Path, notice_id: int, url: str, rate: int, threshold: int) -> int:
    """A sender was killed when so many were settled; how many deliveries it had claimed by then."""
    sender = start_sender(path, url, rate)
    while settled(path, notice_id) < threshold and sender.poll() is None:
        time.sleep(POLL_SECONDS)
    sender.send_signal(signal.SIGKILL)
    sender.wait()
    with closing(open_database(path, *MIGRATIONS)) as db:
        return outbox.counts(db, notice_id)[DeliveryState.SENDING]


def disagreements(path: Path, notice_id: int, seen: Report) -> list[str]:
    """Chats whose final state is not what the stand-in saw."""
    allowed: dict[DeliveryState, Callable[[int, bool], bool]] = {
        DeliveryState.SENT: lambda times, blocked: times == 1 and not blocked,
        DeliveryState.GONE: lambda times, blocked: times == 0 and blocked,
        DeliveryState.UNKNOWN: lambda times, _: times <= 1,
    }
    with closing(open_database(path, *MIGRATIONS)) as db:
        rows = db.execute(
            "SELECT chat_id, state FROM deliveries WHERE notice_id = ?", [notice_id]
        ).fetchall()
    return [
        f"{chat_id} {state} delivered {seen.delivered.get(chat_id, 0)}"
        for chat_id, state in rows
        if (check := allowed.get(DeliveryState(state))) is None
        or not check(seen.delivered.get(chat_id, 0), chat_id in seen.blocked)
    ]


def killed(folder: Path, recipients: int, kills: int, rate: int, seed: int) -> Figures:
    """Every fault, and a sender that is killed at random moments."""
    path = folder / "killed.db"
    chance = random.Random(seed)  # noqa: S311
    with standing_in(FAULTS) as telegram:
        notice_id = queue_for(path, recipients)
        claimed = [
            kill_at(path, notice_id, telegram.url, rate, threshold)
            for threshold in sorted(chance.sample(range(recipients // 20, recipients), kills))
        ]
        if start_sender(path, telegram.url, rate).wait() != 0:
            raise RuntimeError("the last sender failed")
        seen = telegram.report()
    with closing(open_database(path, *MIGRATIONS)) as db:
        counts = outbox.counts(db, notice_id)
    injected = seen.verdicts.get("silent", 0) + seen.verdicts.get("dropped", 0)
    return {
        "recipients": recipients,
        "kills": kills,
        "requests": sum(seen.verdicts.values()),
        **{f"answered {name}": count for name, count in sorted(seen.verdicts.items())},
        **{str(state): count for state, count in counts.items() if count},
        "got it twice": sum(times > 1 for times in seen.delivered.values()),
        "lost": recipients - sum(counts.values()) + counts[DeliveryState.PENDING],
        "state unlike what was seen": len(disagreements(path, notice_id, seen)),
        "claimed at each kill": claimed,
        "unknown, at most": sum(claimed) + injected,
    }


def most_in_a_second(arrivals: list[float]) -> int:
    """The most that arrived in any window of one second."""
    most = first = 0
    for last, moment in enumerate(arrivals):
        while moment - arrivals[first] >= 1:
            first += 1
        most = max(most, last - first + 1)
    return most


def pace(folder: Path, rate: int, recipients: int) -> Figures:
    """How well the rate is kept when nothing goes wrong."""
    path = folder / f"pace{rate}.db"
    with standing_in(Faults(latency=0.03)) as telegram:
        queue_for(path, recipients)
        start_sender(path, telegram.url, rate).wait()
        arrivals = sorted(telegram.report().arrivals)
    held = (len(arrivals) - 1) / (arrivals[-1] - arrivals[0])
    return {
        "set": rate,
        "sent": len(arrivals),
        "a second": round(held, 2),
        "below the set rate, %": round(100 * (1 - held / rate), 2),
        "most in one second": most_in_a_second(arrivals),
        "longest gap, ms": round(1000 * max(b - a for a, b in pairwise(arrivals))),
    }


def paused(folder: Path, rate: int) -> Figures:
    """How soon a pause and a resumption from another process are felt."""
    path = folder / f"paused{rate}.db"
    with standing_in() as telegram, closing(open_database(path, *MIGRATIONS)) as db:
        notice_id = queue_for(path, rate * 30)
        sender = start_sender(path, telegram.url, rate)
        while settled(path, notice_id) < rate:
            time.sleep(POLL_SECONDS)
        store.pause(db, notice_id, actor=0, now=now())
        held = time.monotonic()
        time.sleep(3)
        last = max(telegram.report().arrivals)
        store.resume(db, notice_id, actor=0, now=now())
        resumed = time.monotonic()
        time.sleep(2)
        arrivals = telegram.report().arrivals
        sender.terminate()
        sender.wait()
    first = min(moment for moment in arrivals if moment > last)
    return {
        "set": rate,
        "last message after the pause, ms": round(1000 * max(0.0, last - held)),
        "first message after going on, ms": round(1000 * (first - resumed)),
    }


def million(folder: Path, recipients: int) -> Figures:
    """A very large notice is queued, counted and begun; in a process of its own, for its memory."""
    command = [sys.executable, "-m", "tests.bench.notices", "--million-in", str(folder)]
    command += ["--recipients", str(recipients)]
    answer = subprocess.run(command, stdout=subprocess.PIPE, check=True, text=True)
    figures: Figures = json.loads(answer.stdout)
    return figures


def queue_a_million(folder: Path, recipients: int) -> Figures:
    """The figures of :func:`million`, of this process."""
    with closing(open_database(folder / "million.db", *MIGRATIONS)) as db:
        notice_id = add_notice(db)
        # Chat ids in no order, as they come.
        chats = ((10_000 + n * 7_919 % 10_000_019 * 100 + n % 100, "zh") for n in range(recipients))
        began = time.perf_counter()
        queueing.queue(db, notice_id, TEXTS, chats)
        queued = time.perf_counter() - began
        outbox.take_over(db, "bench")
        claim = partial(outbox.exchange, db, "bench", [], limit=125, now=now(), quiet=False)
        works: dict[str, Callable[[], object]] = {
            "counts, ms": partial(outbox.counts, db, notice_id),
            "claim of 125, ms": claim,
            "take over, ms": partial(outbox.take_over, db, "bench"),
        }
        times: dict[str, float] = {}
        for name, work in works.items():
            began = time.perf_counter()
            work()
            times[name] = round(1000 * (time.perf_counter() - began), 2)
        total = sum(outbox.counts(db, notice_id).values())
    memory = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024
    return {"queued": total, "queued in, s": round(queued, 1), **times, "memory, MB": memory}


async def answers(folder: Path, rounds: int, seconds: float) -> Figures:
    """How long workers wait for an answer, while a notice is sent and while none is, by turns."""
    state = State(TOKEN)
    server = SandboxServer(state, Texts(), ZoneInfo("Asia/Shanghai"))
    url = await server.start()
    path = folder / "answers.db"
    load = Load(state, 50)
    readers = [_reader(state, str(n)) for n in range(int(rounds * seconds * 30))]
    environment = {**os.environ, "SHEBAO_TOKEN": TOKEN, "SHEBAO_API_URL": url,
                   "SHEBAO_DB": str(path), "SHEBAO_LOG_LEVEL": "WARNING",
                   "SHEBAO_QUIET_HOURS": "00:00-00:00", "SHEBAO_RETENTION_DAYS": "1"}  # fmt: skip
    bot = await asyncio.create_subprocess_exec(
        sys.executable, "-m", "bot", "run", env=environment, stderr=asyncio.subprocess.DEVNULL
    )
    quiet: list[float] = []
    busy: list[float] = []
    meanwhile = 0
    try:
        async with asyncio.timeout(START_SECONDS):
            await load.ask(load._people[0])
        await load.as_fast_as_possible(2)  # warm
        for number in range(rounds):
            quiet += await load.evenly(20, seconds)
            share = len(readers) // rounds
            first = readers[number * share].id
            with closing(open_database(path, *MIGRATIONS)) as db:
                notice_id = add_notice(db)
                queueing.queue(db, notice_id, TEXTS, ((first + n, "zh") for n in range(share)))
                await asyncio.sleep(2)
                before = outbox.counts(db, notice_id)[DeliveryState.SENT]
                busy += await load.evenly(20, seconds)
                meanwhile += outbox.counts(db, notice_id)[DeliveryState.SENT] - before
                while left(outbox.counts(db, notice_id)):  # noqa: ASYNC110 (another process sends)
                    await asyncio.sleep(0.2)
    finally:
        bot.terminate()
        await bot.wait()
        await server.stop()
    p50, p50_busy = statistics.median(quiet) * 1000, statistics.median(busy) * 1000
    return {
        "questions": len(quiet) + len(busy),
        "notices a second meanwhile": round(meanwhile / (rounds * seconds), 1),
        "p50 without, ms": round(p50, 2),
        "p50 while sending, ms": round(p50_busy, 2),
        "times": round(p50_busy / p50, 2),
        "p99 without, ms": round(sorted(quiet)[int(len(quiet) * 0.99)] * 1000, 1),
        "p99 while sending, ms": round(sorted(busy)[int(len(busy) * 0.99)] * 1000, 1),
    }


def _reader(state: State, name: str) -> Person:
    person = actions.add_person(state, name, "zh-hans")
    person.started = True
    return person


PARTS: dict[str, Callable[[Path], Figures]] = {
    "million": lambda folder: million(folder, 1_000_000),
    "pace": lambda folder: pace(folder, 25, 1_500),
    "paid": lambda folder: pace(folder, 1_000, 20_000),
    "paused": lambda folder: paused(folder, 25),
    "paused, paid": lambda folder: paused(folder, 1_000),
    "answers": lambda folder: uvloop.run(answers(folder, 4, 12)),
    "killed": lambda folder: killed(folder, 10_000, 5, 600, seed=20261125),
}


@click.command()
@click.argument("parts", nargs=-1, type=click.Choice(list(PARTS)))
@click.option("--million-in", type=click.Path(path_type=Path), hidden=True)
@click.option("--recipients", type=int, default=1_000_000, hidden=True)
def main(parts: tuple[str, ...], million_in: Path | None, recipients: int) -> None:
    """Prints the figures of the parts, or of all."""
    if million_in is not None:
        click.echo(json.dumps(queue_a_million(million_in, recipients)))
        return
    for part in parts or PARTS:
        with tempfile.TemporaryDirectory() as folder:
            figures = PARTS[part](Path(folder))
        click.echo(f"\n{part}")
        for name, figure in figures.items():
            click.echo(f"  {name:30} {figure}")


if __name__ == "__main__":
    main()
