"""The composition root: what is built, in which order handlers are asked, how it starts and stops."""

from __future__ import annotations

import datetime
import logging
import os
from typing import Any

from telegram import LinkPreviewOptions, Update
from telegram.constants import ParseMode
from telegram.error import TelegramError
from telegram.ext import Application, ApplicationBuilder, CallbackContext, Defaults

from bot.asking import store as questions
from bot.asking.browsing import Browsing
from bot.asking.handlers import Asking
from bot.config import Config
from bot.database import Database
from bot.errors import error_handler
from bot.heartbeat import HEARTBEAT_STALE_SECONDS, heartbeat_age
from bot.loading import Loaded
from bot.people.handlers import People
from bot.profile import publish_profile
from bot.texts import Texts
from bot.transport import ordinary_request, updates_request

log = logging.getLogger(__name__)

# Durations from python-telegram-bot as timedelta, which its next major version always gives.
os.environ.setdefault("PTB_TIMEDELTA", "1")

App = Application[Any, Any, Any, Any, Any, Any]

UPDATES = [Update.MESSAGE, Update.EDITED_MESSAGE, Update.CALLBACK_QUERY]
CONCURRENT_UPDATES = 32


def build(config: Config, loaded: Loaded, texts: Texts) -> App:
    """The application, ready to run: polling, handlers, daily purge, heartbeat watch."""
    db = Database(loaded.connection)
    base = loaded.base

    def today() -> datetime.date:
        return datetime.datetime.now(config.timezone).date()

    async def open_entry(update: Update, entry_id: str) -> bool:
        return await asking.open_entry(update, entry_id)

    people = People(
        texts,
        db,
        regions=dict(base.contacts.regions),
        places=dict(base.segmenter.vocabulary.places),
        open_entry=open_entry,
        retention_days=config.retention_days,
    )
    asking = Asking(texts, db, people, base=lambda: base, today=today)
    browsing = Browsing(texts, people, base=lambda: base)

    async def started(app: App) -> None:
        await _forget_old(db, config, today())
        try:
            await publish_profile(app.bot, texts)
        except TelegramError as error:
            # The bot answers without it; Telegram limits how often it may be set.
            log.warning("profile_not_published reason=%s", error.message)

    async def stopped(app: App) -> None:
        config.heartbeat.unlink(missing_ok=True)
        db.close()

    app: App = (
        ApplicationBuilder()
        .token(config.need_token())
        .base_url(f"{config.api_url}/bot")
        .base_file_url(f"{config.api_url}/file/bot")
        .request(ordinary_request(config.proxy))
        .get_updates_request(updates_request(config.proxy, config.heartbeat))
        .defaults(
            Defaults(
                parse_mode=ParseMode.HTML,
                link_preview_options=LinkPreviewOptions(is_disabled=True),
                tzinfo=config.timezone,
            )
        )
        .concurrent_updates(CONCURRENT_UPDATES)
        .post_init(started)
        .post_shutdown(stopped)
        .build()
    )
    # Commands and buttons first, words after them, and at the very end whatever nobody took.
    app.add_handlers(list(people.handlers()))
    app.add_handlers(list(browsing.handlers()))
    app.add_handlers(list(asking.handlers()))
    app.add_error_handler(error_handler(texts))

    async def purge(context: CallbackContext[Any, Any, Any, Any]) -> None:
        await _forget_old(db, config, today())

    async def watch(context: CallbackContext[Any, Any, Any, Any]) -> None:
        age = heartbeat_age(config.heartbeat, datetime.datetime.now(datetime.UTC))
        if age is None or age > HEARTBEAT_STALE_SECONDS:
            log.error("updates_stopped seconds=%s", "never" if age is None else round(age))

    if app.job_queue is not None:
        app.job_queue.run_daily(purge, datetime.time(4, 0, tzinfo=config.timezone))
        app.job_queue.run_repeating(watch, interval=HEARTBEAT_STALE_SECONDS)
    return app


async def _forget_old(db: Database, config: Config, today: datetime.date) -> None:
    """Questions older than the retention are gone."""
    before = today - datetime.timedelta(days=config.retention_days)
    gone = await db.run(lambda connection: questions.purge(connection, before=before))
    if gone:
        log.info("questions_purged count=%s", gone)


def run(config: Config, loaded: Loaded, texts: Texts) -> None:
    """Polls for updates until it is told to stop. Waits for Telegram as long as it takes."""
    app = build(config, loaded, texts)
    config.heartbeat.unlink(missing_ok=True)
    app.run_polling(allowed_updates=UPDATES, bootstrap_retries=-1)
