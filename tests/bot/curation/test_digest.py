"""The digest: what it names, to whom it goes, and that it goes once a week."""

from __future__ import annotations

import datetime
from collections.abc import AsyncIterator
from dataclasses import replace

import pytest
import pytest_asyncio
from sqlite_utils.db import Database as Connection

from bot.app import App
from bot.asking.store import report_dead_number
from bot.config import Config
from bot.curation.digest import MOST_NAMED, due
from bot.curation.figures_store import Votes
from bot.curation.freshness_store import Fallen, fallen
from bot.loading import Loaded
from bot.people import store
from bot.people.roles import Role
from bot.sandbox.state import Person
from bot.texts import Texts
from knowledge.base import KnowledgeBase
from knowledge.entry import Status
from tests.bot.conftest import stop
from tests.bot.curation.conftest import (
    COMMUTING,
    NOW,
    REFUSES,
    TODAY,
    Clock,
    look,
    rows,
    start_at,
    vote,
)
from tests.bot.telegram_server import TelegramServer, buttons

DAY, WEEK = datetime.timedelta(days=1), datetime.timedelta(weeks=1)
# 09:00 in China on the Monday after.
MONDAY = datetime.datetime(2026, 11, 30, 1, 0, tzinfo=datetime.UTC)
WORSE = "pension.minimum-contribution-years"
WAITS = "work-injury.business-trip"


def votes(
    db: Connection, entry_id: str, helpful: int, not_helpful: int, day: datetime.date
) -> None:
    for number in range(helpful + not_helpful):
        vote(db, entry_id, number < helpful, day=day)


def aged(base: KnowledgeBase, **dates: datetime.date) -> KnowledgeBase:
    """The knowledge with other dates of review, by the part of an entry's id after its dot."""
    entries = {
        entry_id: replace(entry, review_by=dates[name]) if name in dates else entry
        for entry_id, entry in base.entries.items()
        for name in [entry_id.partition(".")[2].replace("-", "_")]
    }
    return replace(base, entries=entries)


@pytest.fixture
def stale(loaded: Loaded) -> Loaded:
    """What the bot starts with: an entry overdue since yesterday, one due in a month, one half edited."""
    base = aged(
        loaded.base,
        commuting_accident=TODAY - DAY,
        employer_refuses_to_pay=TODAY + 30 * DAY,
    )
    waiting = replace(base.entries[WAITS], outdated="en")
    return replace(loaded, base=replace(base, entries={**base.entries, WAITS: waiting}))


@pytest_asyncio.fixture
async def bot(config: Config, stale: Loaded, texts: Texts, clock: Clock) -> AsyncIterator[App]:
    """The running bot, with stale knowledge."""
    app = await start_at(config, stale, texts, clock)
    yield app
    if app.running:
        await stop(app)


def digests(telegram: TelegramServer, person: Person) -> list[str]:
    return [message["text"] for message in telegram.to(person) if "复核" in message["text"]]


async def test_the_digest_names_what_is_overdue_soon_due_less_helpful_and_dead(
    bot: App, telegram: TelegramServer, connection: Connection
) -> None:
    votes(connection, WORSE, 9, 1, TODAY - 5 * WEEK)
    votes(connection, WORSE, 4, 6, TODAY)
    report_dead_number(connection, "hrss-12333", "44", day=TODAY)
    viewer = telegram.staff(Role.VIEWER)
    telegram.says("/digest", person=viewer)
    told = await telegram.reply_to(viewer, 1)
    lines = told["text"].splitlines()
    assert "过了复核日期（1）" in lines
    assert "一个月内要复核（1）" in lines
    assert any(x.startswith("1. ") and x.endswith("（该在 2026-11-24 前）") for x in lines)
    assert any(x.startswith("2. ") and x.endswith("（该在 2026-12-25 前）") for x in lines)
    assert any(x.startswith("3. ") and x.endswith("（英文还没跟着改）") for x in lines)
    assert "前四周 90%，这四周 40%" in told["text"]
    assert "· 12333 人社服务热线（广东省）：1 次，最近 2026-11-25" in lines
    opens = [data for _, data in buttons(told)]
    assert opens == [f"Ec:{entry_id}" for entry_id in (COMMUTING, REFUSES, WAITS, WORSE)]
    telegram.taps(told, opens[0], person=viewer)
    # The card begins with what workers read in Chinese.
    await telegram.reply_to(viewer, 2)
    answer = telegram.to(viewer)[1]["text"]
    # A stale answer tells workers both dates.
    assert "上次核对是 2026-11-2" in answer
    assert "本该在 2026-11-24 前重新核对" in answer


async def test_the_digest_is_english_for_who_reads_english(
    bot: App, telegram: TelegramServer
) -> None:
    viewer = telegram.staff(Role.VIEWER, language="en")
    telegram.says("/digest", person=viewer)
    told = (await telegram.reply_to(viewer, 1))["text"]
    assert "Past their date of review (1)" in told
    assert "(by 2026-11-24)" in told


async def test_when_all_is_well_the_digest_says_so_and_editors_are_not_written_to(
    config: Config, loaded: Loaded, texts: Texts, clock: Clock, telegram: TelegramServer
) -> None:
    app = await start_at(config, loaded, texts, clock)
    editor = telegram.staff(Role.EDITOR)
    await look(app)
    clock.time = MONDAY
    await look(app)
    assert telegram.sent == []
    telegram.says("/digest", person=editor)
    assert "都没过期" in (await telegram.reply_to(editor, 1))["text"]
    await stop(app)


async def test_a_worker_gets_no_digest(bot: App, telegram: TelegramServer) -> None:
    telegram.says("/digest")
    assert "没有做这件事的权限" in (await telegram.replies(1))["text"]


async def test_editors_get_it_on_monday_at_nine_once_and_nobody_else_does(
    bot: App, telegram: TelegramServer, clock: Clock, connection: Connection
) -> None:
    editor, admin = telegram.staff(Role.EDITOR), telegram.staff(Role.ADMIN, language="en")
    others = [telegram.staff(Role.VIEWER), telegram.staff(Role.ORGANISER)]
    await look(bot)
    clock.time = MONDAY - datetime.timedelta(minutes=1)
    await look(bot)
    assert telegram.sent == []
    clock.time = MONDAY
    await look(bot)
    await look(bot)
    clock.time += 3 * DAY
    await look(bot)
    assert len(telegram.to(editor)) == len(telegram.to(admin)) == 1
    assert [telegram.to(other) for other in others] == [[], []]
    clock.time = MONDAY + WEEK
    await look(bot)
    assert len(digests(telegram, editor)) == 2


async def test_it_is_written_in_the_language_that_was_chosen(
    bot: App, telegram: TelegramServer, clock: Clock
) -> None:
    editor = telegram.staff(Role.EDITOR, language="en")
    telegram.says("/language", person=editor)
    telegram.taps(await telegram.reply_to(editor, 1), "l:en", person=editor)
    await telegram.until(lambda: "English" in telegram.to(editor)[0]["text"])
    await look(bot)
    clock.time = MONDAY
    await look(bot)
    assert "Past their date of review" in (await telegram.reply_to(editor, 2))["text"]


async def test_a_bot_that_was_down_on_monday_sends_it_late_but_not_at_night(
    bot: App,
    telegram: TelegramServer,
    clock: Clock,
    config: Config,
    stale: Loaded,
    texts: Texts,
    database: object,
) -> None:
    from bot.loading import MIGRATIONS
    from knowledge.database import open_database

    editor = telegram.staff(Role.EDITOR)
    await look(bot)
    await stop(bot)
    # Tuesday, 23:00 in China.
    clock.time = MONDAY + DAY + datetime.timedelta(hours=14)
    again = replace(stale, connection=open_database(config.db, *MIGRATIONS))
    app = await start_at(config, again, texts, clock)
    await look(app)
    assert telegram.to(editor) == []
    clock.time += datetime.timedelta(hours=11)
    await look(app)
    assert len(telegram.to(editor)) == 1
    await stop(app)
    once_more = replace(stale, connection=open_database(config.db, *MIGRATIONS))
    app = await start_at(config, once_more, texts, clock)
    await look(app)
    await stop(app)
    assert len(telegram.to(editor)) == 1


async def test_who_could_not_be_reached_gets_it_later_and_who_blocked_the_bot_does_not(
    bot: App, telegram: TelegramServer, clock: Clock, connection: Connection
) -> None:
    first, second = telegram.staff(Role.EDITOR), telegram.staff(Role.EDITOR, name="T")
    await look(bot)
    clock.time = MONDAY
    telegram.fails("sendMessage", 502, "Bad Gateway")
    await look(bot)
    assert telegram.sent == []
    telegram.fails("sendMessage", 403, "Forbidden: bot was blocked by the user")
    await look(bot)
    await look(bot)
    assert len(telegram.to(first)) + len(telegram.to(second)) == 1
    assert all(row["taken_at"] for row in rows(connection, "digests"))


async def test_an_editor_whose_role_was_withdrawn_after_the_week_began_gets_none(
    bot: App, telegram: TelegramServer, clock: Clock, connection: Connection
) -> None:
    editor = telegram.staff(Role.EDITOR)
    await look(bot)
    clock.time = MONDAY
    telegram.fails("sendMessage", 502, "Bad Gateway")
    await look(bot)
    store.withdraw(connection, editor.id, None, actor=store.SHELL, now=NOW)
    await look(bot)
    assert telegram.to(editor) == []


def test_due_are_published_entries_up_to_thirty_days_ahead(base: KnowledgeBase) -> None:
    changed = aged(
        base,
        commuting_accident=TODAY,
        employer_refuses_to_pay=TODAY + 31 * DAY,
        minimum_contribution_years=TODAY - DAY,
    )
    overdue, soon = due(changed, TODAY)
    assert [entry.id for entry in overdue] == [WORSE]
    assert [entry.id for entry in soon] == [COMMUTING]
    retired = replace(changed.entries[WORSE], status=Status.RETIRED)
    assert due(replace(changed, entries={WORSE: retired}), TODAY) == ((), ())


def test_a_share_fell_when_both_stretches_have_votes_and_the_fall_is_clear(
    connection: Connection,
) -> None:
    before, now = TODAY - 4 * WEEK, TODAY - 4 * WEEK + DAY
    votes(connection, "a.deep", 10, 0, before)
    votes(connection, "a.deep", 5, 5, now)
    votes(connection, "b.just", 16, 4, before)
    votes(connection, "b.just", 13, 7, now)
    votes(connection, "c.slight", 16, 4, before)
    votes(connection, "c.slight", 14, 6, now)
    votes(connection, "d.few", 9, 0, before)
    votes(connection, "d.few", 0, 20, now)
    votes(connection, "e.long-ago", 20, 0, TODAY - 8 * WEEK)
    votes(connection, "e.long-ago", 0, 20, now)
    assert fallen(connection, TODAY) == [
        Fallen("a.deep", Votes(10, 0), Votes(5, 5)),
        Fallen("b.just", Votes(16, 4), Votes(13, 7)),
    ]


async def test_of_many_entries_the_first_are_named_and_the_rest_counted(
    config: Config, loaded: Loaded, texts: Texts, clock: Clock, telegram: TelegramServer
) -> None:
    clock.time = NOW.replace(year=2029)
    app = await start_at(config, loaded, texts, clock)
    viewer = telegram.staff(Role.VIEWER)
    telegram.says("/digest", person=viewer)
    told = await telegram.reply_to(viewer, 1)
    published = [e for e in loaded.base.entries.values() if e.status is Status.PUBLISHED]
    assert f"过了复核日期（{len(published)}）" in told["text"]
    assert f"还有 {len(published) - MOST_NAMED} 个" in told["text"]
    assert len(buttons(told)) == MOST_NAMED
    await stop(app)
