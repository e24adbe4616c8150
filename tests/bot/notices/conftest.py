"""Notices that are queued, and a sender for them that talks to the stand-in for Telegram."""

from __future__ import annotations

import datetime
from collections.abc import Awaitable, Callable, Iterable
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest
import pytest_asyncio
from sqlite_utils.db import Database as Connection

from bot.database import Database
from bot.loading import MIGRATIONS
from bot.notices import outbox, queueing
from bot.notices.calls import Patience
from bot.notices.delivery import Delivery, Manners
from bot.notices.states import DeliveryState, Kind, Payload
from bot.quiet import QuietHours
from bot.transport import bot_of_its_own
from knowledge.database import open_database, writing
from tests.bot.telegram_server import TOKEN, TelegramServer

ZONE = ZoneInfo("Asia/Shanghai")
NOON = datetime.datetime(2026, 11, 25, 12, 0, tzinfo=ZONE)
NIGHT = datetime.datetime(2026, 11, 25, 23, 0, tzinfo=ZONE)
MESSAGES = {
    "zh": Payload(Kind.TEXT, "<b>社会保险法培训</b>"),
    "en": Payload(Kind.TEXT, "<b>Workshop</b>"),
}
MANNERS = Manners(
    1000,
    QuietHours(datetime.time(21), datetime.time(8), ZONE),
    patience=Patience(attempts=3, first_seconds=0.05, longest_seconds=0.1),
    margin_seconds=0.0,
)


def add_notice(
    db: Connection,
    state: str = "scheduled",
    *,
    send_at: datetime.datetime = NOON,
    urgent: bool = False,
) -> int:
    """The number of a new notice."""
    at = send_at.astimezone(datetime.UTC).isoformat(timespec="seconds")
    with writing(db):
        return int(
            db.conn.execute(
                "INSERT INTO notices (state, content, created_by, created_at, send_at, urgent)"
                " VALUES (?, '{}', 0, ?, ?, ?)",
                [state, at, at, urgent],
            ).lastrowid
            or 0
        )


def queued(
    db: Connection,
    chats: Iterable[int | tuple[int, str]],
    messages: dict[str, Payload] | None = None,
    *,
    urgent: bool = False,
) -> int:
    """The number of a notice that is queued for these chats, in Chinese where nothing is said."""
    notice_id = add_notice(db, urgent=urgent)
    recipients = [(chat, "zh") if isinstance(chat, int) else chat for chat in chats]
    queueing.queue(db, notice_id, messages or MESSAGES, recipients)
    return notice_id


def states(db: Connection, notice_id: int) -> dict[int, str]:
    """The state of each delivery, by chat."""
    found = db.execute("SELECT chat_id, state FROM deliveries WHERE notice_id = ?", [notice_id])
    return dict(found.fetchall())


def some(db: Connection, notice_id: int) -> dict[DeliveryState, int]:
    """How many deliveries are in which state, without those in which none is."""
    return {state: n for state, n in outbox.counts(db, notice_id).items() if n}


class Clock:
    """A time that stands still until it is moved."""

    def __init__(self, moment: datetime.datetime = NOON) -> None:
        self.moment = moment

    def __call__(self) -> datetime.datetime:
        return self.moment


@pytest.fixture
def clock() -> Clock:
    """Noon in Shanghai."""
    return Clock()


Start = Callable[..., Awaitable[Delivery]]


@pytest_asyncio.fixture
async def start(telegram: TelegramServer, database: Path, clock: Clock) -> Start:
    """Starts a sender; the test stops it."""
    telegram.database = database

    async def started(manners: Manners = MANNERS, url: str | None = None) -> Delivery:
        bot = bot_of_its_own(TOKEN, url or telegram.url, None, manners.in_flight)
        delivery = Delivery(Database(open_database(database, *MIGRATIONS)), bot, manners, clock)
        await delivery.start()
        return delivery

    return started
