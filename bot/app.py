"""The composition root: what is built, in which order handlers are asked, how it starts and stops."""

from __future__ import annotations

import datetime
import logging
import os
from collections.abc import Callable
from functools import partial
from typing import Any

from telegram import Bot, LinkPreviewOptions, Update
from telegram.constants import ParseMode
from telegram.error import TelegramError
from telegram.ext import Application, ApplicationBuilder, Defaults, TypeHandler

from bot import store
from bot.asking import store as questions
from bot.asking.answers import Answers
from bot.asking.browsing import Browsing
from bot.asking.consent import Consent
from bot.asking.dead_numbers import DeadNumbers
from bot.asking.handlers import Asking
from bot.asking.strays import Strays
from bot.config import Config
from bot.curation import queue_store
from bot.curation.approving import Approving
from bot.curation.cards import Cards
from bot.curation.dead_numbers import DeadNumbersSettled
from bot.curation.digest import Digest
from bot.curation.drawing import Drawing
from bot.curation.editing import Editing
from bot.curation.figures import FiguresShown
from bot.curation.history import History
from bot.curation.publishing import Publishing
from bot.curation.queue import Queue
from bot.curation.spreadsheets import Spreadsheets
from bot.curation.trying import Trying
from bot.curation.waiting import Waiting
from bot.database import Database
from bot.drafts import Drafts
from bot.errors import error_handler
from bot.heartbeat import HEARTBEAT_STALE_SECONDS, heartbeat_age, touch
from bot.live import Live
from bot.loading import Loaded
from bot.markup import Line
from bot.notices.notices import Notices
from bot.once import OnceApplication
from bot.people.handlers import Context, Link, People
from bot.people.roles import staff_commands
from bot.people.staff import INVITE_PREFIX, Staff
from bot.profile import publish_profile, publish_staff_commands
from bot.sending import is_private
from bot.texts import Texts
from bot.transport import delivered, ordinary_request, updates_request
from knowledge.base import Result
from knowledge.entry import Entry
from knowledge.text import Language

log = logging.getLogger(__name__)

# Durations from python-telegram-bot as timedelta, which its next major version always gives.
os.environ.setdefault("PTB_TIMEDELTA", "1")

App = Application[Any, Any, Any, Any, Any, Any]

UPDATES = [Update.MESSAGE, Update.EDITED_MESSAGE, Update.CALLBACK_QUERY]
CONCURRENT_UPDATES = 32
# How often it is looked whether something is due. Nothing is set for a moment hours ahead, so that
# a clock that is put forward or a computer that slept makes nothing late.
LOOK_EVERY_SECONDS = 20.0
LOOK_FIRST_SECONDS = 10.0
# How soon an answer that was edited in the shell is the one that is given.
EDITS_EVERY_SECONDS = 1.0
# How often the message that shows how far a notice is changes.
NOTICES_EVERY_SECONDS = 3.0
# How soon the next of those who wait for an answer is told of it.
TELL_EVERY_SECONDS = 2.0

Now = Callable[[], datetime.datetime]


def machine_time() -> datetime.datetime:
    """The time of this machine, in UTC."""
    return datetime.datetime.now(datetime.UTC)


def build(config: Config, loaded: Loaded, texts: Texts, now: Now = machine_time) -> App:
    """The application, ready to run: handlers, daily purge, heartbeat watch.

    Args:
        now: gives the time, with its zone; everything that depends on a date asks it.
    """
    db = Database(loaded.connection)
    live = Live(db, loaded.base, loaded.outside, loaded.edits)
    drafts = Drafts(db, now)

    def today() -> datetime.date:
        return now().astimezone(config.timezone).date()

    async def open_entry(update: Update, entry_id: str) -> bool:
        return await asking.open_entry(update, entry_id)

    async def redeem(update: Update, context: Context, secret: str) -> None:
        await staff.redeem(update, context, secret)

    async def extra_commands(update: Update) -> tuple[str, ...]:
        user = update.effective_user
        if user is None or not is_private(update):
            return ()
        return staff_commands(await staff.rights(user.id))

    async def show_commands(bot: Bot, user_id: int) -> None:
        commands = staff_commands(await staff.rights(user_id))
        await publish_staff_commands(bot, texts, user_id, commands)

    async def words_of_file(update: Update, context: Context) -> None:
        with_words = update.effective_message is not None and update.effective_message.caption
        await (asking.on_question if with_words else strays.on_no_words)(update, context)

    links: dict[str, Link] = {INVITE_PREFIX: redeem}
    people = People(
        texts,
        db,
        regions=dict(loaded.base.contacts.regions),
        places=dict(loaded.base.segmenter.vocabulary.places),
        open_entry=open_entry,
        links=links,
        commands=extra_commands,
        beside=lambda: notices,
        retention_days=config.retention_days,
    )
    staff = Staff(
        texts, db, admins=config.admins, reads=people.reads, now=now, changed=show_commands
    )
    asking = Asking(texts, db, people, base=lambda: live.base, today=today, now=now)
    browsing = Browsing(texts, people, base=lambda: live.base)
    strays = Strays(texts, people)
    dead_numbers = DeadNumbers(texts, db, people, base=lambda: live.base, today=today)
    settled = DeadNumbersSettled(
        texts, db, staff, base=lambda: live.base, reads=people.reads, now=now
    )
    drawing = Drawing(config.db.with_name("matplotlib"))
    figures = FiguresShown(
        texts,
        db,
        config.db,
        staff,
        drawing,
        base=lambda: live.base,
        reads=people.reads,
        now=now,
        timezone=config.timezone,
    )
    digest = Digest(
        texts,
        db,
        staff,
        base=lambda: live.base,
        reads=people.reads,
        language_of=people.language_of,
        now=now,
        timezone=config.timezone,
    )

    consent = Consent(
        texts,
        db,
        people,
        base=lambda: live.base,
        open_entry=asking.open_entry,
        today=today,
        retention_days=config.retention_days,
    )

    waiting = Waiting(texts, db, renders=consent.answer, quiet=config.quiet_hours, now=now)

    def as_written(entry: Entry, language: Language) -> tuple[Line, ...]:
        answers = Answers(texts, live.base)
        return answers.entry(entry, language, None, today(), as_written=True).message

    def reply(result: Result, day: datetime.date) -> tuple[Line, ...]:
        answers = Answers(texts, live.base)
        return answers.result(result, result.language, result.region, day).message

    approving = Approving(
        texts, db, live, drafts, people, staff, publishing=lambda: publishing, now=now
    )
    publishing = Publishing(
        texts,
        db,
        live,
        drafts,
        people,
        staff,
        now=now,
        ask_for_approval=approving.ask if config.approve_answers else None,
        published=waiting.published,
    )
    editing = Editing(live, drafts, staff, publishing, today=today)
    trying = Trying(texts, live, staff, publishing, reply=reply, today=today)
    cards = Cards(live, staff, publishing, reads=as_written, counted=figures.of_entry, today=today)
    history = History(db, publishing)
    queue = Queue(
        texts,
        db,
        live,
        drafts,
        people,
        staff,
        propose=publishing.propose,
        begin_new=editing.begin_new,
        find=cards.find,
        now=now,
    )
    spreadsheets = Spreadsheets(
        texts,
        db,
        live,
        drafts,
        people,
        staff,
        database=config.db,
        second_person=config.approve_answers,
        otherwise=words_of_file,
        now=now,
        today=today,
    )

    notices = Notices(texts, db, people, staff, drafts, config, live, now)
    links.update(notices.links)

    async def started(app: App) -> None:
        await drafts.load()
        await waiting.start()
        await forget_old()
        try:
            await publish_profile(app.bot, texts)
        except TelegramError as error:
            # The bot answers without it; Telegram limits how often it may be set.
            log.warning("profile_not_published reason=%s", error.message)
        await notices.engine.start()

    async def stopped(app: App) -> None:
        await notices.engine.stop()
        config.heartbeat.unlink(missing_ok=True)
        drawing.close()
        db.close()

    app: App = (
        ApplicationBuilder()
        .application_class(OnceApplication, {"db": db})
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
    # Beside everything else, so that no answer waits.
    app.add_handler(TypeHandler(Update, notices.engine.seen, block=False), group=-1)
    # Commands and buttons first, words after them, and at the very end whatever nobody took.
    app.add_handlers(list(people.handlers()))
    app.add_handlers(list(staff.handlers()))
    app.add_handlers(list(notices.handlers()))
    curation = (cards, history, trying, editing, publishing, approving, spreadsheets, queue)
    for flow in curation:
        app.add_handlers(list(flow.handlers()))
    app.add_handlers(list(figures.handlers()))
    app.add_handlers(list(settled.handlers()))
    app.add_handlers(list(digest.handlers()))
    app.add_handlers(list(browsing.handlers()))
    app.add_handlers(list(dead_numbers.handlers()))
    app.add_handlers(list(consent.handlers()))
    app.add_handlers(list(asking.handlers()))
    app.add_handlers(list(strays.handlers()))
    # After the answer, whoever was never asked whether they want notices is.
    app.add_handlers(list(notices.after()), group=1)
    app.add_error_handler(error_handler(texts))

    purged_on: datetime.date | None = None

    async def forget_old() -> None:
        nonlocal purged_on
        day = today()
        if purged_on == day:
            return
        purged_on = day
        before = day - datetime.timedelta(days=config.retention_days)
        gone = await db.run(lambda connection: questions.purge(connection, before=before))
        await db.run(partial(queue_store.purge, before=before, today=day))
        await db.run(store.forget_handled)
        await notices.engine.purge(now() - datetime.timedelta(days=config.retention_days))
        if gone:
            log.info("questions_purged count=%s", gone)

    async def look(context: Context) -> None:
        await forget_old()
        if config.webhook is not None and await delivered(context.bot, config.webhook.url):
            touch(config.heartbeat)
        age = heartbeat_age(config.heartbeat, machine_time())
        if age is None or age > HEARTBEAT_STALE_SECONDS:
            log.error("updates_stopped seconds=%s", "never" if age is None else round(age))

    async def look_for_digest(context: Context) -> None:
        await digest.look(context.bot)

    async def look_for_edits(context: Context) -> None:
        if not live.busy:
            app.create_task(live.refresh())

    async def tell(context: Context) -> None:
        await waiting.look(context.bot)

    if app.job_queue is not None:
        app.job_queue.run_repeating(look, interval=LOOK_EVERY_SECONDS, first=LOOK_FIRST_SECONDS)
        app.job_queue.run_repeating(
            look_for_digest, interval=LOOK_EVERY_SECONDS, first=LOOK_FIRST_SECONDS
        )
        app.job_queue.run_repeating(look_for_edits, interval=EDITS_EVERY_SECONDS)
        app.job_queue.run_repeating(notices.look, interval=NOTICES_EVERY_SECONDS)
        app.job_queue.run_repeating(tell, interval=TELL_EVERY_SECONDS)
    return app
