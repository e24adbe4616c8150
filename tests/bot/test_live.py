"""An edit by another program is what the bot answers with, without a restart."""

from __future__ import annotations

import asyncio
import datetime
from dataclasses import replace

import pytest
from sqlite_utils.db import Database as Connection

from bot.app import App
from bot.database import Database
from bot.live import Live
from bot.loading import Loaded, load
from knowledge.base import KnowledgeBase
from knowledge.entry import Entry
from knowledge.reading import Bilingual
from knowledge.store import KnowledgeStore
from tests.bot.telegram_server import TelegramServer

ENTRY = "contribution.employer-refuses-to-pay"
NOW = datetime.datetime(2026, 11, 25, 8, 0, tzinfo=datetime.UTC)


def kept(connection: Connection) -> str | None:
    """What the kept index was made from; None while it is being replaced."""
    return next((row["digest"] for row in connection["kept_index"].rows), None)


async def test_an_edit_elsewhere_is_answered_with_and_the_index_is_kept(
    bot: App, telegram: TelegramServer, connection: Connection
) -> None:
    store = KnowledgeStore(connection)
    entry = store.entry(ENTRY)
    title = Bilingual("改过的题目", "An edited title")
    before = kept(connection)
    store.save(replace(entry, title=title), origin="shell", now=NOW)
    await telegram.until(lambda: kept(connection) not in (before, None))
    telegram.says("老板一直拖着不给我们交社保，我能怎么办")
    assert "改过的题目" in (await telegram.replies(1))["text"]
    loaded = load(telegram.database)
    assert loaded.base.entry(ENTRY).title == title
    loaded.connection.close()


async def test_several_edits_at_once_are_all_seen_and_built_no_oftener_than_needed(
    bot: App, loaded: Loaded, connection: Connection, monkeypatch: pytest.MonkeyPatch
) -> None:
    database = Database(connection)
    live = Live(database, loaded.base, loaded.outside, loaded.edits)
    built: list[int] = []
    build = live.with_entries

    def counted(entries: list[Entry]) -> KnowledgeBase:
        built.append(len(entries))
        return build(entries)

    monkeypatch.setattr(live, "with_entries", counted)
    store = KnowledgeStore(connection)
    entry = store.entry(ENTRY)

    async def edit(number: int) -> None:
        title = Bilingual(f"第{number}个题目", entry.title.en)
        await database.run(
            lambda db: KnowledgeStore(db).save(replace(entry, title=title), origin="shell", now=NOW)
        )
        await live.refresh()
        assert live.base.entries[ENTRY].version > number

    await asyncio.gather(*(edit(number) for number in range(1, 6)))
    assert live.base.entries[ENTRY].version == 6
    assert len(built) < 5
