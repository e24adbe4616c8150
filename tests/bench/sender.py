"""A process that sends what is queued and does nothing else: to be measured, and to be killed.

``python -m tests.bench.sender DATABASE URL RATE`` ends when nothing is left to send.
"""

from __future__ import annotations

import datetime
import sys
from contextlib import closing
from pathlib import Path
from zoneinfo import ZoneInfo

import uvloop
from sqlite_utils.db import Database as Connection

from bot.database import Database
from bot.loading import MIGRATIONS
from bot.notices import queueing
from bot.notices.calls import Patience
from bot.notices.delivery import Delivery, Manners
from bot.notices.states import Kind, Payload
from bot.quiet import QuietHours
from bot.transport import bot_of_its_own
from knowledge.database import open_database, writing

TOKEN = "123456:" + "A" * 35
NEVER_QUIET = QuietHours(datetime.time(0), datetime.time(0), ZoneInfo("Asia/Shanghai"))
# Errors that pass are tried again soon, so that a measurement ends.
PATIENCE = Patience(attempts=6, first_seconds=0.5, longest_seconds=2.0)
TEXTS = {
    "zh": Payload(Kind.TEXT, "<b>社会保险法培训</b>\n\n讲怎么查缴费、怎么投诉。"),
    "en": Payload(Kind.TEXT, "<b>Workshop</b>\n\nHow to check your record."),
}


def now() -> datetime.datetime:
    """The time."""
    return datetime.datetime.now(datetime.UTC)


def manners(rate: int) -> Manners:
    """No quiet hours; a pause for errors only where nearly everything is one."""
    return Manners(rate, NEVER_QUIET, error_share=0.9, patience=PATIENCE, margin_seconds=0.1)


def add_notice(db: Connection, *, urgent: bool = False) -> int:
    """The number of a new notice that is to be sent."""
    with writing(db):
        return int(
            db.conn.execute(
                "INSERT INTO notices (state, content, created_by, created_at, send_at, urgent)"
                " VALUES ('scheduled', '{}', 0, ?1, ?1, ?2)",
                [now().isoformat(timespec="seconds"), urgent],
            ).lastrowid
            or 0
        )


def queue_for(path: Path, count: int, *, first: int = 1000) -> int:
    """The number of a notice that is queued for so many chats, every tenth of them in English."""
    with closing(open_database(path, *MIGRATIONS)) as db:
        notice_id = add_notice(db)
        chats = ((first + n, "en" if n % 10 == 0 else "zh") for n in range(count))
        queueing.queue(db, notice_id, TEXTS, chats)
    return notice_id


async def send_all(path: Path, url: str, rate: int) -> None:
    """Everything that is queued is sent."""
    db = Database(open_database(path, *MIGRATIONS))
    (numbers,) = await db.run(
        lambda d: d.execute("SELECT group_concat(id) FROM notices").fetchone()
    )
    settings = manners(rate)
    bot = bot_of_its_own(TOKEN, url, None, settings.in_flight)
    delivery = Delivery(db, bot, settings, now)
    await delivery.start()
    for number in numbers.split(","):
        async for progress in delivery.follow(int(number), every=0.1):
            if progress.standing.pause_reason is not None:
                break
    await delivery.stop()
    db.close()


if __name__ == "__main__":
    uvloop.run(send_all(Path(sys.argv[1]), sys.argv[2], int(sys.argv[3])))
